"""The service: users submit data and searches, watch them, fetch models and predict, over HTTP.

settings        what the operator decides
database        the tables, and their schema's version
credentials     passwords, tokens and what is stored of them
accounts        users, sessions, tokens, invitations
access          who asks, and what is his
guard           the outermost layer: nothing is answered without login, but for a short list
problems        errors as `application/problem+json`
audit           who did what
app             `create_app`: all of it as one ASGI application
server          the process: `automl serve`

No module that the web process imports loads torch, Optuna, scikit-learn or pandas; what needs them
is a child process.
"""
