"""Where a client logs in: what was given, the environment, or what `automl remote login` kept."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

from automl.errors import ConfigError

URL, TOKEN = "AUTOML_URL", "AUTOML_TOKEN"


def login_file() -> Path:
    """Return the file of `automl remote login`, which its owner alone can read."""
    home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(home) / "automl" / "remote.json"


def keep_login(url: str, token: str) -> Path:
    """Keep an address and a token for later, for this user's eyes only."""
    path = login_file()
    partial = path.with_suffix(".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial.unlink(missing_ok=True)
        opened = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(opened, "w", encoding="utf-8") as file:
            json.dump({"url": url, "token": token}, file)
        partial.replace(path)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror}") from None
    return path


def find_login(url: str | None, token: str | None) -> tuple[str, str]:
    """Return the address and the token to use.

    A token that was kept goes to the service that it was kept for, and to no other.

    Raises
    ------
    ConfigError
        When one of them is nowhere, or others can read the file.
    """
    url, token = url or os.environ.get(URL), token or os.environ.get(TOKEN)
    if url and token:
        return url, token
    kept = _kept()
    if kept is not None and url in (None, "", kept[0]):
        return url or kept[0], token or kept[1]
    lacking = f"url, or ${URL}" if not url else f"token, or ${TOKEN}"
    raise ConfigError(f"a client needs {lacking}; `automl remote login` keeps both")


def _kept() -> tuple[str, str] | None:
    path = login_file()
    try:
        mode = path.stat().st_mode
        found = json.loads(path.read_text(encoding="utf-8"))
        kept = str(found["url"]), str(found["token"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        raise ConfigError(f"{path}: cannot be read; run `automl remote login` again") from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigError(f"{path}: others must not read it: chmod 600 {path}")
    return kept
