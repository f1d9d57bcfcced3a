"""The service: users submit data and searches, watch them, fetch models and predict, over HTTP.

settings        what the operator decides
database        the tables, and their schema's version
credentials     passwords, tokens and what is stored of them
accounts        users, sessions, tokens, invitations
access          who asks, and what is his
guard           the outermost layer: nothing is answered without login, but for a short list
datasets        what is uploaded, and kept once (uploads, picture_zips, inspections)
searches        searches as rows; options, which of them are a client's
queue           whose search is next, and what becomes of those that run (runner, search_folder)
events          what happens in a search, as a file that only grows (event_streams)
files           files as answers: SHA-256, ETag, ranges
metrics         figures for Prometheus
problems        errors as `application/problem+json`
audit           who did what
app             `create_app`: all of it as one ASGI application
server          the process: `automl serve`

Three modules run as processes of their own: search_process, inspect_process, and what they import.

No module that the web process imports loads torch, Optuna, scikit-learn or pandas; what needs them
is a child process.
"""
