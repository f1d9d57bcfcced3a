"""The report: one self-contained HTML page that answers six questions about a search.

Called by the orchestrator at the end of a search and by ``automl report``. It gets plain data
(`automl.report.facts.Facts`) and opens neither the database nor the test split.

facts      what a page is made of
sections/  one file a question: which parts answer it, and in which words
collect/   the numbers, by pure functions
draw/      figures of those numbers, and nothing else
page       parts to HTML; `write_report`

Plotly and Jinja are imported by `automl.report.page` and below only, so that nothing but the
writing of a page waits for them.
"""
