"""Programs of other languages, run by the tests."""

import os
import subprocess
from pathlib import Path


def said(words: list[str], environ: dict[str, str], folder: Path) -> str:
    """Return what a program writes."""
    done = subprocess.run(
        words,
        env={**os.environ, **environ},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
