"""A network in place of a slow simulation: two numbers out of three parameters."""

import numpy as np

import automl


def simulate(parameters):
    """Stand in for a program that takes hours: where a ball lands, and when."""
    speed, angle, height = parameters.T
    up = speed * np.sin(angle)
    seconds = (up + np.sqrt(up**2 + 2 * 9.81 * height)) / 9.81
    return np.column_stack([speed * np.cos(angle) * seconds, seconds])


random = np.random.RandomState(0)
X = random.uniform([5, 0.2, 0], [30, 1.3, 20], size=(1200, 3))
result = automl.search(X, simulate(X), trials=10, max_epochs=30, study="ball", seed=0)
print(result.verdict)

model = automl.load_model("ball")
new = np.array([[20.0, 0.8, 2.0]])
print("simulated", simulate(new), "predicted", model.predict(new))
