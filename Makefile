# On a fresh Debian 12 with a Rust toolchain: `make demo` shows the product, `make test` proves it.

SHELL := /bin/bash
OUT ?= demo-out

.PHONY: demo test shift goldens bench bench-defects crash fuzz mutants coverage peers lint fmt clean system-packages peers-setup

# The demo ward in a window; without a display, or with HEADLESS=1, the demo shift as pictures, a transcript and a verified ledger.
demo: system-packages
	cargo build --release --locked -p kiosk -p ledger
	@if [ -z "$(HEADLESS)" ] && [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then \
		./target/release/kiosk demo; \
	else \
		rm -rf "$(OUT)"; \
		./target/release/kiosk demo --headless "$(OUT)" && \
		./target/release/ledger verify "$(OUT)/ledger"; \
	fi

test: system-packages peers-setup lint
	cargo test --workspace --locked

# A whole shift through the real window under Xvfb: four rounds over eleven beds, more than 200 administrations; then the paths with a second
# person, break-glass, a return, a correction.
shift: system-packages
	cargo test --locked -p kiosk --test shift -- --whole

# Draws the golden pictures anew (kiosk/tests/goldens). Look at what changed before it is committed.
goldens: system-packages
	KIOSK_GOLDENS=write cargo test --locked -p kiosk --test screens golden

lint:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings

bench: system-packages
	cargo bench --locked -p rights -p ledger -p scanner -p kiosk -p exchange

# What takes longer than a test run may: 40,000 power cuts, 200 kills, every bit of a small ledger, 4,000 of a large one; up to an hour.
crash: system-packages
	cargo test --release --locked -p ledger --test crash --test tamper -- --ignored --nocapture

# The parsers of hostile bytes, FUZZ_SECONDS each, with libFuzzer; needs cargo-fuzz (cargo install cargo-fuzz) and a nightly compiler.
FUZZ_SECONDS ?= 300
fuzz:
	for room in ledger scanner exchange; do cd "$(CURDIR)/$$room/fuzz" && for target in fuzz_targets/*.rs; do \
		cargo +nightly fuzz run --sanitizer none $$(basename $$target .rs) -- -max_total_time=$(FUZZ_SECONDS) || exit 1; done; done

# Mutation testing of the decision core; needs cargo-mutants (cargo install cargo-mutants --locked). MUTANTS narrows it, such as
# MUTANTS='-f rights/src/decide/*.rs'. About 4 s of a processor for each mutant; survivors are argued in docs/mutants.md.
MUTANTS ?=
mutants:
	PROPTEST_CASES=16 PROPTEST_MAX_SHRINK_ITERS=0 cargo mutants -p rights --no-shuffle -o target/mutants $(MUTANTS) \
		-- --lib --test suite -- --skip the_random_wards

# Line coverage of the decision core; needs cargo-tarpaulin (cargo install cargo-tarpaulin --locked).
coverage:
	cargo tarpaulin -p rights --engine llvm --lib --tests --include-files 'rights/src/*' --target-dir target/coverage --skip-clean --out Stdout

# 10^6 labels with one or two dead dots of a print head, a third of them of each symbology: half an hour on one core.
bench-defects: system-packages
	cargo bench --locked -p scanner --bench defects -- 334000 1 first

fmt:
	cargo fmt --all

# Installs what is missing, and only then asks for privileges.
system-packages:
	@./tests/system-packages.sh

# Other people's programs that the wire is proven against: python-hl7, hl7apy, jsonschema, @medplum, fhir (pinned versions).
peers-setup: system-packages
	@./exchange/tests/peers/setup.sh

# Those of them that are long in building, for the night: helios-hfs, a FHIR server that validates and goes by the scopes of the token (a quarter of
# an hour on two cores the first time).
HFS_VERSION := 0.2.7
peers: peers-setup
	cargo install --debug --locked --root target/peers --version $(HFS_VERSION) --no-default-features --features R4,sqlite --bin hfs helios-hfs
	cargo test --locked -p exchange --test hfs -- --ignored

clean:
	cargo clean
	rm -rf "$(OUT)"
