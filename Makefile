# Every command of the project. `make` lists them; Python >= 3.12 is all that must be there before.
.DEFAULT_GOAL := help
SHELL := /bin/bash
BIN := .venv/bin
DEMO := build/demo
AS_OF := 2026-09-01T00:00:00Z
LOCK := pip compile pyproject.toml --universal --python-version 3.12 --generate-hashes \
	--no-annotate --no-header --no-emit-index-url --no-emit-find-links --quiet

# The first interpreter that is new enough; `make install PYTHON=...` names one.
PYENV := $(or $(PYENV_ROOT),$(HOME)/.pyenv)
PYTHON ?= $(shell for p in python3.13 python3.14 python3.12 python3 python $(PYENV)/versions/3.1[2-9]*/bin/python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1 && { echo "$$p"; break; }; done)

SPOKEN := $(patsubst %.po,%.mo,$(wildcard firstcall/web/locale/*/LC_MESSAGES/django.po))

# What browsers load is bundled by Node: the machine's, or one from PyPI where there is none that is new enough.
BUILT := firstcall/web/static/web/manifest.json
HAS_NODE := $(shell node -e 'process.exit(Number(process.versions.node.split(".")[0] < 20))' >/dev/null 2>&1 \
	&& command -v npm >/dev/null 2>&1 && echo yes)
NODE_PATH := $(CURDIR)/.venv/bin:$(PATH)

.PHONY: help install assets texts spark browser run tour demo test test-fast check static format lint types contract snapshots bench real screenshots docs lock clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

install: .venv/.installed assets $(SPOKEN) ## set up .venv with firstcall and its tools

.venv/.installed: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Firstcall needs Python 3.12 or newer, and none was found. Install it, or name one: make install PYTHON=/path/to/python3.13" >&2; exit 1; }
	@$(BIN)/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 12))' 2>/dev/null || $(PYTHON) -m venv --clear .venv \
		|| { echo "$(PYTHON) cannot make a virtual environment. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

assets: $(BUILT) $(SPOKEN) ## bundle what browsers load: scripts, styles, icons

$(BUILT): node_modules/.installed $(shell find firstcall/web -type f \( -name '*.html' -o -name '*.py' -o -path '*/assets/*' \))
	@PATH="$(NODE_PATH)" node firstcall/web/assets/build.mjs

%.mo: %.po .venv/.installed
	@$(BIN)/pybabel --quiet compile -i $< -o $@

texts: install ## write the texts of the pages into the catalogues of other languages, and say what has no translation
	@$(BIN)/python -m tests.house.texts
	@$(MAKE) --no-print-directory $(SPOKEN)

node_modules/.installed: package.json package-lock.json $(if $(HAS_NODE),,.venv/.node)
	@PATH="$(NODE_PATH)" npm ci --silent
	@touch $@

.venv/.node: .venv/.installed requirements-node.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-node.lock
	@touch $@

spark: .venv/.spark ## add Spark to .venv (the tests use it where there is Java)

.venv/.spark: .venv/.installed requirements-spark.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-spark.lock
	@touch $@

run: install ## run the service, with a made-up company in it, until Ctrl-C
	@$(BIN)/firstcall up --demo

tour: install demo ## score the made-up company's leads in the terminal
	@./docs/guide/run-demo $(BIN)/firstcall $(DEMO) $(AS_OF)

demo: $(DEMO)/touchpoints.csv ## make up 2,000 leads and their touchpoints

$(DEMO)/touchpoints.csv: .venv/.installed $(wildcard firstcall/demo/*.py)
	$(BIN)/firstcall demo-data --leads 2000 --out $(DEMO)

browser: ## add Debian's Chromium to the machine, for the tests in a browser
	@test -x /usr/bin/chromium || { apt-get update -qq && apt-get install -qq -y chromium; } >/dev/null 2>&1 \
		|| echo "No Chromium here, and apt-get cannot install it: the tests in a browser are skipped." >&2

test: spark browser ## run all tests
	$(BIN)/python -m pytest -n 2

test-fast: install ## run the tests but those marked slow
	$(BIN)/python -m pytest -n 2 -m "not slow"

check: static test ## everything that must hold before a commit lands

static: lint types contract ## check format, lint, types and imports, without tests

format: install ## format the code and mend what can be mended
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

lint: install ## check format and lint
	$(BIN)/ruff format --check
	$(BIN)/ruff check

types: install ## check the types
	$(BIN)/mypy

contract: install ## check that packages import only from floors below
	$(BIN)/lint-imports

snapshots: install ## write the golden SQL and the guide's examples again, to be reviewed like code
	FIRSTCALL_SNAPSHOTS=write $(BIN)/python -m pytest -n 2 -m "not slow" tests/scoring tests/cli/test_documented.py

bench: install ## measure speed and memory (minutes)
	$(BIN)/python -m benchmarks.run
	$(BIN)/python -m benchmarks.serving
	$(BIN)/python -m benchmarks.keeping
	$(BIN)/python -m benchmarks.importing
	$(BIN)/python -m benchmarks.previewing --follow
	$(BIN)/python -m benchmarks.pages

real: install ## score and backtest the real data sets beside the project
	$(BIN)/python -m benchmarks.real

screenshots: install browser ## take the pictures of the pages in docs/images again (minutes)
	$(BIN)/python -m docs.images.pages

docs: install ## check that the documentation is true
	$(BIN)/python -m pytest -q tests/house

lock: install ## resolve the dependencies again and write the lock files
	$(BIN)/python -m venv build/uv && build/uv/bin/python -m pip install --quiet uv
	build/uv/bin/uv $(LOCK) --upgrade --group dev -o requirements.lock
	build/uv/bin/uv $(LOCK) --extra spark -c requirements.lock -o requirements-spark.lock
	build/uv/bin/uv $(subst pyproject.toml,,$(LOCK)) --upgrade --group node -o requirements-node.lock
	PATH="$(NODE_PATH)" npm update --package-lock-only --silent
	PATH="$(NODE_PATH)" node -e 'const fs = require("fs"), l = JSON.parse(fs.readFileSync("package-lock.json")); \
		for (const p of Object.values(l.packages)) { delete p.funding; delete p.resolved; } \
		fs.writeFileSync("package-lock.json", JSON.stringify(l, null, 2) + "\n")'

clean: ## remove what the commands made, .venv too
	rm -rf .venv node_modules firstcall/web/static build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
