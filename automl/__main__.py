"""``automl`` and ``python -m automl``: the command line, whose modules are loaded here.

The script that an installation makes runs `main`, too: of Ctrl-C in the tenth of a second before
anything can be read, it would show a traceback.
"""

from __future__ import annotations

import sys

INTERRUPTED = 130


def main() -> None:
    """Load the command line, and run it."""
    try:
        from automl.cli import main as run
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    run()


if __name__ == "__main__":
    # Python looks for modules in the current folder first, and would run a user's random.py there.
    if not sys.flags.safe_path:
        sys.path.append(sys.path.pop(0))
    main()
