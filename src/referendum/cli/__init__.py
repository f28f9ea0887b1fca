"""The command line: `referendum <noun> <verb>`. Each command loads its own stage alone."""

from referendum.cli.main import main

__all__ = ["main"]
