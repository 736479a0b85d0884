# Everything a person does with Tidemark. `make help` lists it.

SHELL := /bin/sh
.DEFAULT_GOAL := help

# The Python to make the environment with; tools/find_python.sh finds one unless this names it.
PYTHON ?=
VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps
# Beside the packages, so that whoever removes them removes this too.
DASHBOARD_PACKAGES := dashboard/node_modules/.tidemark
SDK_PACKAGES := sdk/javascript/node_modules/.tidemark
GEOGRAPHY := deploy/geography/node_modules/.tidemark
API_DOCS := deploy/api_docs/node_modules/.tidemark
# Other systems' SDKs, which the tests of the edge drive.
PYTHON_CLIENTS := $(patsubst requirements/sdks/%.txt,$(STAMPS)/sdk-%,$(wildcard requirements/sdks/*.txt))
NODE_CLIENTS := tests/clients/node_modules/.tidemark

TEST_PROCESSES ?= 2

# Images of Python may set it; each of many processes would compile every module anew.
unexport PYTHONDONTWRITEBYTECODE

# Nothing is compiled: make wheels-check holds that every package has a wheel.
PIP_OPTIONS := --quiet --disable-pip-version-check --no-input --require-hashes --only-binary :all:

DASHBOARD_SOURCES := $(shell find dashboard -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null | sed 's/ /\\ /g')
SDK_SOURCES := $(shell find sdk/javascript -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null | sed 's/ /\\ /g')

# pip and npm mostly wait for the network, so they may wait at the same time.
PARALLEL := $(MAKE) --no-print-directory -j3

.PHONY: help run start-all start-games stop-all test check check-source negative-controls simulate-experiments soak soak-clients soak-sdk build lint typecheck security format command bench bench-alerts bench-attack bench-edge bench-experiments bench-flags bench-flags-live bench-live bench-middleware bench-visible bench-query bench-files bench-pages bench-export bench-seal bench-store bench-growth bench-import dialogs-check frameworks-check demo-data seed loadtest screenshots openapi gateway lock compose-check compose-test wheels-check bare-machine-test \
	dev prod down logs migrate migration shell createsuperuser test-backend test-frontend \
	clean ready-to-run ready-to-test ready-to-lint test-dashboard test-sdk

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-16s %s\n", $$1, $$2}' Makefile

run: ## start Tidemark (PORT=8000, DATA_DIR=.data)
	@$(PARALLEL) ready-to-run
	@exec "$(BIN)/python" -m deploy.local

test: ## run every test, on real servers (PYTEST_ARGS=)
	@$(PARALLEL) ready-to-test
	@$(MAKE) --no-print-directory test-frontend
	@$(MAKE) --no-print-directory test-backend

check: ## run all checks of CI but those that need root, and the negative controls
	@$(MAKE) --no-print-directory check-source
	@$(MAKE) --no-print-directory test

# What needs one core each goes two at a time; everything is installed before, which they would do twice.
check-source: ## run the checks that start nothing: types, style, weaknesses, wheels, docker-compose.yml
	@$(PARALLEL) ready-to-test ready-to-lint
	@$(MAKE) --no-print-directory -j2 typecheck lint security wheels-check compose-check

start-all: ## start Tidemark and the demo games without keeping the terminal (PORT=8000 SNAKE_PORT=8081 FLAPPY_PORT=8082)
	@$(PARALLEL) ready-to-run
	@"$(BIN)/python" -m deploy.local.background start-all

start-games: ## start the demo games on ports of their own, beside a Tidemark (PORT=8000 SNAKE_PORT=8081 FLAPPY_PORT=8082)
	@$(PARALLEL) ready-to-run
	@"$(BIN)/python" -m deploy.local.background start-games

stop-all: $(STAMPS)/run ## stop what start-all and start-games started
	@"$(BIN)/python" -m deploy.local.background stop-all

build: ## build the environment, the dashboard and the SDK
	@$(PARALLEL) ready-to-run

lint: ## check style
	@$(PARALLEL) ready-to-lint
	@"$(BIN)/ruff" check .
	@"$(BIN)/ruff" format --check .
	@"$(BIN)/python" -m tools.node dashboard run lint
	@"$(BIN)/python" -m tools.node sdk/javascript run lint

typecheck: ## check types
	@$(PARALLEL) ready-to-lint
	@"$(BIN)/mypy"
	@"$(BIN)/python" -m tools.node dashboard run typecheck
	@"$(BIN)/python" -m tools.node sdk/javascript run typecheck

security: $(STAMPS)/dev $(DASHBOARD_PACKAGES) $(SDK_PACKAGES) $(API_DOCS) ## check code and packages for known weaknesses (SECURITY_AUDIT=required)
	@"$(BIN)/python" -m tools.security_check

format: $(STAMPS)/dev ## format the Python code
	@"$(BIN)/ruff" check --fix .
	@"$(BIN)/ruff" format .

command: $(STAMPS)/run ## run the tidemark command line (ARGS="event_status"; ./tidemark does the same)
	@./tidemark $(ARGS)

negative-controls: ready-to-test ## remove each protection in a copy, and check that its tests fail (PART=2/4)
	@"$(BIN)/python" -m tests.negative_controls $(if $(PART),--part $(PART))

soak: ready-to-test ## kill processors a thousand times, and check that no event is lost (SOAK_EVENTS=200000 SOAK_KILLS=1000 SOAK_SEED=)
	@SOAK_EVENTS=$${SOAK_EVENTS:-200000} SOAK_KILLS=$${SOAK_KILLS:-1000} "$(BIN)/python" -m pytest -q -s \
		-o timeout=14400 tests/crash/test_processor_crashes.py -k kills_at_any_moment

soak-clients: ready-to-test ## drive eight SDKs through a thousand slow, cut and repeated requests (ORDER_SCHEDULES=125 ORDER_SEED=)
	@ORDER_SCHEDULES=$${ORDER_SCHEDULES:-125} "$(BIN)/python" -m pytest -q -o timeout=7200 tests/clients/test_order_of_events.py

soak-sdk: ready-to-test ## record 10,000 events over 50 random days of tabs, offline, 503s and wrong clocks (SDK_SCHEDULES=50 SDK_SEED=)
	@SDK_SCHEDULES=$${SDK_SCHEDULES:-50} "$(BIN)/python" -m pytest -q -o timeout=7200 tests/e2e/test_sdk.py -k random_day

frameworks-check: ready-to-test ## build apps of Next, Nuxt, SvelteKit, Astro and React Native with the packed SDK, and open them (needs npm's registry)
	@"$(BIN)/python" -m pytest -q -o timeout=1800 tests/frameworks $(PYTEST_ARGS)

dialogs-check: ready-to-test ## press every button of every page, and check that what opens is accessible (CI presses those of three pages)
	@DIALOGS=all "$(BIN)/python" -m pytest -q -s -o timeout=7200 tests/e2e/test_dialogs.py

bench: $(STAMPS)/dev ## measure the throughput and latency of a running Tidemark (DATA_DIR= SECONDS= BATCH= RATE=)
	@"$(BIN)/python" -m benchmarks.ingest

bench-query: $(STAMPS)/dev ## time every query over 10 million events (ARGS="--events 1000000")
	@"$(BIN)/python" -m benchmarks.query $(ARGS)

bench-files: $(STAMPS)/dev $(STAMPS)/chdb ## compare answers from files of sealed days with raw rows and ClickHouse (ARGS="--events 1000000")
	@PYTHONPATH="$(VENV)/chdb" "$(BIN)/python" -m benchmarks.files $(ARGS)

bench-pages: $(STAMPS)/dev ## time Home and a board of 12 tiles of a running Tidemark in a browser (EVENTS= TIMES= DATA_DIR=)
	@"$(BIN)/python" -m benchmarks.pages

bench-visible: $(STAMPS)/dev ## measure the time until an event is in a report, under steady load (RATE= SECONDS=)
	@"$(BIN)/python" -m benchmarks.visible

bench-alerts: $(STAMPS)/dev ## measure how long 500 alerts take on one worker, on its own servers (ARGS="--alerts 500")
	@"$(BIN)/python" -m benchmarks.alerts $(ARGS)

bench-experiments: $(STAMPS)/dev ## time the results of an experiment with a million persons, on its own servers (ARGS="--persons 100000")
	@"$(BIN)/python" -m benchmarks.experiments $(ARGS)

simulate-experiments: $(STAMPS)/dev ## print how often the statistics of experiments err in simulated ones
	@"$(BIN)/python" -m tests.support.simulated_experiments

bench-export: $(STAMPS)/dev ## measure time and memory of exports of 1 million events
	@"$(BIN)/python" -m benchmarks.export $(ARGS)

bench-live: $(STAMPS)/dev ## measure 2,000 readers of live views at 500 events/s (READERS= RATE= SECONDS= DATA_DIR=)
	@"$(BIN)/python" -m benchmarks.live

bench-middleware: $(STAMPS)/dev $(PYTHON_CLIENTS) ## measure what recording visits adds to a request of Flask, Django and ASGI apps (SECONDS= RATE= CONNECTIONS=)
	@"$(BIN)/python" -m benchmarks.middleware

bench-attack: ready-to-run $(STAMPS)/dev ## attack an installation of its own, and check what other tenants notice (ONLY=aliases,health)
	@"$(BIN)/python" -m benchmarks.attack

bench-edge: $(STAMPS)/dev ## measure the edge, compared with a bare route and with many projects (PROJECTS= SECONDS=)
	@"$(BIN)/python" -m benchmarks.edge

bench-flags: $(STAMPS)/dev ## measure the evaluation of 50 flags, compared with a bare route (SECONDS= CONNECTIONS=)
	@"$(BIN)/python" -m benchmarks.flags

bench-flags-live: $(STAMPS)/dev ## measure how soon flags follow changes and events (STREAMS= CHANGES= RATE= SECONDS= DATA_DIR=)
	@"$(BIN)/python" -m benchmarks.flags_live

bench-seal: $(STAMPS)/dev ## measure sealing a day of a million events, on its own servers (EVENTS= PERSONS=)
	@"$(BIN)/python" -m benchmarks.seal

bench-store: $(STAMPS)/dev ## measure storing without HTTP and the stream, on its own servers (BATCHES=)
	@"$(BIN)/python" -m benchmarks.store

bench-growth: $(STAMPS)/dev ## measure whether storing slows down over 10 million events, on its own servers (EVENTS= ROUNDS=)
	@"$(BIN)/python" -m benchmarks.growth

bench-import: $(STAMPS)/dev ## measure an import of a million rows beside plain COPY, on its own servers (ROWS=)
	@"$(BIN)/python" -m benchmarks.imports

demo-data: $(STAMPS)/dev ## add sample projects (a shop, a SaaS product, a game) with a quarter of events (SIZE= DAYS= ONLY=)
	@"$(BIN)/python" -m tools.demo_data

seed: $(STAMPS)/run ## send events of invented players to any project (API_KEY= URL= DAYS=14 PLAYERS=200 SEED=)
	@"$(BIN)/python" -m tools.seed

loadtest: $(STAMPS)/run $(STAMPS)/loadtest ## load a running Tidemark with Locust (URL= API_KEY=sk_… USERS=20 SECONDS=30 CLASSES= ARGS=)
	@PYTHONPATH="$(VENV)/loadtest" "$(BIN)/python" -m locust -f benchmarks/loadtest.py --headless --only-summary \
		--host "$(or $(URL),http://127.0.0.1:8000)" --users $(or $(USERS),20) --spawn-rate $(or $(USERS),20) \
		--run-time $(or $(SECONDS),30)s --stop-timeout 30 $(ARGS) $(CLASSES)

screenshots: ready-to-run $(STAMPS)/dev ## write a picture of every page, light and dark, wide and narrow (TO= SIZE= DAYS= LANGUAGE= ONLY=)
	@"$(BIN)/python" -m tools.browser
	@"$(BIN)/python" -m tools.screenshots

openapi: $(STAMPS)/dev $(DASHBOARD_PACKAGES) ## write the OpenAPI documents and the dashboard's types
	@"$(BIN)/python" -m tools.openapi
	@"$(BIN)/python" -m tools.node dashboard run api

gateway: $(STAMPS)/dev ## write the gateway's nginx template from its route table
	@"$(BIN)/python" -m deploy.nginx.template

compose-check: $(STAMPS)/dev ## check docker-compose.yml
	@"$(BIN)/python" -m tools.compose_check

wheels-check: $(STAMPS)/dev ## check that every package has a wheel for each Python and machine (ARGS=--all)
	@"$(BIN)/python" -m tools.wheels_check $(ARGS)

bare-machine-test: ## test make run and make test in an empty Debian with Python, make and git (root; BARE_SUITE=)
	@bash tools/bare_machine.sh

compose-test: $(STAMPS)/dev ## run docker-compose.yml in its own Docker engine, and test failures (root on Debian)
	@"$(BIN)/python" -m tools.browser
	@"$(BIN)/python" -m tests.compose

dev: ## start Tidemark in containers that reload the source; the dashboard on port 5173
	@exec deploy/docker/stack.sh dev

prod: ## start Tidemark in containers, detached; secrets come from .env
	@exec deploy/docker/stack.sh prod

down: ## stop and remove the containers of dev and prod (not their data)
	@exec deploy/docker/stack.sh down

logs: ## show the containers' logs (SERVICE= LINES=100 STACK=dev|prod)
	@exec deploy/docker/stack.sh logs

migrate: ## migrate the database (STACK=dev|prod|local; default: the running one)
	@exec deploy/docker/stack.sh migrate

migration: $(STAMPS)/dev ## write a migration for a change of shared/models (m='what it does')
	@"$(BIN)/python" -m tools.migration "$(m)"

shell: ## open a shell in a container, or with the settings of make run (SERVICE=query STACK=)
	@exec deploy/docker/stack.sh shell

createsuperuser: ## make an account a superuser (EMAIL=name@example.org STACK=)
	@exec deploy/docker/stack.sh createsuperuser

# Tests mostly wait for servers, so two processes share them, each with servers of its own.
test-backend: ## run the Python tests (PYTEST_ARGS= TEST_PROCESSES=2)
	@$(PARALLEL) ready-to-test
	@"$(BIN)/python" -m tools.browser
	@"$(BIN)/python" -m pytest --numprocesses $(TEST_PROCESSES) --dist loadscope --no-loadscope-reorder $(PYTEST_ARGS)

test-frontend: ## run the tests of the dashboard and the JavaScript SDK
	@$(PARALLEL) ready-to-lint
	@"$(BIN)/python" -m tools.browser
	@$(MAKE) --no-print-directory -j2 test-dashboard test-sdk

# The SDK's tests in a browser mostly wait.
test-dashboard:
	@"$(BIN)/python" -m tools.node dashboard run test

test-sdk:
	@"$(BIN)/python" -m tools.node sdk/javascript run test
	@"$(BIN)/python" -m tools.node sdk/javascript run test:browser

lock: $(STAMPS)/dev ## update requirements/*.txt from pyproject.toml
	@"$(BIN)/python" -m tools.lock

clean: ## remove all build results (not your data)
	rm -rf "$(VENV)" dashboard/dist dashboard/node_modules sdk/javascript/dist sdk/javascript/node_modules \
		deploy/geography/node_modules deploy/api_docs/node_modules tests/clients/node_modules build

ready-to-run: $(STAMPS)/run $(GEOGRAPHY) $(API_DOCS) dashboard/dist/index.html sdk/javascript/dist/sdk.min.js

ready-to-test: $(STAMPS)/dev $(GEOGRAPHY) $(API_DOCS) $(PYTHON_CLIENTS) $(NODE_CLIENTS) dashboard/dist/index.html sdk/javascript/dist/sdk.min.js

ready-to-lint: $(STAMPS)/dev $(DASHBOARD_PACKAGES) $(SDK_PACKAGES)

$(BIN)/python:
	@python=$$(sh tools/find_python.sh "$(PYTHON)") || exit 1; \
	echo "tidemark: making a Python environment …"; \
	rm -rf "$(VENV)"; \
	"$$python" -m venv "$(VENV)" >/dev/null || { rm -rf "$(VENV)"; \
		echo "tidemark: $$python cannot make an environment; on Debian or Ubuntu install python3-venv, or name another: PYTHON=/path/to/python3" >&2; \
		exit 1; }

$(STAMPS)/run: requirements/run.txt | $(BIN)/python
	@echo "tidemark: installing Python packages …"
	@"$(BIN)/python" -m pip install $(PIP_OPTIONS) -r requirements/run.txt
	@mkdir -p "$(STAMPS)" && touch "$@"

$(STAMPS)/dev: requirements/dev.txt | $(BIN)/python
	@echo "tidemark: installing Python packages for development …"
	@"$(BIN)/python" -m pip install $(PIP_OPTIONS) -r requirements/dev.txt
	@mkdir -p "$(STAMPS)" && touch "$@" "$(STAMPS)/run"

$(DASHBOARD_PACKAGES): dashboard/package-lock.json | $(BIN)/python
	@echo "tidemark: installing the dashboard's packages …"
	@"$(BIN)/python" -m tools.node dashboard ci
	@touch "$@"

$(SDK_PACKAGES): sdk/javascript/package-lock.json | $(BIN)/python
	@echo "tidemark: installing the SDK's packages …"
	@"$(BIN)/python" -m tools.node sdk/javascript ci
	@touch "$@"

$(GEOGRAPHY): deploy/geography/package-lock.json | $(BIN)/python
	@echo "tidemark: installing the database of countries …"
	@"$(BIN)/python" -m tools.node deploy/geography ci
	@touch "$@"

$(API_DOCS): deploy/api_docs/package-lock.json | $(BIN)/python
	@echo "tidemark: installing the page of the API's documents …"
	@"$(BIN)/python" -m tools.node deploy/api_docs ci
	@touch "$@"

$(NODE_CLIENTS): tests/clients/package-lock.json | $(BIN)/python
	@echo "tidemark: installing other systems' SDKs for Node.js …"
	@"$(BIN)/python" -m tools.node tests/clients ci
	@touch "$@"

# Each in a folder of its own: two versions of one package cannot share an environment.
$(STAMPS)/sdk-%: requirements/sdks/%.txt | $(BIN)/python
	@echo "tidemark: installing another system's SDK ($*) …"
	@rm -rf "$(VENV)/sdks/$*"
	@"$(BIN)/python" -m pip install $(PIP_OPTIONS) --no-deps --target "$(VENV)/sdks/$*" -r $<
	@mkdir -p "$(STAMPS)" && touch "$@"

$(STAMPS)/loadtest: requirements/loadtest.txt | $(BIN)/python
	@echo "tidemark: installing Locust …"
	@rm -rf "$(VENV)/loadtest"
	@"$(BIN)/python" -m pip install $(PIP_OPTIONS) --no-deps --target "$(VENV)/loadtest" -r $<
	@mkdir -p "$(STAMPS)" && touch "$@"

$(STAMPS)/chdb: requirements/chdb.txt | $(BIN)/python
	@echo "tidemark: installing the ClickHouse engine …"
	@rm -rf "$(VENV)/chdb"
	@"$(BIN)/python" -m pip install $(PIP_OPTIONS) --no-deps --target "$(VENV)/chdb" -r $<
	@mkdir -p "$(STAMPS)" && touch "$@"

dashboard/dist/index.html: $(DASHBOARD_SOURCES) $(DASHBOARD_PACKAGES)
	@echo "tidemark: building the dashboard …"
	@"$(BIN)/python" -m tools.node dashboard run build
	@touch "$@"

sdk/javascript/dist/sdk.min.js: $(SDK_SOURCES) $(SDK_PACKAGES)
	@echo "tidemark: building the SDK …"
	@"$(BIN)/python" -m tools.node sdk/javascript run build
	@touch "$@"
