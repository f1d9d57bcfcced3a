"""optuna-dashboard on a study's database, in a process of its own.

child    starts it, waits until it answers, and stops it
server   the process: Optuna's web application behind the guard
guard    which requests are answered at all
"""
