"""optuna-dashboard on a study's database, in a process of its own.

process         starts it, waits until it answers, and stops it
server          the process: Optuna's web application behind the guard
request_guard   which requests are answered at all
mount           optuna-dashboard below a prefix
shared          asks one process about many studies, for the service
shared_server   that process
notes           what a search leaves for it: notes and artifacts of a study
"""
