"""The bundle: the folder that holds a best model and everything needed to rebuild and judge it.

Saving needs neither torch nor a network; loading needs torch, numpy and safetensors alone;
exporting to ONNX needs the extra ``[onnx]``.
"""

from __future__ import annotations
