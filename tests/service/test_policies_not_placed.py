"""Files that a killed process did not put in their place are, and no other file is overwritten."""

from collections.abc import Callable
from pathlib import Path

import pytest

from secretctl.errors import PolicyFileError
from secretctl.service import policy_files_compared as comparing
from secretctl.service.iam import applying, policies, versions
from secretctl.service.session import Session
from secretctl.vault import policy_files
from tests.conftest import Service
from tests.service.test_policy_apply import LIST, READ, kept, put_in_force, state

ARN = "arn:aws:iam::000000000000:policy/read"


@pytest.fixture
def session(service: Service) -> Session:
    """A vault that has a policy ``read``."""
    policies.create_policy(service.session, policy_name="read", policy_document=READ)
    return service.session


@pytest.fixture
def file(session: Session) -> Path:
    """The file of that policy."""
    return Path(policy_files.path_of(session.vault.directory, "read"))


@pytest.fixture
def draft(session: Session, file: Path) -> Path:
    """A draft of the document in force beside the file of version 1, as a killed process leaves."""
    before = file.read_text()
    versions.create_policy_version(
        session, policy_arn=ARN, policy_document=LIST, set_as_default=True
    )
    left = file.with_name("read.json.new")
    file.rename(left)
    file.write_text(before)
    return left


@pytest.mark.parametrize("is_missing", [False, True])
def test_what_was_not_placed_is(
    session: Session, file: Path, draft: Path, *, is_missing: bool
) -> None:
    """Whether another version lies there or nothing; the policy has no version more for it."""
    if is_missing:
        file.unlink()
    text, before = draft.read_text(), kept(session)
    found = comparing.compare(session)[0]
    assert found.state == comparing.UNPLACED
    applying.restore(session, "read", found.before, found.after)
    assert (file.read_text(), draft.exists(), kept(session)) == (text, False, before)
    assert state(session) == comparing.IN_FORCE


def test_a_change_by_hand_is_not_overwritten(session: Session, file: Path, draft: Path) -> None:
    """Before it is looked at or afterwards: it is shown, as any other."""
    found = comparing.compare(session)[0]
    file.write_text(LIST)
    assert draft.exists()
    assert state(session) == comparing.CHANGED
    for over in (found.after, ""):
        with pytest.raises(PolicyFileError, match="meanwhile"):
            applying.restore(session, "read", found.before, over)
    put_in_force(session, LIST)
    with pytest.raises(PolicyFileError, match="meanwhile"):
        applying.restore(session, "read", found.before, LIST)
    assert file.read_text() == LIST


def changed(draft: Path) -> None:
    """Make the draft one of another document."""
    draft.write_text(READ)


def linked_draft(draft: Path) -> None:
    """Put a link to the same document in the place of the draft."""
    draft.rename(draft.with_name("elsewhere"))
    draft.symlink_to("elsewhere")


@pytest.mark.parametrize(
    "spoil", [changed, linked_draft, Path.unlink, lambda draft: draft.chmod(0o620)]
)
def test_another_draft_is_none(
    session: Session, file: Path, draft: Path, spoil: Callable[[Path], None]
) -> None:
    """Then the file is one that was changed, and its difference is shown."""
    spoil(draft)
    assert state(session) == comparing.CHANGED
    file.unlink()
    assert state(session) == comparing.MISSING


def test_no_draft_is_left_of_a_policy_that_is_removed(session: Session, draft: Path) -> None:
    """Neither its file nor what lies beside it."""
    versions.delete_policy_version(session, policy_arn=ARN, version_id="v1")
    policies.delete_policy(session, policy_arn=ARN)
    assert list(draft.parent.iterdir()) == []
