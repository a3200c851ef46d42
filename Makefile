# Two commands carry the product, and both do their own set-up: `make demo` and `make test`.
SHELL   := /bin/bash
VENV    := .venv
PY      := $(VENV)/bin/python
PORT    ?= 8080
# Set-up fetches Node to here where the machine's is too old.
export PATH := $(CURDIR)/.cache/node/bin:$(PATH)

# What counts as ours when style and types are looked at.
PYTHON  := dialer tests bench migrations

# Quick and sure tests first; those with real audio last and alone, so that nothing takes their time away.
QUICK   := tests/architecture tests/rulepacks tests/unit
SLOW    := tests/verifier tests/simulation tests/contract tests/integration tests/acceptance

.PHONY: bench-refusals help demo test check static fmt lint types arrows web unit bench-pacing bench-pacing-live bench-calls soak bench-gate bench-web bench-evidence lock clean

help: ## what there is
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

demo: ## the whole product on this machine; ONCE=1 runs the sample list to its end, PORT=8080, HOME_DIR=
	@bash scripts/setup.sh demo
	@$(PY) -m dialer demo --port $(PORT) $(if $(HOME_DIR),--home $(HOME_DIR)) \
	  $(if $(ONCE),--once tests/expectations/demo.toml)

test: ## set-up, checks, every test; nothing skips; some 35 minutes on 2 cores
	@bash scripts/setup.sh test
	@bash scripts/test.sh $(QUICK) $(wildcard $(SLOW))

check: static unit ## format, lint, types, arrows, web, unit tests; under 90 s

static: lint types arrows web

fmt: ## format Python
	$(VENV)/bin/ruff format $(PYTHON)
	$(VENV)/bin/ruff check --fix $(PYTHON)

lint:
	$(VENV)/bin/ruff format --check $(PYTHON)
	$(VENV)/bin/ruff check $(PYTHON)

types:
	$(VENV)/bin/mypy

arrows:
	$(VENV)/bin/lint-imports

web: ## types, lint, unused code and unit tests of web/
	@bash scripts/web.sh

unit:
	$(PY) -m pytest -n 2 --dist worksteal $(QUICK)

bench-evidence: ## the proof's figures: log, bundles, dossier, fsck, search (a few minutes on an idle machine)
	$(PY) bench/bench_evidence.py
	$(PY) bench/bench_dossier.py
	$(PY) bench/bench_search.py --attempts $(or $(ATTEMPTS),100000)

bench-gate: ## the gate: decisions, T1, import, a list explained; a minute; LEADS=2000
	PYTHONPATH=. $(PY) bench/bench_gate.py $(or $(LEADS),2000)

bench-web: ## the console's weight on the wire, and the floor of 500 agents in a real browser
	PYTHONPATH=. $(PY) bench/bench_web.py

bench-pacing: ## talk time and abandons of every method side by side, some 20 minutes; SHORT=1 one
	PYTHONPATH=. $(PY) bench/bench_pacing.py $(if $(SHORT),--quick) --seed $(or $(SEED),1) $(if $(PICTURE),--picture $(PICTURE))

bench-pacing-live: ## ten agents on real Asterisk beside the simulator's band, 20 minutes; MINUTES=
	PYTHONPATH=. $(PY) bench/bench_pacing_live.py --minutes $(or $(MINUTES),20)

bench-calls: ## calls/s of the whole product on real Asterisk beside a bare loop, some 6 minutes; SMALL=1 a short look
	@bash scripts/setup.sh test
	$(PY) -m bench.bench_calls $(if $(SMALL),--small)

soak: ## everything that may break, at full size: SECONDS=600 SEED=
	@bash scripts/setup.sh test
	$(PY) -m bench.soak --seconds $(or $(SECONDS),600) $(if $(SEED),--seed $(SEED))

bench-refusals: ## races of refusals against calls on both engines, how soon a phone stops ringing, what the recogniser hears
	@bash scripts/setup.sh test
	$(PY) -m bench.bench_refusals
	$(PY) -m bench.bench_cutting
	$(PY) -m bench.bench_spoken

lock: ## renew the locks: hashes, no index addresses
	uv pip compile -q --universal --generate-hashes --no-header --python-version 3.11 pyproject.toml -o requirements/run.txt
	uv pip compile -q --universal --generate-hashes --no-header --python-version 3.11 pyproject.toml --group dev -o requirements/dev.txt

screenshots: ## pictures of every page in both languages and sizes into FOLDER (screenshots); looked at one by one
	@npm --prefix web run --silent build
	@$(PY) -m tests.acceptance.browser.gallery $(or $(FOLDER),screenshots)

clean: ## what set-up and build left in the checkout (the Asterisk cache lies outside)
	rm -rf .venv .cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis web/node_modules dialer/api/console
