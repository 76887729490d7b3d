# `make run` and `make test` work alone on a fresh machine with Python 3.11 to 3.13 and make; nothing else is needed.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed
RAY := $(VENV)/ray
PEERS := .venv-benchmark
RECORDS := .venv-records
CLIENTS ?= .venv-clients
SITE ?= .venv-docs
METADATA := requirements.txt pyproject.toml $(wildcard keisei_plugins_*/pyproject.toml plugins/*/pyproject.toml)

.PHONY: run play test lint perft differential records faults distributed clusters distributions benchmark-startup \
  benchmark-usi benchmark-environment gpu-check gate ablation long-run distill recipe-search search-trial \
  search-strength value-steps lag external-ladder scoreboard bundle usi-clients browser docs clean

run: $(INSTALLED)
	$(BIN)/keisei run keisei.toml

# The network that comes with Keisei, in the browser; PLAYER=runs/mine plays another.
PLAYER := keisei:
play: $(INSTALLED)
	$(BIN)/keisei play $(PLAYER)

# Kernels first, on all cores: else workers wait for each other's, and every command that a test starts begins with all.
test: $(INSTALLED)
	$(BIN)/keisei warm
	$(BIN)/python -m pytest -n auto --dist loadfile

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

perft: $(INSTALLED)
	$(BIN)/python benchmarks/perft.py --leaves 600000000 --confirm

differential: $(INSTALLED)
	KEISEI_DIFFERENTIAL_POSITIONS=1000000 $(BIN)/python -m pytest tests/shogi/test_differential.py

# The site as HTML that opens from disk; broken links and names that are not there end it.
docs: $(INSTALLED) $(SITE)/installed
	$(BIN)/python website/pages.py
	$(SITE)/bin/zensical build --clean --strict --config-file website/zensical.toml
	@echo "open website/build/html/index.html"

# Real clients and engines: two minutes; engines that are not installed are skipped (.ci/engines installs them).
usi-clients: $(INSTALLED) $(CLIENTS)/installed
	KEISEI_USI_CLIENTS=$(abspath $(CLIENTS)/bin) $(BIN)/python -m pytest tests/usi

# A minute; needs chromium and chromium-driver of Debian (.ci/engines installs them).
BROWSER := plugins/keisei_plugins_watch/tests/browser
browser: $(INSTALLED)
	$(BIN)/python -m pip install --quiet -r $(BROWSER)/requirements.txt
	KEISEI_BROWSER=1 $(BIN)/python -m pytest $(BROWSER)

# Needs node and npm; tsshogi is ShogiHome's reader of records.
records: $(INSTALLED)
	npm install --silent --no-audit --no-fund --prefix $(RECORDS) tsshogi@2.2.0
	KEISEI_RECORDS_REPORT=docs/results/records.md $(BIN)/python -m pytest tests/records

# Everything built, and installed and used where there is no checkout; LIBRARIES= downloads third parties' libraries too.
LIBRARIES ?= --libraries $(VENV)
distributions: $(INSTALLED)
	$(BIN)/python .ci/distributions.py $(LIBRARIES)

benchmark-startup: $(INSTALLED)
	$(BIN)/python benchmarks/startup.py

benchmark-usi: $(INSTALLED)
	$(BIN)/python benchmarks/usi.py $(ARGUMENTS)

# Some minutes; Ray comes into the environment for it.
distributed: $(INSTALLED) $(RAY)
	KEISEI_DISTRIBUTED=1 $(BIN)/python -m pytest plugins/keisei_plugins_ddp plugins/keisei_plugins_ray tests/clusters

# Half an hour; needs root, for network namespaces.
clusters: $(INSTALLED)
	KEISEI_KILLS=20 KEISEI_DISTRIBUTED=1 KEISEI_CLUSTERS_REPORT=docs/results/clusters.md \
	  $(BIN)/python -m pytest tests/clusters

faults: $(INSTALLED)
	KEISEI_FAULTS=full KEISEI_FAULTS_REPORT=docs/results/faults.md $(BIN)/python -m pytest tests/faults

# Hours of training each; stopped at any time, they go on where they were.
gate: $(INSTALLED)
	$(BIN)/python experiments/gate.py

ablation: $(INSTALLED)
	$(BIN)/python experiments/ablation.py

# Hours of training, then its checkpoints among engines from outside; those that are not installed are left out.
long-run: $(INSTALLED)
	$(BIN)/python experiments/long_run.py $(ARGUMENTS)

# Successive halving over a study of experiments/recipe_search/studies.toml: make recipe-search ARGUMENTS="--study demo"
recipe-search: $(INSTALLED)
	$(BIN)/python experiments/recipe_search.py $(ARGUMENTS)

search-trial: $(INSTALLED)
	$(BIN)/python experiments/search_trial.py $(ARGUMENTS)

# Five minutes of training, likewise.
distill: $(INSTALLED)
	$(BIN)/python experiments/distill.py

# Eight minutes at most, on a machine with a GPU; says so and measures nothing on another.
gpu-check: $(INSTALLED)
	$(BIN)/python benchmarks/gpu_check.py

search-strength: $(INSTALLED)
	$(BIN)/python experiments/search_strength.py $(ARGUMENTS)

# Half an hour of one core; make lag ARGUMENTS=--time, two minutes of a machine that does nothing else.
lag: $(INSTALLED)
	$(BIN)/python experiments/lag.py $(ARGUMENTS)

# The network that comes with Keisei: make bundle RUN=runs/long_run/run exports that of a run, measures it and writes its card;
# an hour of two cores, which goes on where it was. Without RUN the one that is there is measured.
RUN :=
bundle: $(INSTALLED)
	$(BIN)/python experiments/bundle.py $(RUN) $(ARGUMENTS)
	$(BIN)/python -m pytest -q plugins/keisei_plugins_networks tests/test_bundle.py

# Half an hour of one core.
value-steps: $(INSTALLED)
	$(BIN)/python experiments/value_steps.py $(ARGUMENTS)

# Needs engines from outside: apt-get install fairy-stockfish gnushogi crazywa gpsshogi gpsshogi-data
external-ladder: $(INSTALLED)
	$(BIN)/python experiments/external_ladder.py $(ARGUMENTS)

# Core-minutes to each rung of that ladder, for RECIPES with SEEDS: trains what is not trained, plays what is not played.
# A finished run may stand among the recipes: make scoreboard RECIPES=runs/long_run/run
RECIPES := keisei.toml
SEEDS := 0,1,2
scoreboard: $(INSTALLED)
	$(BIN)/keisei benchmark $(RECIPES) --to-rung --seeds $(SEEDS) --engines experiments/external_ladder/engines.toml \
	  --out docs/results $(ARGUMENTS)

benchmark-environment: $(PEERS)/installed
	$(PEERS)/bin/python benchmarks/environment.py $(ARGUMENTS)

$(INSTALLED): $(METADATA)
	@echo "installing Keisei, torch and some 60 packages into $(VENV): 1.4 GB, 5 GB where torch comes with CUDA; minutes"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet -r requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps -e plugins/keisei_plugins_ray
	@echo "installed: $$(du -sh $(VENV) | cut -f1) in $(VENV)"
	touch $@

$(RAY): $(INSTALLED)
	@echo "installing Ray into $(VENV): 255 MB"
	$(BIN)/python -m pip install --quiet -e plugins/keisei_plugins_ray
	touch $@

$(PEERS)/installed: $(METADATA) benchmarks/peers.txt
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet -r requirements.txt -r benchmarks/peers.txt
	touch $@

$(CLIENTS)/installed: tests/usi/clients.txt
	$(PYTHON) -m venv $(CLIENTS)
	$(CLIENTS)/bin/python -m pip install --quiet -r tests/usi/clients.txt
	touch $@

$(SITE)/installed: website/requirements.txt
	$(PYTHON) -m venv $(SITE)
	$(SITE)/bin/python -m pip install --quiet -r website/requirements.txt
	touch $@

clean:
	rm -rf $(VENV) $(PEERS) $(RECORDS) $(CLIENTS) $(SITE) website/build
