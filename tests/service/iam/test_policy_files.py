"""The files of managed policies: as the vault knows them, whatever fails or dies on the way.

SECRETCTL_TEST_FULL=1 kills at every call instead of every other.
"""

import json
import os
import shutil
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from secretctl.audit.journal import Journal
from secretctl.cli import opening
from secretctl.domain.principals import POLICY, ManagedPolicy
from secretctl.errors import JournalUnavailableError, PolicyFileError, SecretctlError, StoreError
from secretctl.service.opening import begin
from secretctl.vault import fsck, policy_files, principals
from tests.conftest import World
from tests.faults.commands import ended, separately, strace
from tests.service.iam.conftest import ACCOUNT, READ, Iam

HAS_STRACE = shutil.which("strace") is not None
IS_FULL = os.environ.get("SECRETCTL_TEST_FULL") == "1"
if not HAS_STRACE:
    sys.stderr.write("WARNING: no strace: kills while policies are written are LEFT OUT\n")

CALLS = "openat,write,pwrite64,fsync,fdatasync,rename,unlink,close"
ARN = f"{ACCOUNT}:policy/read"
DENY = {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}


@pytest.fixture
def file(world: World, policy: str) -> Path:
    """The file of the policy read."""
    assert policy == ARN
    return Path(world.directory, "policies", "read.json")


def test_a_file_is_its_owners_and_laid_out(world: World, file: Path) -> None:
    """Mode 0600 in a folder of mode 0700, one element a line, nothing beside it."""
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert file.read_text() == json.dumps(READ, indent=4) + "\n"
    assert os.listdir(file.parent) == ["read.json"]
    assert fsck.check(opening.open_vault(world.directory, world.context)).problems == ()


def test_the_file_follows_the_version_in_force(iam: Iam, file: Path) -> None:
    """A version that is not in force has none."""
    before = file.read_text()
    iam("CreatePolicyVersion", PolicyArn=ARN, PolicyDocument=DENY)
    assert file.read_text() == before
    iam("SetDefaultPolicyVersion", PolicyArn=ARN, VersionId="v2")
    assert json.loads(file.read_text()) == DENY
    iam("CreatePolicyVersion", PolicyArn=ARN, PolicyDocument=READ, SetAsDefault=True)
    assert file.read_text() == before
    for version in ("v1", "v2"):
        iam("DeletePolicyVersion", PolicyArn=ARN, VersionId=version)
    iam("DeletePolicy", PolicyArn=ARN)
    assert os.listdir(file.parent) == []


def test_a_planted_file_is_nobodys_policy(iam: Iam, file: Path) -> None:
    """It is not listed, and a policy that is made later takes its place."""
    planted = file.with_name("admin.json")
    planted.write_text(json.dumps(DENY))
    assert [each["PolicyName"] for each in iam("ListPolicies")["Policies"]] == ["read"]
    iam("CreatePolicy", PolicyName="admin", PolicyDocument=READ)
    assert json.loads(planted.read_text()) == READ


def test_a_change_that_is_not_committed_leaves_the_file(
    monkeypatch: pytest.MonkeyPatch, iam: Iam, file: Path
) -> None:
    """The journal refuses: the old document is in force, and no draft is left."""
    before = file.read_text()

    def refuse(*_: object) -> None:
        raise JournalUnavailableError("the journal cannot be written")

    monkeypatch.setattr(Journal, "append", refuse)
    for change in (
        ("CreatePolicyVersion", {"PolicyDocument": DENY, "SetAsDefault": True}),
        ("DeletePolicy", {}),
    ):
        with pytest.raises(JournalUnavailableError):
            iam(change[0], PolicyArn=ARN, **change[1])
    monkeypatch.undo()
    assert file.read_text() == before
    assert os.listdir(file.parent) == ["read.json"]
    assert in_force(iam) == json.dumps(READ, indent=4) + "\n"


def test_what_cannot_be_written_refuses_the_change(world: World, iam: Iam) -> None:
    """Before anything is committed: something else stands where the folder would be."""
    Path(world.directory, "policies").touch()
    with pytest.raises(StoreError, match="cannot write the policy new: "):
        iam("CreatePolicy", PolicyName="new", PolicyDocument=READ)
    assert iam("ListPolicies")["Policies"] == []


def test_a_directory_in_the_place_of_a_file_refuses_the_change(iam: Iam, file: Path) -> None:
    """Nothing is made or changed, and no draft is left."""
    file.unlink()
    for name in ("read.json", "new.json"):
        file.with_name(name).mkdir()
    more = {"PolicyArn": ARN, "PolicyDocument": DENY, "SetAsDefault": True}
    with pytest.raises(StoreError, match="the policy read: a directory is in its place"):
        iam("CreatePolicyVersion", **more)
    with pytest.raises(StoreError, match="the policy new: a directory is in its place"):
        iam("CreatePolicy", PolicyName="new", PolicyDocument=READ)
    (policy,) = iam("ListPolicies")["Policies"]
    assert (policy["PolicyName"], policy["DefaultVersionId"]) == ("read", "v1")
    assert sorted(os.listdir(file.parent)) == ["new.json", "read.json"]


def test_a_file_that_cannot_be_replaced_is_told_and_refused(
    monkeypatch: pytest.MonkeyPatch, iam: Iam, file: Path
) -> None:
    """The change holds, and that is told; the policy is refused until its file is put right."""
    put = principals.put

    def and_block(*arguments: Any) -> None:
        file.unlink()
        file.mkdir()
        put(*arguments)

    more = {"PolicyArn": ARN, "PolicyDocument": DENY, "SetAsDefault": True}
    monkeypatch.setattr(principals, "put", and_block)
    with pytest.raises(PolicyFileError, match=r"the change holds, but .* could not be replaced"):
        iam("CreatePolicyVersion", **more)
    monkeypatch.undo()
    assert iam("GetPolicy", PolicyArn=ARN)["Policy"]["DefaultVersionId"] == "v2"
    with pytest.raises(SecretctlError):
        in_force(iam)
    file.rmdir()
    iam("SetDefaultPolicyVersion", PolicyArn=ARN, VersionId="v2")
    assert json.loads(in_force(iam)) == DENY


def in_force(iam: Iam) -> str:
    """Return the document of the policy read, which must be the one the vault knows."""
    vault = iam.session.vault
    with vault.read() as view:
        found = principals.find(view, POLICY, "read")
    assert isinstance(found, ManagedPolicy)
    return policy_files.in_force(vault.directory, found.name, found.digest)


def killed_everywhere(world: World, iam: Iam, file: Path) -> None:
    """Killed at any call, a change is made or not; else the policy is refused, and put right."""
    assert file.exists()
    iam("CreatePolicyVersion", PolicyArn=ARN, PolicyDocument=DENY)
    iam.session.vault.close()
    versions, refused, target = {"v1": READ, "v2": DENY}, 0, ""
    for call in CALLS.split(","):
        for when in range(1, 40, 1 if IS_FULL else 2):
            before = state(world)
            if before == "refused":
                refused += 1
                assert separately(world, ["policy", "apply", "--yes"]).status == 0
                before = state(world)
                assert before == target, "what was committed"
            target = "v2" if before == "v1" else "v1"
            status = set_default(world, target, f"inject={call}:signal=KILL:when={when}")
            after = state(world)
            assert after in ((target,) if status == 0 else (before, target, "refused")), call
            assert after == "refused" or json.loads(file.read_text()) == versions[after]
            if status == 0:
                break
    assert refused, "a kill between the commit and the file"


def set_default(world: World, version: str, inject: str = "") -> int:
    """Put a version in force, under strace if it is to be killed; return the exit status."""
    folder = ["-P", world.directory, "-P", f"{world.directory}/policies"]
    for name in ("vault.db", "vault.db-journal", "policies/read.json.new", "policies/read.json"):
        folder += ["-P", f"{world.directory}/{name}"]
    traced = strace("-o", "/dev/null", *folder, "-e", f"trace={CALLS}", "-e", inject)
    before = traced if inject else []
    words = ["iam", "set-default-policy-version", "--policy-arn", ARN, "--version-id", version]
    return separately(world, words, before=before).status


def state(world: World) -> str:
    """Return which version is in force, or that its file is refused; the vault must be sound."""
    vault = opening.open_vault(world.directory, world.context)
    session = begin(world.context, vault, "us-east-1")
    try:
        assert fsck.check(vault).problems == ()
        iam = Iam(session)
        try:
            in_force(iam)
        except PolicyFileError as error:
            return (
                "refused" if error.hints[0].startswith("secretctl policy apply") else error.message
            )
        version = iam("GetPolicy", PolicyArn=ARN)["Policy"]["DefaultVersionId"]
        return str(version)
    finally:
        session.close()


if HAS_STRACE:
    test_kill_at_any_call_is_told_or_undone = killed_everywhere


def test_a_draft_that_was_left_is_in_nobodys_way(world: World, iam: Iam, file: Path) -> None:
    """It is no policy, and the next one takes its place."""
    draft = file.with_name("read.json.new")
    draft.write_text("{}")
    assert policy_files.names(world.directory) == ["read"]
    iam("CreatePolicyVersion", PolicyArn=ARN, PolicyDocument=DENY, SetAsDefault=True)
    assert not draft.exists()
    assert json.loads(in_force(iam)) == DENY


def test_fsck_through_the_command_line_is_content(world: World, iam: Iam, file: Path) -> None:
    """A vault with policies is sound."""
    assert file.exists()
    iam.session.vault.close()
    done = ended(world, "fsck")
    assert (done.status, done.stderr) == (0, "")
