# Every command installs what it needs first, once per user, and says so. `make` alone prints this list.
.DEFAULT_GOAL := help
.PHONY: help serve test conformance dist check audit bench screenshots clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

serve: ## build the page, serve it on this machine and open it
	@.ci/serve

test: ## run every test: native, in a browser, end to end, conformance
	@.ci/test

conformance: ## let the protocol's official suite judge the release page
	@.ci/conformance

dist: ## write the release to dist/, with headers for static hosts and a size report
	@.ci/dist

check: ## format, lints for both targets, rules of the house
	@.ci/check

audit: ## licences, sources and known vulnerabilities of all dependencies
	@.ci/audit

bench: ## measure the release page against the lab and write the README's table
	@.ci/bench

screenshots: ## take pictures of the page in every state
	@.ci/screenshots

clean: ## remove what was built here (not the per-user tools)
	@rm -rf target dist tests/node_modules
