"""A study in Optuna and pandas: every trial is there, in Optuna's own schema."""

import optuna

import automl

automl.search("wine", trials=8, max_epochs=10, study="wine-read", baselines=(), seed=0)

study = optuna.load_study(study_name="wine-read", storage="sqlite:///studies/wine-read/study.db")
trials = study.trials_dataframe()
print(trials[["number", "value", "state"]].sort_values("value", ascending=False).head())
print(trials["params_optimizer.learning_rate"].describe())

# The same, with what Optuna has no place for: curves, weights, notes.
for record in automl.read_study("wine-read").ranked()[:3]:
    print(record.number, record.valid_score, record.n_weights, f"{record.seconds:.2f} s")
