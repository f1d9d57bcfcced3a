"""The estimator in a scikit-learn pipeline, with cross-validation around it."""

from sklearn.datasets import load_wine
from sklearn.feature_selection import SelectKBest
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline

import automl

X, y = load_wine(return_X_y=True)
# Columns are chosen inside of the pipeline: chosen before, they would have seen the held-out rows.
pipeline = make_pipeline(
    SelectKBest(k=8),
    automl.Classifier(trials=4, max_epochs=10, folds=0, finalists=0, random_state=0),
)
scores = cross_val_score(pipeline, X, y, cv=3)
print(f"accuracy {scores.mean():.3f} ± {scores.std():.3f}")
