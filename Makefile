# Everything a person or CI runs. `make help` lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help demo test test-servers check check-rest format lint types contracts licences docs-fresh bench judge torture pictures lock clean

help:  ## list what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "supportdesk needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.12 ..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(STAMP)  ## open the workstation on a sample desk in a throw-away store
	@$(BIN)/supportdesk demo

test: $(STAMP)  ## run all tests
	$(BIN)/python -m pytest

# As root the servers are installed first; they always run as an ordinary user, on loopback.
test-servers: $(STAMP)  ## fetch from Debian's dovecot and Request Tracker, which are installed where that is allowed
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends \
			dovecot-imapd request-tracker5 rt5-db-sqlite rt5-standalone >/dev/null; fi
	SUPPORTDESK_SERVERS=1 $(BIN)/python -m pytest -n 0 -rs tests/debian

check: test check-rest  ## all a reviewer would ask for

check-rest: format lint types contracts licences docs-fresh

format: $(STAMP)  ## check the formatting
	$(BIN)/ruff format --check .

lint: $(STAMP)
	$(BIN)/ruff check .

types: $(STAMP)
	$(BIN)/mypy

contracts: $(STAMP)
	$(BIN)/lint-imports

licences: $(STAMP)  ## refuse dependencies under the GPL
	$(BIN)/python tests/tools/licences.py

docs-fresh: $(STAMP)  ## the README's generated parts are up to date
	$(BIN)/python tests/tools/docs.py --check

bench: $(STAMP)  ## speed, as ratios side by side
	$(BIN)/python -m tests.bench

judge: $(STAMP)  ## accuracy, with counts and intervals
	$(BIN)/python -m tests.judge

torture: $(STAMP)  ## kills, races and attacks; takes minutes
	$(BIN)/python -m tests.torture

pictures: $(STAMP)  ## draw the README's pictures with the app itself
	$(BIN)/python tests/tools/pictures.py

lock: ## renew requirements.lock (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --prerelease=disallow pyproject.toml --group dev -o requirements.lock

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache
