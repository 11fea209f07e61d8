"""A second evaluator of IAM policies, slow and plain, to compare the real one with.

Written from AWS's IAM user guide alone: nothing of secretctl is imported. Documents are well
formed. Where AWS is silent, the reading that grants less: such places say so.
"""

import base64
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import cache
from ipaddress import ip_address, ip_network
from operator import eq, ge, gt, le, lt
from typing import Any

ALLOWED, IMPLICITLY, EXPLICITLY = "Allowed", "ImplicitlyDenied", "ExplicitlyDenied"
MANY, ONE = "any characters", "any character"

Json = dict[str, Any]
Pattern = tuple[str, ...]  # characters, taken literally, and the wildcards MANY and ONE
Variables = Json | None  # the context; None where ``${`` is text like any other


def simulate(case: Json) -> dict[str, str]:
    """Return what each policy type alone says, and the decision."""
    context = {key.lower(): value for key, value in case["context"].items() if value != []}
    case = case | {"context": context}
    identity = [s for document in case["identityPolicies"] for s in applicable(document, case)]
    resource = applicable(case["resourcePolicy"] or {"Statement": []}, case)
    said = {"identity": verdict(identity), "resource": verdict(resource)}
    if EXPLICITLY in said.values():
        return said | {"decision": EXPLICITLY}
    if case["resource"] == "*" or account(case["resource"]) == account(case["principal"]):
        by_itself = [s for s in resource if names_caller(listed(s), case["principal"])]
        allowed = said["identity"] == ALLOWED or verdict(by_itself) == ALLOWED
    else:
        allowed = said["identity"] == said["resource"] == ALLOWED
    return said | {"decision": ALLOWED if allowed else IMPLICITLY}


def verdict(statements: list[Json]) -> str:
    """Return what applicable statements say together."""
    effects = {statement["Effect"] for statement in statements}
    if "Deny" in effects:
        return EXPLICITLY
    return ALLOWED if "Allow" in effects else IMPLICITLY


def applicable(document: Json, case: Json) -> list[Json]:
    """Return the statements of a document that match the request in every element."""
    variables = case["context"] if document.get("Version") == "2012-10-17" else None
    return [
        statement
        for statement in as_list(document["Statement"])
        if principal_matches(statement, case["principal"])
        and element(statement, "Action", lambda action: action_matches(action, case["action"]))
        and element(
            statement, "Resource", lambda arn: resource_matches(arn, case["resource"], variables)
        )
        and all(
            holds(name, key, wanted, case, variables, statement["Effect"])
            for name, keys in statement.get("Condition", {}).items()
            for key, wanted in keys.items()
        )
    ]


def as_list(value: Any) -> list[Any]:
    """Return the values where one may stand for a list."""
    return value if isinstance(value, list) else [value]


def element(statement: Json, name: str, matches: Callable[[str], bool]) -> bool:
    """Tell whether Action or Resource matches, or NotAction or NotResource does not."""
    if name in statement:
        return any(matches(value) for value in as_list(statement[name]))
    return not any(matches(value) for value in as_list(statement[f"Not{name}"]))


def action_matches(wanted: str, action: str) -> bool:
    """Compare without regard to case; wildcards are in the name only."""
    service, _, name = wanted.lower().partition(":")
    own_service, _, own_name = action.lower().partition(":")
    return wanted == "*" or (service == own_service and like(pattern(name, None), own_name))


def resource_matches(wanted: str, arn: str, variables: Variables) -> bool:
    """Compare segment by segment; variables are in the last one only."""
    *first, last = wanted.split(":", 5)
    segments = [*(pattern(segment, None) for segment in first), pattern(last, variables)]
    return wanted == "*" or like_segments(segments, arn)


# Principals


def account(arn: str) -> str:
    """Return the account of an ARN."""
    return arn.split(":")[4]


def principal_matches(statement: Json, caller: str) -> bool:
    """Tell whether a statement is about the caller; one of an identity's policy always is."""
    entries = listed(statement)
    if "NotPrincipal" in statement:
        return not excepted(entries, caller)
    return names_account(entries, caller) or names_caller(entries, caller)


def listed(statement: Json) -> list[str]:
    """Return what a statement lists of callers with an ARN: services have none."""
    principal = statement.get("NotPrincipal", statement.get("Principal", "*"))
    return as_list(principal.get("AWS", []) if isinstance(principal, dict) else principal)


def names_account(entries: list[str], caller: str) -> bool:
    """Tell whether the caller's account is listed, in either spelling."""
    root = f"arn:{caller.split(':')[1]}:iam::{account(caller)}:root"
    return account(caller) in entries or root in entries


def names_caller(entries: list[str], caller: str) -> bool:
    """Tell whether everybody, the caller, or the role of its session is listed."""
    itself = caller in entries or (caller.endswith(":root") and names_account(entries, caller))
    return "*" in entries or itself or names_role(entries, caller)


def names_role(entries: list[str], caller: str) -> bool:
    """Tell whether the role of a session is listed; a session's ARN has not the role's path."""
    session = re.fullmatch(r"arn:([^:]+):sts::([^:]+):assumed-role/([^/]+)/.+", caller)
    if not session:
        return False
    role = re.compile(rf"arn:{session[1]}:iam::{session[2]}:role/(.+/)?{re.escape(session[3])}")
    return any(role.fullmatch(entry) for entry in entries)


def excepted(entries: list[str], caller: str) -> bool:
    """Tell whether NotPrincipal spares the caller: its account, role and itself are listed.

    AWS "might validate the account first, then the role, and then the assumed-role user".
    """
    role = names_role(entries, caller) or ":assumed-role/" not in caller
    itself = caller in entries or caller.endswith(":root")
    return "*" in entries or (names_account(entries, caller) and role and itself)


# Patterns


def pattern(text: str, variables: Variables, *, wildcards: bool = True) -> Pattern | None:
    """Read a pattern; None if a variable in it has no value, for then nothing matches.

    What a variable stands for is literal. Where AWS is silent: its default is, too; a key of
    several values has no value.
    """
    items: list[str] = []
    for part in re.split(r"(\$\{[^{}]+\})", text) if variables is not None else [text]:
        variable = re.fullmatch(r"\$\{([^,]+?)(?:, '([^']*)')?\}", part)
        if variable is None or variables is None:
            items += [{"*": MANY, "?": ONE}.get(c, c) if wildcards else c for c in part]
        elif variable[1] in ("*", "?", "$"):
            items += variable[1]
        else:
            value = variables.get(variable[1].lower())
            value = value if isinstance(value, str) and value else variable[2]
            if value is None:
                return None
            items += value
    return tuple(items)


def like(wanted: Pattern | None, text: str) -> bool:
    """Tell whether all of *text* is what the pattern says."""
    if wanted is None:
        return False

    @cache
    def rest(i: int, j: int) -> bool:
        if i == len(wanted):
            return j == len(text)
        if wanted[i] == MANY:
            return rest(i + 1, j) or (j < len(text) and rest(i, j + 1))
        return j < len(text) and wanted[i] in (ONE, text[j]) and rest(i + 1, j + 1)

    return rest(0, 0)


def like_segments(wanted: list[Pattern | None], arn: str) -> bool:
    """Compare an ARN's six segments; the last one holds all further colons."""
    segments = arn.split(":", 5)
    return len(wanted) == len(segments) == 6 and all(map(like, wanted, segments))


def like_arn(text: str, value: str, variables: Variables) -> bool:
    """ArnLike: variables may hold colons, so they are filled in first."""
    wanted = pattern(text, variables)
    if wanted is None:
        return False
    colons = [i for i, item in enumerate(wanted) if item == ":"][:5]
    edges = zip([-1, *colons], [*colons, len(wanted)], strict=True)
    return like_segments([wanted[start + 1 : end] for start, end in edges], value)


# Conditions


def holds(name: str, key: str, wanted: Any, case: Json, variables: Variables, effect: str) -> bool:
    """Tell whether one operator holds for one key."""
    quantifier, _, name = name.rpartition(":")
    name, if_exists = name.removesuffix("IfExists"), name.endswith("IfExists")
    texts = [str(w).lower() if isinstance(w, bool) else str(w) for w in as_list(wanted)]
    value = case["context"].get(key.lower())
    null = value is None or set(value) <= {""}
    if name == "Null":
        return ("true" if null else "false") in texts
    if value is None and if_exists:
        return True
    if null and quantifier:
        return quantifier == "ForAllValues"
    negated = "Not" in name
    if value is None:
        return negated
    compare = COMPARISONS[name.replace("Not", "")]
    found = [any(compare(t, v, variables) for t in texts) != negated for v in as_list(value)]
    if isinstance(value, list) and not quantifier:
        # AWS asks for a quantifier here and is silent on what is without: no Allow rests on it.
        return effect == "Deny" and any(found)
    return all(found) if quantifier == "ForAllValues" else any(found)


def same(wanted: str, value: str, variables: Variables, fold: Callable[[str], str] = str) -> bool:
    """StringEquals: there are no wildcards."""
    read = pattern(wanted, variables, wildcards=False)
    return read is not None and fold("".join(read)) == fold(value)


def inside(wanted: str, value: str) -> bool:
    """IpAddress; the other family of addresses is outside."""
    try:
        return "%" not in value and ip_address(value) in ip_network(wanted, strict=False)
    except ValueError:
        return False


def decoded(text: str) -> bytes | None:
    """Read base64."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return None


def number(text: str) -> Fraction | None:
    """Read a decimal number: a sign, digits, and perhaps a point with digits."""
    return Fraction(text) if re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?", text) else None


def seconds(text: str) -> Fraction | None:
    """Read a moment as seconds since 1970: that very number, or ISO 8601 in W3C's profile."""
    zone = r"(?:Z|([+-])([01]\d|2[0-3]):([0-5]\d))"
    time = rf"T(\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?{zone}"
    found = re.fullmatch(rf"(\d{{4}})(?:-(\d\d)(?:-(\d\d)(?:{time})?)?)?", text, re.ASCII)
    if re.fullmatch("[0-9]+", text) or not found:
        return Fraction(text) if re.fullmatch("[0-9]+", text) else None
    year, month, day, hour, minute, second = (int(found[i] or i in (2, 3)) for i in range(1, 7))
    ahead = timedelta(hours=int(found[9] or 0), minutes=int(found[10] or 0))
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    since = moment - datetime(1970, 1, 1, tzinfo=UTC) + (ahead if found[8] == "-" else -ahead)
    return Fraction(since // timedelta(seconds=1)) + Fraction(f"0{found[7] or '.0'}")


def ordered(
    read: Callable[[str], Any], relation: Callable[[Any, Any], bool]
) -> Callable[[str, str, Variables], bool]:
    """Return the comparison: the request's value stands in the relation to the policy's."""
    return lambda wanted, value, _: (
        None not in (read(value), read(wanted)) and relation(read(value), read(wanted))
    )


ORDER = {"LessThan": lt, "LessThanEquals": le, "GreaterThan": gt, "GreaterThanEquals": ge}
COMPARISONS: dict[str, Callable[[str, str, Variables], bool]] = {
    "StringEquals": same,
    "StringEqualsIgnoreCase": lambda wanted, value, known: same(wanted, value, known, str.casefold),
    "StringLike": lambda wanted, value, known: like(pattern(wanted, known), value),
    "ArnEquals": like_arn,
    "ArnLike": like_arn,
    "Bool": lambda wanted, value, _: wanted == value and value in ("true", "false"),
    "BinaryEquals": ordered(decoded, eq),
    "NumericEquals": ordered(number, eq),
    "DateEquals": ordered(seconds, eq),
    "IpAddress": lambda wanted, value, _: inside(wanted, value),
    **{f"Numeric{name}": ordered(number, relation) for name, relation in ORDER.items()},
    **{f"Date{name}": ordered(seconds, relation) for name, relation in ORDER.items()},
}
