"""Export to ONNX: raw rows in, preprocessing inside, probabilities or numbers out.

An export is done when onnxruntime and torch agree on real rows. The result is one file without
anything of this machine in it; torch's exporter notes source files and lines at every node.
"""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch

from automl.arrays import Array
from automl.bundle.load.whole import Whole
from automl.bundle.members import families
from automl.bundle.model import Model, model_of, predict_rows
from automl.bundle.onnx.available import require_onnx
from automl.bundle.onnx.job import ExportJob
from automl.bundle.save import OnnxFile
from automl.data.preprocess.standardise import fits_float32
from automl.data.preprocess.table import TablePreprocessing
from automl.data.preprocess.variants import AnyPreprocessing
from automl.errors import BundleError
from automl.files import replace_file
from automl.job import ShouldStop
from automl.warning_filters import warnings_as

TOLERANCE = 1e-4
"""Largest difference to torch: of a probability, or of a number in its training deviations. Both
compute in float32, with sums in another order; 1e-6 is usual."""

INPUT = "rows"


def run_export(
    job: ExportJob, data: object, should_stop: ShouldStop
) -> Generator[None, None, OnnxFile]:
    """Export in a worker; see `ExportJob` and `export_onnx`."""
    yield from ()
    model = model_of(job.info, [Path(path) for path in job.weights])
    return export_onnx(model, job.rows, Path(job.to))


def export_onnx(model: Model, rows: Array, to: Path) -> OnnxFile:
    """Export a model, compare it with torch, and write it.

    Parameters
    ----------
    model : Model
        Its network is on the CPU.
    rows : array
        Real raw rows for the comparison, at least one.
    to : Path
        Written atomically.

    Returns
    -------
    OnnxFile

    Raises
    ------
    ConfigError
        When the extra ``[onnx]`` is not installed.
    BundleError
        When onnxruntime and torch differ by more than the tolerance, or `to` cannot be written.
    """
    require_onnx()
    dtype = _input_dtype(model)
    likely = "probabilities" if model.has_probabilities else "scores"
    output = likely if model.task.is_classification else "numbers"
    scales = [np.max(network.prepared.target.scale) for network in model.networks]
    unit = 1.0 if model.task.is_classification else float(max(scales))
    tolerance = TOLERANCE * unit
    content = _translate(model, dtype, output)
    difference = largest_difference(model, content, rows)
    if not difference <= tolerance:
        raise BundleError(
            f"onnxruntime and torch must agree to {tolerance:.2g}, but differ by {difference:.2g}"
            f" on {len(rows)} rows; model.onnx was not written"
        )
    try:
        with replace_file(to) as partial:
            partial.write_bytes(content)
    except OSError as error:
        raise BundleError(f"{to}: cannot be written: {error.strerror}") from None
    facts = {
        "input": INPUT,
        "input_dtype": dtype.name,
        "output": output,
        "rows": len(rows),
        "largest_difference": difference,
        "tolerance": tolerance,
    }
    return OnnxFile(str(to), facts)


def largest_difference(model: Model, content: bytes, rows: Array) -> float:
    """Largest absolute difference between onnxruntime and torch.

    Parameters
    ----------
    model : Model
    content : bytes
        An ONNX file.
    rows : array
        Raw rows, as the data set has them.
    """
    import onnxruntime

    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    theirs = session.run(None, {INPUT: rows.astype(_input_dtype(model))})[0]
    ours = predict_rows(model.parts, rows)
    if theirs.shape != ours.shape:
        raise BundleError(f"onnxruntime must return the shape {ours.shape}, but got {theirs.shape}")
    return float(np.abs(theirs.astype(np.float64) - ours).max())


def _input_dtype(model: Model) -> np.dtype[Any]:
    if not model.inputs.is_small and any(network.recipe is None for network in model.networks):
        return np.dtype(np.float64)  # a threshold of a tree tells numbers apart by their last bit
    every = [_needed_dtype(network.prepared.preprocessing, model) for network in model.networks]
    return max(every, key=lambda dtype: dtype.itemsize)


def _needed_dtype(p: AnyPreprocessing, model: Model) -> np.dtype[Any]:
    if isinstance(p, TablePreprocessing):
        return np.dtype(np.float64)  # dates are seconds since 1970
    exact = model.inputs.is_small or fits_float32(p.mean, p.scale)
    return np.dtype(np.float32 if exact else np.float64)


TRACED = ("mlp", "cnn")
"""Families that torch's former exporter translates. It writes down what one run calls, where that
of today first loads torch's compiler: 0.3 s of a core for two perceptrons, and 2.8 s. Nothing that
these do depends on their numbers, or on how many rows there are."""


def _may_be_traced(model: Model) -> bool:
    return all(
        network.recipe is not None and network.recipe.family in TRACED for network in model.networks
    )


def _translate(model: Model, dtype: np.dtype[Any], output: str) -> bytes:
    """Translate the model into the bytes of an ONNX file."""
    whole = Whole(model.parts).eval()
    # Two rows at least: torch takes a batch of one for a constant.
    example = torch.zeros(
        (3, *model.inputs.shape), dtype=torch.from_numpy(np.empty(0, dtype)).dtype
    )
    with _quiet(), torch.no_grad():
        proto = (_trace if _may_be_traced(model) else _program)(whole, example, output)
    _strip(proto)
    for key, value in metadata(model).items():
        proto.metadata_props.add(key=key, value=value)
    return bytes(proto.SerializeToString(deterministic=True))


def _trace(whole: Whole, example: torch.Tensor, output: str) -> Any:
    import onnx

    file: Any = io.BytesIO()  # which its annotation leaves out
    torch.onnx.export(
        whole,
        (example,),
        file,
        dynamo=False,
        input_names=[INPUT],
        output_names=[output],
        dynamic_axes={INPUT: {0: "batch"}, output: {0: "batch"}},
    )
    return onnx.load_model_from_string(file.getvalue())


def _program(whole: Whole, example: torch.Tensor, output: str) -> Any:
    program: Any = torch.onnx.export(
        whole,
        (example,),
        dynamo=True,
        input_names=[INPUT],
        output_names=[output],
        dynamic_shapes={"rows": {0: torch.export.Dim("batch")}},
        external_data=False,
        verbose=False,
    )
    return program.model_proto


def metadata(model: Model) -> dict[str, str]:
    """Return what stands in the file beside the graph: text, or JSON for what is not."""
    info = model.info
    return {
        "automl.name": info["name"],
        "automl.task": model.task.kind,
        "automl.classes": json.dumps(list(model.task.classes)),
        "automl.input": json.dumps(model.inputs.to_json()),
        "automl.dataset": info["dataset"],
        "automl.fingerprint": info["fingerprint"],
        "automl.family": ", ".join(families(model.info)),
        "automl.version": info["versions"]["automl"],
    }


def _strip(proto: Any) -> None:
    """Remove what the exporter notes for its own debugging, source files and lines among it."""
    del proto.metadata_props[:]
    graph = proto.graph
    del graph.metadata_props[:]
    for part in (*graph.node, *graph.input, *graph.output, *graph.value_info, *graph.initializer):
        del part.metadata_props[:]
        part.doc_string = ""
    proto.doc_string = graph.doc_string = ""


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the exporter's remarks: deprecations inside torch, packages that it looked for."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings_as("ignore"):
            yield
    finally:
        logger.setLevel(level)
