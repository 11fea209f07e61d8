"""``policy who-can`` lists whom the policies in force let in, and nobody else."""

import json
from typing import Any

import pytest

from secretctl.domain.principals import USER, User
from secretctl.errors import ServiceError
from secretctl.model.services import operations_of
from secretctl.service.dispatch import call
from secretctl.service.secrets import writing
from secretctl.service.who_can import who_can
from secretctl.service.who_can_key import material_of
from secretctl.vault import grants, principals
from tests.conftest import Service

READ = "secretsmanager:GetSecretValue"
WRITE = "secretsmanager:PutSecretValue"
ACCOUNT = "000000000000"
TRUST = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}


def iam(service: Service, command: str, **parameters: object) -> None:
    """Call an operation of IAM."""
    call(service.session, operations_of("iam")[command], parameters)


def document(**statement: object) -> str:
    """Return a policy of one statement."""
    whole = {"Effect": "Allow", "Action": READ, "Resource": "*", **statement}
    left = {name: value for name, value in whole.items() if value is not None}
    return json.dumps({"Version": "2012-10-17", "Statement": left})


@pytest.fixture
def asked(service: Service) -> Service:
    """A vault with a secret ``prod/db``, a user ``ci`` and a role ``app``."""
    service("CreateSecret", Name="prod/db", SecretString="v")
    iam(service, "create-user", UserName="ci", Tags=[{"Key": "team", "Value": "a"}])
    trust = json.dumps({"Version": "2012-10-17", "Statement": TRUST})
    iam(service, "create-role", RoleName="app", AssumeRolePolicyDocument=trust)
    return service


def put(service: Service, **statement: object) -> None:
    """Give ``ci`` a policy of one statement."""
    iam(
        service,
        "put-user-policy",
        UserName="ci",
        PolicyName=f"p{len(json.dumps(statement))}",
        PolicyDocument=document(**statement),
    )


def share(service: Service, principal: str, **besides: object) -> None:
    """Attach a resource policy for *principal*."""
    text = document(Principal={"AWS": principal}, **besides)
    service("PutResourcePolicy", SecretId="prod/db", ResourcePolicy=text)


def listed(
    service: Service, secret: str = "prod/db", action: str = READ
) -> dict[str, dict[str, Any]]:
    """Return the entries but that of the root, by what their ARNs end in."""
    answer = who_can(service.session, action, secret)["Principals"]
    assert isinstance(answer, list)
    assert answer[0]["Type"] == "root"
    return {str(each["Principal"]).rpartition(":")[2]: each for each in answer[1:]}


def test_nobody_but_the_root_is_in_at_first(asked: Service) -> None:
    """A user or role without policies may do nothing."""
    assert listed(asked) == {}


def test_denial_for_certain_keeps_out(asked: Service) -> None:
    """A denial wins over every Allow."""
    put(asked)
    put(asked, Effect="Deny", Resource="arn:aws:secretsmanager:*:*:secret:prod/*")
    assert listed(asked) == {}
    assert set(listed(asked, "*")) == {"user/ci"}  # the denial is about some secrets only


def test_keys_that_are_known_are_decided(asked: Service) -> None:
    """A tag of the user or of the secret holds or not: nothing is left open."""
    put(asked, Condition={"StringEquals": {"aws:PrincipalTag/team": "b"}})
    put(asked, Condition={"StringEquals": {"aws:ResourceTag/env": "prod"}})
    assert listed(asked) == {}
    asked("TagResource", SecretId="prod/db", Tags=[{"Key": "env", "Value": "prod"}])
    through = listed(asked)["user/ci"]["Through"]
    assert isinstance(through, list)
    assert len(through) == 1
    assert "Conditions" not in through[0]


def test_keys_that_only_a_request_has_are_named(asked: Service) -> None:
    """Whether they hold is for the request to say."""
    put(asked, Condition={"StringEquals": {"secretsmanager:VersionStage": "AWSCURRENT"}})
    through = listed(asked)["user/ci"]["Through"]
    assert isinstance(through, list)
    told = [{"Operator": "StringEquals", "Key": "secretsmanager:VersionStage"}]
    assert through[0]["Conditions"] == told


@pytest.mark.parametrize(
    ("action", "asked_for"),
    [(READ, False), (WRITE, False), ("secretsmanager:TagResource", True)],
)
def test_keys_that_no_request_for_the_action_has_are_decided(
    asked: Service, action: str, *, asked_for: bool
) -> None:
    """A condition on tags in the request cannot be met by who reads a value, nor deny it."""
    for key in ("aws:TagKeys", "aws:RequestTag/team"):
        put(asked, Action=action, Condition={"ForAnyValue:StringEquals": {key: "team"}})
    assert bool(listed(asked, action=action)) == asked_for
    put(asked, Action=action)
    put(asked, Effect="Deny", Action=action, Condition={"StringLike": {"aws:RequestTag/a": "*"}})
    assert bool(listed(asked, action=action)["user/ci"]["Unless"]) == asked_for


def test_account_in_the_secrets_policy_lets_nobody_of_it_in(asked: Service) -> None:
    """It hands the decision on to identity policies, of which there are none."""
    share(asked, ACCOUNT)
    assert listed(asked) == {}


def test_role_and_session_in_the_secrets_policy_are_in(asked: Service) -> None:
    """A role is let in with all its sessions, a session by itself."""
    share(asked, f"arn:aws:iam::{ACCOUNT}:role/app")
    assert listed(asked)["role/app"]["Type"] == "role"
    share(asked, f"arn:aws:sts::{ACCOUNT}:assumed-role/app/nightly")
    assert set(listed(asked)) == {"assumed-role/app/nightly"}


def test_principal_of_elsewhere_needs_its_own_policies_too(asked: Service) -> None:
    """Across accounts both must allow, and only one is ours to read."""
    share(asked, "arn:aws:iam::111122223333:user/x")
    assert listed(asked)["user/x"]["NeedsOwnPolicies"] is True
    share(asked, "*")
    assert set(listed(asked)) == {"user/ci", "role/app", "*"}


def test_key_of_the_value_is_held_by_whom_it_is_granted_to(asked: Service) -> None:
    """What policies allow cannot be decrypted without the key."""
    put(asked)
    session = asked.session
    with session.vault.read() as view:
        user = principals.find(view, USER, "ci")
        key_id = material_of(view, view.find("us-east-1", "prod/db"))
    assert isinstance(user, User)
    assert key_id is not None
    with writing(session) as transaction:
        grants.take(transaction, user.id, key_id)
    assert listed(asked)["user/ci"]["HoldsKey"] is False
    with writing(session) as transaction:
        grantee = user.id, bytes.fromhex(user.public_key)
        grants.give(transaction, session.vault.keys, grantee, key_id, bytes(32))
    assert listed(asked)["user/ci"]["HoldsKey"] is True
    assert listed(asked, "*")["user/ci"]["HoldsKey"] is None


@pytest.mark.parametrize(
    ("action", "operation"), [(READ, "kms:Decrypt"), (WRITE, "kms:GenerateDataKey")]
)
def test_denial_of_the_key_keeps_out_of_the_value(
    asked: Service, action: str, operation: str
) -> None:
    """Whoever a policy denies the use of the key can neither read the value nor put another."""
    put(asked, Action=[READ, WRITE, "secretsmanager:DescribeSecret"])
    put(asked, Effect="Deny", Action=operation, Resource="arn:aws:kms:*:*:key/*")
    assert listed(asked, action=action) == {}
    other = WRITE if action == READ else READ
    assert set(listed(asked, action=other)) == {"user/ci"}
    assert set(listed(asked, action="secretsmanager:DescribeSecret")) == {"user/ci"}
    assert set(listed(asked, "*", action)) == {"user/ci"}  # of some secret's key, it may be


def test_denial_of_the_key_that_may_apply_is_named(asked: Service) -> None:
    """What is known of the key and of the secret decides; the rest is told."""
    put(asked)
    block = {"StringNotEquals": {"kms:ViaService": "secretsmanager.us-east-1.amazonaws.com"}}
    put(asked, Effect="Deny", Action="kms:*", Condition=block)
    assert listed(asked)["user/ci"]["Unless"] == []
    inside = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
    put(asked, Effect="Deny", Action="kms:Decrypt", Condition=inside)
    (denial,) = listed(asked)["user/ci"]["Unless"]
    assert denial["Conditions"] == [{"Operator": "IpAddress", "Key": "aws:SourceIp"}]


def test_denial_of_everything_is_named_once(asked: Service) -> None:
    """Though it may deny the secret as well as the key; what only the secret has, no key has."""
    put(asked)
    put(asked, Effect="Deny", Action="*", Condition={"StringLike": {"aws:UserAgent": "x*"}})
    old = {"StringEquals": {"secretsmanager:VersionStage": "AWSPREVIOUS"}}
    put(asked, Effect="Deny", Action="kms:*", Condition=old)
    assert len(listed(asked)["user/ci"]["Unless"]) == 1


def test_root_is_in_unless_the_secrets_policy_denies_it(asked: Service) -> None:
    """Reading, replacing and removing that policy cannot be denied to it."""
    text = document(Effect="Deny", Principal="*", Action="secretsmanager:*")
    with writing(asked.session) as transaction:  # PutResourcePolicy refuses that one
        secret = transaction.find("us-east-1", "prod/db")
        assert secret is not None
        transaction.put(secret._replace(resource_policy=text), secret)
    assert who_can(asked.session, READ, "prod/db")["Principals"] == []
    mend = who_can(asked.session, "secretsmanager:PutResourcePolicy", "prod/db")["Principals"]
    assert isinstance(mend, list)
    assert [each["Type"] for each in mend] == ["root"]
    assert listed(asked, "*") == {}


def test_denial_that_may_bar_the_root_is_named(asked: Service) -> None:
    """What is known of the root decides; the rest is told."""
    root = {"Effect": "Deny", "Principal": "*"}
    old = {"StringEquals": {"secretsmanager:VersionStage": "AWSPREVIOUS"}}
    other = {"StringNotEquals": {"aws:PrincipalType": "Account"}}
    tagged = {"StringEquals": {"aws:PrincipalTag/team": "a"}}
    for condition, left_open in ((old, 1), (other, 0), (tagged, 0)):
        text = document(**root, Condition=condition)
        asked("PutResourcePolicy", SecretId="prod/db", ResourcePolicy=text)
        entries = who_can(asked.session, READ, "prod/db")["Principals"]
        assert isinstance(entries, list)
        assert len(entries[0]["Unless"]) == left_open


@pytest.mark.parametrize("action", ["ListSecrets", "BatchGetSecretValue", "GetRandomPassword"])
def test_action_about_no_secret_is_asked_for_as_it_is(asked: Service, action: str) -> None:
    """With the resource ``*``: a statement about the secret lets nobody do it."""
    name = f"secretsmanager:{action}"
    put(asked, Action=name, Resource="arn:aws:secretsmanager:*:*:secret:prod/*")
    put(asked, Action=name, Condition={"StringLike": {"aws:ResourceTag/env": "*"}})
    assert listed(asked, action=name) == {}
    put(asked, Action=name)
    assert who_can(asked.session, name, "prod/db")["Resource"] == "*"
    assert set(listed(asked, action=name)) == {"user/ci"}


def test_secret_that_is_not_there_is_refused(asked: Service) -> None:
    """With AWS's error."""
    with pytest.raises(ServiceError, match="can't find"):
        who_can(asked.session, READ, "nothing")
