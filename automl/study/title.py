"""Which study of a database is that of a folder: one may have been renamed without the other."""

from __future__ import annotations

from optuna.storages import RDBStorage

from automl.errors import StudyError
from automl.study.folder import StudyFolder

IDENTITY = "automl:identity"
"""Study attribute that says what a study belongs to; what its baselines tried has none."""


def find_title(folder: StudyFolder, storage: RDBStorage, *, or_only: bool) -> str | None:
    """Return the name of the folder's study in its database, if there is one.

    Parameters
    ----------
    folder : StudyFolder
    storage : RDBStorage
    or_only : bool
        Whether it may have any name, if it is the only one: the folder was renamed, moved or
        copied by hand, or Optuna has made its study.

    Raises
    ------
    StudyError
        When the database holds several, and none has the folder's name.
    """
    made = {study.study_name: IDENTITY in study.user_attrs for study in storage.get_all_studies()}
    for name in (folder.recorded_title, folder.name):
        if name in made:
            return name
    if not or_only:
        return None
    names = [name for name, ours in made.items() if ours] or list(made)
    if len(names) > 1:
        raise StudyError(
            f"{folder.path}: the folder must have the name of a study in its database, but those"
            f" are {', '.join(sorted(names)):.200}; rename the folder to one of them"
        )
    return names[0] if names else None
