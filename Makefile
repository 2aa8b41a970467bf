# make demo   sets everything up and runs the experiment on the flagship pairs
# make test   sets everything up and runs the checks
PYTHON ?= python3
BIN := .venv/bin
ISOLATE := $(BIN)/isolate

.PHONY: setup engine browser shells clock demo test torture workshop lint mutants clean

setup: .venv/ready

.venv/ready: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "isolate needs Python 3.11 or newer; make PYTHON=...")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

# Nothing is installed or started where an engine answers already.
engine: setup
	@$(ISOLATE) engine start --install

demo: engine
	@echo 'The command is $(ISOLATE); to call it isolate: export PATH="$$PWD/$(BIN):$$PATH"'
	$(ISOLATE) up apps/dotnet/manifest.yaml
	$(ISOLATE) up apps/python/manifest.yaml
	@$(ISOLATE) ps

# The page is tested in a real browser: Debian's, where none is there and we may install it.
browser:
	@command -v chromium >/dev/null && command -v chromedriver >/dev/null || { \
	test "$$(id -u)" = 0 && export DEBIAN_FRONTEND=noninteractive && apt-get -qq update >/dev/null && \
	apt-get -qq install --yes --no-install-recommends chromium chromium-driver fonts-dejavu-core >/dev/null; } || \
	echo 'no browser could be installed, so the tests of the page will fail' >&2

# So is completion in real shells; bash is there.
shells:
	@command -v zsh >/dev/null && command -v fish >/dev/null || { \
	test "$$(id -u)" = 0 && export DEBIAN_FRONTEND=noninteractive && apt-get -qq update >/dev/null && \
	apt-get -qq install --yes --no-install-recommends zsh fish >/dev/null; } || \
	echo 'zsh and fish could not be installed, so the tests of completion will fail' >&2

# Tests of a wrong clock give it to isolate's own processes alone, with Debian's libfaketime.
clock:
	@ls /usr/lib/*/faketime/libfaketimeMT.so.1 >/dev/null 2>&1 || { \
	test "$$(id -u)" = 0 && export DEBIAN_FRONTEND=noninteractive && apt-get -qq update >/dev/null && \
	apt-get -qq install --yes --no-install-recommends libfaketime >/dev/null; } || \
	echo 'libfaketime could not be installed, so the tests of a wrong clock will fail' >&2

lint: setup
	$(BIN)/ruff check orchestrator tests benchmarks
	$(BIN)/ruff format --check orchestrator tests benchmarks
	$(BIN)/mypy

test: lint engine browser shells clock
	$(BIN)/pytest -n 2 --cov --cov-report=term:skip-covered

# Everything under fire: faults at every call, kills, rounds at once; then signals, whose ends are timed, beside files that are
# refused before an engine is asked. Half an hour.
LAST := tests/torture/test_interrupted.py tests/input/test_before_the_engine.py
torture: engine clock
	$(BIN)/pytest -m torture -n 4 --no-loadscope-reorder $(LAST:%=--deselect %)
	$(BIN)/pytest -m torture -n 2 --no-loadscope-reorder -rP $(LAST)

# The labs end to end: by the buttons of the page, in wrong ways, with spoiled solutions, without a network. Half an hour.
workshop: lint engine browser
	$(BIN)/pytest -m workshop

# Takes the judge's rules away one by one; a test has to fail for each. Two minutes.
mutants: setup
	$(BIN)/python tests/mutants.py
	$(BIN)/python tests/guards.py

clean:
	-$(ISOLATE) down --all
	rm -rf .venv dist .coverage .mypy_cache .pytest_cache .ruff_cache .hypothesis
