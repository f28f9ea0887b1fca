"""Run the measurement that the page on matching shows."""

import shlex
import tempfile
from pathlib import Path

import click

from benchmarks.matching import cases, run_all
from benchmarks.matching.petitions import SIZES
from benchmarks.matching.report import (
    RESULTS,
    markdown,
    read,
    with_peers_of,
    write,
    write_docs,
)
from benchmarks.matching.tools import TOOLS
from referendum.simulate import BIRTH, ERRORS, MODELS

PEERS = tuple(dict.fromkeys(tool.peer for tool in TOOLS if tool.peer))


class Names(click.ParamType):
    """Some of a few names, with commas between them."""

    name = "names"

    def __init__(self, known):
        self.known = tuple(known)

    def get_metavar(self, param, ctx):  # noqa: ARG002
        """Show the names."""
        return f"[{','.join(self.known)}]"

    def convert(self, value, param, ctx):
        """Take the text apart."""
        if isinstance(value, tuple):
            return value
        names = tuple(filter(None, value.split(",")))
        for name in names:
            if name not in self.known:
                self.fail(f"{name}: not one of {', '.join(self.known)}", param, ctx)
        return names


@click.command()
@click.option("--sizes", type=Names(SIZES), default="50k", show_default=True)
@click.option("--errors", type=Names(ERRORS), default="normal", show_default=True)
@click.option(
    "--error-model", "models", type=Names(MODELS), default="handwriting", show_default=True
)
@click.option("--birth", "births", type=Names(BIRTH), default="none", show_default=True)
@click.option("--peers", type=Names(PEERS), default="")
@click.option("--folder", type=click.Path(path_type=Path), help="Where made-up files are kept.")
@click.option("--results", type=click.Path(path_type=Path), default=RESULTS)
@click.option("--docs", is_flag=True, help="Put tables and charts into docs/matching.md.")
@click.option("--again", is_flag=True, help="Measure nothing; tell the results of before.")
@click.option("--keep-peers", is_flag=True, help="Keep the peers' results of before.")
def main(peers, folder, results, docs, again, keep_peers, **settings):
    """Match made-up petitions with this project and its peers, and write what came of it.

    The first of the errors, error models and births is run at every size, the others, one at a
    time, at the first size.
    """
    if not again:
        command = _command(peers, settings)
        with tempfile.TemporaryDirectory() as own:
            found = run_all(cases(**settings), peers, folder or Path(own), command)
        write(with_peers_of(found, read(results)) if keep_peers else found, results)
    found = read(results)
    print(markdown(found))
    if docs:
        write_docs(found)


def _command(peers, settings):
    """Write the command without where its files lie."""
    options = {"models": "--error-model", "births": "--birth"}
    words = ["python", "-m", "benchmarks.matching"]
    for name, chosen in {**settings, "peers": peers}.items():
        words += [options.get(name, f"--{name}"), ",".join(chosen)] if chosen else []
    return shlex.join(words)


if __name__ == "__main__":
    main()
