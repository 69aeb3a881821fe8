# Everything a contributor does. `make demo` and `make test` are all that a newcomer needs.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help demo test check bench mutants format conformance screenshots messages lock clean

help:            ## show this list
	@awk -F':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/run.stamp            ## a campus, the tool and a class at work, on this machine; Ctrl-C stops it
	@$(BIN)/heirloom demo

test: $(VENV)/dev.stamp            ## all tests (brings a browser and a PostgreSQL where it can)
	@scripts/browser.sh
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -q -n auto --dist loadgroup $(PYTEST)

check: $(VENV)/dev.stamp           ## style, types, arrows between the floors, dependencies
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/deptry .

format: $(VENV)/dev.stamp          ## put the code into one form
	@$(BIN)/ruff check --fix-only --quiet . ; $(BIN)/ruff format .

bench: $(VENV)-bench/bench.stamp   ## speed, memory and quality, beside peers; writes bench/results.json and bench/results.md
	@$(VENV)-bench/bin/python -m bench

mutants: $(VENV)-bench/bench.stamp ## change core/selection and core/survival in small ways and see whether a test notices (hours)
	@$(VENV)-bench/bin/mutmut run

conformance: $(VENV)/dev.stamp     ## write docs/lti_conformance.md from the results of the tests
	@$(BIN)/python -m tests.spec.lti.make_conformance

screenshots: $(VENV)/dev.stamp     ## make the pictures in docs/pictures from the running demo
	@scripts/browser.sh
	@$(BIN)/python scripts/screenshots.py

messages: $(VENV)/dev.stamp        ## collect every translatable sentence, and bring it into the catalogue of each language
	@$(BIN)/pybabel --quiet extract --no-location --omit-header --sort-output -F scripts/babel.cfg -k N_ -k _ -k translate -k ngettext:1,2 -k translate_plural:1,2 -o core/translations/heirloom.pot .
	@$(BIN)/pybabel --quiet update --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date -D heirloom -i core/translations/heirloom.pot -d core/translations
	@$(BIN)/pybabel --quiet compile -D heirloom -d core/translations

lock:            ## resolve the dependencies anew (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q pyproject.toml --group build -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q pyproject.toml --group build --group dev -c requirements.lock -o requirements-dev.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q pyproject.toml --group build --group dev --group bench -c requirements-dev.lock -o requirements-bench.lock

clean:           ## remove the environment and the demo's data
	rm -rf $(VENV) $(VENV)-bench var

$(VENV)/run.stamp: requirements.lock pyproject.toml
	@scripts/environment.sh $(PYTHON) $(VENV) requirements.lock
	@touch $@

$(VENV)/dev.stamp: requirements-dev.lock pyproject.toml
	@scripts/environment.sh $(PYTHON) $(VENV) requirements-dev.lock
	@touch $@ $(VENV)/run.stamp

$(VENV)-bench/bench.stamp: requirements-bench.lock pyproject.toml
	@scripts/environment.sh $(PYTHON) $(VENV)-bench requirements-bench.lock
	@touch $@
