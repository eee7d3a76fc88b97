# Everything an operator or a developer needs, from a machine with Python 3.11+ and make.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
TEXTS  := $(VENV)/.texts

.PHONY: demo test check bench soak clean pictures

$(STAMP): pyproject.toml constraints.txt scripts/make-venv
	PYTHON="$(PYTHON)" VENV="$(VENV)" sh scripts/make-venv
	@touch $(STAMP)

# The catalogues are compiled when the environment is made, and again when one of them changes.
$(TEXTS): $(STAMP) $(wildcard src/shoptui/locale/*/LC_MESSAGES/*.po)
	$(BIN)/python -m scripts.messages compile
	@touch $(TEXTS)

demo: $(TEXTS)
	$(BIN)/shoptui demo

test: $(TEXTS)
	$(BIN)/python -m pytest -m "not soak" -n 3 --dist loadgroup

check: $(TEXTS)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m scripts.readme_keys --check
	$(BIN)/python -m scripts.settings_doc --check
	$(BIN)/python -m scripts.packaged --check
	$(BIN)/python -m scripts.capabilities --check
	$(BIN)/python -m scripts.messages check

bench: $(STAMP)
	$(BIN)/python -m benchmarks

soak: $(STAMP)
	$(BIN)/python -m pytest -m soak -s
	HYPOTHESIS_PROFILE=wide $(BIN)/python -m pytest -m "hypothesis and not soak" -n 2

pictures: $(STAMP)
	$(BIN)/python -m scripts.pictures

clean:
	rm -rf $(VENV)
