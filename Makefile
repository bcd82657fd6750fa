# make run     the main job on simulated terminals      make golden  rewrite golden files (then read the diff)
# make test    everything CI checks                     make docs    the reference, dead links are errors
# make quick   unit tests only                          make bench   us, our peers and the limit in one run
# make lint    layout, import walls, traps              make format  rewrite the layout
# make deb     the packages, into dist/                 make kit     the package for a visit without internet
# make reference  rewrite the generated parts of docs/reference (then read the diff)
# make soak    the long forms: every byte, every cut    make fuzz    hostile input for every decoder
SHELL  = /bin/bash
# The same flags everywhere: changing them makes the compiler begin again.
STRICT = --explicit-target-dependency-import-check error
VENV   = .build-rigs/venv
PROGRAMS = titian titiand titian-server titian-sim

.PHONY: run test quick lint format golden bench soak deb kit docs clean setup setup-test build rigs links reference reference-check fuzz fuzz-short release

run: setup
	@for program in $(PROGRAMS); do swift build $(STRICT) --product $$program || exit 1; done
	@python3 scripts/demo.py

test: setup-test lint build reference-check quick rigs fuzz-short links
	@echo "All checks passed."

setup:
	@scripts/setup run

setup-test:
	@scripts/setup test

build:
	swift build --build-tests $(STRICT)

# The parts of docs/reference that the programs, the sources and the schema say.
reference: build
	python3 scripts/reference.py

reference-check:
	python3 scripts/reference.py --check

quick:
	swift test --disable-xctest $(STRICT)

lint:
	swift format lint -r --strict Sources Tests Package.swift
	python3 scripts/check_source.py
	python3 scripts/check_terminals.py
	python3 scripts/check_pages.py

format:
	swift format format -r -i Sources Tests Package.swift

golden:
	RECORD_GOLDEN=1 swift test --disable-xctest $(STRICT)

# The heavy ones: an independent client, kill -9 from end to end, the pages in a browser, a real kernel.
rigs: build
	$(VENV)/bin/python Tests/Rigs/run_all.py
	python3 scripts/durability.py --check

links:
	$(VENV)/bin/lychee --offline --include-fragments --no-progress README.md CONTRIBUTING.md SECURITY.md CHANGELOG.md 'docs/**/*.md' 'Sources/*/README.md'

docs: setup-test links
	scripts/build-docs
	scripts/docs-control

# Hostile input for every decoder: ten minutes each, FUZZ_SECONDS=3600 FUZZ_TARGETS=zk-stream for more.
fuzz: setup-test
	python3 scripts/fuzz.py long

# A minute on the kept corpus, and how much memory large inputs take.
fuzz-short: setup-test
	python3 scripts/fuzz.py short

# The tests that try every byte and every order, where `make test` tries some; all faults of the doctor's lab; the
# packages as they are shipped.
soak: setup-test build
	mkdir -p .build-rigs/durability
	TITIAN_SOAK=1 TITIAN_RESULTS=$(CURDIR)/.build-rigs/durability swift test --skip-build --disable-xctest --filter 'Unplug|Talk|BadDatagram|failing disk|damaged journal|Two thousand bridges|without a line'
	FULL=1 $(VENV)/bin/python Tests/Rigs/doctor.py
	FULL=1 $(VENV)/bin/python Tests/Rigs/crash_points.py
	FULL=1 $(VENV)/bin/python Tests/Rigs/herd.py
	FULL=1 $(VENV)/bin/python Tests/Rigs/lines.py
	FULL=1 $(VENV)/bin/python Tests/Rigs/clocks.py
	FULL=1 $(VENV)/bin/python Tests/Rigs/enrolling.py
	FULL=1 $(VENV)/bin/python Tests/Rigs/schedules.py
	FULL=1 $(VENV)/bin/python Tests/Rigs/tamper.py
	FULL=1 $(VENV)/bin/python Tests/Rigs/power_cuts.py
	FULL=1 $(VENV)/bin/python Tests/Rigs/cut_commands.py
	FULL=1 $(VENV)/bin/python Tests/Rigs/completeness.py
	$(MAKE) release
	BIN=$(CURDIR)/.build/release FULL=1 $(VENV)/bin/python Tests/Rigs/vm/check_package_vm.py

# One product at a time: the tests' own targets cannot be built for release.
release:
	for program in $(PROGRAMS); do \
	    swift build -c release --static-swift-stdlib $(STRICT) --product $$program || exit 1; \
	done

bench: setup-test release
	$(VENV)/bin/python Benchmarks/bench.py --write docs/benchmarks.md

deb:
	scripts/build-deb

kit:
	scripts/build-kit

clean:
	rm -rf .build .build-rigs .build-run .build-fuzz dist
