"""``policy explain`` prints commands for the vault and the region that the refusal was in."""

import shlex
import subprocess
from pathlib import Path

import pytest

from tests.access.conftest import Account, allow, deny, policy
from tests.access.test_credentials import put_profile
from tests.access.test_explain import GET, changed, explained

LIST = ("list-secrets",)


@pytest.fixture
def team(root: Account) -> str:
    """Make a second vault, which a profile names; return its directory."""
    directory = str(Path(root.context.environ["HOME"], "a team"))
    assert root("init", "--vault", directory).status == 0
    root("configure", "set", "vault", directory, "--profile", "team")
    return directory


@pytest.mark.parametrize("choice", ["--vault", "--profile"])
def test_what_chose_the_vault_stands_in_each_command(
    root: Account, user: Account, team: str, choice: str
) -> None:
    """Pasted, they change that vault, and not the one that is the default."""
    there, options = ("--vault", team), (choice, team if choice == "--vault" else "team")
    root.must("iam", "create-user", "--user-name", "alice", *options)
    made = root.must("iam", "create-access-key", "--user-name", "alice", *options)
    alice = root.holding(made["AccessKey"])
    assert user(*LIST).status == 254
    assert alice(*LIST, *there).status == 254
    found = explained(root, *options)
    assert all(each.endswith(shlex.join(options)) for each in found["changes"][0]["commands"])
    changed(root, found)
    assert alice(*LIST, *there).status == 0
    assert user(*LIST).status == 254


def test_a_profile_that_holds_a_credential_is_not_for_the_owner(
    root: Account, user: Account
) -> None:
    """The vault stands in the commands instead: with the profile they would be refused."""
    put_profile(root, user, "ci")
    assert root(*LIST, "--profile", "ci").status == 254
    found = explained(root, "--profile", "ci")
    (command,) = found["changes"][0]["commands"]
    assert shlex.split(command)[-2] == "--vault"
    changed(root, found)
    assert root(*LIST, "--profile", "ci").status == 0


@pytest.mark.parametrize("words", [(), ("--region", "eu-west-1")])
def test_a_secret_is_looked_for_in_its_region(
    root: Account, user: Account, words: tuple[str, ...]
) -> None:
    """The policy that denies is shown, wherever the commands are typed."""
    there = ("--region", "eu-west-1")
    root.must("create-secret", "--name", "west", "--secret-string", "v", *there)
    document = policy(deny(GET, Principal="*"))
    root.must("put-resource-policy", "--secret-id", "west", "--resource-policy", document, *there)
    root.allow("alice", allow("*"))
    assert user("get-secret-value", "--secret-id", "west", *there).status == 254
    (change,) = explained(root, *words)["changes"]
    shown, put = (shlex.split(each)[1:] for each in change["commands"])
    assert root.must(*shown)["ResourcePolicy"] == document
    root.must(*(policy(deny("s3:*", Principal="*")) if "file:" in each else each for each in put))
    assert user("get-secret-value", "--secret-id", "west", *there).status == 0


def test_a_hidden_name_is_to_be_filled_in_where_a_secret_is_named(
    root: Account, user: Account
) -> None:
    """A pattern is no secret's id."""
    root.must(
        *("put-resource-policy", "--secret-id", "app/db"),
        *("--resource-policy", policy(deny(GET, Principal="*"))),
    )
    root.allow("alice", allow("*"))
    root("configure", "set", "audit.names", "hmac")
    assert user("get-secret-value", "--secret-id", "app/db").status == 254
    said = root("policy", "explain")
    assert "secretctl: warning: NAME stands for the secret" in said.err
    (change,) = said.answer["refusal"]["changes"]
    assert change["commands"][0] == "secretctl get-resource-policy --secret-id NAME"


def spoiled(path: Path, how: str) -> None:
    """Keep a policy's file from being in force."""
    if how == "missing":
        path.unlink()
    elif how == "others":
        path.chmod(0o666)
    else:
        path.write_text(path.read_text() + "\n")


@pytest.mark.parametrize("how", ["missing", "others", "changed"])
def test_a_file_that_is_not_in_force_is_put_right_by_the_command(
    root: Account, user: Account, how: str
) -> None:
    """By that which helps against what is wrong with it; with what chooses the vault."""
    words = ("--policy-name", "a", "--policy-document", policy(allow("*")))
    arn = root.must("iam", "create-policy", *words)["Policy"]["Arn"]
    root.must("iam", "attach-user-policy", "--user-name", "alice", "--policy-arn", arn)
    vault = Path(root.context.environ["HOME"], ".local/share/secretctl/default")
    spoiled(vault / "policies/a.json", how)
    assert user(*LIST).status == 253
    (command,) = explained(root, "--vault", str(vault))["changes"][0]["commands"]
    program, *rest = shlex.split(command)
    if program == "secretctl":
        assert rest[-2:] == ["--vault", str(vault)]
        assert root(*rest, "--yes").status == 0
    else:
        subprocess.run([program, *rest], check=True)
    assert user(*LIST).status == 0
