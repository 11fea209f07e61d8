"""IAM's grammar of policy documents: identity policies, resource policies, roles' trust policies.

Whatever could be read in two ways, or is not known, is a fault: a misspelt element must not widen a
policy. All faults are collected, each with its place.

See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

from secretctl.policy import elements, statements, strict_json
from secretctl.policy.elements import LETTERS_AND_DIGITS, Found, is_text
from secretctl.policy.faults import BAD_JSON, BAD_VERSION, IDENTITY, TRUST, Fault, Path
from secretctl.policy.statements import Policy, Resources, Statement
from secretctl.record import TYPE_CHECKING

if TYPE_CHECKING:
    from secretctl.policy.conditions import Condition
    from secretctl.policy.principals import Principals

MAX_CHARACTERS = 20480
"""Of any policy. Smaller quotas, of identity policies, are the business of what stores them."""

TOO_LONG = Fault((), f"a policy has at most {MAX_CHARACTERS} characters", sentence=BAD_JSON)

WITH_VARIABLES = "2012-10-17"
VERSIONS = (WITH_VARIABLES, "2008-10-17")

_DOCUMENT = ("Version", "Id", "Statement")
_STATEMENT = ("Sid", "Effect", "Action", "NotAction", "Condition")
_RESOURCE = ("Resource", "NotResource")
_PRINCIPAL = ("Principal", "NotPrincipal")


def known(kind: str, path: Path) -> tuple[str, ...]:
    """Return the elements that a document of that *kind* may have at *path*."""
    if not path:
        return _DOCUMENT if kind != IDENTITY else ("Version", "Statement")
    resource = _RESOURCE if kind != TRUST else ()
    return (*_STATEMENT, *resource, *(_PRINCIPAL if kind != IDENTITY else ()))


def read(
    document: object, kind: str, name: str = "", actions: tuple[str, ...] = ()
) -> tuple[Policy | None, tuple[Fault, ...]]:
    """Return the policy that *document*, read from JSON, is; and what is wrong with it.

    Args:
        document: Of whatever shape.
        kind: ``identity``, ``resource`` or ``trust``.
        name: Name or ARN of the policy.
        actions: What alone will be asked for; empty for anything. Statements that name others are
            left out, and not checked. For documents that were read as a whole when they were put
            in force.

    Returns:
        A policy and no faults, or no policy and one or more.
    """
    found = Found()
    if not isinstance(document, dict):
        found.add((), "a policy is a JSON object")
        return None, tuple(found.faults)
    _check_document(document, kind, found)
    has_variables = document.get("Version") == WITH_VARIABLES
    asked = frozenset([action.lower() for action in actions])
    read = [
        _statement(statement, path, kind, found, has_variables=has_variables)
        for path, statement in _statements(document, found)
        if not (asked and elements.names_others(statement, asked))
    ]
    _check_sids(read, document, found)
    whole = tuple([statement for statement in read if statement is not None])
    return (None if found.faults else statements.policy(name, whole)), tuple(found.faults)


def read_text(
    text: str, kind: str, name: str = "", actions: tuple[str, ...] = ()
) -> tuple[Policy | None, tuple[Fault, ...]]:
    """Return the policy a text holds, and what is wrong with it, without places: the quick way.

    Args:
        text: JSON.
        kind: ``identity``, ``resource`` or ``trust``.
        name: Name or ARN of the policy.
        actions: What alone will be asked for, of a policy in force; see `read`.
    """
    if len(text) > MAX_CHARACTERS:
        return None, (TOO_LONG,)
    try:
        document = strict_json.read(text)
    except ValueError:
        return None, (Fault((), "this is not strict JSON", sentence=BAD_JSON),)
    return read(document, kind, name, actions)


def statements_of(document: object) -> list[dict[str, object]]:
    """Return the statements of a document as it is written."""
    whole = document.get("Statement") if isinstance(document, dict) else None
    items = whole if isinstance(whole, list) else [whole]
    return [item for item in items if isinstance(item, dict)]


def _check_document(document: dict[str, object], kind: str, found: Found) -> None:
    elements.check_known(document, known(kind, ()), (), found)
    version = document.get("Version", WITH_VARIABLES)
    if version not in VERSIONS:
        found.add(("Version",), f"the version is {' or '.join(VERSIONS)}", sentence=BAD_VERSION)
    if not is_text(document.get("Id", "")):
        found.add(("Id",), "an id is text")
    if "Statement" not in document:
        found.add((), "there is no Statement")


def _statements(document: dict[str, object], found: Found) -> list[tuple[Path, object]]:
    statements = document.get("Statement", {})
    if isinstance(statements, list):
        if not statements:
            found.add(("Statement",), "there is no statement")
        return [(("Statement", number), each) for number, each in enumerate(statements)]
    return [(("Statement",), statements)] if "Statement" in document else []


def _statement(
    statement: object, path: Path, kind: str, found: Found, *, has_variables: bool
) -> Statement | None:
    if not isinstance(statement, dict):
        found.add(path, "a statement is a JSON object")
        return None
    before = len(found.faults)
    elements.check_known(statement, known(kind, path), path, found)
    read = Statement(
        number=path[1] if len(path) > 1 and isinstance(path[1], int) else 0,
        sid=_sid(statement, path, kind, found),
        allows=_allows(statement, path, found),
        principals=_principals(statement, path, kind, found),
        actions=elements.actions(statement, path, found),
        resources=_resources(statement, path, kind, found, has_variables=has_variables),
        conditions=_conditions(statement, path, found, has_variables=has_variables),
    )
    return None if len(found.faults) > before else read


def _sid(statement: dict[str, object], path: Path, kind: str, found: Found) -> str:
    sid = statement.get("Sid", "")
    if not isinstance(sid, str):
        found.add((*path, "Sid"), "a Sid is text")
        return ""
    if kind == IDENTITY and sid.strip(LETTERS_AND_DIGITS):
        found.add((*path, "Sid"), "a Sid has letters and digits only")
    return sid


def _allows(statement: dict[str, object], path: Path, found: Found) -> bool:
    effect = statement.get("Effect")
    if "Effect" not in statement:
        found.add(path, "there is no Effect")
    elif effect not in ("Allow", "Deny"):
        found.add((*path, "Effect"), "the effect is Allow or Deny")
    return effect == "Allow"


def _principals(
    statement: dict[str, object], path: Path, kind: str, found: Found
) -> Principals | None:
    if kind == IDENTITY:
        return None
    from secretctl.policy import principal_element  # no identity policy needs it

    return principal_element.read(statement, path, found)


def _resources(
    statement: dict[str, object], path: Path, kind: str, found: Found, *, has_variables: bool
) -> Resources | None:
    if kind == TRUST:
        return None
    return elements.resources(statement, path, found, has_variables=has_variables)


def _conditions(
    statement: dict[str, object], path: Path, found: Found, *, has_variables: bool
) -> tuple[Condition, ...]:
    if "Condition" not in statement:
        return ()
    from secretctl.policy import condition_element  # most statements do not need it

    return condition_element.read(statement, path, found, has_variables=has_variables)


def _check_sids(read: list[Statement | None], document: dict[str, object], found: Found) -> None:
    """Refuse a Sid that is given twice; empty ones are none."""
    many = isinstance(document.get("Statement"), list)
    seen = {""}
    for statement in read:
        if statement is None:
            continue
        if statement.sid and statement.sid in seen:
            path: Path = ("Statement", statement.number) if many else ("Statement",)
            found.add((*path, "Sid"), "a Sid is given twice")
        seen.add(statement.sid)
