# alipolicy: `make help` lists the targets. A fresh machine needs Python >= 3.11, make and the package index.

# The first Python on PATH that runs and is new enough.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$python; break; }; done)
BIN := .venv/bin
INSTALLED := .venv/.installed
PEERS := .venv/.peers
PACKER := .venv/.packer
PARALLEL := --numprocesses auto --dist worksteal
# Two targets at a time, each shown as a whole when it is done; one after the other in an old make.
AT_ONCE := $(if $(filter output-sync,$(.FEATURES)),--jobs=2 --output-sync=target)
# Nothing here talks to a cloud: an Alibaba SDK must not look for credentials on the metadata service.
export ALIBABA_CLOUD_ECS_METADATA_DISABLED := true
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Dozens of processes import the same modules: they are compiled once, also where containers forbid it.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help install synth deploy-local review test static under-cdktn e2e fuzz bench bench-against chaos docs dist lock format clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(INSTALLED): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "alipolicy needs Python 3.11 or newer on PATH; or: make PYTHON=/path/to/python3" >&2; exit 2; }
	@echo "Installing into .venv (once) …"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --use-pep517 --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q constructs_lib
	@touch $(INSTALLED)

install: $(INSTALLED) ## make .venv with everything pinned in requirements.lock

synth: $(INSTALLED) ## run the app: Terraform JSON in cdktf.out, and a table of what is in it
	@$(BIN)/alipolicy synth

deploy-local: $(INSTALLED) ## deploy all stacks to a local cloud with the real cdktf CLI, and destroy them
	@$(BIN)/alipolicy sandbox -- $(BIN)/python -m tests.e2e.deploy_local

review: $(INSTALLED) ## review the stacks against an older version: printed, and cdktf.out/review.html
	@$(BIN)/python -m tests.review.example

test: $(INSTALLED) ## lint, types, layers, and the tests under both engines
	@$(MAKE) --no-print-directory $(AT_ONCE) static under-cdktn
	@echo "Everything, under cdktf:"
	@$(BIN)/python -m pytest --quiet $(PARALLEL)

static:
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check . || { echo "Run make format." >&2; exit 1; }
	@echo "ruff: clean"
	@$(BIN)/mypy
	@report=$$($(BIN)/lint-imports 2>&1) || { echo "$$report"; exit 1; }
	@echo "import-linter: all contracts kept"

under-cdktn:
	@echo "The constructs and stacks under cdktn:"
	@ALIPOLICY_ENGINE=cdktn $(BIN)/python -m pytest --quiet tests/cdk tests/stacks

e2e: $(PACKER) ## real Terraform, the real cdktf CLI, a browser, and conformance with the official bindings
	@$(BIN)/python -m pytest --numprocesses auto --dist loadfile tests/e2e

fuzz: $(INSTALLED) ## draw new inputs for the property tests, for FUZZ_MINUTES (5)
	@FUZZ_MINUTES=$(FUZZ_MINUTES) FUZZ_SEED=$(FUZZ_SEED) $(BIN)/python -m tests.fuzz

$(PACKER): tests/dist/requirements.lock $(INSTALLED)
	@echo "Installing PyInstaller into .venv (once) …"
	@$(BIN)/python -m pip install --quiet --require-hashes -r tests/dist/requirements.lock
	@touch $(PACKER)

dist: $(PACKER) ## build the provider for this system in dist/: no Python needed where it runs
	@$(BIN)/python -m tests.dist

$(PEERS): tests/benchmarks/requirements.lock $(INSTALLED)
	@echo "Installing the peers of the benchmarks into .venv (once) …"
	@$(BIN)/python -m pip install --quiet --require-hashes -r tests/benchmarks/requirements.lock
	@touch $(PEERS)

bench: $(PEERS) ## time synthesis, the provider, adopt and the review, beside their peers
	@$(BIN)/python -m tests.benchmarks.start
	@$(BIN)/python -m tests.benchmarks.synth
	@$(BIN)/python -m tests.benchmarks.provider
	@$(BIN)/python -m tests.benchmarks.recovery
	@$(BIN)/python -m tests.benchmarks.access
	@$(BIN)/python -m tests.benchmarks.plan
	@$(BIN)/python -m tests.benchmarks.adopt
	@$(BIN)/python -m tests.benchmarks.against f1c8760 --only review --rounds 5 --most 1

bench-against: $(INSTALLED) ## time synth, provider, recovery, access and review beside an older commit, REV=
	@$(BIN)/python -m tests.benchmarks.against $(REV)

chaos: $(INSTALLED) ## apply 1,000 times with faults, kill 200 times: nothing may be lost or doubled
	@$(BIN)/python -m tests.chaos

docs: $(INSTALLED) ## write what is generated in docs/ and CONTRIBUTING.md anew
	@$(BIN)/python -m tests.docs

lock: ## pin the newest versions that pyproject.toml allows (needs uv)
	@uv pip compile pyproject.toml --group dev --all-extras --universal --python-version 3.11 \
		--generate-hashes --no-header --no-annotate --quiet --upgrade --output-file requirements.lock
	@uv pip compile --group bench --constraint requirements.lock --universal --python-version 3.11 \
		--generate-hashes --no-header --no-annotate --quiet --upgrade \
		--output-file tests/benchmarks/requirements.lock
	@uv pip compile --group dist --constraint requirements.lock --universal --python-version 3.11 \
		--generate-hashes --no-header --no-annotate --quiet --upgrade \
		--output-file tests/dist/requirements.lock

format: $(INSTALLED) ## format the code
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix .

clean: ## remove what the other targets made
	@rm -rf .venv .cache cdktf.out dist node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
