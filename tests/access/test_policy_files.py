"""A policy whose file is not the one in force: nothing is allowed, and the error says why."""

import json
import os
from pathlib import Path

import pytest

from tests.access.conftest import ACCOUNT, Account, allow, deny, policy

LIST = ("list-secrets", "--query", "SecretList[].Name", "--output", "text")
ARN = f"arn:aws:iam::{ACCOUNT}:policy/Listing"


@pytest.fixture
def file(root: Account, user: Account) -> Path:
    """The file of a policy that allows alice to list secrets, and her another that allows all."""
    root.must(
        *("iam", "create-policy", "--policy-name", "Listing"),
        *("--policy-document", policy(allow("secretsmanager:ListSecrets"))),
    )
    root.must("iam", "attach-user-policy", "--user-name", "alice", "--policy-arn", ARN)
    assert user(*LIST).out == "app/db\n"
    root.allow("alice", allow("*"))
    return Path(
        root.context.environ["HOME"], ".local/share/secretctl/default/policies/Listing.json"
    )


def refused(user: Account) -> str:
    """Return the message of a user who may do nothing, whatever other policies allow.

    The journal tells of the refusal: which policy it was, and nothing of where that lies.
    """
    said = user(*LIST)
    assert (said.status, said.out) == (253, "")
    assert said.err.startswith("secretctl: error: ")
    line = user("audit", "tail", "-n", "1").out
    record = json.loads(line)
    assert record["errorCode"] in ("PolicyFileError", "UnsafePermissionsError")
    assert record["additionalEventData"]["decision"] == {
        "allowed": False,
        "reason": "a policy is not the one in force",
        "action": "secretsmanager:ListSecrets",
        "resource": "*",
        "policy": ARN,
    }
    assert "policies/" not in line
    assert ".json" not in line
    return said.err


def test_a_file_in_force_is_readable_and_the_owners(file: Path) -> None:
    """One element a line, to be read and compared; nobody else can reach it."""
    assert '\n            "Action": "secretsmanager:ListSecrets",\n' in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_a_changed_file_is_refused(user: Account, file: Path) -> None:
    """Whether it says more or less: it is not in force, and nothing is guessed."""
    file.write_text(policy(allow("*")))
    said = refused(user)
    assert "the file of the policy Listing was changed and is not in force" in said
    assert "hint: secretctl policy apply" in said


def test_a_removed_file_is_refused(user: Account, file: Path) -> None:
    """A denial might have stood in it."""
    file.unlink()
    assert "the file of the policy Listing is missing" in refused(user)


def test_a_planted_file_means_nothing(root: Account, user: Account, file: Path) -> None:
    """A policy that the vault does not know is attached to nobody and cannot be."""
    file.with_name("Everything.json").write_text(policy(allow("*")))
    planted = ARN.replace("Listing", "Everything")
    said = root("iam", "attach-user-policy", "--user-name", "alice", "--policy-arn", planted)
    assert said.code == "NoSuchEntity"
    assert user(*LIST).out == "app/db\n"


def test_a_planted_file_of_other_letters_is_refused_alone(
    root: Account, user: Account, file: Path
) -> None:
    """The policy whose name it has in other letters has nothing wrong with it."""
    file.with_name("LISTING.json").write_text(policy(allow("*")))
    said = root("policy", "apply", "--yes")
    assert said.status == 253
    assert said.out == (
        "policies/LISTING.json: refused: the file LISTING.json differs from Listing in the case of "
        "letters only\n"
    )
    assert "error: the file LISTING.json differs from Listing in the case of letters" in said.err
    assert root("policy", "apply", "Listing").out == "Listing v1 is in force\n"
    file.write_text(policy(allow("secretsmanager:List*")))
    assert "Listing v2 is in force\n" in root("policy", "apply", "Listing", "--yes").out
    assert user(*LIST).out == "app/db\n"


def test_a_link_is_refused(user: Account, file: Path, tmp_path: Path) -> None:
    """Even to the very same text."""
    elsewhere = tmp_path / "elsewhere.json"
    elsewhere.write_text(file.read_text())
    file.unlink()
    file.symlink_to(elsewhere)
    assert "Listing" in refused(user)


def test_a_pipe_is_refused(user: Account, file: Path) -> None:
    """It is not waited for."""
    file.unlink()
    os.mkfifo(file, 0o600)
    assert "Listing" in refused(user)


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o660, 0o666])
def test_a_file_that_others_could_change_is_refused(user: Account, file: Path, mode: int) -> None:
    """Though its text is the one in force."""
    file.chmod(mode)
    said = refused(user)
    assert "Listing" in said
    assert "chmod" in said


@pytest.mark.parametrize("mode", [0o770, 0o777])
def test_a_folder_that_others_could_change_is_refused(user: Account, file: Path, mode: int) -> None:
    """They could put another file there."""
    file.parent.chmod(mode)
    assert "chmod 700" in refused(user)


def test_what_was_committed_is_put_in_its_place(root: Account, user: Account, file: Path) -> None:
    """The command that the refusal names goes forward: the denial that was made is in force."""
    before = file.read_text()
    root.must(
        *("iam", "create-policy-version", "--policy-arn", ARN, "--set-as-default"),
        *("--policy-document", policy(deny("secretsmanager:ListSecrets"))),
    )
    after = file.read_text()
    draft = file.with_name("Listing.json.new")
    file.rename(draft)  # as a process leaves it that is killed behind the commit
    file.write_text(before)
    assert "hint: secretctl policy apply Listing\n" in refused(user)
    told = "policies/Listing.json was not replaced when Listing v2 was put in force\n"
    said = root("policy", "apply", "Listing", "--dry-run")
    assert (said.status, said.out, file.read_text()) == (1, told, before)
    said = root("policy", "apply", "Listing", "--yes")
    assert said.out == f"{told}wrote policies/Listing.json anew: it is Listing v2\n"
    assert (said.status, file.read_text(), draft.exists()) == (0, after, False)
    assert "explicit deny" in user(*LIST).err
    assert '"eventName":"RestorePolicyFile"' in root("audit", "tail", "-n", "3").out
    versions = root.must("iam", "list-policy-versions", "--policy-arn", ARN)["Versions"]
    assert [each["VersionId"] for each in versions if each["IsDefaultVersion"]] == ["v2"]


def test_a_directory_in_the_place_of_a_file_keeps_a_policy_from_being_made(
    root: Account, file: Path
) -> None:
    """It is not made, and that is what is told."""
    file.with_name("New.json").mkdir()
    document = ("--policy-document", policy(allow("*")))
    said = root("iam", "create-policy", "--policy-name", "New", *document)
    assert (said.status, said.out) == (255, "")
    assert "cannot write the policy New: a directory is in its place" in said.err
    named = ("--policy-arn", ARN.replace("Listing", "New"))
    assert root("iam", "get-policy", *named).code == "NoSuchEntity"


def test_the_root_is_not_kept_out(root: Account, file: Path) -> None:
    """It needs no policy, so it can put things right."""
    file.unlink()
    assert root(*LIST).out == "app/db\n"


def test_other_principals_go_on(root: Account, file: Path) -> None:
    """A policy that is not theirs is none of their business."""
    bob = root.user("bob")
    root.allow("bob", allow("secretsmanager:ListSecrets"))
    file.unlink()
    assert bob(*LIST).out == "app/db\n"
