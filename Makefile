# The only list of commands. `make` alone prints it.

CARGO_DENY_VERSION := 0.20.2
CARGO_DENY := target/tools/cargo-deny-$(CARGO_DENY_VERSION)/bin/cargo-deny

.DEFAULT_GOAL := help
.PHONY: help setup run test check bench e2e eval shots soak package

help: ## print this list
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup:
	@scripts/setup

run: setup ## start the sample guild and walk through one edit
	cargo run --locked -p guildhall -- demo start --walk

test: setup ## every test
	cargo test --locked --workspace --features faults

check: setup $(CARGO_DENY) ## formatting, lints, licences and sources of dependencies
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets --features faults -- -D warnings
	$(CARGO_DENY) --locked check --hide-inclusion-graph licenses bans sources

bench: setup ## measure beside the floors: bare SQLite, bare Postgres (ONLY=sync: one group)
	cargo bench --locked -p guildhall --bench bench -- $(ONLY)

e2e: ## drive the window as a person would
	@echo "There is no window yet to drive." >&2; false

eval: ## measure search and answers against judged questions
	@echo "There are no answers yet to judge." >&2; false

shots: ## take the screenshots of the README
	@echo "There is no window yet to take pictures of." >&2; false

soak: ## let devices and a server run for long, with faults
	@echo "There is no long run yet." >&2; false

package: ## build what users install
	@echo "There is no package yet." >&2; false

# The version is in the path, so another version is another file.
$(CARGO_DENY):
	cargo install --locked --root $(patsubst %/bin/cargo-deny,%,$@) cargo-deny --version $(CARGO_DENY_VERSION)
