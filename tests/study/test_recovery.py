"""What a killed search leaves behind, and what the user has put there."""

from __future__ import annotations

from pathlib import Path

from automl.files import replace_file
from automl.study.folder import StudyFolder
from automl.study.recovery import remove_halves


def test_only_what_was_being_written_is_removed(tmp_path: Path) -> None:
    own = [tmp_path / "notes.partial", tmp_path / "data.partial" / "rows.csv"]
    own[1].parent.mkdir()
    for path in own:
        path.write_text("mine")
    for name in ("report.html", "best"):
        with replace_file(tmp_path / name) as partial:
            partial.write_text("{")
            half = partial
        if name == "best":
            half.mkdir()
            half /= "model.json"
        half.write_text("{")
        (tmp_path / name).unlink()
    remove_halves(StudyFolder(tmp_path))
    assert sorted(p for p in tmp_path.rglob("*") if p.is_file()) == sorted(own)
    assert {p.name for p in tmp_path.iterdir()} == {"notes.partial", "data.partial"}
