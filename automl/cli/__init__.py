"""The command line: a thin shell over the Python functions.

One file a group of commands, one function a command: it reads options, calls the API, prints.
Nothing here imports torch or Optuna until a command needs it, so that help is instant.
"""

from __future__ import annotations

import sys
from typing import Annotated, NoReturn

import typer
from typer.exceptions import TyperException

import automl.cli.cluster as clustering
import automl.cli.compare as judging
import automl.cli.inspect as inspecting
import automl.cli.lists as listing
import automl.cli.manage as managing
import automl.cli.models as bundles
import automl.cli.remote as remoting
import automl.cli.report as reporting
import automl.cli.search as searching
import automl.cli.serve as serving
import automl.cli.show as studying
import automl.cli.train as training
from automl.cli.options import LateCommands
from automl.cli.streams import drop_output, open_streams, warnings_as_notes
from automl.errors import DISK_ERRORS, AutomlError

app = typer.Typer(
    cls=LateCommands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
searching.register(app)
inspecting.register(app)
training.register(app)
studying.register(app)
bundles.register(app)
judging.register(app)
reporting.register(app)
listing.register(app)
managing.register(app)
serving.register(app)
remoting.register(app)
clustering.register(app)

USER_ERROR = 2
INTERRUPTED = 130


def _version(asked: bool) -> None:
    if asked:
        import automl

        print(f"automl {automl.__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Find a good neural network for your data, and learn whether it beats a tuned SVM.

    Begin with `automl search --dataset iris`, or with your own table: `automl inspect sales.csv`,
    then `automl search --dataset sales.csv --target price`. Every command has its own --help.
    """


def _end_quietly() -> NoReturn:
    """End because `automl show | head` has seen enough."""
    drop_output()
    sys.exit(0)


def main() -> None:
    """Run a command; what the user can mend is one line on standard error and exit code 2."""
    try:
        open_streams()
        with warnings_as_notes():
            code = app(standalone_mode=False)
        sys.stdout.flush()
    except (AutomlError, TyperException) as error:
        message = error.format_message() if isinstance(error, TyperException) else str(error)
        if message:
            print(f"error: {' '.join(message.split())}", file=sys.stderr)
        sys.exit(USER_ERROR)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        _end_quietly()
    except SystemExit as end:
        # Typer and rich make one of a closed pipe, with exit code 1.
        if isinstance(end.__context__, BrokenPipeError):
            _end_quietly()
        raise
    except OSError as error:
        if error.errno not in DISK_ERRORS:
            raise
        drop_output()
        where = error.filename or "standard output"
        print(f"error: {where}: cannot be written: {error.strerror}", file=sys.stderr)
        sys.exit(USER_ERROR)
    sys.exit(code if isinstance(code, int) else 0)
