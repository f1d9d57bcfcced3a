"""The winner in a program of your own: loading it needs no Optuna, no search and no data set."""

import numpy as np

import automl

automl.search("iris", trials=4, max_epochs=10, study="flowers", baselines=(), seed=0)

# In another program, or on another machine with a copy of studies/flowers/best:
model = automl.load_model("flowers")
rows = np.array([[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]])
print(model.classes_, model.predict(rows))

# As a plain PyTorch module, in a program of yours: it takes rows that are preprocessed already.
print(model.module)
print(sum(weight.numel() for weight in model.module.parameters()), "weights")
