# On a fresh Debian 12 with a Rust toolchain: `make demo` shows the product, `make test` proves it.

SHELL := /bin/bash
OUT ?= demo-out

.PHONY: demo test bench bench-defects lint fmt clean system-packages

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

test: system-packages lint
	cargo test --workspace --locked

lint:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings

bench: system-packages
	cargo bench --locked -p ledger -p scanner -p kiosk

# 10^6 labels of each symbology with dead dots of a print head, about half an hour on two cores.
bench-defects: system-packages
	cargo bench --locked -p scanner --bench defects -- 1000000 1 first

fmt:
	cargo fmt --all

# Installs what is missing, and only then asks for privileges.
system-packages:
	@./tests/system-packages.sh

clean:
	cargo clean
	rm -rf "$(OUT)"
