"""Files of ``policies/`` are put in force as they were shown, or not at all."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from secretctl.domain.principals import POLICY, ManagedPolicy
from secretctl.errors import PolicyFileError, SecretctlError, ServiceError, StoreError
from secretctl.errors import UnsafePermissionsError as Unsafe
from secretctl.model.iam.applying import ADOPT, PUT_IN_FORCE
from secretctl.service import policy_files_compared as comparing
from secretctl.service.dispatch import call
from secretctl.service.iam import applying, policies, versions
from secretctl.service.session import Session
from secretctl.vault import policy_files, principals
from tests.conftest import Service, World

READ = (
    '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", '
    '"Action": "secretsmanager:GetSecretValue", "Resource": "*"}}\n'
)
LIST = READ.replace("GetSecretValue", "ListSecrets")


@pytest.fixture
def session(service: Service) -> Session:
    """A vault that has a policy ``read``."""
    policies.create_policy(service.session, policy_name="read", policy_document=READ)
    return service.session


@pytest.fixture
def file(session: Session) -> Path:
    """The file of that policy."""
    return Path(policy_files.path_of(session.vault.directory, "read"))


def kept(session: Session) -> ManagedPolicy:
    """Return the policy as the vault knows it."""
    with session.vault.read() as view:
        found = principals.find(view, POLICY, "read")
    assert isinstance(found, ManagedPolicy)
    return found


def put_in_force(session: Session, text: str, **besides: object) -> None:
    """Put *text* in force as the command does."""
    call(session, PUT_IN_FORCE, {"PolicyName": "read", "PolicyDocument": text, **besides})


def state(session: Session, name: str = "read") -> str:
    """Return how the file stands to the policy."""
    return comparing.compare(session, [name])[0].state


def test_file_is_in_force_exactly_as_it_lies_there(session: Session, file: Path) -> None:
    """Nobody's layout is changed: the file in git is the file in force."""
    file.write_text(LIST)
    assert state(session) == comparing.CHANGED
    put_in_force(session, LIST)
    assert state(session) == comparing.IN_FORCE
    assert file.read_text() == LIST
    assert kept(session).in_force == 2


def test_only_what_was_shown_is_put_in_force(session: Session, file: Path) -> None:
    """A file that changes while the question is read is not agreed to."""
    file.write_text(READ.replace("GetSecretValue", "*"))
    with pytest.raises(PolicyFileError, match="meanwhile"):
        put_in_force(session, LIST)
    assert kept(session).in_force == 1


def test_what_fails_before_the_commit_changes_nothing(
    session: Session, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The policy is then out of force, as before, and the next command puts it in force."""
    before = kept(session)
    file.write_text(LIST)

    def refuse(*_: object) -> None:
        raise StoreError("no space left")

    with monkeypatch.context() as broken:
        broken.setattr(principals, "put", refuse)
        with pytest.raises(StoreError):
            put_in_force(session, LIST)
    assert kept(session) == before
    assert state(session) == comparing.CHANGED
    put_in_force(session, LIST)
    assert state(session) == comparing.IN_FORCE


def test_oldest_version_that_is_not_in_force_makes_room(session: Session, file: Path) -> None:
    """Without being told to, nothing is dropped; and never what is in force."""
    for number in range(2, 6):
        text = LIST.replace('"Effect"', f'"Sid": "v{number}", "Effect"')
        file.write_text(text)
        put_in_force(session, text)
    versions.set_default_policy_version(
        session, policy_arn="arn:aws:iam::000000000000:policy/read", version_id="v1"
    )
    file.write_text(LIST)
    with pytest.raises(ServiceError, match="up to 5 versions"):
        put_in_force(session, LIST)
    put_in_force(session, LIST, DropOldest=True)
    assert [each.number for each in kept(session).versions] == [1, 3, 4, 5, 6]


def test_missing_file_is_written_as_it_is_in_force(session: Session, file: Path) -> None:
    """The document comes from the vault, with the digest that is in force."""
    text = file.read_text()
    file.unlink()
    found = comparing.compare(session)[0]
    assert found.state == comparing.MISSING
    applying.restore(session, "read", found.before)
    assert file.read_text() == text
    assert state(session) == comparing.IN_FORCE


def test_planted_file_becomes_a_policy_by_its_name(session: Session, file: Path) -> None:
    """What the vault does not know is shown, and adopted as it lies there."""
    planted = file.with_name("planted.json")
    planted.write_text(LIST)
    planted.chmod(0o600)
    assert state(session, "planted") == comparing.UNKNOWN
    call(session, ADOPT, {"PolicyName": "planted", "PolicyDocument": LIST})
    assert state(session, "planted") == comparing.IN_FORCE
    with pytest.raises(ServiceError, match="already exists"):
        call(session, ADOPT, {"PolicyName": "planted", "PolicyDocument": LIST})


def linked(file: Path) -> None:
    """Put a link in the place of the file."""
    file.rename(file.with_name("elsewhere"))
    file.symlink_to(file.with_name("elsewhere"))


def piped(file: Path) -> None:
    """Put a FIFO in the place of the file."""
    file.unlink()
    os.mkfifo(file)


UNSAFE: dict[str, tuple[Callable[[Path], object], type[SecretctlError], str, str]] = {
    "link": (linked, Unsafe, "is a link", "cp --remove-destination"),
    "pipe": (piped, Unsafe, "is no regular file", "ls -l"),
    "two names": (
        lambda file: os.link(file, file.with_name("second")),
        Unsafe,
        "has another name somewhere",
        "ls -l",
    ),
    "group-writable": (lambda file: file.chmod(0o620), Unsafe, "by others", "chmod 600"),
    "not UTF-8": (lambda file: file.write_bytes(b"\xff"), PolicyFileError, "UTF-8", "policy lint"),
    "empty": (lambda file: file.write_text(""), PolicyFileError, "is empty", "policy lint"),
    "too large": (
        lambda file: file.write_text(" " * 70_000),
        PolicyFileError,
        "is larger than 65536 bytes",
        "policy lint",
    ),
    "beyond IAM's letters": (
        lambda file: file.write_text(READ.replace('"Effect"', '"Sid": "\u0142", "Effect"')),
        PolicyFileError,
        "has errors",
        "",
    ),
    "beyond IAM's quota": (
        lambda file: file.write_text(READ.replace('"*"', '["*",' + '"*",' * 2000 + '"*"]')),
        PolicyFileError,
        "PolicySize",
        "",
    ),
}


@pytest.mark.parametrize("case", UNSAFE)
def test_unsafe_file_is_refused_with_what_to_do(session: Session, file: Path, case: str) -> None:
    """Such a file is neither shown nor put in force, and its policy denies until it is mended."""
    spoil, kind, message, hint = UNSAFE[case]
    spoil(file)
    found = comparing.compare(session)[0]
    assert found.state == comparing.REFUSED
    assert not found.after
    assert isinstance(found.error, kind)
    assert message in found.error.message
    assert hint in " ".join(found.error.hints)
    with pytest.raises(SecretctlError):
        policy_files.in_force(session.vault.directory, "read", kept(session).digest)


def test_directory_that_others_can_change_is_refused(session: Session, file: Path) -> None:
    """Whoever can write there can put another file in the place of one."""
    file.parent.chmod(0o770)
    with pytest.raises(Unsafe, match="policies can be changed by others") as refused:
        comparing.compare(session)
    assert refused.value.hints == (f"chmod 700 {file.parent}",)
    with pytest.raises(Unsafe):
        policy_files.in_force(session.vault.directory, "read", kept(session).digest)


def test_directory_that_is_a_link_is_refused(session: Session, file: Path, world: World) -> None:
    """The policies lie in the vault, nowhere else."""
    file.parent.rename(world.home / "policies")
    file.parent.symlink_to(world.home / "policies")
    with pytest.raises(Unsafe, match="is no directory"):
        comparing.compare(session)


def test_name_of_another_case_is_refused(session: Session, file: Path) -> None:
    """Names of policies that differ in case only are one name: a file has exactly that."""
    file.rename(file.with_name("Read.json"))
    by_name = {each.name: each for each in comparing.compare(session)}
    assert by_name["read"].state == comparing.MISSING
    refused = by_name["Read"].error
    assert refused is not None
    assert "differs from read" in refused.message


def test_name_of_nothing_is_refused(session: Session) -> None:
    """A misspelt name does not pass for a policy that is in force."""
    assert comparing.compare(session, ["raed"])[0].state == comparing.REFUSED
