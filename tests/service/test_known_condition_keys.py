"""What no request here ever has is decided beforehand: in trust policies, and by ``who-can``."""

import json
from typing import Any

import pytest

from secretctl.domain.principals import ROLE, USER, Role, User
from secretctl.model.authorization import ACTIONS
from secretctl.service import condition_keys, known_condition_keys, sts
from secretctl.service.chaining import passed
from secretctl.vault import grants, principals
from secretctl.vault.unlocked import Holder
from tests.conftest import Service
from tests.service.test_who_can import ACCOUNT, READ, document, iam, listed, put

ORG = {"StringEquals": {"aws:PrincipalOrgID": "o-mine"}}
ALLOW = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
BY_ACCOUNT = {**ALLOW, "Principal": {"AWS": ACCOUNT}}
ALL = {"Action": "*"}
A = f"arn:aws:iam::{ACCOUNT}:role/a"
S1 = f"arn:aws:sts::{ACCOUNT}:assumed-role/a/s1"

NEVER: dict[str, dict[str, Any]] = {
    "aws:PrincipalOrgID": ORG,
    "aws:PrincipalOrgPaths": {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-mine/*"}},
    "aws:SourceVpce": {"StringEquals": {"aws:SourceVpce": "vpce-1"}},
    "aws:FederatedProvider": {"StringEquals": {"aws:FederatedProvider": "x"}},
    "aws:SourceAccount": {"StringEquals": {"aws:SourceAccount": "111111111111"}},
    "a service": {"Bool": {"aws:PrincipalIsAWSService": "true"}},
    "in the clear": {"Bool": {"aws:SecureTransport": "false"}},
    "of another service": {"StringEquals": {"secretsmanager:Name": "x"}},
    "a tag that the role lacks": {"StringEquals": {"aws:ResourceTag/team": "x"}},
    "what nobody knows": {"StringEquals": {"saml:aud": "x"}},
}
MAYBE: dict[str, dict[str, Any]] = {
    "sts:ExternalId": {"StringEquals": {"sts:ExternalId": "x"}},
    "sts:RoleSessionName": {"StringLike": {"sts:RoleSessionName": "x*"}},
    "aws:SourceIp": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
    "aws:CurrentTime": {"DateGreaterThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}},
    "aws:RequestTag/team": {"StringEquals": {"aws:RequestTag/team": "x"}},
}


@pytest.fixture
def asked(service: Service) -> Service:
    """A vault with a user ``ci`` who may do everything."""
    service("CreateSecret", Name="prod/db", SecretString="v")
    iam(service, "create-user", UserName="ci")
    put(service, **ALL)
    return service


def make(service: Service, name: str, *trust: dict[str, Any], **own: object) -> None:
    """Make a role that trusts by statements, with an inline policy of one statement."""
    text = json.dumps({"Version": "2012-10-17", "Statement": trust})
    iam(service, "create-role", RoleName=name, AssumeRolePolicyDocument=text)
    if own:
        policy = {"PolicyName": "own", "PolicyDocument": document(**own)}
        iam(service, "put-role-policy", RoleName=name, **policy)


def is_given(service: Service, role: str, kind: str = USER, name: str = "ci") -> bool:
    """Tell whether the private key of a role is sealed to somebody."""
    with service.session.vault.read() as view:
        found, holder = principals.find(view, ROLE, role), principals.find(view, kind, name)
        assert isinstance(found, Role)
        assert isinstance(holder, User | Role)
        where = grants.place(view, holder.id, grants.role_key_id(found.id))
        return view.stored_record(where) is not None


@pytest.mark.parametrize("condition", NEVER.values(), ids=NEVER)
@pytest.mark.parametrize("allow", [ALLOW, BY_ACCOUNT])
def test_a_role_that_asks_for_what_no_request_has_is_given_to_nobody(
    asked: Service, allow: dict[str, Any], condition: dict[str, Any]
) -> None:
    """assume-role lets nobody in, whoever asks: so nobody has the key to do it by hand."""
    make(asked, "app", {**allow, "Condition": condition})
    assert not is_given(asked, "app")


@pytest.mark.parametrize("condition", MAYBE.values(), ids=MAYBE)
def test_a_role_that_asks_for_what_a_request_may_have_is_given(
    asked: Service, condition: dict[str, Any]
) -> None:
    """Whether a request has it is this program's to ask, each time."""
    make(asked, "app", {**ALLOW, "Condition": condition})
    assert is_given(asked, "app")


@pytest.mark.parametrize("key", ["aws:TokenIssueTime", "aws:SourceIdentity", "aws:PrincipalOrgID"])
def test_a_denial_of_whoever_lacks_what_users_never_have_keeps_back_the_key(
    asked: Service, key: str
) -> None:
    """A user has no time of issue, no source identity and no organization."""
    denial = {**ALLOW, "Effect": "Deny", "Condition": {"Null": {key: "true"}}}
    make(asked, "app", ALLOW, denial)
    assert not is_given(asked, "app")


def test_who_can_takes_what_no_request_has_for_missing(asked: Service) -> None:
    """An organization lets nobody in, and who lacks one is denied for certain."""
    put(asked, Action=READ, Effect="Deny", Condition={"Null": {"aws:PrincipalOrgID": "false"}})
    assert set(listed(asked)) == {"user/ci"}
    assert listed(asked)["user/ci"]["Unless"] == []
    put(asked, Action=READ, Effect="Deny", Condition={"StringNotEquals": ORG["StringEquals"]})
    assert listed(asked) == {}


@pytest.mark.parametrize("kind", [USER, ROLE])
def test_no_key_that_requests_have_is_taken_for_missing(asked: Service, kind: str) -> None:
    """Of who asks, of what is asked for, of the secret, of a key's use and of sessions."""
    make(asked, "app", ALLOW)
    session = asked.session
    with session.vault.read() as view:
        entity = principals.find(view, kind, "ci" if kind == USER else "app")
        secret = view.find("us-east-1", "prod/db")
    assert isinstance(entity, User | Role)
    assert secret is not None
    if kind == ROLE:
        session.caller.holder = Holder(
            "k", ROLE, "app", "/", entity.id, b"", "s", 1, 2, source_identity="who"
        )
    caller = condition_keys.of_caller(session, entity)
    has = passed(session.caller.holder or Holder("k", USER, "ci", "/", "", b""), (), [], "")
    keys = sts._keys("s", 1, (("a", "b"),), has._replace(transitive=("a",)), "x")
    keys |= {"sts:SourceIdentity": "x", "aws:ResourceTag/a": "b"}
    check(known_condition_keys.settled(entity, None, "sts:AssumeRole"), caller | keys)
    own = secret._replace(tags=(("a", "b"),), primary_region="r", type="t")
    for action in ACTIONS:
        every = dict.fromkeys(ACTIONS[action].keys, "x")
        is_none = not ACTIONS[action].is_on_secret
        of_it = {} if is_none else condition_keys.of_secret(own, "arn")
        settled = known_condition_keys.settled(
            entity, None, f"secretsmanager:{action}", is_about_none=is_none
        )
        check(settled, caller | every | of_it)
    check(
        known_condition_keys.settled(entity, None, "kms:Decrypt", is_about_none=True),
        caller | {"kms:EncryptionContext:SecretVersionId": "x", "kms:ViaService": "x"},
    )


def check(settled: Any, keys: dict[str, Any]) -> None:
    """See that none of *keys* is one that no request has."""
    assert [key for key in keys if settled(key.lower())] == []


NAMED = {
    "named": [{**ALLOW, "Principal": {"AWS": S1}}],
    "spared": [
        {**ALLOW, "Principal": {"AWS": A}},
        {
            "Effect": "Deny",
            "Action": "sts:AssumeRole",
            "NotPrincipal": {"AWS": [S1, A, ACCOUNT]},
        },
    ],
}


@pytest.mark.parametrize("trust", NAMED.values(), ids=NAMED)
def test_a_role_that_one_session_may_become_is_given_to_its_role(
    asked: Service, trust: list[dict[str, Any]]
) -> None:
    """Whether that session is named as who is let in, or as who is spared a denial."""
    make(asked, "a", ALLOW, Action="sts:AssumeRole")
    make(asked, "b", *trust)
    assert is_given(asked, "b", ROLE, "a")
    assert not is_given(asked, "b")


def test_a_role_whose_session_is_denied_by_name_is_given_for_the_others(asked: Service) -> None:
    """And one that names a session of another role is not."""
    make(asked, "a", ALLOW, Action="sts:AssumeRole")
    denial = {**ALLOW, "Effect": "Deny", "Principal": {"AWS": S1}}
    make(asked, "b", {**ALLOW, "Principal": {"AWS": A}}, denial)
    assert is_given(asked, "b", ROLE, "a")
    make(asked, "aa", ALLOW, Action="sts:AssumeRole")
    make(asked, "c", {**ALLOW, "Principal": {"AWS": S1.replace("/a/", "/aa/")}})
    assert not is_given(asked, "c", ROLE, "a")
    assert is_given(asked, "c", ROLE, "aa")
