"""The headings under which ``automl --help`` lists the commands, in the order of first use."""

from __future__ import annotations

SEARCHING = "Search and train"
STUDIES = "Look at a study"
MODELS = "Use its model"
QUESTIONS = "Compare and check"
HOUSEKEEPING = "Manage studies"
SERVICE = "Serve others"
