"""Strategies of whole cases: a request, the policies on it, and its context."""

import json
from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st

from tests.policy.values import (
    ACTION_PATTERNS,
    ACTIONS,
    CALLERS,
    FAMILIES,
    KEYS,
    LISTED,
    RESOURCE_PATTERNS,
    RESOURCES,
    Family,
)
from tests.policy.worked_cases import HOME, ROLE, ROOT, SESSION

Json = dict[str, Any]
JsonStrategy = st.SearchStrategy[Json]

OTHERS = [{"Service": "lambda.amazonaws.com"}, {"Federated": "accounts.google.com"}]


def some(pool: Iterable[Any]) -> st.SearchStrategy[Any]:
    """One value, or a list of a few."""
    value = st.sampled_from(list(pool))
    return value | st.lists(value, min_size=1, max_size=3)


def cased(keys: Iterable[str]) -> st.SearchStrategy[str]:
    """The name of a key, written in one case or another."""
    return st.sampled_from([name for key in keys for name in (key, key, key.upper(), key.lower())])


# Conditions


def conditions_of(family: Family) -> st.SearchStrategy[tuple[str, str, Any]]:
    """An operator of the family with any modifiers, a key and values."""
    return st.tuples(
        st.builds(
            "{}{}{}".format,
            st.sampled_from(["", "", "ForAllValues:", "ForAnyValue:"]),
            st.sampled_from(family.operators),
            st.sampled_from(["", "", "IfExists"]),
        ),
        cased(family.keys * 9 + list(KEYS)),
        some(family.wanted),
    )


CONDITIONS = st.one_of(
    *(conditions_of(family) for family in FAMILIES),
    st.tuples(st.just("Null"), cased(KEYS), some(["true", "false", True, False])),
)


def as_block(parts: list[tuple[str, str, Any]]) -> Json:
    """Put conditions into a block; of one operator and one key, whatever its case, the last."""
    last = {(operator, key.lower()): (key, values) for operator, key, values in parts}
    block: Json = {}
    for (operator, _), (key, values) in last.items():
        block.setdefault(operator, {})[key] = values
    return block


ONE_CONDITION = st.lists(CONDITIONS, min_size=1, max_size=1).map(as_block)
SOME_CONDITIONS = st.lists(CONDITIONS, min_size=1, max_size=3).map(as_block)


def values_for(family: Family) -> st.SearchStrategy[Any]:
    """A value for the family, or several, or none; now and then an odd one, or another's."""
    good, odd = st.sampled_from(family.given), st.sampled_from(family.odd + FAMILIES[0].given)
    own = st.one_of(good, good, odd)
    return st.one_of(own, own, own, st.lists(own, max_size=3), st.none())


GIVEN = {key: st.tuples(cased([key]), values_for(family)) for key, family in KEYS.items()}


@st.composite
def contexts(draw: st.DrawFn, policies: str) -> Json:
    """Values of the keys that the policies name."""
    named = [GIVEN[key] for key in KEYS if key.lower() in policies.lower()]
    return {key: value for key, value in map(draw, named) if value is not None}


# Statements


NAMED = some(LISTED).map(lambda names: {"AWS": names})
PRINCIPALS = st.one_of(
    NAMED,
    NAMED,
    st.sampled_from(["*", {"AWS": "*"}, {"AWS": ["*"]}]),
    st.builds(lambda one, other: one | other, NAMED, st.sampled_from(OTHERS)),
    st.sampled_from(OTHERS),
)
CHAIN = [ROOT, ROLE, SESSION, HOME]
SPARED = NAMED | st.sets(st.sampled_from(CHAIN), min_size=1).map(
    lambda names: {"AWS": sorted(names)}
)
"""Of a NotPrincipal: a session, its role and its account are frequent together."""

WRITTEN = {
    name: st.tuples(st.sampled_from([name, name, name, f"Not{name}"]), some(pool))
    for name, pool in (("Action", ACTION_PATTERNS), ("Resource", RESOURCE_PATTERNS))
}


@st.composite
def statements(draw: st.DrawFn, *, of_resource: bool, wide: bool) -> Json:
    """A statement; a wide one leaves it to its condition."""
    statement: Json = {"Effect": draw(st.sampled_from(["Allow", "Allow", "Deny"]))}
    if of_resource and statement["Effect"] == "Deny" and draw(st.booleans()):
        statement["NotPrincipal"] = draw(SPARED)
    elif of_resource:
        statement["Principal"] = "*" if wide else draw(PRINCIPALS)
    if wide:
        return statement | {"Action": "*", "Resource": "*", "Condition": draw(ONE_CONDITION)}
    statement |= dict(map(draw, WRITTEN.values()))
    if draw(st.sampled_from([True, False, False])):
        statement["Condition"] = draw(SOME_CONDITIONS)
    return statement


def documents(*, of_resource: bool, wide: bool) -> JsonStrategy:
    """A policy of an identity or of a resource, in either version or none."""
    single = statements(of_resource=of_resource, wide=wide)
    several = st.lists(single, min_size=1, max_size=3)
    return st.one_of(
        st.fixed_dictionaries({"Version": st.just("2012-10-17"), "Statement": single | several}),
        st.fixed_dictionaries({"Version": st.just("2012-10-17"), "Statement": several}),
        st.fixed_dictionaries({"Statement": single}, optional={"Version": st.just("2008-10-17")}),
    )


def cases_of(*, wide: bool) -> JsonStrategy:
    """A case without its context."""
    identities = documents(of_resource=False, wide=wide)
    attached = st.none() | documents(of_resource=True, wide=wide)
    return st.fixed_dictionaries(
        {
            "action": st.sampled_from(ACTIONS),
            "resource": st.sampled_from(RESOURCES),
            "principal": st.sampled_from(CALLERS),
            "identityPolicies": st.lists(identities, min_size=int(wide), max_size=2),
            "resourcePolicy": attached,
        }
    )


CASES = cases_of(wide=False) | cases_of(wide=True)
"""In half of them little but the conditions matters."""


@st.composite
def cases(draw: st.DrawFn) -> Json:
    """A case: of no resource in particular there is no policy."""
    case = draw(CASES)
    if case["resource"] == "*":
        case["resourcePolicy"] = None
    policies = json.dumps([case["identityPolicies"], case["resourcePolicy"]])
    return case | {"context": draw(contexts(policies))}
