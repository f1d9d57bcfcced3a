"""A table of your own from end to end: write it, look at it, search, judge, predict."""

import pandas as pd
from sklearn.datasets import load_breast_cancer

import automl

# Any CSV with a header will do. This one is made, so that the example runs anywhere.
frame = load_breast_cancer(as_frame=True).frame
frame["target"] = frame["target"].map({0: "malignant", 1: "benign"})
frame.iloc[:, [0, 1, 5, 6, 30]].to_csv("tumours.csv", index=False)

result = automl.search("tumours.csv", target="target", trials=10, max_epochs=10, seed=0)
print(result.verdict)

# The best model lies in studies/tumours/best. It takes rows by the names of their columns.
model = automl.load_model("tumours")
rows = pd.read_csv("tumours.csv").drop(columns="target").head(3)
print(model.predict(rows), model.predict_proba(rows).round(3))
