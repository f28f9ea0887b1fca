"""The tools that are measured, each run in a process of its own."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from referendum.simulate import PetitionFiles

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Cost:
    """What a process took: wall and CPU (user and system) seconds, and most memory, in GiB."""

    wall: float
    cpu: float
    peak: float


@dataclass(frozen=True)
class Tool:
    """A tool: what it is called, and the command before lines, electors and answers.

    Attributes:
        sizes: those it is run on; empty for all.
        peer: whose `--peers` name it goes by; empty for this project.
    """

    name: str
    command: tuple[str, ...]
    peer: str = ""
    sizes: tuple[str, ...] = ()


def _module(name: str, *options: str) -> tuple[str, ...]:
    return (sys.executable, "-m", f"benchmarks.matching.{name}", *options)


THIS = Tool("referendum", (str(Path(sys.executable).with_name("referendum")), "match"))
TOOLS = (
    THIS,
    Tool("splink 5.0.0, documented", _module("splink_peer", "documented"), "splink"),
    Tool("splink 5.0.0, tuned", _module("splink_peer", "tuned"), "splink"),
    Tool("splink 5.0.0, tuned, joint", _module("splink_peer", "joint"), "splink"),
    Tool("recordlinkage 0.16, ECM", _module("recordlinkage_peer"), "recordlinkage", ("50k",)),
)


def run(tool: Tool, files: PetitionFiles, out: Path) -> Cost:
    """Run a tool on a petition's files.

    Raises:
        subprocess.CalledProcessError: the tool failed; its words are on this process' stderr.
    """
    given = ("--lines", str(files.lines), "--electors", str(files.electors), "--out", str(out))
    command = [*tool.command, *given]
    return measured(command)


def measured(command: Sequence[str]) -> Cost:
    """Run a command and measure it, with every process that it waited for.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    began = time.monotonic()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    wall = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 2**20)
