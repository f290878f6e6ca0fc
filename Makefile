# Everything starts from Python 3.11 alone: each target first makes .venv, once per change of the requirements.
PYTHON ?= python3
PIP_FLAGS ?= -q --disable-pip-version-check
# Where pip offers torch with CUDA, gigabytes that nothing here uses, pass the flags of a CPU-only index here.
TORCH_FLAGS ?=
JOBS ?= 2

BIN := .venv/bin
STAMP := .venv/.installed
PYTEST := $(BIN)/python -m pytest -q -n $(JOBS)

.PHONY: setup demo test test-all test-page check fuzz format bench grammar docs fonts wheel clean

setup: $(STAMP)

$(STAMP): pyproject.toml requirements-dev.txt requirements-reference.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install $(PIP_FLAGS) $(TORCH_FLAGS) torch -c requirements-dev.txt
	$(BIN)/python -m pip install $(PIP_FLAGS) -r requirements-dev.txt -e .
	$(BIN)/python -m pip install $(PIP_FLAGS) --no-deps -r requirements-reference.txt
	$(BIN)/python -m compileall -q archdsl
	touch $(STAMP)

# A spec, its numbers, its picture and its model, which then runs.
demo: $(STAMP)
	mkdir -p out
	$(BIN)/archdsl check specs/resnet.arch
	$(BIN)/archdsl analyze specs/resnet.arch:resnet50
	$(BIN)/archdsl draw specs/resnet.arch:resnet50 -o out/resnet50.svg
	$(BIN)/archdsl compile specs/resnet.arch:resnet50 -o out/resnet50.py
	cd out && ../$(BIN)/python -c "import torch, resnet50; \
	scores = resnet50.ResNet50().eval()(torch.zeros(1, 3, 224, 224)); \
	print('resnet50.ResNet50()(zeros of 1 x 3 x 224 x 224) has shape', list(scores.shape))"

test: $(STAMP)
	$(PYTEST)

# Also the large networks, whole sweeps, and three times the random examples, new each time; ends with the table of every network against its reference.
test-all: $(STAMP)
	ARCHDSL_EXAMPLES_ARE=new $(PYTEST) --dist loadgroup -m "not page"

# The page in a browser: Playwright from PyPI drives the Chromium that the distribution has.
test-page: $(STAMP)
	$(BIN)/python -m pip install $(PIP_FLAGS) -r requirements-page.txt
	command -v chromium chromium-browser google-chrome >/dev/null || apt-get install -y chromium || \
	{ echo "make test-page needs Chromium: install it, or set CHROMIUM to where one is"; test -n "$(CHROMIUM)"; }
	$(BIN)/python -m pytest -q -m page tests/page

check: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(PYTEST)

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Changed specs, each put through everything; prints what fails, as small as it can be made, and a count.
N ?= 1000
SEED ?= 1
fuzz: $(STAMP)
	$(BIN)/python -m tests.fuzz $(N) $(SEED)

bench: $(STAMP)
	$(BIN)/python -m bench

# archdsl/syntax/tables.json is generated from grammar/arch.lark; a test says when it is stale.
grammar: $(STAMP)
	$(BIN)/python -m grammar

# docs/ops.md and docs/zoo.md are generated: from the declarations of the ops, and from the specs.
docs: $(STAMP)
	$(BIN)/python -m docs

# archdsl/emit/marks/fonts is made from the Arimo of Debian's package fonts-croscore.
ARIMO ?= /usr/share/fonts/truetype/croscore
fonts: $(STAMP)
	$(BIN)/python -m fonts $(ARIMO)

wheel: $(STAMP)
	$(BIN)/python -m build --wheel --no-isolation

clean:
	rm -rf .venv out build dist
