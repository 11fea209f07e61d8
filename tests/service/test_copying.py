"""Copying: both places have the same afterwards, and a second copy finds nothing to do."""

import json
import os
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from secretctl.domain.staging import CURRENT, PREVIOUS
from secretctl.errors import ServiceError
from secretctl.model.shapes import Operation
from secretctl.service.copying import CHANGE, CREATE, SAME, Copying, Finding
from secretctl.service.copying_held import names
from secretctl.service.dispatch import call
from tests.conftest import Service, token

POLICY = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::000000000000:root"},
        "Action": "secretsmanager:*",
        "Resource": "*",
    },
}
LABELS = (CURRENT, PREVIOUS)


class Two:
    """Two places in one vault: regions, which know nothing of each other."""

    def __init__(self, here: Service) -> None:
        self.source = here
        self.target = here.in_region("eu-west-1")

    def reads(self, operation: Operation, parameters: dict[str, object]) -> dict[str, object]:
        """Run an operation in the source."""
        return call(self.source.session, operation, parameters)

    def copying(self, *, has_policies: bool = True) -> Copying:
        """Return what copies from one to the other."""
        return Copying(
            self.reads,
            lambda *asked: call(self.target.session, *asked),
            token,
            has_policies=has_policies,
        )

    def sync(self) -> dict[str, Finding]:
        """Copy all secrets; by name, what became of each."""
        copying = self.copying()
        every = names(self.reads, "")
        return {name: copying.made(name) for name in every}

    def contents(self, service: Service, name: str) -> Any:
        """Return all that a secret holds in one of them, but for ids of versions."""
        described = service("DescribeSecret", SecretId=name)
        values = {}
        for label in LABELS:
            try:
                value = service("GetSecretValue", SecretId=name, VersionStage=label)
            except ServiceError:
                continue
            values[label] = value.get("SecretString", value.get("SecretBinary"))
        policy = service("GetResourcePolicy", SecretId=name).get("ResourcePolicy")
        tags = described.get("Tags") or []
        assert isinstance(tags, list)
        return (
            values,
            described.get("Description"),
            {each["Key"]: each["Value"] for each in tags},
            json.loads(str(policy)) if policy else None,
        )


@pytest.fixture
def two(service: Service) -> Two:
    """Two places without secrets."""
    return Two(service)


def versions(service: Service, name: str) -> object:
    """Return the labels of a secret by version."""
    return service("DescribeSecret", SecretId=name).get("VersionIdsToStages")


def test_a_secret_is_copied_with_all_that_it_holds(two: Two) -> None:
    """Two versions with their ids and labels, description, tags and policy; bytes, and no value."""
    two.source("CreateSecret", Name="a", SecretString="one", Description="d", Tags=tags(k="v"))
    two.source("PutSecretValue", SecretId="a", SecretBinary=b"\0\xff")
    two.source("PutResourcePolicy", SecretId="a", ResourcePolicy=json.dumps(POLICY))
    two.source("CreateSecret", Name="none")
    made = two.sync()
    differs = (*LABELS, "description", "tags", "policy")
    assert made["a"] == Finding("a", CREATE, differs, ("+k",))
    assert made["none"] == Finding("none", CREATE)
    assert versions(two.source, "a") == versions(two.target, "a")
    for name in ("a", "none"):
        assert two.contents(two.source, name) == two.contents(two.target, name)
    assert {each.what for each in two.sync().values()} == {SAME}


def tags(**pairs: str) -> list[dict[str, str]]:
    """Return tags as a request has them."""
    return [{"Key": key, "Value": value} for key, value in pairs.items()]


def test_what_differs_is_changed_and_nothing_else(two: Two) -> None:
    """Each by itself; what the target alone has of tags and policies goes."""
    two.source("CreateSecret", Name="a", SecretString="one", Tags=tags(k="v", l="w"))
    two.sync()
    two.source("UpdateSecret", SecretId="a", Description="d")
    assert two.sync()["a"].differs == ("description",)
    two.source("TagResource", SecretId="a", Tags=tags(l="x"))
    two.target("TagResource", SecretId="a", Tags=tags(m="y"))
    two.target("UntagResource", SecretId="a", TagKeys=["k"])
    assert two.sync()["a"] == Finding("a", CHANGE, ("tags",), ("+k", "-m", "~l"))
    two.target("PutResourcePolicy", SecretId="a", ResourcePolicy=json.dumps(POLICY))
    assert two.copying(has_policies=False).made("a").what == SAME
    assert two.sync()["a"].differs == ("policy",)
    two.source("PutSecretValue", SecretId="a", SecretString="two")
    assert two.sync()["a"] == Finding("a", CHANGE, LABELS)
    assert versions(two.source, "a") == versions(two.target, "a")
    assert two.contents(two.source, "a") == two.contents(two.target, "a")


def test_a_policy_that_differs_in_blanks_alone_is_the_same(two: Two) -> None:
    """It is compared as the document it is."""
    for service, indent in ((two.source, 1), (two.target, 8)):
        service("CreateSecret", Name="a", SecretString="v")
        text = json.dumps(POLICY, indent=indent)
        service("PutResourcePolicy", SecretId="a", ResourcePolicy=text)
    assert two.sync()["a"].what == SAME


def test_an_id_that_was_chosen_twice_is_told_and_never_taken_for_the_same(two: Two) -> None:
    """Where it has a label, and where it has none: another value would be taken for a copy."""
    chosen = token()
    two.source("CreateSecret", Name="a", SecretString="one", ClientRequestToken=chosen)
    two.target("CreateSecret", Name="a", SecretString="two", ClientRequestToken=chosen)
    for number in range(3):
        error = two.copying().made("a").error
        assert error is not None
        is_labelled = number < 2
        assert (two.copying().found("a").error is not None) == is_labelled
        assert error.code == "ResourceExistsException"
        assert f"ClientRequestToken {chosen} because that value is already in use" in error.message
        two.target("PutSecretValue", SecretId="a", SecretString="three")
    assert "one" not in str(two.contents(two.target, "a")[0])


def test_no_value_is_there_before_what_keeps_others_from_it(two: Two) -> None:
    """Tags and policy, of a secret that is made and of one that is changed; or it stays away."""
    two.source("CreateSecret", Name="a", SecretString="one", Tags=tags(k="v"))
    two.source("PutResourcePolicy", SecretId="a", ResourcePolicy=json.dumps(POLICY))
    done: list[str] = []

    def target(operation: Operation, parameters: dict[str, object]) -> dict[str, object]:
        if not operation.read_only:
            done.append(operation.name + "+value" * ("SecretString" in parameters))
        return call(two.target.session, operation, parameters)

    copying = Copying(two.reads, target, token, has_policies=True)
    copying.made("a")
    assert done == ["CreateSecret", "PutResourcePolicy", "PutSecretValue+value"]
    done.clear()
    two.source("PutSecretValue", SecretId="a", SecretString="two")
    two.source("TagResource", SecretId="a", Tags=tags(l="w"))
    two.target("DeleteResourcePolicy", SecretId="a")
    copying.made("a")
    assert done == ["TagResource", "PutResourcePolicy", "PutSecretValue+value"]
    done.clear()
    two.source("DeleteResourcePolicy", SecretId="a")
    two.source("PutSecretValue", SecretId="a", SecretString="three")
    copying.made("a")
    assert done == ["PutSecretValue+value", "DeleteResourcePolicy"]


def test_what_was_copied_before_a_refusal_is_told(two: Two) -> None:
    """A policy that is refused keeps the value away, and the rest of what was written is named."""
    two.source("CreateSecret", Name="a", SecretString="one", Description="d")
    two.source("PutResourcePolicy", SecretId="a", ResourcePolicy=json.dumps(POLICY))

    def target(operation: Operation, parameters: dict[str, object]) -> dict[str, object]:
        if operation.name == "PutResourcePolicy":
            raise ServiceError("MalformedPolicyDocumentException", "No.")
        return call(two.target.session, operation, parameters)

    made = Copying(two.reads, target, token, has_policies=True).made("a")
    assert (made.copied, str(made.error)) == (("name", "description"), "No.")
    assert versions(two.target, "a") is None
    again = Copying(two.reads, target, token, has_policies=False).made("a")
    assert again == Finding("a", CHANGE, (CURRENT,))


def test_the_same_value_under_another_id_is_the_same(two: Two) -> None:
    """No version is made of it, and another value becomes current."""
    for service in (two.source, two.target):
        service("CreateSecret", Name="a", SecretString="v")
    before = versions(two.target, "a")
    assert two.sync()["a"].what == SAME
    assert versions(two.target, "a") == before
    two.target("PutSecretValue", SecretId="a", SecretString="other")
    assert two.sync()["a"].differs == (CURRENT,)
    assert two.contents(two.target, "a")[0] == {CURRENT: "v", PREVIOUS: "other"}


def test_nobody_reads_an_older_value_meanwhile(two: Two) -> None:
    """What is current over there is current here at once; then comes the version before."""
    two.source("CreateSecret", Name="a", SecretString="one")
    two.source("PutSecretValue", SecretId="a", SecretString="two")
    two.target("CreateSecret", Name="a", SecretString="other")
    currents = []

    def target(operation: Operation, parameters: dict[str, object]) -> dict[str, object]:
        answer = call(two.target.session, operation, parameters)
        currents.append(two.contents(two.target, "a")[0][CURRENT])
        return answer

    copied = Copying(two.reads, target, token, has_policies=True).made("a")
    assert copied.differs == LABELS
    assert list(dict.fromkeys(currents)) == ["other", "two"]
    assert two.contents(two.target, "a")[0] == {CURRENT: "two", PREVIOUS: "one"}


class CutOffError(Exception):
    """The process is gone."""


def test_what_was_cut_off_anywhere_is_gone_on_with(two: Two) -> None:
    """After each change the process may end; the next copy makes the rest."""
    two.source("CreateSecret", Name="a", SecretString="one", Tags=tags(k="v"))
    two.source("PutSecretValue", SecretId="a", SecretString="two")
    two.source("PutResourcePolicy", SecretId="a", ResourcePolicy=json.dumps(POLICY))

    def target(operation: Operation, parameters: dict[str, object]) -> dict[str, object]:
        answer = call(two.target.session, operation, parameters)
        if not operation.read_only:
            raise CutOffError
        return answer

    ends = 0
    while two.copying().found("a").what != SAME:
        ends += 1
        with pytest.raises(CutOffError):
            Copying(two.reads, target, token, has_policies=True).made("a")
    assert ends == 4
    assert versions(two.target, "a") == versions(two.source, "a")
    assert two.contents(two.target, "a") == two.contents(two.source, "a")


def test_two_copies_at_once_do_not_disturb_each_other(two: Two) -> None:
    """Whenever the other one gets through while one is at it: neither fails, all is the same."""
    two.source("CreateSecret", Name="a", SecretString="one", Tags=tags(k="v"))
    two.source("PutSecretValue", SecretId="a", SecretString="two")
    two.source("PutResourcePolicy", SecretId="a", ResourcePolicy=json.dumps(POLICY))
    at = 0
    while disturbed(two, "a", at):
        assert two.contents(two.source, "a") == two.contents(two.target, "a")
        two.target("DeleteSecret", SecretId="a", ForceDeleteWithoutRecovery=True)
        at += 1
    assert at > len(LABELS)


def disturbed(two: Two, name: str, at: int) -> bool:
    """Copy *name*, and once more before the change numbered *at*; tell whether there was one."""
    count = 0

    def other(operation: Operation, parameters: dict[str, object]) -> dict[str, object]:
        nonlocal count
        if not operation.read_only:
            count += 1
            if count == at + 1:
                assert two.copying().made(name).error is None
        return call(two.target.session, operation, parameters)

    assert Copying(two.reads, other, token, has_policies=True).made(name).error is None
    return count > at


def test_a_version_that_is_there_without_its_label_gets_it(two: Two) -> None:
    """Also where putting it once more changes nothing, as may be elsewhere."""
    first = two.source("CreateSecret", Name="a", SecretString="one")["VersionId"]
    second = two.source("PutSecretValue", SecretId="a", SecretString="two")["VersionId"]
    two.sync()
    for value in ("three", "four"):
        two.target("PutSecretValue", SecretId="a", SecretString=value)
    assert first not in two.target("DescribeSecret", SecretId="a")["VersionIdsToStages"]  # type: ignore[operator]  # a dict

    def target(operation: Operation, parameters: dict[str, object]) -> dict[str, object]:
        if operation.name == "PutSecretValue":
            return {"VersionStages": []}
        return call(two.target.session, operation, parameters)

    copied = Copying(two.reads, target, token, has_policies=True).made("a")
    assert copied == Finding("a", CHANGE, LABELS)
    assert versions(two.target, "a") == {first: [PREVIOUS], second: [CURRENT]}


def test_a_secret_that_a_service_manages_is_left_to_it() -> None:
    """Nobody else may make one of its name."""
    page = [{"Name": "a"}, {"Name": "rds!b", "OwningService": "rds"}, {"ARN": "nameless"}]
    assert list(names(lambda *_: {"SecretList": page}, "")) == ["a"]


def test_what_was_rolled_back_is_rolled_back_over_there(two: Two) -> None:
    """The labels change places; no version is made."""
    first = two.source("CreateSecret", Name="a", SecretString="one")["VersionId"]
    second = two.source("PutSecretValue", SecretId="a", SecretString="two")["VersionId"]
    two.sync()
    moved = {"MoveToVersionId": first, "RemoveFromVersionId": second}
    two.source("UpdateSecretVersionStage", SecretId="a", VersionStage=CURRENT, **moved)
    assert two.sync()["a"].differs == LABELS
    assert (
        versions(two.target, "a")
        == versions(two.source, "a")
        == {
            first: [CURRENT],
            second: [PREVIOUS],
        }
    )


def test_what_cannot_be_copied_is_told_and_keeps_nothing_else_back(two: Two) -> None:
    """A secret that is to be deleted over there, for one."""
    for name in ("a", "b"):
        two.source("CreateSecret", Name=name, SecretString="v")
    two.target("CreateSecret", Name="a", SecretString="w")
    two.target("DeleteSecret", SecretId="a")
    made = two.sync()
    assert made["b"].what == CREATE
    error = made["a"].error
    assert error is not None
    assert "marked for deletion" in error.message


def test_names_are_those_that_begin_so_and_no_others(two: Two) -> None:
    """What is scheduled for deletion is none, and what a filter would take for a negation is."""
    for name in ("a/1", "a/2", "A/1", "b", "!a"):
        two.source("CreateSecret", Name=name, SecretString="v")
    two.source("DeleteSecret", SecretId="a/2")

    def found(prefix: str) -> list[str]:
        return list(names(two.reads, prefix))

    assert (found("a/"), found("!"), found("x")) == (["a/1"], ["!a"], [])
    assert set(found("")) == {"a/1", "A/1", "b", "!a"}


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["source", "target"]),
        st.sampled_from(["put", "swap", "describe", "tag", "untag", "policy", "no policy"]),
        st.sampled_from(["x", "y", "z"]),
    ),
    max_size=8,
)


@given(steps=STEPS, both=st.booleans())
@example(steps=[("source", "put", "x"), ("target", "put", "y")], both=True)
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_was_done_to_both_they_are_the_same_afterwards(
    steps: list[tuple[str, str, str]],
    both: bool,  # noqa: FBT001 drawn
    two: Two,
) -> None:
    """And a second sync finds nothing to do; what has no label in the source may have one here."""
    name = f"a{os.urandom(4).hex()}"
    places = {"source": two.source, "target": two.target}
    for service in places.values() if both else [two.source]:
        service("CreateSecret", Name=name, SecretString="x")
    for place, what, value in steps:
        if both or place == "source":
            step(places[place], name, what, value)
    trial = two.copying().found(name)
    made = two.copying().made(name)
    assert made == trial
    assert made.error is None
    mine, theirs = two.contents(two.source, name), two.contents(two.target, name)
    assert mine[1:] == theirs[1:]
    assert mine[0].items() <= theirs[0].items()
    assert two.copying().made(name).what == SAME


def step(service: Service, name: str, what: str, value: str) -> None:
    """Do something to a secret."""
    if what == "put":
        service("PutSecretValue", SecretId=name, SecretString=value)
    elif what == "swap":
        swap(service, name)
    elif what == "describe":
        service("UpdateSecret", SecretId=name, Description=value)
    elif what == "tag":
        service("TagResource", SecretId=name, Tags=tags(k=value))
    elif what == "untag":
        service("UntagResource", SecretId=name, TagKeys=["k"])
    elif what == "policy":
        service("PutResourcePolicy", SecretId=name, ResourcePolicy=json.dumps(POLICY))
    else:
        service("DeleteResourcePolicy", SecretId=name)


def swap(service: Service, name: str) -> None:
    """Let the version before be current again."""
    held = service("DescribeSecret", SecretId=name)["VersionIdsToStages"]
    assert isinstance(held, dict)
    by_label = {label: each for each, labels in held.items() for label in labels}
    if PREVIOUS in by_label:
        moved = {"MoveToVersionId": by_label[PREVIOUS], "RemoveFromVersionId": by_label[CURRENT]}
        service("UpdateSecretVersionStage", SecretId=name, VersionStage=CURRENT, **moved)
