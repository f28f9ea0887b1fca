"""Run the named measurements, or all of them."""

import importlib
import pkgutil
import sys

import benchmarks

names = sys.argv[1:] or [module.name for module in pkgutil.iter_modules(benchmarks.__path__)]
for name in names:
    if not name.startswith("_"):
        importlib.import_module(f"benchmarks.{name}").main()
