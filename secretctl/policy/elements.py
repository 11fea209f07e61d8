"""The elements of a statement, checked and made ready; see `grammar`.

What is returned where a fault was added is of no use, and used by nobody.
"""

from __future__ import annotations

from collections.abc import Callable

from secretctl.policy import arns, wildcard
from secretctl.policy.faults import BAD_SYNTAX, Fault, Path
from secretctl.policy.statements import Actions, Resources

LETTERS_AND_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

Element = dict[str, object]


class Found:
    """Faults, as they are found."""

    def __init__(self) -> None:
        """Begin with none."""
        self.faults: list[Fault] = []

    def add(
        self, path: Path, message: str, *, is_key: bool = False, sentence: str = BAD_SYNTAX
    ) -> None:
        """Add a fault."""
        self.faults.append(Fault(path, message, is_key=is_key, sentence=sentence))


def check_known(element: Element, known: tuple[str, ...], path: Path, found: Found) -> None:
    """Refuse every member of *element* that the grammar does not know."""
    for name in element:
        if name not in known:
            found.add((*path, name), "there is no such element here", is_key=True)


def names_others(statement: object, asked: frozenset[str]) -> bool:
    """Tell whether a statement lists actions, none with a wildcard and none of those *asked*."""
    if not isinstance(statement, dict) or "NotAction" in statement:
        return False
    whole = statement.get("Action")
    items = whole if isinstance(whole, list) else [whole]
    return bool(items) and not any(
        not isinstance(item, str) or _is_pattern(item) or item.lower() in asked for item in items
    )


def actions(statement: Element, path: Path, found: Found) -> Actions:
    """Return the Action or NotAction of a statement."""
    name, is_negated = one_of(statement, "Action", path, found)
    texts = [text.lower() for _, text in _texts(statement, name, path, found, _wrong_action)]
    return Actions(
        is_negated=is_negated,
        names=frozenset([text for text in texts if not _is_pattern(text)]),
        patterns=tuple([wildcard.of_text(text) for text in texts if _is_pattern(text)]),
    )


def resources(statement: Element, path: Path, found: Found, *, has_variables: bool) -> Resources:
    """Return the Resource or NotResource of a statement."""
    name, is_negated = one_of(statement, "Resource", path, found)
    patterns = []
    texts = _texts(statement, name, path, found, _wrong_resource)
    for place, text in texts:
        try:
            pattern = arns.in_resource(text, has_variables=has_variables)
        except ValueError as error:
            found.add(place, str(error))
            continue
        if pattern is not None:
            patterns.append(pattern)
    return Resources(is_negated, "*" in [text for _, text in texts], tuple(patterns))


def is_text(value: object) -> bool:
    """Tell whether *value* is text."""
    return isinstance(value, str)


def one_of(statement: Element, name: str, path: Path, found: Found) -> tuple[str, bool]:
    """Return which of ``Name`` and ``NotName`` a statement has, and whether it is the second."""
    negated = f"Not{name}"
    has, has_negated = name in statement, negated in statement
    if has and has_negated:
        found.add((*path, negated), f"{name} and {negated} exclude each other", is_key=True)
    if not has and not has_negated:
        found.add(path, f"there is no {name} and no {negated}")
    return (name, False) if has or not has_negated else (negated, True)


def _texts(
    statement: Element, name: str, path: Path, found: Found, wrong: Callable[[str], str]
) -> list[tuple[Path, str]]:
    """Return the texts of an element that is one or a list, each with its place.

    *wrong* tells what is wrong with one, if anything is.
    """
    if name not in statement:
        return []
    whole, place = statement[name], (*path, name)
    items = whole if isinstance(whole, list) else [whole]
    if not items:
        found.add(place, "the list is empty")
    texts: list[tuple[Path, str]] = []
    for number, item in enumerate(items):
        at = (*place, number) if isinstance(whole, list) else place
        message = wrong(item) if isinstance(item, str) else "this is text, or a list of texts"
        if message:
            found.add(at, message)
        else:
            texts.append((at, str(item)))
    return texts


def _wrong_action(text: str) -> str:
    """Return what is wrong with an action; nothing if it is one."""
    service, colon, name = text.partition(":")
    is_service = service and not service.strip(LETTERS_AND_DIGITS + "-")
    is_name = name and not name.strip(LETTERS_AND_DIGITS + "*?")
    if text == "*" or (colon and is_service and is_name):
        return ""
    return "an action is * or SERVICE:NAME, with * and ? in the name"


def _wrong_resource(text: str) -> str:
    """Return what is wrong with a resource; nothing if it is one."""
    segments = text.split(":", arns.SEGMENTS - 1)
    if text == "*" or (len(segments) == arns.SEGMENTS and segments[0] == "arn" and segments[5]):
        return ""
    return "a resource is * or an ARN: arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE"


def _is_pattern(text: str) -> bool:
    return "*" in text or "?" in text
