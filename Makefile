# The commands of this project; each sets up what it needs. `make demo` is the place to start.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.9
export TRIALWRIGHT_HOME ?= $(CURDIR)/var
# Each command would compile all of its packages again, seconds each time.
unexport PYTHONDONTWRITEBYTECODE
# The machine's own certificates where it keeps some: behind a hospital's proxy uv's own won't do.
CERTIFICATES := $(wildcard /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt \
  /etc/ssl/ca-bundle.pem /etc/ssl/cert.pem)
export UV_SYSTEM_CERTS ?= $(if $(CERTIFICATES),1,0)
UV := UV_NO_PROGRESS=1 VIRTUAL_ENV="$(CURDIR)/$(VENV)" "$(BIN)/uv"

.PHONY: help demo test lint check coverage bench mutants reference lock setup setup-dev clean

help:
	@echo "make demo    the demonstration trial on http://localhost:8000"
	@echo "make test    all tests"
	@echo "make lint    style, types, import contracts"
	@echo "make check   make lint and the fast tests"
	@echo "make coverage  branch coverage, with its floors"
	@echo "make bench   speed, as ratios against a floor or a peer"
	@echo "make mutants plant small faults in a copy, and say which of them no test notices"
	@echo "make reference  write docs/reference.md: commands, pages, settings"
	@echo "make lock    compile the hashed requirements again"

$(BIN)/uv:
	$(PYTHON) -m venv "$(VENV)"
	"$(BIN)/pip" install --quiet --disable-pip-version-check "uv==$(UV_VERSION)"

# A stamp for each set: the runtime alone for the demonstration, all for work on the code.
$(VENV)/.runtime: requirements/runtime.txt pyproject.toml | $(BIN)/uv
	@[ -e "$(VENV)/.dev" ] || $(UV) pip install --quiet --require-hashes -r requirements/runtime.txt
	@[ -e "$(VENV)/.dev" ] || $(UV) pip install --quiet --no-deps --no-build-isolation -e .
	@touch "$@"

$(VENV)/.dev: requirements/dev.txt pyproject.toml | $(BIN)/uv
	$(UV) pip install --quiet --require-hashes -r requirements/dev.txt
	$(UV) pip install --quiet --no-deps --no-build-isolation -e .
	@touch "$@" "$(VENV)/.runtime"

# The engine is compiled here, so that its first call needn't wait; a server does it as it starts.
# What it imports is kept as bytecode, also where the environment asks to write none: compiling
# numba's and SciPy's sources again takes each process two seconds.
PREBUILD = @env -u PYTHONDONTWRITEBYTECODE "$(BIN)/python" -m trialwright.design.prebuild
setup: $(VENV)/.runtime
	$(PREBUILD)
setup-dev: $(VENV)/.dev

demo: $(VENV)/.runtime
	@"$(BIN)/trialwright" demo

# The engine is compiled first: a page waits for nothing that a server does as it starts.
test: setup-dev
	$(PREBUILD)
	"$(BIN)/python" -m pytest -n 2 --dist worksteal

lint: setup-dev
	"$(BIN)/ruff" check .
	"$(BIN)/ruff" format --check .
	"$(BIN)/lint-imports"
	"$(BIN)/mypy"

check: lint
	"$(BIN)/python" -m pytest -q -n 2 -m "not slow and not browser" tests/unit tests/spec tests/published

# The floor of branch coverage: 92 %, and 97 % where a fault costs most.
coverage: setup-dev
	"$(BIN)/python" -m pytest -q -n 2 -m "not browser" --cov=src/trialwright --cov-branch --cov-report=
	"$(BIN)/coverage" report --skip-covered --fail-under=92
	"$(BIN)/coverage" report --fail-under=97 \
	  --include='*/trialwright/ledger/*,*/trialwright/accounts/*,*/trialwright/conduct/*'

bench: setup-dev
	"$(BIN)/python" -m bench

mutants: setup-dev
	"$(BIN)/python" tools/mutants.py

reference: setup-dev
	"$(BIN)/python" tools/reference.py

lock: | $(BIN)/uv
	$(UV) pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-emit-index-url \
	  --no-emit-find-links --custom-compile-command "make lock" requirements/runtime.in -o requirements/runtime.txt
	$(UV) pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-emit-index-url \
	  --no-emit-find-links --custom-compile-command "make lock" requirements/embeddings.in -c requirements/runtime.txt \
	  -o requirements/embeddings.txt
	$(UV) pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-emit-index-url \
	  --no-emit-find-links --custom-compile-command "make lock" requirements/dev.in -c requirements/runtime.txt \
	  -o requirements/dev.txt

clean:
	@for note in var/*/data/cluster-folder var/data/cluster-folder; do \
	  [ ! -e "$$note" ] || rm -rf "$$(cat "$$note")"; done
	rm -rf "$(VENV)" var .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
