# The only list of commands. `make` alone prints it.

CARGO_DENY_VERSION := 0.20.2
TAURI_CLI_VERSION := 2.12.5
CARGO_DENY := target/tools/cargo-deny-$(CARGO_DENY_VERSION)/bin/cargo-deny

HOURS ?= 1
PAGES := ui/dist/index.html
PACKAGES := ui/node_modules/.package-lock.json

.DEFAULT_GOAL := help
.PHONY: help setup window run test check bench e2e eval shots soak package

help: ## print this list
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup:
	@scripts/setup

window: $(PAGES) ## build the pages of the window

# Only when something of them changed: the program is built anew after each time.
$(PAGES): $(PACKAGES) $(shell find ui -type f -not -path 'ui/node_modules/*' -not -path 'ui/*dist/*')
	cd ui && npm run --silent build -- --logLevel warn

# npm keeps its own list of what it installed; it is older than the lock file when that changed.
$(PACKAGES): ui/package-lock.json
	cd ui && npm ci --silent && touch node_modules/.package-lock.json

run: setup window ## the sample guild: its server, and the window of somebody at the desk
	cargo run --locked -p guildhall -- demo window

test: setup window ## every test
	cd ui && npm run --silent check && npm run --silent test
	cargo test --locked --workspace --features faults,bridge

check: setup window $(CARGO_DENY) ## formatting, lints, licences and sources of dependencies
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets --features faults,bridge -- -D warnings
	$(CARGO_DENY) --locked check --hide-inclusion-graph licenses bans sources

bench: setup window ## measure beside the floors: bare SQLite, bare Postgres (ONLY=sync: one group)
	cargo bench --locked -p guildhall --bench bench -- $(ONLY)

e2e: setup window ## drive the window as a person would; pictures of each step in target/shots/e2e
	cargo test --locked --workspace --features faults,bridge --test e2e

eval: ## measure search and answers against judged questions
	@echo "There are no answers yet to judge." >&2; false

shots: window ## take a picture of every story, light and dark, into target/shots (ONLY=diff: one group)
	@scripts/chromium >/dev/null
	cd ui && npm run --silent shots -- $(ONLY)

soak: ## let devices and a model of the server run for long, with faults (HOURS=2)
	HOURS=$(HOURS) cargo bench --locked -p guildhall-sim --bench soak

package: setup window ## build what users install: a .deb for Debian 12 and newer
	cargo build --locked --release -p guildhall
	cd src-tauri && npm exec --yes --package=@tauri-apps/cli@$(TAURI_CLI_VERSION) -- tauri bundle --bundles deb
	@ls -l target/release/guildhall target/release/bundle/deb/*.deb | awk '{ printf "%.1f MB  %s\n", $$5 / 1e6, $$9 }'

# The version is in the path, so another version is another file.
$(CARGO_DENY):
	cargo install --locked --root $(patsubst %/bin/cargo-deny,%,$@) cargo-deny --version $(CARGO_DENY_VERSION)
