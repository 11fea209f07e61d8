"""Answers of ``aws secretsmanager``: get-secret-value, batch-get-secret-value, or a list of them.

See: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
     https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_BatchGetSecretValue.html
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator

from secretctl.delivery.readers.documents import value_of
from secretctl.delivery.readers.entry import Entry, distinct, refused
from secretctl.delivery.references import shown

_WAY = "aws secretsmanager batch-get-secret-value --secret-id-list NAME... gives values"


def read(text: str, where: str) -> list[Entry]:
    """Return an entry for each secret, under the secret's own name.

    Raises:
        DeliveryError: it is no such answer, one without values, or one that lists errors.
    """
    found = value_of(text, where)
    answers = found if isinstance(found, list) else [found]
    return distinct((entry for each in answers for entry in _entries(each, where)), where)


def _entries(answer: object, where: str) -> Iterator[Entry]:
    if not isinstance(answer, dict):
        raise _no_answer(where)
    if "SecretList" in answer:
        raise refused(where, 0, "it is an answer of list-secrets, which holds no values", _WAY)
    if answer.get("Errors"):
        raise refused(where, 0, "it lists errors: some values are missing", _WAY)
    if answer.get("NextToken"):
        raise refused(where, 0, "it is one page of several: some values are missing", _WAY)
    found = answer.get("SecretValues", [answer])
    if not isinstance(found, list):
        raise _no_answer(where)
    yield from (_entry(each, where) for each in found)


def _entry(secret: object, where: str) -> Entry:
    if not isinstance(secret, dict) or not isinstance(secret.get("Name"), str):
        raise _no_answer(where)
    name, value, coded = secret["Name"], secret.get("SecretString"), secret.get("SecretBinary")
    if type(value) is str:
        return Entry(name, value)
    if type(coded) is not str:
        raise refused(where, 0, f"the secret '{shown(name)}' has no value there", _WAY)
    try:
        return Entry(name, b64decode(coded, validate=True))
    except ValueError:
        raise refused(where, 0, f"SecretBinary of '{shown(name)}' is not base64") from None


def _no_answer(where: str) -> Exception:
    return refused(where, 0, "it is no answer of get-secret-value or batch-get-secret-value")
