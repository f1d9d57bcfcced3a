"""Options of commands: those that are made from the fields of a configuration, and shared ones."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin, get_type_hints

import typer
from typer.core import TyperGroup

from automl.cli.panels import SEARCHING

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from automl.config import DataConfig

QUIET = Annotated[bool, typer.Option("--quiet", "-q", help="Print the result only.")]

DOWNLOAD = Annotated[
    bool, typer.Option("--download", help="Download the data set if it is missing.")
]


def _add_families(paths: list[str] | None) -> list[str] | None:
    if paths:
        import automl

        automl.load_plugins(paths)
    return paths


PLUGIN = Annotated[
    list[str] | None,
    typer.Option(
        callback=_add_families,
        metavar="<str>",
        help="Python file that defines a family of networks of your own, which is named after the"
        " file; may be repeated.",
    ),
]


def add_command(
    app: typer.Typer,
    name: str,
    run: Callable[..., Any],
    config: str,
    arguments: Mapping[str, str] | None = None,
    panel: str | None = SEARCHING,
) -> None:
    """Add a command that is made from a configuration when somebody runs it.

    Until then only its name and its help line are there: ``automl --help`` does without pydantic.

    Parameters
    ----------
    app : Typer
    name : str
    run : callable
    config : str
        Name of a class in `automl.config`.
    arguments : mapping of str to str, optional
        These three are as in `from_config`.
    panel : str, optional
        Heading of the command in help.
    """

    def stub() -> None:
        """Stand in for what `build` returns."""

    def build() -> Any:
        made = typer.Typer(add_completion=False)
        kind = getattr(import_module("automl.config"), config)
        made.command(name)(from_config(run, kind, arguments))
        return typer.main.get_command(made)

    stub.__doc__ = run.__doc__
    stub.build = build  # type: ignore[attr-defined]
    app.command(name, rich_help_panel=panel)(stub)


class LateCommands(TyperGroup):
    """A group that builds the commands of `add_command` when they are run."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[Any, Any, list[str]]:
        name, command, rest = super().resolve_command(ctx, args)
        build = getattr(getattr(command, "callback", None), "build", None)
        return name, build() if build else command, rest


def from_config(
    run: Callable[..., Any],
    config: type[DataConfig],
    arguments: Mapping[str, str] | None = None,
) -> Callable[..., Any]:
    """Return a command whose options are the fields of a configuration, before those of `run`.

    Parameters
    ----------
    run : callable
        Takes the configuration, and options of its own as keywords.
    config : type
    arguments : mapping of str to str, optional
        Fields that are arguments in place of options, in this order, each with its name in help.
    """
    arguments = arguments or {}
    fields = config.model_fields
    order = [*arguments, *(name for name in fields if name not in arguments)]
    # `run` names the configuration for type checkers only.
    hints = get_type_hints(run, localns={config.__name__: config}, include_extras=True)
    signature = inspect.signature(run)
    own = [p.replace(annotation=hints[p.name]) for p in list(signature.parameters.values())[1:]]

    def command(**values: Any) -> Any:
        rest = {p.name: values.pop(p.name) for p in own}
        return run(config(**_given(values)), **rest)

    made = [_parameter(name, fields[name], arguments.get(name)) for name in order]
    parameters = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in [*made, *own]]
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {p.name: p.annotation for p in parameters}
    command.__doc__ = run.__doc__
    return command


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that were given, as a configuration takes them."""
    given = {name: value for name, value in values.items() if value is not None}
    if "fixed" in given:
        from automl.space.file import parse_assignment

        given["fixed"] = dict(parse_assignment(text) for text in given["fixed"])
    return given


def _parameter(name: str, field: FieldInfo, argument: str | None) -> inspect.Parameter:
    """Return a field as a parameter of a command."""
    from automl.option_types import TWO_SIDED, flag_of, option_text

    flag, default = flag_of(name), field.default
    kind: Any = _typed_as(name, field)
    if argument is not None:
        info: Any = typer.Argument(help=field.description, metavar=argument)
    else:
        sides = f"{flag}/--no-{flag[2:]}" if name in TWO_SIDED else flag
        several = get_origin(kind) is list  # each of which is a text
        info = typer.Option(sides, help=field.description, metavar="<str>" if several else None)
    if field.is_required():
        default = inspect.Parameter.empty
    elif get_origin(kind) is list:
        kind, default = kind | None, None  # several: nothing is shown for none
    elif default is None:
        kind = kind | None
    elif kind is str:
        default = option_text(name, default)
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, info]
    )


def _typed_as(name: str, field: FieldInfo) -> type:
    """Return what the shell's text is read as; what is no whole number is left to the field."""
    parts = _types(field.annotation)
    if bool in parts:
        return bool
    if parts & {tuple, dict} and name != "baselines":
        return list[str]
    return int if int in parts and name not in {"keep", "trial_memory", "max_size"} else str


def _types(annotation: Any) -> set[Any]:
    """Return the types in an annotation: int and NoneType of ``Annotated[int, …] | None``."""
    if get_origin(annotation) is Annotated:
        return _types(get_args(annotation)[0])
    if isinstance(annotation, types.UnionType) or str(get_origin(annotation)) == "typing.Union":
        return {t for part in get_args(annotation) for t in _types(part)}
    return {get_origin(annotation) or annotation}
