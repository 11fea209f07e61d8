"""What is imported together: as much as a segment of the journal can hold the records of."""

from collections.abc import Callable

import pytest

from secretctl.model.shapes import Parameters
from secretctl.service import importing
from secretctl.service.importing import Wish
from secretctl.service.session import Session
from tests.conftest import Service
from tests.service.conftest import Other, Told

TAGS = [{"Key": f"{'k' * 100}{number}", "Value": "v" * 256} for number in range(50)]


def grown(session: Session, told: Told, besides: Parameters) -> tuple[int, int]:
    """Import secrets of names of many lengths; return how large their records are taken for, are.

    The one that tells of the import as a whole is not among them.
    """
    wishes = [Wish("n" * length, "v") for length in (1, 10, 100, 300, 512)]
    fixed = importing._records_bytes(session)
    weights = [importing._weight({"Name": wish.name, **besides}) for wish in wishes]
    session.recorder.flush()
    told.lines()
    found = importing.bring_in(session, wishes, besides, "error", is_trial=False)
    assert [each.what for each in found] == [importing.CREATE] * len(wishes)
    lines = told.lines()
    assert len(lines) == 2 * len(wishes)
    return sum(weights) + fixed * len(wishes), sum(map(len, lines))


@pytest.mark.parametrize(
    "besides", [{}, {"Tags": TAGS}, {"KmsKeyId": f"alias/{'x' * 200}"}], ids=str
)
def test_records_of_the_owner_are_no_larger_than_they_are_taken_for(
    service: Service, told: Told, besides: Parameters
) -> None:
    """With room for what a policy of a secret lets them say besides."""
    taken, are = grown(service.session, told, besides)
    assert are + 5 * 500 < taken


def test_records_of_a_principal_are_no_larger_than_they_are_taken_for(
    service: Service, told: Told, iam: Other, kms: Other, as_user: Callable[[str], Session]
) -> None:
    """Whatever its policies let them say."""
    assert service("ListSecrets")
    iam("CreateUser", UserName="u")
    session = as_user("u")
    grant: dict[str, object] = {"GranteePrincipal": "arn:aws:iam::000000000000:user/u"}
    grant["Operations"] = ["GenerateDataKey", "Decrypt"]
    kms("CreateGrant", KeyId="alias/aws/secretsmanager", **grant)
    taken, are = grown(session, told, {})
    assert are < taken
