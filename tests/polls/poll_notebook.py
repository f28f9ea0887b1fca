"""Run a notebook's code cells in order, without Jupyter: what each prints, and its last value."""

import ast
import contextlib
import io
import json


def cells(path):
    """Give the notebook's cells."""
    return json.loads(path.read_text())["cells"]


def outputs_of(path):
    """Run the code cells in one namespace and give the text that each leaves."""
    names = {"__name__": "__main__"}
    return [
        run("".join(cell["source"]), names) for cell in cells(path) if cell["cell_type"] == "code"
    ]


def stored(path):
    """Give the text that each code cell has stored."""
    return [
        "".join(
            "".join(output.get("text", output.get("data", {}).get("text/plain", [])))
            for output in cell["outputs"]
        )
        for cell in cells(path)
        if cell["cell_type"] == "code"
    ]


def run(source, names):
    """Run a cell; its last expression is shown as a notebook would."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, "cell", "exec"), names)  # noqa: S102 - the project's own notebook
        value = None
        if last is not None:
            value = eval(compile(ast.Expression(last.value), "cell", "eval"), names)  # noqa: S307
    return printed.getvalue() + (repr(value) if value is not None else "")
