# Two commands matter: `make run` and `make test`. Both make their own virtual environment.
# PORT=8001 and DATA_DIR=/path may be given; PYTHON=/path/to/python3.12 chooses the interpreter.

VENV := .venv
BIN := $(VENV)/bin
LOCK := $(BIN)/python -m uv pip compile -q pyproject.toml --universal --python-version 3.11 \
	--generate-hashes --no-annotate --custom-compile-command "make lock"

ifdef PORT
export PORT
endif
ifdef CHROMIUM
export CHROMIUM
endif
ifdef PYTHON
export PYTHON
endif
ifdef DATA_DIR
export DATA_DIR
endif

.DEFAULT_GOAL := help
.PHONY: help run test long fast lint format types contracts bare coverage chromium lock venv venv-dev clean

help: ## This list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1|\2/p' Makefile | awk -F'|' '{printf "%-16s %s\n", $$1, $$2}'

run: venv ## Start the portal with everything it needs; Ctrl-C stops it
	@exec $(BIN)/python manage.py serve

test: venv-dev chromium lint types contracts bare ## Every check, and every test but the long ones, browser included
	DATA_DIR=.local/test $(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python -m pytest -n 2 -m "not long" $(PYTEST)

long: venv-dev ## The tests that take minutes each
	$(BIN)/python -m pytest -m long $(PYTEST)

fast: venv-dev ## The tests that need neither browser nor patience
	$(BIN)/python -m pytest -n 2 -m "not browser and not slow" $(PYTEST)

lint: venv-dev ## Style of Python and templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@if [ -d templates ]; then echo "$(BIN)/djlint templates"; $(BIN)/djlint --lint --quiet templates; fi

format: venv-dev ## Put Python into the common form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: venv-dev ## mypy --strict
	$(BIN)/mypy

contracts: venv-dev ## Who may import whom
	$(BIN)/lint-imports --no-logo

bare: ## Whether the portal stands on what make run installs, without the developers' tools
	@sh .ci/venv .local/bare requirements.txt
	DATA_DIR=.local/test .local/bare/bin/python manage.py check

coverage: venv-dev ## Branch coverage of the fast tests, as htmlcov/
	$(BIN)/python -m pytest -n 2 -m "not browser" --cov --cov-report=term --cov-report=html

lock: venv-dev ## Resolve pyproject.toml again into the two lock files
	$(LOCK) $(UPGRADE) -o requirements.txt
	$(LOCK) $(UPGRADE) --group dev -o .ci/requirements.txt

venv:
	@sh .ci/venv $(VENV) requirements.txt

venv-dev:
	@sh .ci/venv $(VENV) .ci/requirements.txt

chromium:
	@sh .ci/chromium

clean: ## Remove what tools have left (the data of the portal stay)
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis htmlcov .coverage*
