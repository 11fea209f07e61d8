"""The Principal or NotPrincipal of a statement, checked and made ready; see `grammar`."""

from __future__ import annotations

from secretctl.policy.elements import Element, Found, one_of
from secretctl.policy.faults import BAD_PRINCIPAL, BAD_SERVICE, Path
from secretctl.policy.principal_names import KINDS, is_named
from secretctl.policy.principals import EVERYBODY, SEGMENTS, Principals, account_of

_WRONG_PRINCIPAL = {
    "AWS": "no account, user, role or session is named like that; * stands alone",
    "Service": "no service is named like that: SERVICE.amazonaws.com",
    "Federated": "no identity provider is named like that",
}


def read(statement: Element, path: Path, found: Found) -> Principals:
    """Return the Principal or NotPrincipal of a statement."""
    name, is_negated = one_of(statement, "Principal", path, found)
    if is_negated and statement.get("Effect") != "Deny":
        # With Allow it would let in everybody but those named.
        found.add((*path, name), "NotPrincipal goes with Deny only", is_key=True)
    element = statement.get(name, EVERYBODY)
    if element == EVERYBODY:
        return _principals([EVERYBODY], is_negated=is_negated)
    place = (*path, name)
    if not isinstance(element, dict) or not element:
        found.add(place, "a principal is * or a JSON object", sentence=BAD_PRINCIPAL)
        return _principals([], is_negated=is_negated)
    named = [text for kind in element for text in _named(element, kind, place, found)]
    return _principals(named, is_negated=is_negated)


def _named(element: Element, kind: str, path: Path, found: Found) -> list[str]:
    """Return the principals of one kind."""
    place, whole = (*path, kind), element[kind]
    items = whole if isinstance(whole, list) else [whole]
    if kind not in KINDS:
        message = "the kind of a principal is AWS, Service or Federated"
        found.add(place, message, is_key=True, sentence=BAD_PRINCIPAL)
        return []
    sentence = BAD_SERVICE if kind == "Service" else BAD_PRINCIPAL
    if not items:
        found.add(place, "the list is empty", sentence=sentence)
    named = []
    for number, item in enumerate(items):
        if isinstance(item, str) and is_named(kind, item):
            named.append(item)
        else:
            at = (*place, number) if isinstance(whole, list) else place
            found.add(at, _WRONG_PRINCIPAL[kind], sentence=sentence)
    return named


def _principals(named: list[str], *, is_negated: bool) -> Principals:
    """Return the element that names those."""
    roles = set()
    for text in named:
        segments = text.split(":", SEGMENTS - 1)
        if len(segments) == SEGMENTS and segments[5].startswith("role/"):
            roles.add((segments[4], segments[5].rpartition("/")[2]))
    return Principals(
        is_negated=is_negated,
        everybody=EVERYBODY in named,
        accounts=frozenset({account_of(text) for text in named} - {""}),
        names=frozenset(named),
        roles=frozenset(roles),
    )
