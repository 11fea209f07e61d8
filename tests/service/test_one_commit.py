"""Several changes in one commit: all or none, each with its records, whatever a crash leaves."""

import os
from collections.abc import Sequence

import pytest

from secretctl.audit import segments
from secretctl.audit.files import Files
from secretctl.errors import ServiceError
from secretctl.model.operations import BY_NAME
from secretctl.service.dispatch import change_all
from secretctl.service.opening import begin
from secretctl.service.proof import keys_of, verified
from secretctl.service.session import Session
from tests.audit import independent_verifier as verifier
from tests.conftest import Service, token
from tests.service.conftest import Other, Told, code, phase

MANY = 40


def creations(names: Sequence[str], value: str = "new") -> list[dict[str, object]]:
    """Return requests to make secrets of these names."""
    return [{"Name": name, "ClientRequestToken": token(), "SecretString": value} for name in names]


def create(session: Session, names: Sequence[str], *, commits: bool = True) -> list[str]:
    """Make secrets together; return an error code for each, empty for those that could be made."""
    requests = creations(names)
    made = change_all(session, [BY_NAME["CreateSecret"]] * len(names), requests, commits=commits)
    return [each.code if isinstance(each, ServiceError) else "" for each in made]


def found(service: Service) -> set[str]:
    """Return the names of all secrets."""
    listed = service("ListSecrets", MaxResults=100)["SecretList"]
    assert isinstance(listed, list)
    return {str(each["Name"]) for each in listed}


def is_sound(service: Service) -> bool:
    """Tell whether the journal is what was written, also to the reader made from its document."""
    vault = service.session.vault
    keys = keys_of(vault)
    directory = os.path.join(vault.directory, segments.DIRECTORY)
    verifier.verify(directory, keys.journal, keys.vault_id)
    return verified(vault, "", [], deep=True).findings == ()


def test_many_changes_are_one_commit_with_an_intent_and_an_outcome_each(
    service: Service, told: Told
) -> None:
    """Each record of the group is as of a change alone; all but the last say that more follow."""
    before = service.session.vault.state().generation
    told.lines()
    names = [f"n{number}" for number in range(MANY)]
    assert create(service.session, names) == [""] * MANY
    assert service.session.vault.state().generation == before + 1
    events = told.events()
    assert [phase(each) for each in events] == ["intent"] * MANY + ["outcome"] * MANY
    named = [each["requestParameters"]["name"] for each in events]  # type: ignore[index]  # a record
    assert named == names * 2
    more = [each["additionalEventData"].get("more") for each in events]  # type: ignore[attr-defined]  # a record
    assert more == ([True] * (MANY - 1) + [None]) * 2
    assert len({str(each["requestID"]) for each in events}) == 1
    assert service("GetSecretValue", SecretId="n7")["SecretString"] == "new"
    assert is_sound(service)


def test_one_that_is_refused_keeps_all_from_being_made(service: Service, told: Told) -> None:
    """Each answer says what would have been; what there is already is no failure to record."""
    before = service.session.vault.state().generation
    told.lines()
    assert create(service.session, ["n1", "a", "bad name", "n2"]) == [
        *("", "ResourceExistsException", "ValidationException", "")
    ]
    assert told.names() == [("CreateSecret", "", "ValidationException")]
    assert service.session.vault.state().generation == before
    assert found(service) == {"a", "b"}


def test_what_is_only_tried_leaves_nothing(service: Service, told: Told) -> None:
    """Not in the vault, and not in the journal."""
    before = service.session.vault.state()
    told.lines()
    assert create(service.session, ["n1", "n2"], commits=False) == ["", ""]
    assert (told.lines(), service.session.vault.state()) == ([], before)
    assert create(service.session, ["n1", "n2"]) == ["", ""]


def test_each_change_sees_those_before_it(service: Service) -> None:
    """A name that stands twice is there the second time."""
    assert create(service.session, ["n1", "n1"]) == ["", "ResourceExistsException"]
    requests: list[dict[str, object]] = [
        *creations(["n1"]),
        {"SecretId": "n1", "ClientRequestToken": token(), "SecretString": "newer"},
    ]
    both = [BY_NAME["CreateSecret"], BY_NAME["PutSecretValue"]]
    assert not any(
        isinstance(each, ServiceError) for each in change_all(service.session, both, requests)
    )
    assert service("GetSecretValue", SecretId="n1")["SecretString"] == "newer"


def test_every_change_of_a_principal_is_decided_on(
    service: Service, iam: Other, as_user: object, told: Told
) -> None:
    """The door is the same: what a policy denies is refused and recorded, and nothing is made."""
    iam("CreateUser", UserName="u")
    session = as_user("u")  # type: ignore[operator]  # a fixture that is a function
    deny = (
        '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*",'
        '"Resource":"arn:aws:secretsmanager:*:*:secret:prod/*"}}'
    )
    iam("PutUserPolicy", UserName="u", PolicyName="no", PolicyDocument=deny)
    told.lines()
    refused = create(session, ["dev/x", "prod/x"])
    assert refused[1] == "AccessDeniedException"
    said = [each for each in told.events() if each["eventName"] == "CreateSecret"]
    assert "AccessDeniedException" in [code(each) for each in said]
    assert found(service) == {"a", "b"}


class Died(BaseException):
    """A process that is gone."""


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99, 1.0])
@pytest.mark.parametrize("append", [0, 1], ids=["intents", "outcomes"])
def test_a_group_that_is_cut_off_is_all_or_nothing_and_told_to_its_end(
    service: Service, told: Told, monkeypatch: pytest.MonkeyPatch, append: int, share: float
) -> None:
    """A process dies as it writes the records of many: the next one records how each ended."""
    told.lines()
    left = [append]

    def die(files: Files, content: bytes) -> None:
        left[0] -= 1
        if left[0] < 0:
            os.write(files._segment, content[: round(len(content) * share)])
            raise Died
        os.write(files._segment, content)

    with monkeypatch.context() as broken:
        broken.setattr(Files, "append", die)
        with pytest.raises(Died):
            create(service.session, [f"n{number}" for number in range(MANY)])
    again = begin(service.session.context, service.session.vault, "us-east-1")
    is_made = append == 1
    assert len(found(Service(again))) == 2 + MANY * is_made
    again.recorder.journal.close()
    events = [each for each in told.events() if each["eventName"] == "CreateSecret"]
    phases = [phase(each) for each in events]
    assert phases.count("intent") == phases.count("outcome")
    ends = {code(each) for each in events if phase(each) == "outcome"}
    assert ends <= ({""} if is_made else {"InternalServiceError"})
    assert is_sound(service)
