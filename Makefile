# make demo   the main job on a throw-away vault, shown
# make test   everything tests need, then all checks and tests
# make bench  the table of speeds
.PHONY: demo test programs compiled bench check format completions clean
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
unexport PYTHONDONTWRITEBYTECODE

demo: .venv/installed
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh docs/demo.sh

test:
	@PYTHON="$(PYTHON)" sh tests/packages.sh python3-venv:ensurepip
	@$(MAKE) --no-print-directory --jobs 3 programs compiled check
	@$(BIN)/python -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder

programs:
	@sh tests/packages.sh
	@sh tests/node_packages.sh

# What collects the tests compiles them: once, instead of in each process at the same time.
compiled: .venv/tested
	@$(BIN)/python -m pytest --collect-only --quiet >/dev/null 2>&1 || true

check: .venv/tested
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-cache | tail -n 3

bench: .venv/tested
	@sh tests/packages.sh pass
	@$(BIN)/python -m bench.run

format: .venv/tested
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

completions: .venv/installed
	@for shell in bash zsh fish; do $(BIN)/secretctl completion $$shell > completions/secretctl.$$shell; done

.venv/installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --upgrade pip
	@$(BIN)/python -m pip install --quiet --editable .
	@touch $@

.venv/tested: .venv/installed
	@$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis
