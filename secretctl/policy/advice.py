"""What in a policy is probably not what was meant: the warnings of ``policy lint``."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from secretctl.domain.names import SUFFIX_LENGTH, ends_like_suffix
from secretctl.model.authorization import ACTIONS, SERVICE
from secretctl.model.kms.grants import GRANTABLE
from secretctl.model.services import SERVICES, operations_of
from secretctl.policy import (
    breadth,
    grammar,
    key_advice,
    operators,
    principals,
    variables,
    wildcard,
)
from secretctl.policy.conditions import ALL, ANY
from secretctl.policy.elements import Element
from secretctl.policy.faults import Path
from secretctl.policy.key_advice import Advice
from secretctl.policy.statements import Policy, Statement

_SERVICES = (SERVICE, *SERVICES)
_BESIDES: dict[str, tuple[str, ...]] = {
    "kms": GRANTABLE,
    "sts": (
        *("AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"),
        *("TagSession", "SetSourceIdentity", "SetContext"),
    ),
}
"""Actions that are no operations here: what is asked for with others, and what keys are granted."""

_NAMES = {f"{SERVICE}:{name}".lower(): name for name in ACTIONS}

_WITHOUT_SUFFIX = "a secret's ARN ends in a hyphen and six characters: NAME-??????"

__all__ = ["Advice", "meant", "on"]


def on(document: object, policy: Policy) -> list[Advice]:
    """Return what there is to be said about a policy without faults.

    Args:
        document: As it was read from JSON.
        policy: What it was read as.
    """
    assert isinstance(document, dict)
    whole = document["Statement"]
    found: list[Advice] = []
    has_variables = document.get("Version") == grammar.WITH_VARIABLES
    for statement in policy.statements:
        path: Path = ("Statement", statement.number) if isinstance(whole, list) else ("Statement",)
        element = whole[statement.number] if isinstance(whole, list) else whole
        actions = _actions(element)
        found += _on_actions(element, path)
        found += _on_resources(element, path, has_variables=has_variables)
        found += _on_breadth(statement, element, path)
        found += key_advice.on(element, path, actions, has_variables=has_variables)
    return found


def meant(path: Path, kind: str) -> str:
    """Return the element, condition operator or other name that was probably meant at *path*."""
    known: Iterable[str] = grammar.known(kind, path[:-1])
    if "Condition" in path[:-1]:
        known = operators.NAMES if path[-2] == "Condition" else ()
    elif {"Principal", "NotPrincipal"} & set(path[:-1]):
        known = ("AWS", "Service", "Federated")
    word = str(path[-1]).removeprefix(ALL).removeprefix(ANY)
    near = get_close_matches(word.removesuffix(operators.IF_EXISTS)[:80], list(known), n=1)
    return near[0] if near and near[0] != word else ""


def _actions(element: Element) -> list[str]:
    """Return the names of our actions that a statement is about, without the service."""
    patterns = [
        wildcard.of_text(text.lower()) for _, text in texts(element, ("Action", "NotAction"), ())
    ]
    return [
        name
        for lower, name in _NAMES.items()
        if any(wildcard.matches(pattern, lower) for pattern in patterns) != ("NotAction" in element)
    ]


def texts(element: Element, names: tuple[str, ...], path: Path) -> list[tuple[Path, str]]:
    """Return the texts of the first of *names* that is there, each with its place."""
    name = next((each for each in names if each in element), "")
    whole = element.get(name, [])
    if not isinstance(whole, list):
        return [((*path, name), str(whole))]
    return [((*path, name, number), str(each)) for number, each in enumerate(whole)]


def _on_actions(element: Element, path: Path) -> Iterable[Advice]:
    if "NotAction" in element and element["Effect"] == "Allow":
        message = "NotAction with Allow allows every other action, those of all services included"
        yield Advice((*path, "NotAction"), message, is_key=True)
    is_everywhere = any(text == "*" for _, text in texts(element, ("Resource",), ()))
    for place, text in texts(element, ("Action", "NotAction"), path):
        name = _NAMES.get(text.lower())
        if name is None:
            message = _on_unknown(text.lower())
        else:
            is_right = ACTIONS[name].is_on_secret or is_everywhere or "NotAction" in element
            message = "" if is_right else f"{name} is about no resource: it needs Resource *"
        if message:
            yield Advice(place, message)


def _on_unknown(action: str) -> str:
    """Return what there is to be said about an action that is none of ours by name."""
    service, _, name = action.partition(":")
    if action == "*":
        return ""
    if service not in _SERVICES:
        near = get_close_matches(service, _SERVICES, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        return f"nothing here has an action of that service{hint}"
    known = _actions_of(service)
    pattern = wildcard.of_text(action)
    if any(wildcard.matches(pattern, each) for each in known):
        return ""
    if set("*?") & set(name):
        return "no action matches"
    near = get_close_matches(action[:80], list(known), n=1)
    hint = f"; did you mean {known[near[0]]}?" if near else ""
    missing = (
        "there is no such action" if service == SERVICE else "no such action is asked for here"
    )
    return missing + hint


def _actions_of(service: str) -> dict[str, str]:
    """Return the actions of a service as AWS spells them, by the same in small letters."""
    listed = [*ACTIONS] if service == SERVICE else [*_BESIDES.get(service, ())]
    if service != SERVICE:
        listed += [each.name for each in operations_of(service).values()]
    return {f"{service}:{name}".lower(): f"{service}:{name}" for name in listed}


def _on_resources(element: Element, path: Path, *, has_variables: bool) -> Iterable[Advice]:
    if "NotResource" in element and element["Effect"] == "Allow":
        message = "NotResource with Allow allows every other resource, those to come included"
        yield Advice((*path, "NotResource"), message, is_key=True)
    services = _services(element)
    for place, text in texts(element, ("Resource", "NotResource"), path):
        if message := _on_resource(text, services):
            yield Advice(place, message)
        template = variables.parts(text.split(":", 5)[-1], are_read=has_variables)
        for message in key_advice.on_variables(template):
            yield Advice(place, message)


def _services(element: Element) -> list[str]:
    """Return the services whose ARNs a statement may name for its actions."""
    named = [text.lower().partition(":")[0] for _, text in texts(element, ("Action",), ())]
    named += ["iam"] if "sts" in named else []  # roles are what STS is about
    return [each for each in _SERVICES if each in named or "*" in named or "NotAction" in element]


def _on_resource(text: str, services: list[str]) -> str:
    if text == "*":
        return ""
    _, partition, service, region, account, resource = text.split(":", 5)
    beginning = f"{partition}{service}{region}{account}"
    if beginning != beginning.lower() or "$" in beginning:
        return "no ARN has capital letters or variables before its fifth colon: it matches nothing"
    pattern = wildcard.of_text(service)
    if not wildcard.matches(pattern, SERVICE):
        is_meant = any(wildcard.matches(pattern, each) for each in services)
        return _on_account(account, service) if is_meant else "the ARN is one of another service"
    if message := _on_account(account, service):
        return message
    if resource.startswith("secret:"):
        return _on_name(resource.removeprefix("secret:"))
    may_match = "*" in resource and resource.startswith(("*", "?", "s"))
    return "" if may_match else "no secret has such an ARN: secret:NAME-??????"


def _on_account(account: str, service: str) -> str:
    is_right = principals.is_account(account) or set("*?") & set(account)
    is_of_aws = service == "iam" and account == "aws"
    return "" if is_right or is_of_aws else "an account has twelve digits"


def _on_name(name: str) -> str:
    _, hyphen, ending = name.rpartition("-")
    if hyphen and ending and not ending.strip("?") and len(ending) != SUFFIX_LENGTH:
        return _WITHOUT_SUFFIX
    if name.endswith("-*"):
        return "-* also takes longer names that begin so; NAME-?????? takes this secret alone"
    if set("*?$") & set(name) or ends_like_suffix(name):
        return ""
    return _WITHOUT_SUFFIX


def _on_breadth(statement: Statement, element: Element, path: Path) -> Iterable[Advice]:
    if breadth.is_broad(statement):
        message = "everybody is allowed; name who is meant, or a condition on who asks"
        yield Advice((*path, "Principal"), message)
    spared = statement.principals
    if spared is not None and spared.is_negated and not spared.accounts and not spared.everybody:
        message = "NotPrincipal spares nobody whose account (:root) is not listed as well"
        yield Advice((*path, "NotPrincipal"), message, is_key=True)
    everything = ("*", f"{SERVICE}:*")
    are_all = any(text.lower() in everything for _, text in texts(element, ("Action",), ()))
    is_everywhere = any(text == "*" for _, text in texts(element, ("Resource",), ()))
    if statement.allows and statement.principals is None and are_all and is_everywhere:
        yield Advice((*path, "Action"), "everything is allowed on every secret")
