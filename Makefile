# `make run` and `make test` work alone on a fresh machine with Python 3.11 to 3.13 and make; nothing else is needed.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed
METADATA := requirements.txt pyproject.toml $(wildcard keisei_plugins_*/pyproject.toml plugins/*/pyproject.toml)

.PHONY: run test lint perft differential benchmark clean

run: $(INSTALLED)
	$(BIN)/keisei run keisei.toml

test: $(INSTALLED)
	$(BIN)/python -m pytest

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

$(INSTALLED): $(METADATA)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet -r requirements.txt
	touch $@

clean:
	rm -rf $(VENV)
