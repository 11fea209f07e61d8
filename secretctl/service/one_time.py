"""A one-time credential: a part of what whoever opened the vault may do, for one program.

It is kept in memory alone and reads the secrets that are named: nothing else, and nothing is
changed with it.
"""

from __future__ import annotations

from secretctl import json_text
from secretctl.domain import names
from secretctl.model.authorization import SERVICE
from secretctl.record import TYPE_CHECKING

if TYPE_CHECKING:
    from secretctl.domain.principals import Pairs

_POLICY = "one-time credential"
"""What the journal calls the policies."""

_MOST = 64
"""Of resources in one policy."""

_READS = ("GetSecretValue", "DescribeSecret")


def policies(secret_ids: list[str], region: str, account: str) -> Pairs:
    """Return policies, name and text, that let the values of secrets be read, and of none else.

    Args:
        secret_ids: Names, ARNs and partial ARNs; who has a name may be made later.
        region: Of the secrets.
        account: Twelve digits.

    Raises:
        ServiceError: ValidationException, ResourceNotFoundException: one can mean nothing here.
    """
    resources = [
        names.arn(each.region, account, each.name, each.suffix or names.ANY_SUFFIX)
        for secret_id in secret_ids
        for each in names.parse_secret_id(secret_id, region=region, account=account)
    ]
    batch = _allow(["BatchGetSecretValue"], ["*"])
    reads = [
        _allow([*_READS], resources[at : at + _MOST]) for at in range(0, len(resources), _MOST)
    ]
    return tuple([(_POLICY, each) for each in (batch, *reads)])


def rotation_policies(arn: str, reads: list[str], region: str, account: str) -> Pairs:
    """Return policies that let a rotation function change one secret, and read others.

    Args:
        arn: Of the secret.
        reads: Ids of those that may be read.
        region: Of those.
        account: Twelve digits.

    Raises:
        ServiceError: As `policies`.
    """
    own = _allow([*_READS, "PutSecretValue", "UpdateSecretVersionStage"], [arn])
    pairs = [(_POLICY, own), (_POLICY, _allow(["GetRandomPassword"], ["*"]))]
    return (*pairs, *policies(reads, region, account)) if reads else tuple(pairs)


def _allow(operations: list[str], resources: list[str]) -> str:
    actions = [f"{SERVICE}:{each}" for each in operations]
    statement = {"Effect": "Allow", "Action": actions, "Resource": resources}
    return json_text.compact({"Version": "2012-10-17", "Statement": statement})
