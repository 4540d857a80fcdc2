# Every command of the house. `make help` lists them.

.DEFAULT_GOAL := help
.PHONY: help up test lint fmt web bench fuzz setup

help: ## List these commands
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 16

up: ## Build what is needed and run Causeway with a demo on 127.0.0.1:8080
	@scripts/up

test: ## Run every check and every test; installs what they need
	@scripts/test

lint: ## Run the checks alone: format, lints, documentation, dependencies, types
	@scripts/lint

fmt: ## Format the code
	@scripts/fmt

web: ## Build the web application
	@scripts/web

bench: ## Measure, and print the tables
	@scripts/bench

fuzz: ## Fuzz each target for a while (SECONDS_EACH=60)
	@scripts/fuzz

setup: ## Install what building, running and testing need
	@scripts/setup test
