# The two commands: `make demo` shows the whole job, `make test` proves it.
# Both install what they lack (cmake and nasm through apt) and say so.

CARGO ?= cargo
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
VENV := target/python
READERS := pyarrow duckdb deltalake polars webdataset datasets pillow numpy
BENCH_VENV := target/bench-python
export CARGO_TERM_PROGRESS_WHEN ?= auto

.PHONY: demo test lint release readers tools help bench-archives bench-fetch bench-gpu bench-search bench-table

help:
	@echo "make demo     build, then the whole job offline on a little web of its own"
	@echo "make test     all tests (the same build as make demo)"
	@echo "make lint     rustfmt and clippy, warnings are errors"
	@echo "make release  the optimised binary, target/release/pinakes (over half an hour on two cores)"
	@echo "make bench-archives  from archive to candidates, beside other people's packages, in one run"
	@echo "make bench-fetch     downloading from nginx on loopback, beside img2dataset, in one run"
	@echo "make bench-table     audits, subsets and takedowns on 20 million rows, beside DuckDB and a Delta delete"
	@echo "make bench-search    the nearest of a million embeddings, beside faiss and usearch, in one run"
	@echo "make bench-gpu       a bundle that measures us beside PyTorch on a machine with a GPU and no network"

demo: tools
	@echo "== building; the first time takes about ten minutes on two cores, later seconds"
	@start=$$(date +%s); $(CARGO) build --locked --bin pinakes && \
	  echo "== built in $$(( $$(date +%s) - start )) s"
	@$${CARGO_TARGET_DIR:-target}/debug/pinakes demo

# Properties are tried on the same cases each time, so that a run says something of the change it
# is run for; `cargo test` alone searches on, with new ones.
test: export PROPTEST_RNG_SEED ?= 281
test: tools readers
	@echo "== tests; they share the build of make demo"
	PINAKES_TEST_PYTHON=$$(test -x $(VENV)/bin/python3 && echo "$(CURDIR)/$(VENV)/bin/python3" || echo python3) \
	  $(CARGO) test --locked --workspace --no-fail-fast

lint: tools
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings

release: tools
	$(CARGO) build --locked --release --bin pinakes

# Packages that cannot be had are told of as skipped. BENCH_ARGS: `--rounds N`, another archive.
bench-archives: tools $(BENCH_VENV)/ready
	$(CARGO) bench --locked -p crawler --bench archives -- $(BENCH_ARGS)

# Wants nginx, and photographs: BENCH_ARGS names their folder if they do not lie beside the project.
bench-fetch: tools $(BENCH_VENV)/img2dataset
	@command -v nginx >/dev/null || { echo "== installing nginx through apt"; $(SUDO) apt-get install -qq -y --no-install-recommends nginx-light >/dev/null; }
	PINAKES_BENCH_PYTHON=$(CURDIR)/$(BENCH_VENV)/bin/python3 $(CARGO) bench --locked -p benches --bench fetch -- $(BENCH_ARGS)

# BENCH_DIR takes some 20 GB; the table in it is made once.
BENCH_DIR ?= target/bench-table
bench-table: export CARGO_PROFILE_BENCH_LTO := off
bench-table: export CARGO_PROFILE_RELEASE_LTO := off
bench-table: tools $(BENCH_VENV)/table
	$(CARGO) bench --locked -p index --bench table --no-run
	$(BENCH_VENV)/bin/python3 index/benches/table/run.py \
	  "$$($(CARGO) bench --locked -p index --bench table --no-run --message-format json 2>/dev/null | \
	  sed -n 's/.*"executable":"\([^"]*table-[^"]*\)".*/\1/p' | tail -1)" $(BENCH_DIR) $(BENCH_ARGS)

# BENCH_ARGS: how many embeddings, and `gaussian` for the hard case.
bench-search: tools $(BENCH_VENV)/faiss
	PINAKES_BENCH_PYTHON=$(CURDIR)/$(BENCH_VENV)/bin/python3 $(CARGO) bench --locked -p alike --bench nearest -- $(BENCH_ARGS)

$(BENCH_VENV)/faiss:
	@echo "== installing faiss and usearch for the bench"
	@mkdir -p target && { test -x $(BENCH_VENV)/bin/python3 || python3 -m venv $(BENCH_VENV); } && \
	  $(BENCH_VENV)/bin/pip install -q --disable-pip-version-check numpy faiss-cpu==1.15.1 usearch==2.26.6 && touch $@ || \
	  echo "== not available; the bench will skip them"

# Wants no GPU: it makes what is carried to one (benches/gpu/README.md). BENCH_ARGS: `--python 3.13`, `--part-mb 59`, …
bench-gpu: tools
	CARGO="$(CARGO)" python3 benches/gpu/bench.py prepare $(BENCH_ARGS)

$(BENCH_VENV)/img2dataset: $(BENCH_VENV)/ready
	@echo "== installing img2dataset for the bench"
	@$(BENCH_VENV)/bin/pip install -q --disable-pip-version-check img2dataset==1.47.0 && touch $@ || \
	  echo "== not available; the bench will skip it"

$(BENCH_VENV)/table: $(BENCH_VENV)/ready
	@echo "== installing duckdb, deltalake, pyarrow and mmh3 for the bench"
	@$(BENCH_VENV)/bin/pip install -q --disable-pip-version-check duckdb deltalake pyarrow numpy mmh3 && touch $@

$(BENCH_VENV)/ready: crawler/benches/requirements.txt
	@echo "== installing FastWARC, selectolax, warcio, BeautifulSoup and orjson for the bench"
	@mkdir -p target && python3 -m venv $(BENCH_VENV) && \
	  $(BENCH_VENV)/bin/pip install -q --disable-pip-version-check -r crawler/benches/requirements.txt && touch $@ || \
	  echo "== not available; the bench will skip what it lacks"

# cmake and nasm build libjpeg-turbo.
tools:
	@missing=; for tool in cmake nasm cc; do command -v $$tool >/dev/null || missing="$$missing $$tool"; done; \
	if [ -n "$$missing" ]; then \
	  echo "== installing$$missing through apt"; \
	  $(SUDO) apt-get update -qq && $(SUDO) apt-get install -qq -y --no-install-recommends $$(echo $$missing | sed 's/\bcc\b/gcc g++/') >/dev/null; \
	fi

# Other people's readers of our tables and subsets; their tests skip by name where these cannot be had. The file `readers` says which
# are there, so that a folder from before one was added is brought up to date.
readers:
	@if [ "$$(cat $(VENV)/readers 2>/dev/null)" != "$(READERS)" ]; then \
	  echo "== installing $(READERS) for the tests that read our tables and subsets with them"; \
	  mkdir -p target && python3 -m venv $(VENV) && \
	    $(VENV)/bin/pip install -q --disable-pip-version-check $(READERS) && echo "$(READERS)" > $(VENV)/readers || \
	    echo "== not available; the tests that need them will skip"; \
	fi
