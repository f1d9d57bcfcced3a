"""Whether the packages of the extra ``[onnx]`` are installed; found without importing them."""

from __future__ import annotations

from importlib.util import find_spec

from automl.errors import ConfigError

PACKAGES = ("onnx", "onnxscript", "onnxruntime")

HOW_TO_ADD = "pip install 'automl[onnx]'"


def has_onnx() -> bool:
    """Return whether a model can be exported to ONNX here."""
    return all(find_spec(name) is not None for name in PACKAGES)


def has_runtime() -> bool:
    """Return whether an ONNX file can be run here."""
    return find_spec("onnxruntime") is not None


def require_onnx() -> None:
    """Refuse to go on without the packages.

    Raises
    ------
    ConfigError
        Saying how to add them.
    """
    if not has_onnx():
        missing = ", ".join(name for name in PACKAGES if find_spec(name) is None)
        raise ConfigError(f"ONNX needs packages that are not installed ({missing}): {HOW_TO_ADD}")
