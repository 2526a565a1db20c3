# make          this help
# Everything a bare Debian machine lacks is installed by the targets themselves.

SWIFT ?= swift
BUILD  = $(SWIFT) build -c release
PIPEC  = .build/release/pipec
BENCH_FLAGS ?=
ROOT  = $(shell [ "$$(id -u)" = 0 ] || echo sudo)
PEERS ?= $(or $(PIPEC_PEERS),$(HOME)/.cache/pipec/peers)

.DEFAULT_GOAL := help
.PHONY: help demo build test lint fmt golden bench fuzz kill deps peers clean
.PHONY: bench-stream bench-latency bench-http bench-state

help:                        ## this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

deps:                        ## install the C libraries and tools that are missing
	@scripts/deps.sh

build: deps                  ## build pipec (release) into .build/release
	$(BUILD) --product pipec

demo: build                  ## build pipec and run the fleet-telemetry example
	cd examples/fleet-telemetry && ../../$(PIPEC) run

peers: deps                  ## install the Python peers the tests compare with, outside the repository
	@scripts/peers.sh

test: deps peers lint        ## install, build and pass every test
	$(BUILD) --build-tests
	PIPEC_PEERS=$(PEERS) $(SWIFT) test -c release --skip-build

lint:                        ## check the format of every Swift file
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests Benchmarks/Sources

fmt:                         ## format every Swift file
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests Benchmarks/Sources

golden:                      ## rewrite the golden files from what pipec says now
	PIPEC_UPDATE_GOLDEN=1 $(SWIFT) test -c release

bench: build peers           ## the telemetry job against DuckDB and Polars, in one run
	$(BUILD) --package-path Benchmarks
	PIPEC_PEERS=$(PEERS) Benchmarks/run.sh

bench-stream: build          ## the streaming job against Bytewax, Pathway, Flink and Spark
	Benchmarks/stream/run.py $(PIPEC) "$$(scripts/stream-peers.sh)" $(BENCH_FLAGS)

bench-latency: build peers   ## from a row that is accepted to a queue and to a file, at 2,000 rows a second
	$(PEERS)/bin/python Benchmarks/latency/run.py $(PIPEC) $(BENCH_FLAGS)

bench-http: build            ## acknowledged records a second by HTTP, with wrk
	@command -v wrk > /dev/null || ($(ROOT) apt-get update -qq && $(ROOT) apt-get install -y -qq wrk > /dev/null)
	Benchmarks/http/run.py $(PIPEC) $(BENCH_FLAGS)

bench-state: build           ## a streaming run that remembers ten million keys
	Benchmarks/state/run.py $(PIPEC) $(BENCH_FLAGS)

fuzz: deps                   ## the parsers against mutated input, for FUZZ_SECONDS (600) seconds
	PIPEC_FUZZ_SECONDS=$(or $(FUZZ_SECONDS),600) $(SWIFT) test -c release --filter Fuzz

kill: deps                   ## kill streaming runs KILLS (1000) times and compare with one that lived
	$(BUILD) --build-tests
	PIPEC_KILLS=$(or $(KILLS),1000) $(SWIFT) test -c release --skip-build --filter StreamingKill

clean:                       ## remove everything built
	rm -rf .build Benchmarks/.build
