PYTHON ?= python3
BIN    := .venv/bin
STAMP  := .venv/.ready
SCALE  ?= 1/20

demo: $(STAMP)  ## build, verify and publish three records in demo/ (SCALE=1 for full size)
	$(BIN)/referendum demo demo --scale $(SCALE)

test: $(STAMP) lint  ## run every check: tests, lint, types, layers
	$(BIN)/python -m pytest -q -n 2 --dist loadfile

soak: $(STAMP)  ## try what takes hours: other examples, every order of acts, every change of a record
	$(BIN)/python -m pytest -q -m "soak or not soak" --hypothesis-profile soak
	$(BIN)/python tests/machine/try_tables.py --until 100000 --state .soak.json
	$(BIN)/python tests/machine/fuzz.py --until 1000000 --state .fuzz.json --found .found.jsonl

lint: $(STAMP)  ## style, types and layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

bench: $(STAMP)  ## time what the documentation gives figures for
	$(BIN)/python -m benchmarks

docs: $(STAMP)  ## write the generated parts of the documentation again
	$(BIN)/python docs/generate.py

pin: $(STAMP)  ## pin the newest versions, with hashes, in requirements/*.txt
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --python-version 3.11 --universal --generate-hashes --no-header --no-annotate requirements/dev.in --output-file requirements/dev.txt
	$(BIN)/uv pip compile --python-version 3.11 --universal --generate-hashes --no-header --no-annotate requirements/spark.in --output-file requirements/spark.txt

$(STAMP): pyproject.toml requirements/dev.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

help:  ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/  /'

.PHONY: demo test soak lint bench docs pin help
