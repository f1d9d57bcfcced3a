"""``python -m automl``: the command line, for where its script is not on the path."""

from __future__ import annotations

if __name__ == "__main__":
    import sys

    # Python looks for modules in the current folder first, and would run a user's random.py there.
    if not sys.flags.safe_path:
        sys.path.append(sys.path.pop(0))
    from automl.cli import main

    main()
