"""``fsck`` tells which files of policies are not in force, and changes nothing."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.access.conftest import Account, allow, policy

APPLY = "hint: secretctl policy apply, which shows what differs and asks before it changes anything"
OTHER = policy(allow("*"))


@pytest.fixture
def file(root: Account) -> Path:
    """The file of one of two policies."""
    for name in ("Listing", "Reading"):
        document = policy(allow("secretsmanager:ListSecrets"))
        root.must("iam", "create-policy", "--policy-name", name, "--policy-document", document)
    home = root.context.environ["HOME"]
    return Path(home, ".local/share/secretctl/default/policies/Listing.json")


def changed(file: Path) -> None:
    """Another text."""
    file.write_text(OTHER)


def missing(file: Path) -> None:
    """No file."""
    file.unlink()


def planted(file: Path) -> None:
    """A file of no policy."""
    file.with_name("Everything.json").write_text(OTHER)


def linked(file: Path) -> None:
    """A link to the very same text."""
    file.rename(file.parents[1] / "elsewhere.json")
    file.symlink_to(file.parents[1] / "elsewhere.json")


def piped(file: Path) -> None:
    """A pipe, which nobody writes into."""
    file.unlink()
    os.mkfifo(file, 0o600)


def replaced(file: Path) -> None:
    """A directory in its place."""
    file.unlink()
    file.mkdir()


def loose(file: Path) -> None:
    """A file that others can change."""
    file.chmod(0o666)


def open_to_all(file: Path) -> None:
    """A directory in which others can replace files."""
    file.parent.chmod(0o777)


def no_text(file: Path) -> None:
    """Bytes that are no UTF-8."""
    file.write_bytes(b"\xff")


def there(directory: Path) -> dict[str, tuple[int, ...]]:
    """Return what would show that a file was touched."""
    stats = {each.name: each.lstat() for each in directory.iterdir()}
    return {name: (s.st_mode, s.st_ino, s.st_size, s.st_mtime_ns) for name, s in stats.items()}


@pytest.mark.parametrize(
    ("harm", "told", "hint"),
    [
        (changed, "the file of the policy Listing was changed and is not in force", ""),
        (missing, "the file of the policy Listing is missing", ""),
        (planted, "the file Everything.json is of no policy and means nothing", ""),
        (linked, "the file of the policy Listing is a link", "cp --remove-destination"),
        (piped, "the file of the policy Listing is no regular file", "ls -l"),
        (replaced, "the file of the policy Listing is no regular file", "ls -l"),
        (loose, "the file of the policy Listing can be changed by others", "chmod 600"),
        (open_to_all, "the vault's policies can be changed by others", "chmod 700"),
        (no_text, "the file of the policy Listing is not UTF-8", "secretctl policy lint"),
    ],
)
def test_a_file_that_is_not_in_force_is_told(
    root: Account, file: Path, harm: Callable[[Path], None], told: str, hint: str
) -> None:
    """Which one, why, and what to do; nothing of what it holds is shown, nothing is put right."""
    assert root("fsck").out.startswith("sound: ")
    harm(file)
    before = there(file.parent)
    said = root("fsck")
    assert (said.status, said.out) == (253, f"policy: {told}\n")
    lines = said.err.splitlines()
    assert lines[0] == (
        "secretctl: error: the vault itself is sound, its policies are not: 1 problem found"
    )
    assert lines[-1] == f"secretctl: {APPLY}"
    assert len(lines) == (3 if hint else 2)
    assert hint in said.err
    assert there(file.parent) == before


def test_each_is_told_and_damage_of_the_vault_goes_before(root: Account, file: Path) -> None:
    """A line for each; what the vault itself says is graver."""
    file.unlink()
    file.with_name("Reading.json").write_text(OTHER)
    file.with_name("a;\x1b.json").write_text(OTHER)
    said = root("fsck")
    assert said.out.splitlines() == [
        "policy: the file of the policy Listing is missing",
        "policy: the file of the policy Reading was changed and is not in force",
        "policy: the file a;\\x1b.json is of no policy and means nothing",
    ]
    assert "3 problems found" in said.err
    (file.parents[1] / "audit/00000001.jsonl").write_bytes(b"")
    said = root("fsck")
    assert "policy: the file of the policy Listing is missing\n" in said.out
    assert said.err.startswith(
        "secretctl: error: the vault itself is sound, its journal does not verify"
    )


def test_a_vault_without_policies_is_sound(root: Account) -> None:
    """And so is one whose only file of them is a draft that was never put in its place."""
    assert root("fsck").status == 0
    directory = Path(root.context.environ["HOME"], ".local/share/secretctl/default/policies")
    directory.mkdir(mode=0o700)
    (directory / "Listing.json.new").write_text(OTHER)
    assert root("fsck").status == 0
