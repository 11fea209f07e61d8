"""Grants on KMS keys: who may do what with a key, and in which encryption context. Pure.

See: https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
"""

from __future__ import annotations

from secretctl.domain.kms import DECRYPT, GENERATE_DATA_KEY, Pairs
from secretctl.record import NamedTuple

NEED_MATERIAL = frozenset((DECRYPT, GENERATE_DATA_KEY))
"""Operations for which a principal needs the material itself."""


class Grant(NamedTuple):
    """What a principal may do with a key."""

    id: str
    """64 hexadecimal digits."""

    key_id: str
    grantee: str
    """Its ARN."""

    grantee_id: str
    """Its unique id: AIDA… or AROA…"""

    created_ms: int
    operations: tuple[str, ...]
    retiring: str = ""
    """ARN of who may give it back."""

    name: str = ""
    context_subset: Pairs | None = None
    context_equals: Pairs | None = None


def allows(grant: Grant, operation: str, context: dict[str, str]) -> bool:
    """Tell whether *grant* allows an operation in an encryption context.

    See: https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html
    """
    equals, subset = grant.context_equals, grant.context_subset
    return (
        operation in grant.operations
        and (equals is None or dict(equals) == context)
        and (subset is None or all(context.get(name) == value for name, value in subset))
    )
