# One word for each thing that a contributor does. make, because it is on every machine that has a
# compiler, and a word here is one line.

.PHONY: lint types test fast docs format

lint:  # style; .ci/run calls this word and the next
	ruff check .
	ruff format --check .

format:  # mend the style
	ruff check --fix .
	ruff format .

types:
	mypy

fast:  # about a minute: everything but whole searches, worker processes and the browser
	pytest -m "not slow"

test:
	pytest

docs:  # docs/api/: the reference, from the docstrings; and the picture of the rooms
	python docs/draw_architecture.py
	pdoc --docformat numpy --output-directory docs/api automl '!automl.cli'
