"""Files of policies: read only as they were written, by their owner, and where they belong."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from secretctl.errors import PolicyFileError, StoreError, UnsafePermissionsError
from secretctl.vault import policy_drafts, policy_files

TEXT = '{"Version": "2012-10-17", "Statement": []}\n'
DIGEST = policy_files.digest_of(TEXT)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The file of a policy in a folder of its own."""
    policy_drafts.write(str(tmp_path), "read", TEXT)
    return tmp_path / "policies" / "read.json"


def folder(file: Path) -> str:
    """Return what stands for the vault's directory."""
    return str(file.parent.parent)


def test_a_file_is_read_as_it_was_written(file: Path) -> None:
    """Mode 0600 in a folder of mode 0700, whatever the umask says."""
    assert policy_files.in_force(folder(file), "read", DIGEST) == TEXT
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert policy_files.names(folder(file)) == ["read"]


def _replaced(file: Path) -> None:
    file.write_text(TEXT.replace("[]", "{}"))


def _emptied(file: Path) -> None:
    file.write_text("")


def _no_text(file: Path) -> None:
    file.write_bytes(b"\xff\xfe")


def _too_long(file: Path) -> None:
    file.write_text(TEXT + " " * 70_000)


def _missing(file: Path) -> None:
    file.unlink()


def _appended(file: Path) -> None:
    file.write_text(TEXT + "\n")


@pytest.mark.parametrize(
    "act", [_replaced, _emptied, _no_text, _too_long, _missing, _appended], ids=lambda f: f.__name__
)
def test_another_document_is_refused(file: Path, act: Callable[[Path], None]) -> None:
    """Changed, longer, no text, gone: with the command that puts it right."""
    act(file)
    with pytest.raises(PolicyFileError) as caught:
        policy_files.in_force(folder(file), "read", DIGEST)
    assert "secretctl policy " in " ".join(caught.value.hints)


def _link(file: Path) -> None:
    file.rename(file.with_name("elsewhere"))
    file.symlink_to("elsewhere")


def _dangling(file: Path) -> None:
    file.unlink()
    file.symlink_to("/nowhere")


def _second_name(file: Path) -> None:
    os.link(file, file.with_name("second"))


def _pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def _of_group(file: Path) -> None:
    file.chmod(0o660)


def _of_all(file: Path) -> None:
    file.chmod(0o602)


@pytest.mark.parametrize(
    "act", [_link, _dangling, _second_name, _pipe, _of_group, _of_all], ids=lambda f: f.__name__
)
def test_what_others_could_change_is_refused(file: Path, act: Callable[[Path], None]) -> None:
    """A link, a second name, a pipe, a file that a group can write: with its own text in it."""
    act(file)
    with pytest.raises(UnsafePermissionsError, match="the file of the policy read"):
        policy_files.in_force(folder(file), "read", DIGEST)


def test_what_others_can_read_is_no_harm(file: Path) -> None:
    """Policies are no secrets; some keep them in git."""
    file.chmod(0o644)
    assert policy_files.in_force(folder(file), "read", DIGEST) == TEXT


def test_a_file_replaces_whatever_lies_there(file: Path) -> None:
    """A link is replaced, not followed, and a draft that was left is no hindrance."""
    elsewhere = file.parent.parent / "elsewhere"
    elsewhere.write_text("kept")
    file.unlink()
    file.symlink_to(elsewhere)
    file.with_name("read.json.new").symlink_to(elsewhere)
    policy_drafts.write(folder(file), "read", TEXT)
    assert policy_files.in_force(folder(file), "read", DIGEST) == TEXT
    assert elsewhere.read_text() == "kept"
    assert os.listdir(file.parent) == ["read.json"]


def test_a_draft_is_in_force_once_it_is_placed(file: Path) -> None:
    """Until then the old one is; discarded, nothing is left of it."""
    policy_drafts.draft(folder(file), "read", "new")
    assert policy_files.read(folder(file), "read") == TEXT
    policy_drafts.discard(folder(file), "read")
    policy_drafts.discard(folder(file), "read")
    with pytest.raises(PolicyFileError, match=r"the change holds, but .* could not be replaced"):
        policy_drafts.place(folder(file), "read")
    policy_drafts.draft(folder(file), "read", "new")
    policy_drafts.place(folder(file), "read")
    assert policy_files.read(folder(file), "read") == "new"


def test_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    """Nothing is written, and nothing is in force."""
    (tmp_path / "policies").touch()
    with pytest.raises(StoreError, match="cannot write the policy read: "):
        policy_drafts.write(str(tmp_path), "read", TEXT)
    with pytest.raises((PolicyFileError, UnsafePermissionsError)):
        policy_files.read(str(tmp_path), "read")


def test_what_is_removed_may_be_gone_already(file: Path) -> None:
    """What cannot be removed is named."""
    policy_drafts.remove(folder(file), "read")
    policy_drafts.remove(folder(file), "read")
    assert policy_files.names(folder(file)) == []
    file.mkdir()
    with pytest.raises(PolicyFileError, match=r"the change holds, but .* could not be removed"):
        policy_drafts.remove(folder(file), "read")


def test_without_a_folder_there_are_no_policies(tmp_path: Path) -> None:
    """A vault without policies has none."""
    assert policy_files.names(str(tmp_path)) == []
    with pytest.raises(PolicyFileError, match="is missing"):
        policy_files.read(str(tmp_path), "read")
