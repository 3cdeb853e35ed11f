# Everything a person types here. `make run` and `make test` set up whatever they need.

HOST ?= 127.0.0.1
PORT ?= 8000
DATABASE ?=
WORKERS ?=
MODULES ?=
PYTEST ?=
# Many tests wait for a server or a disk, so there are more workers than processors.
JOBS ?= $(shell expr 2 \* $$(getconf _NPROCESSORS_ONLN))
ROUNDS ?= 3
SOAK ?= 10
SECONDS ?= 3
ONLY ?=
DATA ?=
# Tests of examples that Hypothesis makes, of which a soak makes more.
MADE := tests/doors/test_reading.py tests/graphql_door/test_graphql_plans.py \
	$(addprefix tests/store/test_store_,searches.py related.py scope_batches.py windows.py)

# The first interpreter that is new enough; PYTHON=… names another one.
PYTHON ?= $(shell for name in python3.11 python3 python3.12 python3.13 python3.14; do \
	if "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then command -v "$$name"; break; fi; done)

VENV := .venv
BIN := $(VENV)/bin
LOCK := requirements/dev.txt
READY := $(VENV)/.ready
PLAYGROUND := $(wildcard src/playground/*.js src/playground/*.css src/playground/*.json src/playground/*.py) \
	$(wildcard src/console/*.ts src/console/*.json src/console/src/*.ts src/console/src/*.tsx src/console/src/*.css src/console/src/*/*.tsx)
STATIC := src/diptych/pages/static/manifest.json
NODE_TESTS := $(wildcard tests/package.json tests/*/package.json) src/console/package.json
NODE_READY := $(NODE_TESTS:package.json=node_modules/.ready)
GENERATORS := tests/generated/python/requirements.txt
GENERATORS_READY := build/generated-python/.ready
BENCH_NODE := tests/bench/node/node_modules/.ready

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup run prepare test thorough coverage soak mutation browser check format schema docs site reference links bench growth wrk lock wheel clean

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1|\2/p' $(firstword $(MAKEFILE_LIST)) | \
		while IFS='|' read -r name text; do printf '  make %-9s %s\n' "$$name" "$$text"; done

setup: $(READY) $(STATIC) ## make .venv with everything in it

run: setup ## serve the demo (HOST=127.0.0.1 PORT=8000 DATABASE=postgresql://…)
	@exec $(BIN)/diptych serve --host "$(HOST)" --port "$(PORT)" \
		$(if $(DATABASE),--database "$(DATABASE)") $(if $(WORKERS),--workers "$(WORKERS)")

prepare: setup browser $(filter-out src/%,$(NODE_READY)) $(GENERATORS_READY) ## fetch what the tests need besides (make -j4 prepare: at the same time)

test: setup browser wrk $(NODE_READY) $(GENERATORS_READY) ## run all tests (PYTEST='-k words' for some)
	$(BIN)/pytest -n "$(JOBS)" --dist loadfile -m 'not thorough' $(PYTEST)

thorough: setup browser wrk $(NODE_READY) ## run the tests that `make test` leaves out: stories it has told already, on one more database
	$(BIN)/pytest -n "$(JOBS)" --dist loadfile -m thorough $(PYTEST)

coverage: setup browser wrk $(NODE_READY) $(GENERATORS_READY) ## run all tests and report the lines and branches they reach; 95 % or less of either fails
	@mkdir -p build
	$(BIN)/pytest -n "$(JOBS)" --dist loadfile --cov=diptych --cov-branch --cov-report=term:skip-covered \
		--cov-report=json:build/coverage.json \
		--deselect tests/semantics/test_json_patch.py::test_hostile_patches_are_noticed_before_they_cost $(PYTEST)
	@$(BIN)/python tests/coverage_floor.py build/coverage.json

soak: setup ## walk, race and kill for longer than `make test` does, and make more examples, for an hour or two (SOAK=10)
	SOAK="$(SOAK)" $(BIN)/pytest tests/proofs tests/scaling $(MADE) -v -s --durations=10 $(PYTEST)

mutation: setup $(NODE_READY) ## plant faults into the rules and list what no test notices (MODULES='pointer read' for some)
	$(BIN)/python tests/mutation.py $(MODULES)

check: setup ## formatting, lint and strict types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: setup ## format the code and mend what can be mended
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

schema: setup ## write schema.graphql and docs/openapi.json from the demo
	$(BIN)/diptych schema --output schema.graphql
	$(BIN)/diptych openapi --output docs/openapi.json

docs: setup ## run every example of the documentation
	$(BIN)/pytest tests/docs $(PYTEST)

site: setup ## build the documentation as pages into build/site; any warning is an error
	@rm -rf build/site
	$(BIN)/python -m sphinx --fail-on-warning --keep-going --quiet --conf-dir docs/site --doctree-dir build/site-trees docs build/site
	@echo 'Open build/site/index.html; it needs no server and no network.'

reference: setup ## write the pages of docs/reference that are made from the code
	$(BIN)/python -m docs.site.reference

links: setup ## ask every page on other hosts that the documentation links to; build/links/output.json lists them
	$(BIN)/python -m sphinx --builder linkcheck --conf-dir docs/site --doctree-dir build/site-trees docs build/links

bench: setup wrk $(BENCH_NODE) ## measure ours and others, for many minutes (ROUNDS=3 SECONDS=3 ONLY='replace 32' DATA=/folder)
	@$(BIN)/python -m tests.bench --rounds "$(ROUNDS)" --seconds "$(SECONDS)" --only "$(ONLY)" $(if $(DATA),--data "$(DATA)")

growth: setup wrk ## measure how ours grows with callers, rows and resources (ROUNDS=3 SECONDS=3 DATA=/folder)
	@$(BIN)/python -m tests.bench.growth --rounds "$(ROUNDS)" --seconds "$(SECONDS)" $(if $(DATA),--data "$(DATA)")

lock: ## renew the pinned versions of the development tools and of the npm packages
	@test -n "$(PYTHON)" || { echo 'Python 3.11 or newer is needed: PYTHON=/path/to/python3.11 make lock' >&2; exit 1; }
	rm -rf build/lock && mkdir -p build/lock
	"$(PYTHON)" -m venv build/lock/venv
	"$(PYTHON)" -c 'import tomllib; p = tomllib.load(open("pyproject.toml", "rb"))["project"]; \
		print(*p["dependencies"], *p["optional-dependencies"]["dev"], sep="\n")' > build/lock/wanted.txt
	build/lock/venv/bin/pip install --quiet --requirement build/lock/wanted.txt
	{ echo '# Exact versions for development and tests; `make lock` renews them.'; \
		build/lock/venv/bin/pip freeze --exclude setuptools | LC_ALL=C sort --ignore-case; } > build/lock/dev.txt
	@! grep -n -e ' @ ' -e '://' build/lock/dev.txt
	mv build/lock/dev.txt $(LOCK)
	cd src/playground && npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved
	cd src/console && npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved
	cd tests/bench/node && npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved
	cd tests/npm && npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved
	cd tests/generated && npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved
	"$(PYTHON)" -m venv build/lock/generators
	build/lock/generators/bin/pip install --quiet --requirement $(GENERATORS:.txt=.in)
	{ sed -n '/^#/p' $(GENERATORS); build/lock/generators/bin/pip freeze | LC_ALL=C sort --ignore-case; } > build/lock/generators.txt
	mv build/lock/generators.txt $(GENERATORS)
	cd tests/scaling && npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved

wheel: setup ## build the sdist and the wheel into dist/
	$(BIN)/python -m build --no-isolation --outdir dist .

clean: ## remove what was built; a server's stored rows stay
	rm -rf $(VENV) build dist src/diptych/pages/static src/playground/node_modules src/console/node_modules tests/node_modules tests/*/node_modules $(dir $(BENCH_NODE))
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage .coverage.* htmlcov

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo 'Python 3.11 or newer is needed and none was found; PYTHON=/path/to/python names one.' >&2; exit 1; }
	@"$(PYTHON)" -m venv $(VENV) || { rm -rf $(VENV); \
		echo 'Python cannot make a virtual environment here; on Debian: apt-get install python3-venv' >&2; exit 1; }

# The build backend comes first and is pinned like the rest, so the package is built with it and nothing newer.
$(READY): pyproject.toml $(LOCK) $(PLAYGROUND) | $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint $(LOCK) hatchling editables
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint $(LOCK) --no-build-isolation --editable '.[dev]'
	@touch $@

$(STATIC): $(PLAYGROUND) | $(READY)
	$(BIN)/python src/playground/hatch_build.py
	@touch $@

browser:
	@PATH="$$PATH:/usr/sbin"; \
	if command -v chromium >/dev/null && command -v nginx >/dev/null && command -v varnishd >/dev/null \
		&& command -v redis-server >/dev/null && command -v pgbouncer >/dev/null; then exit 0; fi; \
	echo 'Installing Chromium, nginx, Varnish, Redis and PgBouncer, which some tests use.'; \
	if [ "$$(id -u)" = 0 ]; then as=; elif sudo -n true 2>/dev/null; then as='sudo -n'; \
	else echo 'These need root to be installed; on Debian: apt-get install chromium nginx-light varnish redis-server pgbouncer' >&2; exit 1; fi; \
	$$as apt-get update -qq && $$as env DEBIAN_FRONTEND=noninteractive \
		apt-get install -qq -y --no-install-recommends chromium nginx-light varnish redis-server pgbouncer >/dev/null

wrk:
	@if command -v wrk >/dev/null; then exit 0; fi; \
	echo 'Installing wrk, which puts the load on.'; \
	if [ "$$(id -u)" = 0 ]; then as=; elif sudo -n true 2>/dev/null; then as='sudo -n'; \
	else echo 'wrk is needed and cannot be installed without root; on Debian: apt-get install wrk' >&2; exit 1; fi; \
	$$as apt-get update -qq && $$as env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends wrk >/dev/null

%/node_modules/.ready: %/package.json %/package-lock.json
	npm --prefix $* ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# Generators of Python clients, whose own dependencies do not go with ours.
$(GENERATORS_READY): $(GENERATORS) | $(BIN)/python
	rm -rf $(@D)
	$(BIN)/python -m venv $(@D)
	$(@D)/bin/pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@
