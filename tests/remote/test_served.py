"""Against ``secretctl serve``: signatures are verified, policies decide, and its journal has it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.access.conftest import Account, allow, policy
from tests.cli.machine import Machine
from tests.conftest import world_in
from tests.server.served import Served, serving

ALLOWED = ("ListSecrets", "DescribeSecret", "GetSecretValue", "CreateSecret", "PutSecretValue")
VARIABLE = "SECRETCTL_ENDPOINT_URL"


class There:
    """A vault elsewhere that is served, and its owner."""

    def __init__(self, served: Served, owner: Account) -> None:
        self.served = served
        self.owner = owner

    def credential_of(self, name: str, *actions: str) -> dict[str, str]:
        """Make a user who may do *actions*; return what signs, in AWS's variables."""
        user = self.owner.user(name)
        self.owner.allow(name, *(allow(f"secretsmanager:{action}") for action in actions))
        return {
            "AWS_ACCESS_KEY_ID": user.environ["SECRETCTL_ACCESS_KEY_ID"],
            "AWS_SECRET_ACCESS_KEY": user.environ["SECRETCTL_SECRET_ACCESS_KEY"],
        }


@pytest.fixture
def there(tmp_path: Path) -> Iterator[There]:
    """A vault with two secrets, served."""
    world = world_in(tmp_path / "there")
    owner = Account(world.context)
    owner.must("create-secret", "--name", "db", "--secret-string", '{"user": "app", "no": 1}')
    owner.must("create-secret", "--name", "bytes", "--secret-binary", "AP8=")
    with serving(world) as served:
        yield There(served, owner)
    assert served.troubles == []


@pytest.fixture
def user(machine: Machine, there: There) -> Machine:
    """A machine without a vault, with the credential of a user of the one elsewhere."""
    machine.environ = {**there.credential_of("app", *ALLOWED), VARIABLE: there.served.url}
    return machine


def test_a_user_of_a_vault_elsewhere_works_as_if_it_were_here(user: Machine) -> None:
    """Text, bytes, pages and errors; what is written over there is read from there."""
    assert user("get", "db#user").stdout == "app"
    read = ("get-secret-value", "--secret-id", "bytes", "--query", "SecretBinary")
    assert user(*read).stdout == '"AP8="\n'
    listed = user("list-secrets", "--page-size", "1", "--query", "SecretList[].Name")
    assert listed.stdout.split() == ["[", '"db",', '"bytes"', "]"]
    made = user("create-secret", "--name", "new", "--secret-string", "t\u00f6k \U0001f511")
    assert (made.status, made.stderr) == (0, "")
    assert user("get", "new").stdout == "t\u00f6k \U0001f511"
    assert user("check", "db#user", "new", "X=none").status == 1
    assert user("export", "--format", "json", "db").stdout.startswith("{")
    none = user("get-secret-value", "--secret-id", "none")
    assert (none.status, none.stderr) == (
        254,
        "\nAn error occurred (ResourceNotFoundException) when calling the GetSecretValue "
        "operation: Secrets Manager can't find the specified secret.\n",
    )


def test_policies_over_there_decide(user: Machine) -> None:
    """What the user may not do is refused in AWS's words."""
    done = user("delete-secret", "--secret-id", "db")
    assert done.status == 254
    assert "(AccessDeniedException) when calling the DeleteSecret operation: User: " in done.stderr


@pytest.mark.parametrize(
    ("variable", "value", "code"),
    [
        ("AWS_SECRET_ACCESS_KEY", "x" * 40, "InvalidSignatureException"),
        ("AWS_ACCESS_KEY_ID", "AKIAXXXXXXXXXXXXXXXX", "UnrecognizedClientException"),
        ("AWS_SESSION_TOKEN", "hunter2", "UnrecognizedClientException"),
    ],
)
def test_a_credential_that_is_good_for_nothing_is_refused_once(
    variable: str, value: str, code: str, user: Machine
) -> None:
    """With AWS's error, though several secrets were asked for."""
    done = user("check", "db", "bytes", **{variable: value})
    assert done.status == 254
    assert done.stderr.count(f"An error occurred ({code})") == 1
    assert value not in done.stderr


def test_a_clock_that_is_wrong_is_refused(user: Machine) -> None:
    """A signature holds for a quarter of an hour."""
    user.world.clock.pass_days(-1)
    done = user("get", "db#user")
    assert done.status == 254
    assert "(InvalidSignatureException)" in done.stderr


def test_a_session_of_a_role_signs_with_its_token(there: There, machine: Machine) -> None:
    """``assume-role`` over there gives what signs here."""
    owner = there.owner
    trust = policy({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"})
    made = ("--role-name", "r", "--assume-role-policy-document", trust)
    arn = owner.must("iam", "create-role", *made)["Role"]["Arn"]
    document = policy(allow("secretsmanager:GetSecretValue"))
    put = ("--role-name", "r", "--policy-name", "p", "--policy-document", document)
    owner.must("iam", "put-role-policy", *put)
    user = owner.user("u")
    owner.allow("u", allow("sts:AssumeRole"))
    begun = ("--role-arn", arn, "--role-session-name", "session")
    session = user.must("sts", "assume-role", *begun)
    held = session["Credentials"]
    machine.environ = {
        "AWS_ACCESS_KEY_ID": held["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": held["SecretAccessKey"],
        "AWS_SESSION_TOKEN": held["SessionToken"],
        VARIABLE: there.served.url,
    }
    assert machine("get", "db#user").stdout == "app"


def test_the_journal_over_there_has_what_was_read(there: There, user: Machine) -> None:
    """Under the user's name; this machine has no journal."""
    user("get", "db#user")
    events = there.owner.must(*("audit", "lookup-events", "--max-items", "50", "--output", "json"))[
        "Events"
    ]
    read = [each for each in events if each["EventName"] == "GetSecretValue"]
    assert [each["Username"] for each in read] == ["app"]
    assert not Path(user.world.directory).exists()


def test_sync_copies_into_a_vault_that_is_served_and_out_of_it(
    there: There, machine: Machine
) -> None:
    """Both ways, with policies; a second time nothing changes."""
    machine.environ = there.credential_of("copier", "*")
    machine("init")
    machine("create-secret", "--name", "mine", "--secret-string", "v", "--description", "d")
    machine("put-secret-value", "--secret-id", "mine", "--secret-string", "w")
    url = there.served.url
    out = machine("sync", "--from", "vault", "--to", url)
    assert out.stdout == "create    mine: AWSCURRENT, AWSPREVIOUS, description\n1 created\n"
    back = machine("sync", "--from", url, "--to", "vault")
    assert back.stdout.endswith("2 created, 1 unchanged\n")
    for places in (("vault", url), (url, "vault")):
        done = machine("sync", "--from", places[0], "--to", places[1])
        assert (done.status, done.stdout, done.stderr) == (0, "3 unchanged\n", "")
    assert machine("get", "mine?stage=AWSPREVIOUS", "--endpoint-url", url).stdout == "v"
