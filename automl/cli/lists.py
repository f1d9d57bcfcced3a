"""``automl datasets`` and ``automl spaces``: what there is to choose from."""

from __future__ import annotations

import typer

from automl.cli.panels import SEARCHING


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command("datasets", rich_help_panel=SEARCHING)(datasets)
    app.command("spaces", rich_help_panel=SEARCHING)(spaces)


def datasets() -> None:
    """List the data sets that are known by name."""
    import automl
    from automl.cli.views.tables import print_table

    rows = [
        [d.name, f"{d.rows:,}", " x ".join(map(str, d.shape)), d.task, "yes" if d.on_disk else "no"]
        for d in automl.datasets()
    ]
    print_table(["name", "rows", "shape", "task", "on disk"], rows, right=[1])
    print("\nA set that is not on disk is fetched by `automl search --dataset NAME --download`.")


def spaces() -> None:
    """List the search spaces and the single configurations that come with automl."""
    import automl
    from automl.cli.views.tables import print_table, short_params

    known = automl.spaces()
    rows = [
        [name, str(len(space.domains)), str(len(space.start)), ", ".join(space.domains)]
        for name, space in known.items()
        if not space.is_configuration
    ]
    print("Search spaces, for automl search --space NAME:")
    print_table(["name", "sampled", "start", "parameters"], rows, right=[1, 2])
    single = [
        [name, short_params(space.fixed)] for name, space in known.items() if space.is_configuration
    ]
    print("Single configurations, for automl train NAME:")
    print_table(["name", "values"], single)
    print(
        f"They lie in {automl.spaces_folder()}; copy one, edit it, and name the FILE.yaml instead."
    )
