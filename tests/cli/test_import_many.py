"""An import of which many entries are refused: the first are named, the others counted."""

import json
from pathlib import Path

import pytest

from tests.cli.test_import import imported
from tests.conftest import Service, World

COUNT, TOLD = 53, 50


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of many entries."""
    path = tmp_path / "many.json"
    path.write_text(json.dumps({f"N{number}": "v" for number in range(COUNT)}))
    return path


def test_of_many_entries_that_can_be_no_secret_the_first_are_named(
    world: World, service: Service, file: Path
) -> None:
    """Before the vault is opened."""
    assert service("ListSecrets")
    done = imported(world, file, "--name", f"{'n' * 511}{{}}", form="json")
    assert done.stderr.count("512 characters at most") == TOLD
    assert "secretctl: and 3 more\n" in done.stderr
    assert "53 of 53 entries cannot be secrets" in done.stderr


def test_of_many_conflicts_the_first_are_named_and_a_dry_run_lists_all(
    world: World, service: Service, file: Path
) -> None:
    """Once: what its list says is not said again."""
    assert service("ListSecrets")
    imported(world, file, form="json")
    file.write_text(file.read_text().replace('"v"', '"other"'))
    done = imported(world, file, form="json")
    assert done.stderr.count("it is there with another value") == TOLD
    assert "secretctl: and 3 more\n" in done.stderr
    done = imported(world, file, "--dry-run", form="json")
    assert done.stdout.count("conflict  N") == COUNT
    assert "another value" not in done.stderr
    assert "53 secrets of 53 cannot be imported; nothing was changed." in done.stderr
