# `make up` and `make test` prepare a fresh machine by themselves; each is safe to repeat.
.DEFAULT_GOAL := help
.PHONY: help up test lint accuracy
PYTHON := .venv/bin/python

help: ## list the commands
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

up: ## set up, start everything on http://127.0.0.1:8000 (PORT=8001 make up), read a sample invoice
	@.ci/setup run
	@exec $(PYTHON) manage.py up

test: ## set up, run the whole suite on SQLite and again on PostgreSQL and Redis (T="tests/api -k name" to choose)
	@.ci/setup test
	@exec $(PYTHON) -m tests.services $(T)

lint: ## style, format and types
	@.ci/setup run
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy .

SHARED := $(or $(INVOREC_SHARED),../shared)
accuracy: ## read the evaluation documents (INVOREC_SHARED, default ../shared) and print the score tables
	@.ci/setup run
	@if [ ! -d $(SHARED)/eval/dev ]; then echo "No evaluation documents at $(SHARED)/eval/dev; nothing measured."; else \
	mkdir -p var && $(PYTHON) manage.py extract $(SHARED)/eval/dev/documents/* --jsonl >var/predictions.jsonl && \
	$(PYTHON) $(SHARED)/eval/score.py $(SHARED)/eval/dev/manifest.jsonl var/predictions.jsonl; fi
