"""``policy explain``: why something was refused, and what would have to change: it is enough."""

import json
import os
import shlex
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretctl.cli import policy_explain_words
from secretctl.service import explained_changes, explaining
from secretctl.service.explained_commands import Shell
from tests.access.conftest import ACCOUNT, Account, allow, deny, policy
from tests.conftest import World

GET = "secretsmanager:GetSecretValue"
READ = ("get-secret-value", "--secret-id", "app/db")
ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"
NONE = "no refusal is in the journal\n"
Fields = dict[str, Any]


def explained(of: Account, *words: str) -> Fields:
    """Return the answer for programs."""
    found: Fields = of.must("policy", "explain", *words)["refusal"]
    return found


def text(of: Account, *words: str) -> str:
    """Return the answer for people."""
    said = of("policy", "explain", "--output", "text", *words)
    assert (said.status, said.err) == (0, "")
    return said.out


def changed(root: Account, refusal: Fields, name: str = "") -> None:
    """Do what can be done by the commands alone, for each change or the last one.

    *name* is the secret's where the journal has a hash of it.
    """
    wanted = refusal["changes"] if refusal["needed"] == "all" else refusal["changes"][-1:]
    for change in wanted:
        for command in change["commands"]:
            program, *words = shlex.split(command.replace("secret:NAME-", f"secret:{name}-"))
            assert program == "secretctl"
            root.must(*words)


def test_without_a_refusal_that_is_said(root: Account) -> None:
    """To people and to programs; what failed otherwise is none."""
    assert text(root) == NONE
    assert root("get-secret-value", "--secret-id", "none").status == 254
    assert root.must("policy", "explain") == {"refusal": None}
    assert text(root, "--principal", "alice") == "no such refusal is in the journal\n"


def test_the_statement_that_is_missing_can_be_pasted(root: Account, user: Account) -> None:
    """It is exact, and the command that is printed is enough."""
    assert user(*READ).status == 254
    found = explained(root)
    arn = root.must("describe-secret", "--secret-id", "app/db")["ARN"]
    assert (found["cause"], found["needed"], found["principal"]) == ("notAllowed", "any", ALICE)
    assert found["said"] == {"identity": "ImplicitlyDenied", "resource": "ImplicitlyDenied"}
    (change,) = found["changes"]
    assert change["statement"] == allow(GET, arn)
    said = text(root)
    assert f"the user alice was refused {GET}\non {arn}\n" in said
    assert json.dumps(change["statement"], indent=4) in said
    changed(root, found)
    assert user(*READ).status == 0


@pytest.mark.parametrize(
    "command",
    [
        ("list-secrets",),
        ("iam", "list-users"),
        ("iam", "get-user", "--user-name", "alice"),
        ("kms", "list-keys"),
        ("delete-secret", "--secret-id", "app/db"),
    ],
)
def test_what_is_printed_is_enough(root: Account, user: Account, command: tuple[str, ...]) -> None:
    """For operations about a secret, about none, and of other services."""
    assert user(*command).status == 254
    changed(root, explained(root))
    assert user(*command).status == 0


def test_the_name_of_what_was_not_made_is_for_the_reader_to_fill_in(
    root: Account, user: Account
) -> None:
    """What was refused stands in the journal as a hash alone: it may have been anything."""
    command = ("create-secret", "--name", "new/x", "--secret-string", "v")
    assert user(*command).status == 254
    assert "NAME stands for the secret" in text(root)
    found = explained(root)
    assert "new/x" not in json.dumps(found)
    changed(root, found, "new/x")
    assert user(*command).status == 0


def test_each_further_permission_is_explained_in_turn(root: Account, user: Account) -> None:
    """What more an operation needs is refused, and explained, one after another."""
    command = ("create-secret", "--name", "new", "--tags", "Key=a,Value=b")
    actions = []
    for _ in range(2):
        assert user(*command).status == 254
        found = explained(root)
        actions.append(found["action"].partition(":")[2])
        changed(root, found, "new")
    assert actions == ["CreateSecret", "TagResource"]
    assert user(*command).status == 0


def test_denials_are_named_and_so_is_what_lacks_besides(root: Account, user: Account) -> None:
    """With the group whose policy it is; without an Allow the denials are only half of it."""
    group = ("--group-name", "all")
    root.must("iam", "create-group", *group)
    root.must("iam", "add-user-to-group", *group, "--user-name", "alice")
    document = policy(allow("s3:*"), deny("secretsmanager:Get*", Sid="NoGet"))
    root.must(
        *("iam", "put-group-policy", *group),
        *("--policy-name", "own", "--policy-document", document),
    )
    root.must("iam", "create-policy", "--policy-name", "no", "--policy-document", policy(deny("*")))
    managed = f"arn:aws:iam::{ACCOUNT}:policy/no"
    root.must("iam", "attach-user-policy", "--user-name", "alice", "--policy-arn", managed)
    assert user(*READ).status == 254
    found = explained(root)
    assert (found["cause"], found["needed"]) == ("denied", "all")
    inline = {"policyType": "identity", "policy": "own", "group": "all", "statement": 1}
    denied = [{"policyType": "identity", "policy": managed, "statement": 0}]
    denied.append({**inline, "sid": "NoGet"})
    assert found["deniedBy"] == denied
    by_file, by_command, added = found["changes"]
    assert by_file["commands"] == ["secretctl policy apply no"]
    assert by_command["commands"][0] == (
        "secretctl iam get-group-policy --group-name all --policy-name own"
    )
    assert added["change"] == "addStatement"
    said = text(root)
    assert "It is denied by statement 1 (NoGet) of the policy own of the group all." in said
    assert "Its file is policies/no.json in the vault's directory." in said
    root.allow("alice", allow(GET))
    assert user(*READ).status == 254
    assert [each["change"] for each in explained(root)["changes"]] == ["removeStatement"] * 2


def test_a_denial_by_the_secrets_policy(root: Account, user: Account) -> None:
    """The owner may be denied as well; the commands are those about the secret."""
    everybody = deny(GET, Principal="*")
    words = ("--secret-id", "app/db", "--resource-policy", policy(everybody))
    root.must("put-resource-policy", *words)
    root.allow("alice", allow("*"))
    assert user(*READ).status == 254
    assert explained(root)["said"] == {"identity": "Allowed", "resource": "ExplicitlyDenied"}
    assert root(*READ).status == 254
    found = explained(root)
    assert found["principal"] == f"arn:aws:iam::{ACCOUNT}:root"
    (change,) = found["changes"]
    shown, put = change["commands"]
    assert root.must(*shlex.split(shown)[1:])["ResourcePolicy"] == policy(everybody)
    assert put.startswith("secretctl put-resource-policy --secret-id arn:aws:secretsmanager:")
    assert "the account root was refused" in text(root)


def test_conditions_that_failed_are_named_with_their_keys(root: Account, user: Account) -> None:
    """Which is missing and which is another, by statement; never a value."""
    condition = {
        "StringEquals": {"aws:ResourceTag/env": "canary", "secretsmanager:VersionStage": "canary"}
    }
    never = deny(GET, Sid="never", Condition={"Bool": {"aws:ViaAWSService": "true"}})
    root.allow("alice", allow(GET, Sid="some", Condition=condition), never)
    root.must("tag-resource", "--secret-id", "app/db", "--tags", "Key=env,Value=other")
    assert user(*READ).status == 254
    found = explained(root)
    assert [(each["key"], each["missing"]) for each in found["failedConditions"]] == [
        ("aws:ResourceTag/env", False),
        ("secretsmanager:VersionStage", True),
    ]
    met, added = found["changes"]
    assert (met["change"], met["sid"], len(met["conditions"])) == ("meetConditions", "some", 2)
    assert added["change"] == "addStatement"
    said = text(root)
    for line in (
        "It would be allowed by statement 0 (some) of the policy test, but for its conditions:\n"
        "- StringEquals on aws:ResourceTag/env: it has another value\n"
        "- StringEquals on secretsmanager:VersionStage: the request has no such key\n",
        "The secret's tag env has to fit: secretctl tag-resource.",
        "The request has to name secretsmanager:VersionStage: --version-stage.",
    ):
        assert line in said
    assert "canary" not in said + json.dumps(found)
    assert "never" not in said + json.dumps(found)


@pytest.mark.parametrize(
    ("command", "operation"),
    [
        (("get-secret-value", "--secret-id", "k"), "Decrypt"),
        (("batch-get-secret-value", "--secret-id-list", "k"), "Decrypt"),
        (("put-secret-value", "--secret-id", "k", "--secret-string", "v"), "GenerateDataKey"),
    ],
)
def test_a_grant_that_is_missing_is_created_by_the_command(
    root: Account, user: Account, command: tuple[str, ...], operation: str
) -> None:
    """Policies allow it; the key, the operation and the grantee are those that are needed."""
    key = root.must("kms", "create-key")["KeyMetadata"]["KeyId"]
    root.must("create-secret", "--name", "k", "--secret-string", "v", "--kms-key-id", key)
    root.allow("alice", allow("*"))
    user(*command)
    found = explained(root)
    assert (found["cause"], found["needed"]) == ("keyNotGranted", "all")
    expected = f"secretctl kms create-grant --key-id {key} --grantee-principal {ALICE} "
    assert found["changes"][0]["commands"] == [f"{expected}--operations {operation}"]
    assert f"lets the user alice {operation}. No policy makes up for it" in text(root)
    changed(root, found)
    said = user(*command)
    assert said.status == 0
    assert not said.answer.get("Errors")


def test_a_key_that_a_policy_denies_needs_no_statement_that_allows(
    root: Account, user: Account
) -> None:
    """A grant is there; the denial is all that has to go."""
    root.allow("alice", allow("secretsmanager:*"), deny("kms:Decrypt", Sid="NoKeys"))
    assert user(*READ).status == 254
    found = explained(root)
    assert (found["cause"], found["action"]) == ("denied", "kms:Decrypt")
    assert [(each["change"], each["sid"]) for each in found["changes"]] == [
        ("removeStatement", "NoKeys")
    ]
    assert "the user alice was refused kms:Decrypt" in text(root)


def test_a_key_that_is_not_there_is_made_by_the_owner(root: Account, user: Account) -> None:
    """No grant helps."""
    root.allow("alice", allow("*"))
    words = ("--name", "k", "--secret-string", "v", "--kms-key-id", "alias/new")
    assert user("create-secret", *words).status == 254
    assert (explained(root)["cause"], explained(root)["changes"]) == ("keyNotGranted", [])
    assert "there is no such KMS key" in text(root)


def test_what_policies_do_not_decide_is_told_apart(root: Account, user: Account) -> None:
    """The root key, AWS's own rules, and a policy that is not in force."""
    root.allow("alice", allow("*"))
    for command in (("iam", "create-user", "--user-name", "x"), ("policy", "who-can", GET, "*")):
        assert user(*command).status == 254
        assert (explained(root)["cause"], explained(root)["changes"]) == ("ownerOnly", [])
        assert "The vault's owner alone can do it" in text(root)
    role = f"arn:aws:iam::{ACCOUNT}:role/app"
    words = ("--role-arn", role, "--role-session-name", "night")
    assert root("sts", "assume-role", *words).status == 254
    assert (explained(root)["cause"], explained(root)["changes"]) == ("other", [])
    assert "the account root was refused sts:AssumeRole" in text(root)


@pytest.mark.parametrize(
    "command",
    [
        ("iam", "create-user", "--user-name", "zed"),
        ("iam", "delete-role", "--role-name", "none"),
        ("kms", "create-key"),
        ("kms", "enable-key", "--key-id", "alias/aws/secretsmanager"),
    ],
)
@pytest.mark.parametrize("statements", [[], [deny("*")], [allow("*")]])
def test_what_only_the_owner_may_do_is_said_at_once(
    root: Account, user: Account, command: tuple[str, ...], statements: list[Fields]
) -> None:
    """Whatever policies say of it: nobody is sent after a statement that does not help."""
    if statements:
        root.allow("alice", *statements)
    assert user(*command).status == 254
    assert (explained(root)["cause"], explained(root)["changes"]) == ("ownerOnly", [])
    said = text(root)
    assert "The vault's owner alone can do it" in said
    assert "Add this statement" not in said


def test_a_policy_that_is_not_in_force_is_a_reason(
    root: Account, user: Account, world: World
) -> None:
    """Its file was changed: everything is refused until that is put right."""
    root.must("iam", "create-policy", "--policy-name", "a", "--policy-document", policy(allow("*")))
    managed = f"arn:aws:iam::{ACCOUNT}:policy/a"
    root.must("iam", "attach-user-policy", "--user-name", "alice", "--policy-arn", managed)
    path = Path(world.directory, "policies/a.json")
    path.write_text(path.read_text() + "\n")
    assert user(*READ).status == 253
    found = explained(root)
    assert (found["cause"], found["action"]) == ("policyNotInForce", GET)
    assert found["changes"][0]["commands"] == ["secretctl policy apply a"]
    assert "A policy that has a say is not in force" in text(root)


def test_a_key_file_that_others_can_read_is_no_refusal(root: Account, world: World) -> None:
    """The vault was not opened: no policy was asked, and none is to be put in force."""
    (key_file,) = world.home.rglob("*.key")
    key_file.chmod(0o644)
    said = root("list-secrets")
    assert "can be reached by somebody else" in said.err
    assert "UnsafePermissionsError" in root("audit", "tail", "-n", "1").out
    assert root.must("policy", "explain") == {"refusal": None}


def test_the_refusal_is_the_last_one_or_the_one_that_is_chosen(
    root: Account, user: Account
) -> None:
    """By event, by caller and by secret; of one region, if that is given."""
    bob = root.user("bob")
    root.must("create-secret", "--name", "other", "--secret-string", "v")
    user(*READ)
    first = explained(root)["eventId"]
    bob("get-secret-value", "--secret-id", "other")
    last = explained(root)["eventId"]
    assert last != first
    for words in (
        ("--event-id", first),
        ("--principal", "alice"),
        ("--principal", ALICE),
        ("--secret-id", "app/db"),
    ):
        assert explained(root, *words)["eventId"] == first
    assert explained(root, "--secret-id", "other", "--principal", "bob")["eventId"] == last
    assert root.must("policy", "explain", "--region", "eu-west-1") == {"refusal": None}
    user("get-secret-value", "--secret-id", "gone")
    assert explained(root, "--secret-id", "gone")["changes"][0]["statement"]["Resource"] == (
        f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:NAME-??????"
    )


def test_it_asks_the_journal_as_the_questions_of_audit_do(root: Account, user: Account) -> None:
    """Without a key, without a record, and of whoever may read the files."""
    user(*READ)
    before = root("audit", "tail", "-n", "1").out
    found = explained(root)
    (key_file,) = Path(root.context.environ["HOME"], ".config/secretctl/keys").iterdir()
    key_file.unlink()
    assert explained(root) == found
    assert explained(user) == found
    assert root("audit", "tail", "-n", "1").out == before
    os.chmod(Path(root.context.environ["HOME"], ".local/share/secretctl/default"), 0o777)
    assert root("policy", "explain").status == 253


def test_a_hidden_name_is_not_guessed(root: Account, user: Account) -> None:
    """The statement has a gap, and it is said what is to stand there."""
    root("configure", "set", "audit.names", "hmac")
    user(*READ)
    (change,) = explained(root)["changes"]
    resource = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:NAME-??????"
    assert change["statement"]["Resource"] == resource
    assert "NAME stands for the secret: the journal has a hash of its name alone" in text(root)
    assert "app/db" not in text(root)
    assert explained(root, "--secret-id", "app/db") == explained(root)


def test_a_session_is_explained_with_its_role(root: Account, user: Account) -> None:
    """The statement goes to the role; what bounds the session alone is named as that."""
    trust: Fields = {"Effect": "Allow", "Principal": {"AWS": ALICE}, "Action": "sts:AssumeRole"}
    words = ("--role-name", "app", "--assume-role-policy-document", policy(trust))
    role = root.must("iam", "create-role", *words)["Role"]["Arn"]
    assume = ("sts", "assume-role", "--role-arn", role, "--role-session-name", "night")
    app = root.holding(user.must(*assume)["Credentials"])
    assert app(*READ).status == 254
    found = explained(root)
    assert found["changes"][0]["commands"][0].startswith(
        "secretctl iam put-role-policy --role-name app --policy-name allow-"
    )
    assert f"the session night of the role app was refused {GET}" in text(root)
    changed(root, found)
    assert app(*READ).status == 0
    bounded = root.holding(user.must(*assume, "--policy", policy(allow("s3:*")))["Credentials"])
    assert bounded(*READ).status == 254
    found = explained(root)
    assert found["said"]["session"] == "ImplicitlyDenied"
    assert found["changes"][0]["policyType"] == "session"
    assert "the policies of the session do not allow it" in text(root)


def test_a_boundary_is_the_one_to_change(root: Account, user: Account) -> None:
    """Where it does not allow, and where it denies."""
    root.allow("alice", allow("*"))
    words = ("--policy-name", "at-most", "--policy-document")
    made = root.must("iam", "create-policy", *words, policy(allow("s3:*")))["Policy"]["Arn"]
    bound = ("--user-name", "alice", "--permissions-boundary", made)
    root.must("iam", "put-user-permissions-boundary", *bound)
    assert user(*READ).status == 254
    found = explained(root)
    assert found["said"]["boundary"] == "ImplicitlyDenied"
    (change,) = found["changes"]
    assert (change["policyType"], change["statement"]["Action"]) == ("boundary", GET)
    assert (change["policy"], change["commands"]) == (made, ["secretctl policy apply at-most"])
    assert "Add this statement to the permissions boundary of the user alice." in text(root)
    version = ("--policy-arn", made, "--set-as-default", "--policy-document", policy(deny("*")))
    root.must("iam", "create-policy-version", *version)
    assert user(*READ).status == 254
    removed, added = explained(root)["changes"]
    assert removed["commands"] == ["secretctl policy apply at-most"]
    assert added["policyType"] == "boundary"
    assert f"It is denied by statement 0 of the permissions boundary {made}." in text(root)


def test_a_trust_policy_is_the_one_to_change(root: Account, user: Account) -> None:
    """It has to name the user, and statements in it have no resource."""
    trust: Fields = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}
    document = policy({**trust, "Action": "sts:TagSession"})
    words = ("--role-name", "app", "--assume-role-policy-document", document)
    role = root.must("iam", "create-role", *words)["Role"]["Arn"]
    root.allow("alice", allow("sts:*"))
    assume = ("sts", "assume-role", "--role-arn", role, "--role-session-name", "night")
    assert user(*assume).status == 254
    (change,) = explained(root)["changes"]
    assert (change["policyType"], change["statement"]) == (
        "trust",
        {"Effect": "Allow", "Principal": {"AWS": ALICE}, "Action": "sts:AssumeRole"},
    )
    tagging: Fields = {**trust, "Action": "sts:TagSession"}
    whole = policy(tagging, change["statement"])
    words = ("--role-name", "app", "--policy-document", whole)
    root.must("iam", "update-assume-role-policy", *words)
    assert user(*assume).status == 0


NAMES = st.sampled_from(
    [
        *("additionalEventData", "decision", "allowed", "reason", "action", "resource", "said"),
        *("statements", "unmet", "policyType", "policy", "statement", "sid", "group", "operator"),
        *("key", "missing", "lacks", "kmsKey", "kmsOperation", "userIdentity", "arn", "type"),
        *("eventName", "eventSource", "eventID", "identity", "conditions", "sessionContext"),
    ]
)
WORDS = st.sampled_from(
    [
        *("identity", "resource", "trust", "session", "Root", "AssumedRole", "ImplicitlyDenied"),
        *("ExplicitlyDenied", "the key is not granted", GET, "sts:AssumeRole", "x\x1b[2J", ""),
    ]
)
SAID = st.recursive(
    WORDS | st.booleans() | st.none() | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=40,
)


@given(
    decision=st.dictionaries(NAMES, SAID, max_size=9),
    rest=st.dictionaries(NAMES, SAID, max_size=6),
    allowed=st.sampled_from([False, None]),
)
def test_whatever_stands_in_the_journal_is_explained(
    decision: dict[str, object], rest: dict[str, object], allowed: object
) -> None:
    """Anybody may have written it: nothing breaks, and no terminal is steered."""
    additional = {"decision": {**decision, "allowed": allowed}, "timeMs": 0}
    found = explaining.refusal({**rest, "additionalEventData": additional})
    json.dumps(explaining.told(found))
    needed, changes = explained_changes.changes(found, Shell())
    json.dumps(changes)
    assert "\x1b" not in policy_explain_words.text(found, needed, changes)
