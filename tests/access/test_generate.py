"""``policy generate``: a principal with that policy can do what it did, and nothing else."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from secretctl.errors import CannotGenerateError
from secretctl.policy.lint import lint
from secretctl.service import generating
from tests.access.conftest import ACCOUNT, Account, allow, policy
from tests.access.test_condition_keys import context_in
from tests.conftest import World

ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app"
Document = dict[str, Any]
SHARED = policy(allow("secretsmanager:GetSecretValue", Principal={"AWS": ALICE}))
COMMANDS = (
    "describe-secret --secret-id app/db",
    "get-secret-value --secret-id app/db --version-stage AWSCURRENT",
    "put-secret-value --secret-id app/db --secret-string w",
    "list-secret-version-ids --secret-id app/db",
    "list-secrets",
    "get-random-password",
    "batch-get-secret-value --secret-id-list app/db other",
    "batch-get-secret-value --filters Key=name,Values=oth",
    "batch-get-secret-value --filters Key=name,Values=nothing",
    "tag-resource --secret-id other --tags Key=a,Value=b",
    "untag-resource --secret-id other --tag-keys a",
    "update-secret --secret-id other --description d",
    "delete-secret --secret-id other",
    "restore-secret --secret-id other",
    "put-resource-policy --secret-id other --resource-policy POLICY",
    "get-resource-policy --secret-id other",
    "validate-resource-policy --secret-id other --resource-policy POLICY",
    "delete-resource-policy --secret-id other",
    "replicate-secret-to-regions --secret-id other --add-replica-regions Region=eu-west-1",
    "get-secret-value --secret-id other --region eu-west-1",
    "remove-regions-from-replication --secret-id other --remove-replica-regions eu-west-1",
    "create-secret --name plain --secret-string v",
    "create-secret --name new/x --secret-string v --tags Key=a,Value=b "
    "--add-replica-regions Region=eu-north-1",
    "get-secret-value --secret-id new/x",
    "describe-secret --secret-id new/x --region eu-north-1",
    "sts get-caller-identity",
    f"sts assume-role --role-arn {ROLE} --role-session-name night",
    f"sts assume-role --role-arn {ROLE} --role-session-name day --tags Key=a,Value=b "
    "--source-identity me",
    "kms list-keys",
    "kms describe-key --key-id alias/aws/secretsmanager",
    "iam list-users",
    "iam get-user --user-name alice",
    "iam simulate-custom-policy --policy-input-list EMPTY --action-names iam:GetUser",
    f"policy simulate --principal-arn {ALICE} --action-names iam:GetUser sts:AssumeRole "
    f"--resource-arns other {ROLE}",
)
EMPTY = policy({"Effect": "Deny", "Action": "*", "Resource": "*"})


class People(NamedTuple):
    """The account root and the user, in a home of their own."""

    root: Account
    user: Account


def prepare(home: Path) -> None:
    """Make a vault with two secrets, a role, and a user who may do everything."""
    home.mkdir(mode=0o700)
    root = Account(context_in(home))
    for name in ("app/db", "other"):
        root.must("create-secret", "--name", name, "--secret-string", "v")
    trust: Document = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}
    document = policy({**trust, "Action": "sts:*"})
    root.must("iam", "create-role", "--role-name", "app", "--assume-role-policy-document", document)
    user = root.user("alice")
    root.allow("alice", allow("*"))
    (home / "credential.json").write_text(json.dumps(user.environ))


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that is copied for each of what follows."""
    home = tmp_path_factory.mktemp("prepared") / "home"
    prepare(home)
    return home


class Homes:
    """Copies of that home, as many as are needed."""

    def __init__(self, prepared: Path, folder: Path) -> None:
        self._prepared = prepared
        self._folder = folder
        self._number = 0

    def __call__(self, document: Document | None = None) -> People:
        """Return who is in another copy; the user has only that policy, if one is given."""
        self._number += 1
        home = self._folder / str(self._number)
        shutil.copytree(self._prepared, home)
        root = Account(context_in(home))
        user = Account(root.context)
        user.environ = json.loads((home / "credential.json").read_text())
        if document is not None:
            root.must("iam", "delete-user-policy", "--user-name", "alice", "--policy-name", "test")
            text = json.dumps(document)
            made = root.must(
                "iam", "create-policy", "--policy-name", "g", "--policy-document", text
            )
            arn = made["Policy"]["Arn"]
            root.must("iam", "attach-user-policy", "--user-name", "alice", "--policy-arn", arn)
        return People(root, user)


@pytest.fixture(scope="module")
def homes(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Homes:
    """Copies of the prepared home."""
    return Homes(prepared, tmp_path_factory.mktemp("homes"))


def words_of(command: str) -> list[str]:
    """Return the words of a command."""
    texts = {"POLICY": SHARED, "EMPTY": EMPTY}
    return [texts.get(word, word) for word in command.split()]


def is_done(user: Account, command: str) -> bool:
    """Tell whether a command is carried out, with all that it was asked for."""
    said = user(*words_of(command))
    return said.status == 0 and "AccessDeniedException" not in said.out


def generated(root: Account, *words: str) -> Document:
    """Return the policy that is generated; nothing is to be said of it."""
    said = root("policy", "generate", "--from-audit", *words)
    assert (said.status, said.err) == (0, "")
    assert lint(said.out).findings == ()
    return said.answer


def less(document: Document) -> Iterator[Document]:
    """Yield the policy without one of its actions, and without one of its resources."""
    for number, statement in enumerate(document["Statement"]):
        for member in ("Action", "Resource"):
            whole = statement[member]
            for left in whole if isinstance(whole, list) else [whole]:
                kept = [each for each in whole if each != left] if isinstance(whole, list) else []
                changed = [{**statement, member: kept}] if kept else []
                rest = document["Statement"]
                yield {**document, "Statement": [*rest[:number], *changed, *rest[number + 1 :]]}


def test_it_is_enough_for_all_that_was_done_and_for_nothing_else(homes: Homes) -> None:
    """Every command is carried out again; without any part of the policy one of them is not."""
    seen = homes()
    assert [each for each in COMMANDS if not is_done(seen.user, each)] == []
    document = generated(seen.root, "--principal", "alice")
    again = homes(document)
    assert [each for each in COMMANDS if not is_done(again.user, each)] == []
    for part in less(document):
        lacking = homes(part)
        assert not all(is_done(lacking.user, each) for each in COMMANDS), part


@given(chosen=st.sets(st.integers(0, len(COMMANDS) - 1), min_size=1))
@settings(
    max_examples=4,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
def test_it_is_enough_for_whatever_was_done(homes: Homes, chosen: set[int]) -> None:
    """What fails for want of a command before it failed in the first place."""
    seen = homes()
    wanted = [COMMANDS[number] for number in sorted(chosen)]
    done = [each for each in wanted if is_done(seen.user, each)]
    said = seen.root("policy", "generate", "--from-audit", "--principal", ALICE)
    if not set(done) - {"sts get-caller-identity"}:
        assert (said.status, said.out) == (1, "")
        return
    again = homes(generated(seen.root, "--principal", ALICE))
    assert [each for each in wanted if is_done(again.user, each)] == done


def test_the_document_is_exact_sorted_and_the_same_each_time(root: Account, user: Account) -> None:
    """Actions on the same resources stand together; the star is for what has no resource."""
    root.allow("alice", allow("*"))
    arns = {}
    for name in ("app/db", "b"):
        root("create-secret", "--name", name, "--secret-string", "v")
        arns[name] = root.must("describe-secret", "--secret-id", name)["ARN"]
        user("describe-secret", "--secret-id", name)
        user("get-secret-value", "--secret-id", name)
    user("put-secret-value", "--secret-id", "b", "--secret-string", "w")
    user("list-secrets")
    user("create-secret", "--name", "own", "--secret-string", "v")
    user("delete-secret", "--secret-id", "own", "--force-delete-without-recovery")
    found = generated(root, "--principal", "alice")
    own = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:own-??????"
    actions = ("CreateSecret", "DeleteSecret"), ("DescribeSecret", "GetSecretValue")
    expected: list[tuple[tuple[str, ...], object]] = [
        (actions[0], own),
        (actions[1], sorted(arns.values())),
        (("ListSecrets",), "*"),
        (("PutSecretValue",), arns["b"]),
    ]
    assert found == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": [f"secretsmanager:{each}" for each in names],
                "Resource": resource,
            }
            for names, resource in expected
        ],
    }
    user("list-secrets")
    assert generated(root, "--principal", "alice") == found


def test_what_failed_or_was_done_by_others_or_before_is_left_out(
    root: Account, user: Account, world: World
) -> None:
    """Neither a refusal nor a secret that is not there; a span of time and a region choose."""
    bob = root.user("bob")
    root.allow("alice", allow("secretsmanager:*"))
    root.allow("bob", allow("*"))
    user("describe-secret", "--secret-id", "gone")
    user("iam", "list-users")
    bob("list-secrets")
    said = root("policy", "generate", "--from-audit", "--principal", "alice")
    assert (said.status, said.out) == (1, "")
    assert "the journal has nothing that was allowed to that principal" in said.err
    user("get-random-password")
    world.clock.pass_days(2)
    user("list-secrets", "--region", "eu-west-1")

    def actions(*words: str) -> list[str]:
        found = generated(root, "--principal", "alice", *words)
        return [each for one in found["Statement"] for each in one["Action"]]

    names = ["secretsmanager:GetRandomPassword", "secretsmanager:ListSecrets"]
    assert actions() == names
    assert actions("--since", "1d") == names[1:]
    assert actions("--region", "us-east-1") == names[:1]


def test_the_owner_is_a_principal_as_well(root: Account) -> None:
    """Nothing bounds it, but what it did can be handed on; what needs the root key cannot."""
    root.must("get-secret-value", "--secret-id", "app/db")
    root.must("batch-get-secret-value", "--filters", "Key=name,Values=app")
    root.must("create-secret", "--name", "n", "--tags", "Key=a,Value=b")
    root.must("iam", "create-user", "--user-name", "alice")
    found = generated(root, "--principal", "root")
    actions = [each for one in found["Statement"] for each in one["Action"]]
    assert sorted(actions) == [
        f"secretsmanager:{name}"
        for name in (
            *("BatchGetSecretValue", "CreateSecret", "GetSecretValue", "ListSecrets"),
            "TagResource",
        )
    ]


def test_a_role_is_asked_for_with_all_its_sessions(root: Account, user: Account) -> None:
    """By its name, ARN or id, or one session by its own; a name of two is not guessed."""
    trust: Document = {"Effect": "Allow", "Principal": {"AWS": ALICE}, "Action": "sts:AssumeRole"}
    ids = []
    for name in ("app", "web"):
        words = ("--role-name", name, "--assume-role-policy-document", policy(trust))
        ids.append(root.must("iam", "create-role", *words)["Role"]["RoleId"])
        document = policy(allow("secretsmanager:*"))
        words = ("--policy-name", "p", "--policy-document", document)
        root.must("iam", "put-role-policy", "--role-name", name, *words)

    def session(role: str, name: str) -> Account:
        arn = f"arn:aws:iam::{ACCOUNT}:role/{role}"
        words = ("--role-arn", arn, "--role-session-name", name)
        return root.holding(user.must("sts", "assume-role", *words)["Credentials"])

    session("app", "night")("list-secrets")
    session("app", "day")("get-random-password")
    session("web", "night")("describe-secret", "--secret-id", "app/db")
    of_role = generated(root, "--principal", f"arn:aws:iam::{ACCOUNT}:role/app")
    assert [each["Action"] for each in of_role["Statement"]] == [
        ["secretsmanager:GetRandomPassword", "secretsmanager:ListSecrets"]
    ]
    assert generated(root, "--principal", ids[0]) == of_role
    assert generated(root, "--principal", "app") == of_role
    one = generated(root, "--principal", f"arn:aws:sts::{ACCOUNT}:assumed-role/app/day")
    assert one["Statement"][0]["Action"] == ["secretsmanager:GetRandomPassword"]
    said = root("policy", "generate", "--from-audit", "--principal", "night")
    assert (said.status, said.out) == (1, "")
    assert "several principals go by that name" in said.err
    assert all(f"hint: --principal {each}\n" in said.err for each in ids)


def test_a_user_of_the_same_name_is_another(root: Account, user: Account) -> None:
    """What somebody did who is gone is not given to who came after."""
    root.allow("alice", allow("*"))
    user("list-secrets")
    key = user.environ["SECRETCTL_ACCESS_KEY_ID"]
    words = ("--user-name", "alice")
    root.must("iam", "delete-access-key", *words, "--access-key-id", key)
    root.must("iam", "delete-user-policy", *words, "--policy-name", "test")
    root.must("iam", "delete-user", *words)
    new = root.user("alice")
    root.allow("alice", allow("*"))
    new("get-random-password")
    said = root("policy", "generate", "--from-audit", "--principal", "alice")
    assert "several principals go by that name" in said.err
    new_id = root.must("iam", "get-user", *words)["User"]["UserId"]
    found = generated(root, "--principal", new_id)
    assert found["Statement"][0]["Action"] == ["secretsmanager:GetRandomPassword"]


def test_a_check_of_no_secret_is_not_paid_with_all_of_them(root: Account, user: Account) -> None:
    """It is left out, and that is said."""
    root.allow("alice", allow("*"))
    user.must("validate-resource-policy", "--resource-policy", SHARED)
    said = root("policy", "generate", "--from-audit", "--principal", "alice")
    assert (said.status, said.out) == (1, "")
    user.must("list-secrets")
    said = root("policy", "generate", "--from-audit", "--principal", "alice")
    (statement,) = said.answer["Statement"]
    assert statement["Action"] == ["secretsmanager:ListSecrets"]
    assert said.err == f"secretctl: warning: {generating.BROAD}\n"


def test_what_looks_like_a_wildcard_is_a_letter(root: Account, user: Account) -> None:
    """Paths of users may hold anything: no other user is meant."""
    root.must("iam", "create-user", "--user-name", "x", "--path", "/a*?/")
    root.must("iam", "create-user", "--user-name", "y", "--path", "/abc/")
    root.allow("alice", allow("*"))
    user.must("iam", "get-user", "--user-name", "x")
    found = generated(root, "--principal", "alice")
    assert found["Statement"][0]["Resource"] == f"arn:aws:iam::{ACCOUNT}:user/a${{*}}${{?}}/x"
    root.allow("alice", *found["Statement"])
    user.must("iam", "get-user", "--user-name", "x")
    assert user("iam", "get-user", "--user-name", "y").code == "AccessDenied"


def test_hidden_names_cannot_be_given(root: Account, user: Account) -> None:
    """A policy that names a hash would allow nothing; the way out is named."""
    root.allow("alice", allow("*"))
    user("list-secrets")
    root("configure", "set", "audit.names", "hmac")
    assert generated(root, "--principal", "alice")
    user("get-secret-value", "--secret-id", "app/db")
    said = root("policy", "generate", "--from-audit", "--principal", "alice")
    assert (said.status, said.out) == (1, "")
    assert "names of secrets are hidden in the journal (audit.names is hmac)" in said.err
    assert "hint: secretctl configure set audit.names plain" in said.err


def test_it_needs_no_key_and_is_not_recorded(root: Account, user: Account) -> None:
    """As the questions of audit."""
    root.allow("alice", allow("*"))
    user("list-secrets")
    before = root("audit", "tail", "-n", "1").out
    (key_file,) = Path(root.context.environ["HOME"], ".config/secretctl/keys").iterdir()
    key_file.unlink()
    assert generated(root, "--principal", "alice")
    assert root("audit", "tail", "-n", "1").out == before


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "the following arguments are required: --from-audit"),
        (("--from-audit",), "the following arguments are required: --principal"),
        (
            ("--from-audit", "--principal", "x", "--since", "soon"),
            "argument --since: no span of time and no time",
        ),
    ],
)
def test_what_is_missing_is_said(root: Account, words: tuple[str, ...], message: str) -> None:
    """And nothing is written."""
    said = root("policy", "generate", *words)
    assert (said.status, said.out) == (252, "")
    assert f"secretctl: error: {message}" in said.err


TEXTS = st.sampled_from(
    [
        *("secretsmanager.amazonaws.com", "iam.amazonaws.com", "AwsApiCall", "CreateSecret", "x:y"),
        *("GetSecretValue", "BatchGetSecretValue", "ListSecrets", "", "*", "iam:GetUser", "a:*"),
        *("arn:aws:secretsmanager:us-east-1:1:secret:a-AbCdEf", "arn:aws:iam::1:user/$a*?", "n:x"),
    ]
)
SAID = st.recursive(
    TEXTS | st.booleans() | st.none() | st.integers(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("action", "resource", "further", "decision", "operation", "byFilter", "ARN"),
                    *("addReplicaRegions", "region", "tags", "filters", "arn", "principalId"),
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=30,
)
RECORDS = st.fixed_dictionaries(
    {
        "eventSource": TEXTS,
        "eventName": TEXTS,
        "eventType": st.just("AwsApiCall"),
        "readOnly": st.just(value=True),
        "additionalEventData": SAID,
        "requestParameters": SAID,
        "resources": SAID,
    }
)


@given(records=st.lists(RECORDS, min_size=1, max_size=4))
def test_whatever_stands_in_the_journal_makes_a_policy_or_none(
    records: list[dict[str, object]],
) -> None:
    """One that can be read, in which no wildcard comes from a record."""
    try:
        document = generating.policy(records).document
    except CannotGenerateError:
        return
    text = json.dumps(document)
    assert [each for each in lint(text, "identity").findings if each.severity == "error"] == []
    assert "a:*" not in text
    assert "$a*?" not in text
