"""Filters and order of ListSecrets and BatchGetSecretValue.

* ``name``, ``tag-key``, ``tag-value``, ``primary-region``, ``owning-service``: the value is a
  prefix of the whole attribute, upper and lower case told apart.
* ``description``, ``all``: each word of the value begins some word of the attribute (of any
  attribute, for ``all``), upper and lower case alike. A value without words matches nothing.
* ``!`` before a value turns it round: none of the attributes matches.
* Of a filter's values one must match; all filters must.
* Text is cut into words at spaces, at the characters ``/-_+=.@``, and before a capital followed
  by small letters. What mixes two kinds of those characters between spaces is one word.

See: https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_search-secret.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from secretctl.domain.secret import Secret
from secretctl.errors import ServiceError

_SEPARATORS = "/-_+=.@"
_CASED = r"(?s:[A-Z][a-z]+|(?:(?![A-Z][a-z]).)+)"

Predicate = Callable[[Secret], bool]


def compile_filters(filters: Sequence[Mapping[str, object]]) -> Predicate:
    """Check filters once and return the question to ask of each secret.

    Args:
        filters: ``[{"Key": …, "Values": […]}]``; none lets every secret pass.

    Raises:
        ServiceError: ``InvalidParameterException``, a key or the values are missing.
    """
    predicates = [_compile(one.get("Key"), one.get("Values")) for one in filters]

    def passes(secret: Secret) -> bool:
        return all(predicate(secret) for predicate in predicates)

    return passes


def sort_key(sort_by: str) -> Callable[[Secret], tuple[int | str, int]]:
    """Return the key to sort by; secrets alike come in the order of creation.

    A secret that was never read comes before those that were.

    Args:
        sort_by: Of the values that ListSecrets' ``SortBy`` may have; anything else is
            ``created-date``, AWS's default.
    """
    if sort_by == "name":
        return lambda secret: (secret.name, secret.number)
    if sort_by == "last-changed-date":
        return lambda secret: (secret.changed_ms, secret.number)
    if sort_by == "last-accessed-date":
        return lambda secret: (
            -1 if secret.accessed_day is None else secret.accessed_day,
            secret.number,
        )
    return lambda secret: (secret.created_ms, secret.number)


def words(text: str) -> list[str]:
    """Cut text into words as AWS's search does.

    ``MyTest`` is *My* and *Test*, ``COMPANYthings`` is *COMPAN* and *Ythings*, and
    ``prod-AppBeta/x`` stays whole.
    """
    import re

    found: list[str] = []
    for chunk in text.split():
        kinds = [separator for separator in _SEPARATORS if separator in chunk]
        if len(kinds) > 1:
            found.append(chunk)
            continue
        for piece in chunk.split(kinds[0]) if kinds else [chunk]:
            found += re.findall(_CASED, piece)
    return found


def _compile(key: object, values: object) -> Predicate:
    attributes = _ATTRIBUTES.get(key) if isinstance(key, str) else None
    if attributes is None:
        raise ServiceError("InvalidParameterException", "Invalid filter key")
    if not isinstance(values, list) or not values:
        raise ServiceError("InvalidParameterException", f"Invalid filter values for key: {key}")
    by_words = key in ("description", "all")
    tests = [_value_test(str(value), by_words=by_words) for value in values]

    def passes(secret: Secret) -> bool:
        texts = attributes(secret)
        return any(test(texts) for test in tests)

    return passes


def _value_test(value: str, *, by_words: bool) -> Callable[[list[str]], bool]:
    negated = value.startswith("!")
    sought = value.removeprefix("!")
    found = _words_test(sought) if by_words else _prefix_test(sought)
    return lambda texts: found(texts) != negated


def _prefix_test(prefix: str) -> Callable[[list[str]], bool]:
    return lambda texts: any(text.startswith(prefix) for text in texts)


def _words_test(value: str) -> Callable[[list[str]], bool]:
    sought = [word.lower() for word in words(value)]

    def found(texts: list[str]) -> bool:
        if not sought:
            return False
        there = [word.lower() for text in texts for word in words(text)]
        return all(any(word.startswith(prefix) for word in there) for prefix in sought)

    return found


def _present(text: str) -> list[str]:
    return [text] if text else []


def _tag_keys(secret: Secret) -> list[str]:
    return [key for key, _ in secret.tags or ()]


def _tag_values(secret: Secret) -> list[str]:
    return [value for _, value in secret.tags or ()]


def _all(secret: Secret) -> list[str]:
    return [
        secret.name,
        *_present(secret.description),
        *_tag_keys(secret),
        *_tag_values(secret),
        *_present(secret.primary_region),
        *_present(secret.owning_service),
    ]


_ATTRIBUTES: Mapping[str, Callable[[Secret], list[str]]] = {
    "all": _all,
    "description": lambda secret: _present(secret.description),
    "name": lambda secret: [secret.name],
    "owning-service": lambda secret: _present(secret.owning_service),
    "primary-region": lambda secret: _present(secret.primary_region),
    "tag-key": _tag_keys,
    "tag-value": _tag_values,
}
