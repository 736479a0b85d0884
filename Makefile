# Everything a person does with Tidemark. `make help` lists it.

SHELL := /bin/sh
.DEFAULT_GOAL := help

# The newest Python on this machine, unless PYTHON names one.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do command -v $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps

DASHBOARD_SOURCES := $(shell find dashboard -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null | sed 's/ /\\ /g')
SDK_SOURCES := $(shell find sdk/javascript -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null | sed 's/ /\\ /g')

.PHONY: help run test check lint format bench openapi gateway lock compose-check clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' Makefile

run: $(STAMPS)/run dashboard/dist/index.html sdk/javascript/dist/sdk.min.js ## start Tidemark (PORT=8000, DATA_DIR=.data)
	@exec "$(BIN)/python" -m deploy.local

test: $(STAMPS)/dev dashboard/dist/index.html sdk/javascript/dist/sdk.min.js ## run every test, on real servers
	@"$(BIN)/python" -m deploy.browser
	@"$(BIN)/python" -m pytest $(PYTEST_ARGS)
	@"$(BIN)/python" -m deploy.node dashboard run test
	@"$(BIN)/python" -m deploy.node sdk/javascript run test

check: lint test compose-check ## what CI runs

lint: $(STAMPS)/dev $(STAMPS)/dashboard $(STAMPS)/sdk ## check style and types
	@"$(BIN)/ruff" check .
	@"$(BIN)/ruff" format --check .
	@"$(BIN)/mypy"
	@"$(BIN)/python" -m deploy.node dashboard run lint
	@"$(BIN)/python" -m deploy.node dashboard run typecheck
	@"$(BIN)/python" -m deploy.node sdk/javascript run lint
	@"$(BIN)/python" -m deploy.node sdk/javascript run typecheck

format: $(STAMPS)/dev ## put all code into shape
	@"$(BIN)/ruff" check --fix .
	@"$(BIN)/ruff" format .

bench: $(STAMPS)/dev ## load a running Tidemark and print what it takes (URL= DATA_DIR= SECONDS=)
	@"$(BIN)/python" -m benchmarks.ingest

openapi: $(STAMPS)/dev $(STAMPS)/dashboard ## write the OpenAPI documents and the dashboard's types
	@"$(BIN)/python" -m deploy.openapi
	@"$(BIN)/python" -m deploy.node dashboard run api

gateway: $(STAMPS)/dev ## write the gateway's nginx template from its route table
	@"$(BIN)/python" -m deploy.nginx.template

compose-check: $(STAMPS)/dev ## check docker-compose.yml
	@"$(BIN)/python" -m deploy.compose_check

lock: $(STAMPS)/dev ## bring requirements/*.txt up to date with pyproject.toml
	@"$(BIN)/python" -m deploy.lock

clean: ## remove everything that was built (not your data)
	rm -rf "$(VENV)" dashboard/dist dashboard/node_modules sdk/javascript/dist sdk/javascript/node_modules

$(BIN)/python: deploy/check_python.py
	@if [ -z "$(PYTHON)" ]; then echo "tidemark: Python 3.11 or newer is needed, and there is no python3 here; install it first." >&2; exit 1; fi
	@"$(PYTHON)" deploy/check_python.py
	@echo "tidemark: making a Python environment …"
	@"$(PYTHON)" -m venv "$(VENV)"
	@mkdir -p "$(STAMPS)"
	@touch "$(BIN)/python"

$(STAMPS)/run: requirements/run.txt | $(BIN)/python
	@echo "tidemark: installing Python packages …"
	@"$(BIN)/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	@mkdir -p "$(STAMPS)" && touch "$@"

$(STAMPS)/dev: requirements/dev.txt | $(BIN)/python
	@echo "tidemark: installing Python packages for development …"
	@"$(BIN)/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@mkdir -p "$(STAMPS)" && touch "$@" "$(STAMPS)/run"

$(STAMPS)/dashboard: dashboard/package-lock.json | $(BIN)/python
	@echo "tidemark: installing the dashboard's packages …"
	@"$(BIN)/python" -m deploy.node dashboard ci
	@mkdir -p "$(STAMPS)" && touch "$@"

$(STAMPS)/sdk: sdk/javascript/package-lock.json | $(BIN)/python
	@echo "tidemark: installing the SDK's packages …"
	@"$(BIN)/python" -m deploy.node sdk/javascript ci
	@mkdir -p "$(STAMPS)" && touch "$@"

dashboard/dist/index.html: $(DASHBOARD_SOURCES) $(STAMPS)/dashboard
	@echo "tidemark: building the dashboard …"
	@"$(BIN)/python" -m deploy.node dashboard run build
	@touch "$@"

sdk/javascript/dist/sdk.min.js: $(SDK_SOURCES) $(STAMPS)/sdk
	@echo "tidemark: building the SDK …"
	@"$(BIN)/python" -m deploy.node sdk/javascript run build
	@touch "$@"
