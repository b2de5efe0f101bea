# Each target sets up .venv when it is missing. `make ask Q="…"` is the first thing to try.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
Q ?= How many primary care networks are there, and was it always so?
export HF_HUB_OFFLINE := 1

.PHONY: ask serve doctor documents test check bench evals screenshots format clean
.DEFAULT_GOAL := ask

$(VENV)/.ready: pyproject.toml constraints.txt
	@echo "Setting up $(VENV) (a few minutes, once)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check torch==2.13.0 -c constraints.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]' -c constraints.txt
	@touch $@

ask: $(VENV)/.ready  ## Answer a question: make ask Q="Who chairs the board?"
	@$(BIN)/citewell ask "$(Q)"

serve: $(VENV)/.ready  ## Serve the web page and the HTTP API
	@$(BIN)/citewell serve

doctor documents: $(VENV)/.ready  ## Check that all is in place; list the documents
	@$(BIN)/citewell $@

test: $(VENV)/.ready  ## Run the tests
	@$(BIN)/python -m pytest

check: $(VENV)/.ready  ## Lint, format, types, direction of imports
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(VENV)/.ready  ## Put the code in form
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

evals: $(VENV)/.ready  ## Ask the known facts, compare with the baseline; writes .citewell/gate/run/report.html
	@$(BIN)/citewell eval validate
	@$(BIN)/citewell eval gate

bench: $(VENV)/.ready  ## Measure speed and memory, as ratios in one run
	@$(BIN)/python -m evals.speed

screenshots: $(VENV)/.ready  ## Take pictures of the page in Chromium; writes build/screenshots
	@$(BIN)/python tests/screenshots.py

clean:  ## Remove what was set up and what was stored
	rm -rf $(VENV) .citewell build *.egg-info
