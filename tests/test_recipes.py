"""docs/recipes: each page shows what the script beside it does, and each script does it.

``PYTHONPATH=. python tests/test_recipes.py`` writes what the scripts print into the pages.
"""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.rotation import postgres
from tests.transcript import Masks, environment

FOLDER = Path(__file__).parent.parent / "docs/recipes"
SCRIPTS = sorted(path for path in FOLDER.glob("*.sh") if path.name != "throw-away.sh")
HERE = {"database": postgres.IS_HERE, "encryption-keys": shutil.which("openssl") is not None}
_BLOCK = re.compile(r"```console\n(.*?)```\n", re.DOTALL)
_PART = re.compile(r"^== (.*)\n", re.MULTILINE)


def printed(script: Path, folder: Path, more: Mapping[str, str] = {}) -> str:
    """Return what a script prints, its home as the pages have it."""
    done = subprocess.run(
        ["sh", script],
        env={**environment(folder), **more, "TMPDIR": str(folder)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout
    assert list(folder.iterdir()) == []
    return re.sub(rf"{folder}/tmp\.\w+", "/home/you", done.stdout)


@contextmanager
def needed(script: Path) -> Iterator[dict[str, str]]:
    """Give the variables that a script asks for, and run meanwhile what they lead to."""
    if script.stem != "database":
        yield {}
        return
    server = postgres.Server()
    server.start()
    try:
        yield {
            "PGHOST": "127.0.0.1",
            "PGPORT": str(server.port),
            "PGUSER": postgres.SUPERUSER,
            "PGPASSWORD": postgres.SUPERUSER_PASSWORD,
            "PGDATABASE": "postgres",
        }
    finally:
        server.remove()


def sections(page: str) -> Iterator[str]:
    """Yield each section of a page that shows commands, as its script prints it."""
    for section in page.split("\n## ")[1:]:
        blocks = _BLOCK.findall(section)
        if blocks:
            yield f"\n== {section.partition(chr(10))[0]}\n{''.join(blocks)}"


def as_it_is(page: str, seen: str) -> tuple[list[str], list[str]]:
    """Return what a page shows and what its script printed, without what differs by run."""
    return Masks()("".join(sections(page))).splitlines(), Masks()(seen).splitlines()


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_page_shows_what_its_script_prints(script: Path, tmp_path: Path) -> None:
    """Every command and every line of output, but for ids, times and random text."""
    if not HERE.get(script.stem, True):
        pytest.skip("what it needs is not installed")
    with needed(script) as variables:
        seen = printed(script, tmp_path, variables)
    page, seen_now = as_it_is(script.with_suffix(".md").read_text(), seen)
    assert page == seen_now


def test_each_page_has_a_script_and_is_found() -> None:
    """A link in the README, and one to the script."""
    readme = (FOLDER.parent.parent / "README.md").read_text()
    pages = sorted(FOLDER.glob("*.md"))
    assert [page.stem for page in pages] == [script.stem for script in SCRIPTS]
    for page in pages:
        assert f"(docs/recipes/{page.name})" in readme
        assert f"({page.stem}.sh)" in page.read_text()


def _written(text: str, seen: str) -> str:
    titles, outputs = _PART.split(seen)[1::2], _PART.split(seen)[2::2]
    for title, output in zip(titles, outputs, strict=True):
        before, heading, section = text.partition(f"\n## {title}\n")
        old = _BLOCK.search(section)
        assert old, title
        text = before + heading + section.replace(old[1], f"{output.rstrip()}\n", 1)
    return text


def _write() -> None:
    for script in SCRIPTS:
        page = script.with_suffix(".md")
        with tempfile.TemporaryDirectory() as folder, needed(script) as variables:
            seen = printed(script, Path(folder), variables)
        shown, printed_now = as_it_is(page.read_text(), seen)
        if shown != printed_now:
            page.write_text(_written(page.read_text(), seen))


if __name__ == "__main__":
    _write()
