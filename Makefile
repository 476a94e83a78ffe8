# Every target starts from a bare clone: Python >= 3.11, pip and make are enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
HOME_DIR ?=

.PHONY: help install run test check gate fix clean

help:  ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

$(STAMP): pyproject.toml constraints.txt requirements-dev.txt requirements-dev.txt index/models/pins.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip==26.3
	$(BIN)/python -m pip install --quiet torch==2.13.0
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable . --requirement requirements-dev.txt
	$(BIN)/pincite models install --all
	touch $(STAMP)

install: $(STAMP)  ## create .venv with pinned dependencies and models

run: $(STAMP)  ## ingest the sample corpus into an empty home and serve http://127.0.0.1:8000
	$(BIN)/pincite serve --sample-if-empty

test: $(STAMP)  ## run the whole test suite
	$(BIN)/python -m pytest

check: $(STAMP)  ## lint, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

gate: $(STAMP)  ## the figures of the sample set against what was reached before
	mkdir -p build
	$(BIN)/pincite eval run sample --json > build/sample.json
	$(BIN)/pincite eval gate build/sample.json --baseline .ci/sample_baseline.json

fix: $(STAMP)  ## format and repair what can be repaired
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:  ## remove what make and the tools created
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
