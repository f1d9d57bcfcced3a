"""Export a bundle's model to ONNX, with the preprocessing inside."""
