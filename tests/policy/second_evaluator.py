"""A second evaluator of IAM policies, slow and plain, to compare the real one with.

Written from AWS's IAM user guide alone: nothing of secretctl is imported. Documents are well
formed, callers have an ARN. Where AWS is silent, the reading that grants less: it is said there.
"""

import base64
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import cache
from ipaddress import ip_network
from operator import eq, ge, gt, le, lt
from typing import Any

ALLOWED, IMPLICITLY, EXPLICITLY = "Allowed", "ImplicitlyDenied", "ExplicitlyDenied"
MANY, ONE = "any characters", "any character"

Json = dict[str, Any]
Pattern = tuple[str, ...]  # characters, taken literally, and the wildcards MANY and ONE
Variables = Json | None  # the context; None where ``${`` is text like any other


def simulate(case: Json) -> dict[str, str]:
    """Return what each policy type alone says, and the decision."""
    case = case | {"context": {key.lower(): value for key, value in case["context"].items()}}
    identity = [s for document in case["identityPolicies"] for s in applicable(document, case)]
    resource = applicable(case["resourcePolicy"] or {"Statement": []}, case)
    caller = case["principal"]
    at_home = case["resource"] == "*" or account(case["resource"]) == account(caller)
    if at_home:  # an Allow of the whole account leaves it to the identity's policies
        resource = [s for s in resource if s["Effect"] == "Deny" or names_caller(listed(s), caller)]
    said = {"identity": verdict(identity), "resource": verdict(resource)}
    if EXPLICITLY in said.values():
        return said | {"decision": EXPLICITLY}
    allowed = (any if at_home else all)(word == ALLOWED for word in said.values())
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
        and action_matches(statement, case["action"])
        and resource_matches(statement, case["resource"], variables)
        and all(
            holds(name, key, wanted, case, variables, statement["Effect"])
            for name, keys in statement.get("Condition", {}).items()
            for key, wanted in keys.items()
        )
    ]


def as_list(value: Any) -> list[Any]:
    """Return the values where one may stand for a list."""
    return value if isinstance(value, list) else [value]


def action_matches(statement: Json, action: str) -> bool:
    """Compare without regard to case; wildcards are in the name only."""

    def like_name(wanted: str) -> bool:
        service, _, name = wanted.lower().partition(":")
        own_service, _, own_name = action.lower().partition(":")
        return wanted == "*" or (service == own_service and like(pattern(name, None), own_name))

    if "Action" in statement:
        return any(map(like_name, as_list(statement["Action"])))
    return not any(map(like_name, as_list(statement["NotAction"])))


def resource_matches(statement: Json, arn: str, variables: Variables) -> bool:
    """Compare segment by segment; variables are in the last one only.

    A variable without a value matches no resource. Where AWS is silent: NotResource with one
    that any value could make match allows nothing, and denies all the same.
    """
    wanted = as_list(statement.get("Resource", statement.get("NotResource")))
    patterns = []
    for *first, last in (text.split(":", 5) for text in wanted):
        patterns.append([*(pattern(segment, None) for segment in first), pattern(last, variables)])
    found = "*" in wanted or any(like_segments(segments, arn) for segments in patterns)
    if "Resource" in statement:
        return found
    unknown = [[*s[:-1], (MANY,)] for s in patterns if s[-1] is None]
    known = not any(like_segments(segments, arn) for segments in unknown)
    return not found and (known or statement["Effect"] == "Deny")


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
    itself = caller in entries and not caller.endswith(":root")
    return "*" in entries or itself or names_role(entries, caller)


def names_role(entries: list[str], caller: str) -> bool:
    """Tell whether the role of a session is listed; a session's ARN has not the role's path."""
    start = f"arn:{caller.split(':')[1]}:iam::{account(caller)}:role/"
    kind, *names = caller.split(":", 5)[5].split("/")
    of_session = kind == "assumed-role"
    return of_session and any(e.startswith(start) and e.split("/")[-1] == names[0] for e in entries)


def excepted(entries: list[str], caller: str) -> bool:
    """Tell whether NotPrincipal lists the caller, and its account and role, which AWS asks for."""
    role = names_role(entries, caller) or ":assumed-role/" not in caller
    itself = caller in entries or caller.endswith(":root")
    return "*" in entries or (names_account(entries, caller) and role and itself)


def pattern(text: str, variables: Variables, *, wildcards: bool = True) -> Pattern | None:
    """Read a pattern; None if a variable in it has no value, for then nothing matches.

    What a variable stands for is literal. Where AWS is silent: its default is, too, and stands
    only for a key that is not there; one that is empty or a list has no value.
    """
    items: list[str] = []
    for part in re.split(r"(\$\{[^{}]+\})", text) if variables is not None else [text]:
        variable = re.fullmatch(r"\$\{([^,]+?)(?:, '([^']*)')?\}", part)
        if variable is None or variables is None:
            items += [{"*": MANY, "?": ONE}.get(c, c) if wildcards else c for c in part]
        elif variable[1] in ("*", "?", "$"):
            items += variable[1]
        else:
            value = variables.get(variable[1].lower(), variable[2])
            if not isinstance(value, str) or (not value and variable[1].lower() in variables):
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
    """ArnLike: a variable stands for an ARN, or is within a segment of one."""
    if variables is not None and re.fullmatch(r"\$\{[^{}]+\}", text):
        return value.startswith("arn:") and same(text, value, variables)
    segments = [""]
    for item in re.findall(r"\$\{[^{}]+\}|.", text, re.DOTALL):
        if item == ":" and len(segments) < 6:
            segments.append("")
        else:
            segments[-1] += item
    patterns = [pattern(segment, variables) for segment in segments]
    return value.startswith("arn:") and like_segments(patterns, value)


def holds(name: str, key: str, wanted: Any, case: Json, variables: Variables, effect: str) -> bool:
    """Tell whether one operator holds for one key."""
    quantifier, _, name = name.rpartition(":")
    name, if_exists, negated = name.removesuffix("IfExists"), "IfExists" in name, "Not" in name
    texts = [str(w).lower() if isinstance(w, bool) else str(w) for w in as_list(wanted)]
    value = case["context"].get(key.lower(), [])
    null = set(value) <= {""}  # AWS: "a null data set, such as an empty string"
    if name == "Null":
        return ("true" if null else "false") in texts
    if value == [] and if_exists:
        return True
    if null and quantifier:
        return quantifier == "ForAllValues"
    if value == []:
        return negated
    compare = COMPARISONS[name.replace("Not", "")]
    found = [any(compare(t, v, variables) for t in texts) != negated for v in as_list(value)]
    if len(found) > 1 and not quantifier:
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
        outer, inner = ip_network(wanted, strict=False), ip_network(value, strict=False)
    except ValueError:
        return False
    same_family = outer.version == inner.version and "%" not in value
    return same_family and outer.prefixlen <= inner.prefixlen and inner.network_address in outer


def decoded(text: str) -> bytes | None:
    """Read base64."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return None


def number(text: str) -> Fraction | None:
    """Read a decimal number: a sign, digits, and perhaps a point with digits, and a power."""
    well_formed = re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?", text)
    return Fraction(text) if well_formed else None


def seconds(text: str) -> Fraction | None:
    """Read a moment as seconds since 1970: ISO 8601 in W3C's profile, or else that very number.

    Where AWS is silent: four digits are a year, for it names that form.
    """
    zone = r"(?:Z|([+-])([01]\d|2[0-3]):([0-5]\d))"
    time = rf"T(\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?{zone}"
    found = re.fullmatch(rf"(\d{{4}})(?:-(\d\d)(?:-(\d\d)(?:{time})?)?)?", text, re.ASCII)
    if not found:
        return number(text)
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
    "StringEqualsIgnoreCase": lambda wanted, value, known: same(wanted, value, known, str.lower),
    "StringLike": lambda wanted, value, known: like(pattern(wanted, known), value),
    "ArnEquals": like_arn,
    "ArnLike": like_arn,
    "Bool": lambda wanted, value, _: wanted.lower() == value.lower() in ("true", "false"),
    "BinaryEquals": ordered(decoded, eq),
    "NumericEquals": ordered(number, eq),
    "DateEquals": ordered(seconds, eq),
    "IpAddress": lambda wanted, value, _: inside(wanted, value),
    **{f"Numeric{name}": ordered(number, relation) for name, relation in ORDER.items()},
    **{f"Date{name}": ordered(seconds, relation) for name, relation in ORDER.items()},
}
