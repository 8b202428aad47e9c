# `make` alone lists the targets. Nothing here needs root; tests that want a browser or a tool say what to install.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.stamp
DEV_STAMP := $(VENV)/.stamp-dev
# What tests want of npm: OpenFeature's clients for JavaScript, and the judge of accessibility.
CLIENTS := tests/journeys/openfeature
AXE := tests/journeys/axe
NPM_STAMPS := $(CLIENTS)/node_modules/.stamp $(AXE)/node_modules/.stamp

.DEFAULT_GOAL := help
.PHONY: help run clients test check bench bench-guard soak prove conformance image lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-14s %s\n", $$1, $$2}'

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("Passerby needs Python 3.11 or newer: make PYTHON=python3.12 run" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

$(STAMP): requirements.lock pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -c 'import pathlib, sysconfig; pathlib.Path(sysconfig.get_paths()["purelib"], "passerby-source.pth").write_text(str(pathlib.Path.cwd()) + "\n")'
	@printf '#!/bin/sh\nexec "$$(dirname "$$(readlink -f "$$0")")/python" -m service "$$@"\n' > $(BIN)/passerby && chmod +x $(BIN)/passerby
	@touch $@

$(DEV_STAMP): tests/requirements.lock $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/requirements.lock
	@touch $@

# The OpenFeature clients for JavaScript, which the journeys drive; without npm those journeys are left out.
$(NPM_STAMPS): %/node_modules/.stamp: %/package.json %/package-lock.json
	@if command -v npm >/dev/null; then cd $* && npm ci --ignore-scripts --loglevel=error && touch node_modules/.stamp; \
	else echo "no npm, so nothing for $*: apt-get install nodejs npm"; fi

run: $(STAMP) ## set up .venv and serve on 127.0.0.1:8080
	$(BIN)/python -m service serve

clients: $(DEV_STAMP) $(NPM_STAMPS) ## install what tests and examples want of npm: OpenFeature clients, a judge of accessibility

# Four processes, also on two cores: much of a journey is waiting for servers. They keep what they compile.
test: clients ## set up and run the tests (some 3 minutes on two cores)
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest --numprocesses=4 --dist=worksteal

check: $(DEV_STAMP) ## lint, formatting and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/mypy tests/bench/*.py tests/tables/*.py
	$(BIN)/mypy tests/soak/*.py

bench: $(DEV_STAMP) ## speed, side by side with a constant app and an afternoon's FastAPI
	$(BIN)/python tests/bench/run.py $(BENCH)

bench-guard: $(DEV_STAMP) ## whether it became slower than tests/bench/guard.json (a minute)
	$(BIN)/python tests/bench/guard.py $(GUARD)

soak: $(DEV_STAMP) ## ten million visits counted into a real Redis; memory must stay flat (a minute)
	$(BIN)/python tests/soak/run.py

prove: $(STAMP) ## the leak audit: 14,000 markers through every channel, looked for wherever they could be (a minute)
	$(BIN)/python -m service prove --embedded --markers 14000 $(PROVE)

conformance: $(DEV_STAMP) ## answer quality on the conformance sets, one table
	$(BIN)/python tests/conformance/run.py $(CONFORMANCE)

image: ## build the container image (needs docker)
	docker build -f deploy/Dockerfile -t passerby .

lock: $(DEV_STAMP) ## write the lock files anew from pyproject.toml and package.json (needs uv and npm)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url pyproject.toml --group dev -o tests/requirements.lock
	for packages in $(CLIENTS) $(AXE); do (cd $$packages && npm install --package-lock-only --ignore-scripts --loglevel=error) || exit 1; done

clean: ## remove what the targets made
	rm -rf $(VENV) $(CLIENTS)/node_modules $(AXE)/node_modules .bench .screenshots .mypy_cache .ruff_cache .pytest_cache .hypothesis
