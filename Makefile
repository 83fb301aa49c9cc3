# make run [PORT=8000] [DATA=path/to/wwi] · make test · make check · make schema
SHELL := /bin/bash
PYTHON ?= python3
PORT ?= 8000
DATA ?=
WORKERS ?= 2
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help run test check schema differential

help:  ## What can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

# A stamp a set of dependencies: installed again only when pyproject.toml has changed.
$(VENV)/.run: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	touch $@

$(VENV)/.wwi: $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[wwi]'
	touch $@

$(VENV)/.mcp: $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[mcp]'
	touch $@

$(VENV)/.dev: $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $@ $(VENV)/.mcp

explorer: $(VENV)/.run
	@if [ -f gateway/explorer/install.py ]; then $(BIN)/python -m gateway.explorer.install; fi
.PHONY: explorer

run: $(VENV)/.mcp $(if $(DATA),$(VENV)/.wwi) explorer  ## Start the sandbox systems and the gateway on PORT, on generated data or on DATA
	@exec $(BIN)/crossdock demo --port $(PORT) $(if $(DATA),--data $(DATA))

check: $(VENV)/.dev  ## Style, types, imports, sizes, printed schema, changelog
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/crossdock schema --same schema.graphql
	$(BIN)/crossdock schema --federation --same schema.federation.graphql
	@.ci/schema
	$(BIN)/python -m pytest -q tests/test_house.py

# Other people's clients, installed again only when what is asked for has changed.
tests/%/node_modules/.installed: tests/%/package.json
	@if command -v npm >/dev/null; then cd $(<D) && npm install --silent --no-audit --no-fund --no-package-lock && touch node_modules/.installed; fi

$(VENV)/ariadne/.installed: tests/clients/ariadne/requirements.txt
	@{ $(PYTHON) -m venv $(@D) && $(@D)/bin/python -m pip install --quiet --disable-pip-version-check -r $< && touch $@; } || \
	  { test "$$CI" != true && echo "ariadne-codegen could not be installed: tests/citizens will be skipped"; }

clients: tests/clients/node_modules/.installed tests/http_audit/node_modules/.installed $(VENV)/ariadne/.installed  ## Other people's GraphQL clients, for tests/citizens and tests/gateway/test_real_clients.py; where npm is there
.PHONY: clients

citizens: $(VENV)/.dev clients  ## Other people's clients against one running gateway, and the table of what each could do
	$(BIN)/python -m pytest -q -s -n 0 --tb=short tests/citizens
.PHONY: citizens

tryton: $(VENV)/.run  ## A real Tryton in an environment of its own (.tryton), for tests/tryton and the demo over it; once, about a minute
	@$(BIN)/python -m sandbox.tryton prepare || { test "$$CI" != true && echo "Tryton could not be prepared: tests/tryton will be skipped"; }
.PHONY: tryton

console-tools:  ## What the console is built and judged with, at the versions of its lock file; where npm is there
	@if command -v npm >/dev/null; then cd gateway/console && npm ci --silent --ignore-scripts --no-audit --no-fund; fi
.PHONY: console-tools

console: console-tools  ## Build the console anew from gateway/console/src/: commit what comes of it
	cd gateway/console && npx --no-install tsc --noEmit && node build.mjs
.PHONY: console

console-pictures: $(VENV)/.dev console-tools  ## Take docs/images/ of the console anew; look at each
	mkdir -p docs/images
	CONSOLE_PICTURES=$(CURDIR)/docs/images $(BIN)/python -m pytest -q tests/console/test_looks.py tests/console/test_figures.py
.PHONY: console-pictures

# What the example pages are built and judged with: installed again only when the lock file has changed.
examples/node_modules/.package-lock.json: examples/package-lock.json
	@if command -v npm >/dev/null; then cd examples && npm ci --silent --ignore-scripts --no-audit --no-fund && touch node_modules/.package-lock.json; fi

examples: examples/node_modules/.package-lock.json  ## Build the example pages: documents typed by schema.graphql, types held, bundled into examples/built/; where npm is there
	@if command -v npm >/dev/null; then cd examples && npm run --silent build; fi
.PHONY: examples

example-quote:  ## Serve the quote page over the gateway that `make run` has started on PORT; on 5 above it
example-portal:  ## Serve the portal page; on 6 above it
example-quote example-portal: $(VENV)/.run examples
	@exec $(BIN)/python -m examples.page $(@:example-%=%)-page --port $(PORT)
.PHONY: example-quote example-portal

demo-tryton: $(VENV)/.mcp explorer tryton  ## Start a real Tryton and a gateway over it on PORT; CRM and carrier are the sandbox's
	@exec $(BIN)/crossdock demo --port $(PORT) --tryton
.PHONY: demo-tryton

PICTURED += tests/gateway/test_explorer_panels.py tests/examples
screenshots: $(VENV)/.dev explorer examples  ## The pictures in docs/images/, taken anew by the tests that hold what they show
	@mkdir -p docs/images
	CROSSDOCK_PICTURES=true $(BIN)/python -m pytest -q $(PICTURED)
.PHONY: screenshots

prism:  ## What judges requests by vendors' own descriptions, for tests/sources/; where npm is there
	@if command -v npm >/dev/null; then cd tests/prism && npm install --silent --no-audit --no-fund --no-package-lock; fi
.PHONY: prism

schema-tools:  ## Other people's judges of a schema, for tests/schema_lint; where npm is there
	@if command -v npm >/dev/null; then cd tests/schema_lint && npm install --silent --ignore-scripts --no-audit --no-fund --no-package-lock; fi
.PHONY: schema-tools

schema-lint: schema-tools  ## What graphql-eslint and graphql-schema-linter say of schema.graphql
	tests/schema_lint/node_modules/.bin/eslint --config tests/schema_lint/eslint.config.js --max-warnings 0 schema.graphql
	tests/schema_lint/node_modules/.bin/graphql-schema-linter --config-directory tests/schema_lint schema.graphql
.PHONY: schema-lint

schema-released: check  ## Keep the schema that is about to be released in docs/schema/, under the version of pyproject.toml
	@mkdir -p docs/schema
	@version=$$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml) && cp schema.graphql docs/schema/$$version.graphql && \
	  cp schema.federation.graphql docs/schema/$$version.federation.graphql && echo "docs/schema/$$version.graphql: commit it, then tag v$$version"
.PHONY: schema-released

composition:  ## Composers and other people's gateways, for tests/composition; where npm is there
	@if command -v npm >/dev/null; then cd tests/composition && npm install --silent --no-audit --no-fund --no-package-lock; fi
.PHONY: composition

tools: explorer clients composition prism schema-tools console-tools examples tryton  ## What tests need beside Python, side by side under `make -j`
.PHONY: tools

test: check  ## Everything that CI runs; each package's branches are covered to 95 % at least
	@$(MAKE) --no-print-directory -j 4 tools
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --durations=20 -m 'not alone and not uncovered' --cov --cov-report=
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --durations=5 -m 'not alone and uncovered'
	$(BIN)/python -m pytest -m 'alone and not uncovered' --cov --cov-append --cov-report=
	$(BIN)/python -m pytest -m 'alone and uncovered'
	@for package in gateway resolvers orders sources engine; do \
	  printf '%s ' $$package; $(BIN)/coverage report --include="$$package/*" --fail-under=95 --format=total || exit 1; done

bench: bench-tryton bench-peers bench-engine bench-door bench-cache bench-faults bench-security bench-subscriptions bench-orders bench-telemetry  ## Everything that is measured
.PHONY: bench

peers: $(VENV)/.dev  ## What is measured beside us (benchmarks/peers); those for Node where npm is there
	@if command -v npm >/dev/null; then cd benchmarks/peers && npm install --silent --no-audit --no-fund --no-package-lock; fi
.PHONY: peers

bench-peers: peers  ## Crossdock, other GraphQL servers and hand-written endpoints on one upstream, in turn: 15 minutes (QUICK=1: two)
	$(BIN)/python benchmarks/side_by_side.py $(if $(QUICK),--quick)

bench-engine: $(VENV)/.dev  ## CPU against plain Strawberry and against hand-written endpoints; one hop; an outage
	$(BIN)/python benchmarks/engine_alone.py
	$(BIN)/python benchmarks/entities.py
	$(BIN)/python benchmarks/hop_and_outage.py
	$(BIN)/python benchmarks/served.py

bench-soak: $(VENV)/.dev  ## Half an hour at 60 % load over two replicas, faults at random (MINUTES=…)
	$(BIN)/python benchmarks/soak.py --minutes $(or $(MINUTES),30)
.PHONY: bench-soak

bench-cache: $(VENV)/.dev  ## What the cache costs: against one bare GET, against bare redis-py; a million keys (KEYS=…)
	$(BIN)/python benchmarks/cache.py $(KEYS)

bench-faults: $(VENV)/.dev  ## What becomes of the gateway when its sources hang, fail, refuse or spoil their answers
	$(BIN)/python benchmarks/faults.py

bench-subscriptions: $(VENV)/.dev  ## Memory a subscriber and CPU a message, beside Strawberry's own fan-out; slow readers; a minute of parcels
	$(BIN)/python benchmarks/subscriptions.py
	$(BIN)/python benchmarks/parcel_stream.py

bench-tryton: $(VENV)/.dev tryton  ## Prices of one item and of fifty from a real Tryton
	$(BIN)/python benchmarks/tryton.py

bench-door: $(VENV)/.dev  ## CPU of a read through the door against bare aiohttp
	$(BIN)/python benchmarks/door.py

bench-security: $(VENV)/.dev  ## What identity, limits and rates add to the CPU of a quote; what an attacker does to a neighbour's
	$(BIN)/python benchmarks/security.py
	$(BIN)/python benchmarks/attacks.py

bench-telemetry: $(VENV)/.dev  ## What logs, metrics and traces add to the CPU of a quote
	$(BIN)/python benchmarks/telemetry.py

fuzz: $(VENV)/.dev  ## Send the HTTP endpoint what nobody would, for half an hour (MINUTES=…)
	CROSSDOCK_FUZZ_MINUTES=$(or $(MINUTES),30) $(BIN)/python -m pytest -q -s tests/security/test_fuzz.py

audit: $(VENV)/.dev  ## Ask the advisory database about what is installed; needs the network
	@AUDIT=required .ci/audit

bench-orders: $(VENV)/.dev  ## Orders a second, p50 and p99, CPU an order, on SQLite and on PostgreSQL (SHARE=0.2 for a quick look)
	$(BIN)/python benchmarks/submissions.py $(if $(SHARE),--share $(SHARE))
	$(BIN)/python benchmarks/order_outage.py

differential: $(VENV)/.dev  ## Ask the engine and graphql-core the same 100,000 operations (EXAMPLES=…)
	CROSSDOCK_EXAMPLES=$(or $(EXAMPLES),100000) $(BIN)/python -m pytest -q tests/engine/test_differential.py

cluster: $(VENV)/.run  ## The whole topology as processes on this machine: two replicas, HAProxy on PORT (8080), Redis, PostgreSQL, the sandbox
	@exec $(BIN)/python -m deploy.cluster --port $(if $(filter file,$(origin PORT)),8080,$(PORT)) --workers $(if $(filter file,$(origin WORKERS)),1,$(WORKERS))
.PHONY: cluster

bench-start: $(VENV)/.dev  ## CPU until a gateway is ready, and what it holds then: alone, and as one of several workers
	$(BIN)/python benchmarks/startup.py
.PHONY: bench-start

bench-scale: $(VENV)/.dev  ## Requests a second by workers and by replicas
	$(BIN)/python benchmarks/scale.py
.PHONY: bench-scale

systems: $(VENV)/.run  ## Write the README's table of systems anew
	$(BIN)/crossdock sources --write README.md
.PHONY: systems

schema: $(VENV)/.run  ## Print the schema anew
	$(BIN)/crossdock schema > schema.graphql
	$(BIN)/crossdock schema --federation > schema.federation.graphql
