# Every command of the project. `make` lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
BIN := .venv/bin
# The first interpreter that is new enough; PYTHON=... overrides.
PYTHON ?= $(shell for p in python3.13 python3.14 python3.12 python3 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null && { echo $$p; break; }; done)

.PHONY: help install
help: ## list the commands
	@grep -hE '^[a-z-]+:.*?## ' $(MAKEFILE_LIST) | sort | awk -F':.*?## ' '{printf "  make %-12s %s\n", $$1, $$2}'

install: .venv/installed ## set up .venv with firstcall and its tools
