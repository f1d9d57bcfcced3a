"""Numbers as the verdict and the report print them."""

from __future__ import annotations

from automl.metrics import METRICS


def format_score(metric_name: str, score: float) -> str:
    """Format a share as a percentage with two decimals, others with four significant digits."""
    if _is_percent(metric_name):
        return f"{100 * score:.2f} %"
    return _four_digits(score)


def format_difference(metric_name: str, difference: float, *, sign: bool = True) -> str:
    """Format a difference with its sign; two shares differ by percentage points."""
    if _is_percent(metric_name):
        text = f"{100 * difference:+.2f}"
        text = "0.00" if float(text) == 0 else text
        unit = " points"
    else:
        text, unit = _four_digits(difference), ""
        text = f"+{text}" if difference > 0 else text
    return (text if sign else text.lstrip("+-")) + unit


def metric_label(metric_name: str) -> str:
    """Return the metric's name in a sentence, such as ``ROC AUC``."""
    metric = METRICS.get(metric_name)
    return metric.label if metric else metric_name


def format_p(p_value: float) -> str:
    """``p = 0.031`` with two significant digits, ``p < 0.001`` below."""
    if p_value < 0.001:
        return "p < 0.001"
    return f"p = {p_value:.2g}" if p_value < 0.995 else "p = 1"


def format_seconds(seconds: float) -> str:
    """Three significant digits up to two minutes, minutes above."""
    if seconds >= 120:
        return f"{seconds / 60:.1f} min"
    return f"{seconds:.3g} s" if seconds < 10 else f"{seconds:.0f} s"


def format_bytes(size: int) -> str:
    """Powers of 1,000, as disks are sold."""
    amount, unit = float(size), "B"
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            break
        amount /= 1000
    return f"{amount:.0f} {unit}" if unit == "B" or amount >= 100 else f"{amount:.1f} {unit}"


def _is_percent(metric_name: str) -> bool:
    metric = METRICS.get(metric_name)
    return metric is not None and metric.percent


def _four_digits(value: float) -> str:
    if value == 0 or not 1e-4 <= abs(value) < 1e7:
        return f"{value:.4g}"
    exponent = int(f"{value:.3e}".split("e")[1])
    return f"{value:.{max(0, 3 - exponent)}f}"
