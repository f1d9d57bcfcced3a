"""Read rows for prediction, as the model's schema asks for them."""
