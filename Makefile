# Two commands carry the product: `make demo` and `make test`. Both do their own set-up.
SHELL := /bin/bash
VENV  := .venv
PY    := $(VENV)/bin/python

.PHONY: check fmt lint types arrows unit lock

check: lint types arrows unit ## format, lint, types, arrows, unit tests; under 90 s

fmt:
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

lint:
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .

types:
	$(VENV)/bin/mypy

arrows:
	$(VENV)/bin/lint-imports

unit:
	$(PY) -m pytest tests/unit tests/rulepacks tests/architecture

lock: ## the locks carry hashes and no index addresses
	uv pip compile -q --universal --generate-hashes --python-version 3.11 pyproject.toml -o requirements/run.txt
	uv pip compile -q --universal --generate-hashes --python-version 3.11 pyproject.toml --group dev -o requirements/dev.txt
