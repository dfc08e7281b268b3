# One environment in .venv, made from the hash-pinned lock; every target can be called twice.
PYTHON ?= python3
PY := .venv/bin/python
SCENARIO ?= scenarios/plan_2026.yaml
export PYTHONUTF8 := 1

.PHONY: run test test-slow lint lock clean

run: .venv/installed
	$(PY) -m xinzhou_energy run $(SCENARIO)

test: .venv/installed lint
	$(PY) -m pytest -m "not slow"

test-slow: .venv/installed
	$(PY) -m pytest -m slow

lint: .venv/installed
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) -c "from importlinter.cli import lint_imports_command; lint_imports_command()"

.venv/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch .venv/installed

# For maintainers: needs `uv` on the path; the result names no index address.
lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --group dev pyproject.toml --output-file requirements.lock

clean:
	rm -rf .venv
