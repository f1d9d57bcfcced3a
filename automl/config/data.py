"""`DataConfig`: which data, and how it is read and split."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from automl.errors import ConfigError, UnknownNameError
from automl.option_types import (
    Delimiter,
    Encoding,
    Names,
    Thousands,
    flag_of,
    option_text,
    plain_value,
)


class DataConfig(BaseModel):
    """Which data, and how it is read and split."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    dataset: str = Field(
        description="A name from `automl datasets`, openml:ID, a file, or a folder."
    )
    target: Names = Field(
        (), description="Column to predict, in a table; several with commas or repeated."
    )
    task: Literal["binary", "multiclass", "regression", "forecast"] | None = Field(
        None,
        description="binary, multiclass, regression or forecast; by default, what the target looks"
        " like, which is never a forecast.",
    )
    test_data: str | None = Field(
        None,
        description="File or folder with the test split; by default, a fifth of the rows.",
    )
    group: str | None = Field(
        None,
        description="Column whose equal values stay on one side of the split. It is not used as a"
        " feature.",
    )
    time: str | None = Field(
        None,
        description="Column of time: the latest rows are the test split, and those before them"
        " validate. It is not used as a feature. Of a forecast, the time of each step.",
    )
    drop: Names = Field((), description="Column to leave out; several with commas or repeated.")
    kind: Literal["image", "sequence"] | None = Field(
        None,
        description="image or sequence: what the rows of an array (rows, a, b) are; by default,"
        " what they look like.",
    )
    sequence: str | None = Field(
        None,
        description="Column that names the sequence of each line, in a table with one line a step;"
        " of a forecast, the series.",
    )
    order: str | None = Field(
        None,
        description="Column by which the lines of a sequence are ordered; by default, the order of"
        " the file.",
    )
    horizon: Annotated[int, Field(ge=1, le=10_000)] | None = Field(
        None, description="Steps to forecast, with --task forecast."
    )
    season: Annotated[int, Field(ge=1, le=100_000)] | None = Field(
        None,
        description="Steps of a season, of a forecast; 1 for none. By default, what the times say:"
        " 12 for months, 7 for days.",
    )
    known: Names = Field(
        (),
        description="Column that is known ahead of a forecast, such as holidays; several with"
        " commas or repeated.",
    )
    header: bool | None = Field(
        None,
        description="Whether the first line of a text file names the columns; where none does,"
        " they are called x0, x1, and so on. By default, what the first line looks like.",
    )
    delimiter: Delimiter = Field(
        None,
        description="What stands between the fields of a text file: one character, or tab; by"
        " default, the one of comma, semicolon, tab and | that fits.",
    )
    encoding: Encoding = Field(
        None,
        description="How a text file is encoded, such as latin-1; by default UTF-8 or UTF-16, or"
        " Windows-1252 where it is none of these.",
    )
    decimal: Literal[".", ","] | None = Field(
        None, description="Decimal sign of a table's numbers; by default, what fits the column."
    )
    thousands: Thousands = Field(
        None,
        description="Sign between the thousands of a table's numbers: a comma, a point, an"
        " apostrophe, or space; by default, what fits the column.",
    )
    missing: Names = Field(
        (),
        description="Text that stands for a missing value in a table, beside an empty cell; may be"
        " repeated. By default NA, NaN, null and ?.",
    )
    date_format: str | None = Field(
        None,
        description="How the dates of a table are written, such as %d/%m/%Y; by default, what all"
        " of a column agree with.",
    )

    # Without this, a type checker derives an `__init__` from the types of the fields, and rejects
    # the strings that users pass (`time_budget="10m"`).
    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**{name: plain_value(value) for name, value in values.items()})
        except ValidationError as error:
            raise _first_error(error, type(self)) from None

    def words(self) -> Iterator[str]:
        """Yield the options that differ from their default, as they are typed."""
        for name, field in type(self).model_fields.items():
            value = getattr(self, name)
            if field.is_required() or value == field.default:
                continue
            flag = flag_of(name)
            match value:
                case bool():
                    yield flag if value else f"--no-{flag[2:]}"
                case dict():
                    yield from (w for key, v in value.items() for w in (flag, f"{key}={v}"))
                case tuple() if name == "baselines":
                    yield from (flag, ",".join(value) or "none")
                case tuple():
                    yield from (word for item in value for word in (flag, item))
                case _:
                    yield from (flag, option_text(name, value))


def _first_error(error: ValidationError, config: type[BaseModel]) -> ConfigError:
    """Return pydantic's first complaint in our form: the option, the rule, the value."""
    first = error.errors(include_url=False)[0]
    name, value = str(first["loc"][0]), first["input"]
    if first["type"] == "extra_forbidden":
        return UnknownNameError("option", name, config.model_fields)
    if isinstance(unknown := first.get("ctx", {}).get("error"), UnknownNameError):
        return unknown
    if first["type"] == "literal_error":
        return UnknownNameError(name, value, _choices(config.model_fields[name].annotation))
    rule = first["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
    return ConfigError(f"{name}: {rule[0].lower()}{rule[1:]}, but got {value!r}")


def _choices(annotation: Any) -> list[str]:
    """Return the names that a field takes: those of its `Literal`, also beside None."""
    return [
        name
        for part in get_args(annotation)
        for name in ([part] if isinstance(part, str) else get_args(part))
    ]
