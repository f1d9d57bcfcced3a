"""Imports point one way, third-party libraries have one home, and help is light."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pytest

import automl

PACKAGE = Path(automl.__file__).parent
ROOT = PACKAGE.parent

LAYERS = [
    {"__main__"},
    {"cli"},
    {"testing", "service"},
    {"forecaster"},
    {"api", "client", "estimators"},
    {"followup"},
    {"orchestrator"},
    {"dashboard", "report", "scheduling", "sampling", "history"},
    {"study", "bundle", "baselines", "evaluation", "executors", "cluster"},
    {"training"},
    {"models", "job"},
    {"data"},
    {"space"},
    {"config", "option_types", "objective", "result", "trial"},
    {"metrics", "settings"},
    {
        "task",
        "locations",
        "number_text",
        "registry",
        "units",
        "seeds",
        "files",
        "json_form",
        "processes",
        "warning_filters",
        "arrays",
    },
    {"errors"},
]
"""Highest first. A module imports from lower layers, and from the rooms beside its own where
`test_no_room_comes_back_to_itself` lets it."""

RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}

HOMES = {
    "torch": {
        "automl.testing",
        "automl.training",
        "automl.models",
        "automl.bundle",
        "automl.executors._worker",
    },
    "safetensors": {"automl.training", "automl.bundle"},
    "optuna": {"automl.sampling", "automl.study", "automl.dashboard", "automl.report"},
    # It takes 4 s to import: it runs as a process of its own.
    "optuna_dashboard": {"automl.dashboard.server", "automl.dashboard.shared_server"},
    "sqlalchemy": {"automl.study", "automl.dashboard.notes", "automl.service"},
    **{name: {"automl.service"} for name in ("fastapi", "starlette", "uvicorn", "anyio")},
    "filelock": {"automl.study", "automl.executors.remote.data_folder"},
    "cryptography": {"automl.cluster.certificates"},
    "ray": {"automl.executors._ray_slot"},
    "typer": {"automl.cli"},
    "rich": {"automl.cli", "automl.data.cache.progress"},
    "plotly": {"automl.report"},
    "jinja2": {"automl.report"},
    # An estimator is scikit-learn's by inheritance.
    "sklearn": {
        *("automl.data", "automl.baselines", "automl.evaluation"),
        # The trees of a sampler.
        *("automl.estimators", "automl.forecaster", "automl.sampling.trees"),
    },
    "lightgbm": {"automl.baselines"},
    "catboost": {"automl.baselines"},
    "pydantic": {
        *("automl.config", "automl.option_types", "automl.result", "automl.service"),
        "automl.executors.remote.wire",
    },
    "yaml": {"automl.space.file"},
    "statsmodels": {"automl.baselines.ets"},
    "pandas": {"automl.data"},
    "pyarrow": {"automl.data"},
    "PIL": {"automl.bundle", "automl.data"},
    "onnx": {"automl.bundle"},
    "onnxruntime": {"automl.bundle"},
    "onnxscript": {"automl.bundle"},
}


def _modules() -> dict[str, ast.Module]:
    found = {}
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = ast.parse(path.read_text(encoding="utf-8"))
    return found


MODULES = _modules()


def _imports(tree: ast.AST, *, late: bool = True) -> Iterator[str]:
    """Every module or name that is imported at run time; `late` ones stand in functions."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            continue
        if isinstance(node, ast.FunctionDef) and not late:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            for alias in node.names:
                yield f"{node.module}.{alias.name}"
        else:
            yield from _imports(node, late=late)


def _own(target: str) -> str | None:
    """The module of this package that an import loads, if it is one."""
    while target not in MODULES:
        target, _, rest = target.rpartition(".")
        if not rest:
            return None
    return target


def _edges(*, late: bool) -> dict[str, set[str]]:
    return {
        name: {t for i in _imports(tree, late=late) if (t := _own(i)) and t != "automl"}
        for name, tree in MODULES.items()
        if name != "automl"
    }


EDGES = _edges(late=True)


def test_every_module_has_a_layer() -> None:
    assert {name.split(".")[1] for name in EDGES} <= RANK.keys()


@pytest.mark.parametrize("module", sorted(EDGES))
def test_imports_never_point_to_a_higher_layer(module: str) -> None:
    for target in EDGES[module]:
        rank, other = (RANK[name.split(".")[1]] for name in (module, target))
        assert rank <= other, f"{module} imports {target}"


def _rooms(inside: str = "") -> dict[str, set[str]]:
    """Which room imports which: packages, or what lies directly inside of one of them."""
    depth = len(inside.split(".")) + 1 if inside else 2
    rooms: dict[str, set[str]] = {}
    for module, targets in EDGES.items():
        if not module.startswith(f"automl.{inside}"):
            continue
        room = ".".join(module.split(".")[:depth])
        # A file of a plug-in folder imports the contract in the folder's own __init__.
        reached = {".".join(t.split(".")[:depth]) for t in targets if t != f"automl.{inside}"}
        rooms.setdefault(room, set()).update(reached - {room})
    return {room: targets & rooms.keys() for room, targets in rooms.items()}


def _first_circle(edges: dict[str, set[str]]) -> list[str]:
    done: set[str] = set()

    def visit(node: str, path: list[str]) -> list[str]:
        if node in path:
            return [*path[path.index(node) :], node]
        if node not in done:
            for target in sorted(edges[node]):
                if found := visit(target, [*path, node]):
                    return found
            done.add(node)
        return []

    return next((found for node in sorted(edges) if (found := visit(node, []))), [])


def test_a_circle_is_found() -> None:
    assert _first_circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]


def test_no_import_comes_back_to_where_it_began() -> None:
    # Those in functions are counted too: such an import hides a circle, and does not undo it.
    edges = {m: {t for t in ts if not t.startswith(m + ".")} for m, ts in EDGES.items()}
    assert _first_circle(edges) == []


ROOMS = ["", "training", "executors", "data", "data.read", "bundle", "report", "cli"]


@pytest.mark.parametrize("inside", ROOMS, ids=lambda inside: inside or "automl")
def test_no_room_comes_back_to_itself(inside: str) -> None:
    assert _first_circle(_rooms(inside)) == []


CLI_USES = {
    *("automl.cli", "automl.errors", "automl.config", "automl.option_types", "automl.trial"),
    *("automl.evaluation.formatting", "automl.files", "automl.metrics", "automl.space.file"),
    *("automl.service", "automl.cluster"),
}
"""What the command line imports beside the public names of `automl` itself."""


def test_the_command_line_uses_nothing_but_the_api() -> None:
    for module, targets in EDGES.items():
        if module.split(".")[1] == "cli":
            astray = {t for t in targets if not any(t.startswith(home) for home in CLI_USES)}
            assert not astray, module


@pytest.mark.parametrize("library", sorted(HOMES))
def test_third_party_library_stays_in_its_home(library: str) -> None:
    users = {
        name
        for name, tree in MODULES.items()
        if any(i.split(".")[0] == library for i in _imports(tree))
    }
    astray = {u for u in users if not any(u.startswith(home) for home in HOMES[library])}
    assert not astray


def test_every_third_party_import_is_a_declared_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    optional = project["optional-dependencies"]
    groups = ("onnx", "parquet", "service", "boosting", "forecast", "dask", "ray")
    extras = [line for group in groups for line in optional[group]]
    declared = {
        re.split(r"[<>=!~\[; ]", text)[0].lower().replace("-", "_")
        for text in [*project["dependencies"], *extras]
    }
    names = {"yaml": "pyyaml", "sklearn": "scikit_learn", "PIL": "pillow"}
    used = {i.split(".")[0] for tree in MODULES.values() for i in _imports(tree)}
    theirs = used - set(sys.stdlib_module_names) - {"automl"}
    assert {names.get(name, name) for name in theirs} <= declared


HEAVY = ["torch", "optuna", "sklearn", "scipy", "sqlalchemy", "pandas", "plotly", "numpy"]

Python = Callable[..., CompletedProcess[str]]


@pytest.mark.parametrize("args", [["--help"], ["search", "--help"]], ids=" ".join)
def test_help_imports_nothing_heavy(python: Python, args: list[str]) -> None:
    # The options of a command are made from its configuration when it is run, and not before.
    heavy = HEAVY if len(args) > 1 else [*HEAVY, "pydantic"]
    code = (
        f"import sys; sys.argv = ['automl', *{args!r}]\n"
        "import automl.cli\n"
        "try: automl.cli.main()\n"
        f"finally: print('LOADED', sorted(set({heavy!r}) & set(sys.modules)), file=sys.stderr)\n"
    )
    ran = python("-c", code)
    assert ran.returncode == 0
    assert "Usage" in ran.stdout
    assert "LOADED []" in ran.stderr


def test_importing_automl_imports_nothing_heavy(python: Python) -> None:
    ran = python("-c", f"import automl, sys; print(set({HEAVY!r}) & set(sys.modules))")
    assert ran.stdout.strip() == "set()"


def test_a_search_leaves_torch_to_its_workers(python: Python) -> None:
    code = (
        "import sys, automl\n"
        "automl.search('iris', trials=1, max_epochs=1, workers=1, finalists=0, baselines=(),"
        " onnx=False)\n"
        "print('torch' in sys.modules)\n"
    )
    ran = python("-c", code)
    assert ran.stderr == ""
    assert ran.stdout.splitlines()[-1] == "False"


def test_no_sampler_loads_torch_in_the_parent(python: Python) -> None:
    # Models begin after ten random trials.
    code = (
        "import sys\n"
        "from automl.option_types import SAMPLERS\n"
        "from automl.sampling.sampler import Sampling\n"
        "from automl.space.domains import FloatDomain\n"
        "from automl.space.space import SearchSpace\n"
        "space = SearchSpace('made', {'x': FloatDomain(0, 1), 'y': FloatDomain(0, 1)}, {})\n"
        "for sampler in SAMPLERS:\n"
        "    sampling = Sampling(space, 'maximize', seed=0, sampler=sampler)\n"
        "    for _ in range(12):\n"
        "        asked = sampling.ask()\n"
        "        sampling.tell_value(asked.number, asked.params['x'])\n"
        "    print(sampler, 'torch' in sys.modules)\n"
    )
    ran = python("-c", code)
    assert ran.stderr == ""
    loads = dict(line.split() for line in ran.stdout.splitlines())
    assert len(loads) == 6
    assert [name for name, loaded in loads.items() if loaded == "True"] == []


def test_python_m_automl_is_the_command(python: Python) -> None:
    ran = python("-m", "automl", "--version")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.strip() == f"automl {automl.__version__}"


def test_a_checkout_that_is_not_installed_has_a_version_too(python: Python) -> None:
    # Without site-packages there is no metadata to read it from.
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); import automl; print(automl.__version__)"
    )
    ran = python("-S", "-c", code, env={"PATH": ""})
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.strip() == "0+unknown"


def _defined(tree: ast.Module) -> set[str]:
    """Names at the top of a module, those that it imports included."""
    found = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    found |= {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    return found | {target.rpartition(".")[2] for target in _imports(tree, late=False)}


@pytest.mark.parametrize("path", sorted(ROOT.glob("benchmarks/**/*.py")), ids=lambda p: p.stem)
def test_benchmarks_import_what_is_there(path: Path) -> None:
    """No test runs them, so that a name that has moved would be found when one is needed."""
    for target in _imports(ast.parse(path.read_text(encoding="utf-8"))):
        module, _, name = target.rpartition(".")
        if target.startswith("automl.") and target not in MODULES:
            assert name in _defined(MODULES[module]), target


def test_the_array_of_annotations_has_one_home() -> None:
    homes = [p for p in PACKAGE.rglob("*.py") if "NDArray[Any]" in p.read_text(encoding="utf-8")]
    assert [path.name for path in homes] == ["arrays.py"]
