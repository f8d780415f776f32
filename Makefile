# `make up` and `make test` prepare a fresh machine by themselves; each is safe to repeat.
.DEFAULT_GOAL := help
.PHONY: help up test lint accuracy bench
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

accuracy: ## read documents with known values and print how right they are, and how sure (A="--sets dev --misses 10")
	@.ci/setup run
	@exec $(PYTHON) -m tests.accuracy $(A)

# time and memory of reading beside pdftotext and tesseract on the same documents (A="--documents 3")
bench: ## time reading beside pdftotext and tesseract, and measure its memory
	@.ci/setup run
	@exec $(PYTHON) -m tests.bench.reading $(A)
