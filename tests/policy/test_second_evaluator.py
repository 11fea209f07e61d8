"""The policy engine against cases worked out by hand, and against a second evaluator."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings

from secretctl.policy import simulation
from tests.policy import drawn_cases, second_evaluator
from tests.policy.worked_cases import (
    ALICE,
    CONDITIONS,
    DECISIONS,
    ME,
    SECRET,
    TAG,
    VARIABLES,
    WORDS,
    Expected,
    case,
    document,
    statement,
)

Evaluator = Callable[[dict[str, Any]], dict[str, Any]]
ANSWERS = ("decision", "identity", "resource")

evaluators = pytest.mark.parametrize(
    "simulate", [second_evaluator.simulate, simulation.simulate], ids=["second", "engine"]
)


def answers(simulate: Evaluator, asked: dict[str, Any]) -> dict[str, str]:
    """Return the three words of an evaluator."""
    answer = simulate(asked)
    return {name: answer[name] for name in ANSWERS}


@evaluators
@pytest.mark.parametrize(("claim", "asked", "words"), DECISIONS, ids=[row[0] for row in DECISIONS])
def test_statements_decide_as_documented(
    simulate: Evaluator, claim: str, asked: dict[str, Any], words: str
) -> None:
    """Actions, resources, principals and policy types decide as AWS's guide says."""
    expected = dict(zip(ANSWERS, (WORDS[letter] for letter in words), strict=True))
    assert answers(simulate, asked) == expected, claim


def conditional(effect: str, row: Expected, context: dict[str, Any]) -> dict[str, Any]:
    """Return a case that hangs on one condition; a Deny stands beside an Allow of everything."""
    operator, wanted, value, _ = row
    asked = statement(effect, Condition={operator: {TAG: wanted}})
    context = context | ({} if value is None else {TAG: value})
    beside = [statement()] if effect == "Deny" else []
    return case(document(asked, *beside), by=ALICE, of=SECRET, context=context)


@evaluators
@pytest.mark.parametrize(
    ("row", "context"),
    [(row, {}) for row in CONDITIONS] + [(row, ME) for row in VARIABLES],
    ids=[f"{row[0]} {row[1]} {row[2]}" for row in CONDITIONS + VARIABLES],
)
def test_conditions_hold_as_documented(
    simulate: Evaluator, row: Expected, context: dict[str, Any]
) -> None:
    """A condition that holds makes an Allow allow and a Deny deny; one that does not, neither."""
    allow = answers(simulate, conditional("Allow", row, context))["identity"]
    deny = answers(simulate, conditional("Deny", row, context))["identity"]
    assert (allow, deny) == (
        ("Allowed", "ExplicitlyDenied") if row[3] else ("ImplicitlyDenied", "Allowed")
    )


@settings(max_examples=400, deadline=None)
@given(drawn_cases.cases())
def test_the_engine_agrees_with_the_second_evaluator(asked: dict[str, Any]) -> None:
    """Two programs written apart from the same documents say the same of any case."""
    assert answers(simulation.simulate, asked) == answers(second_evaluator.simulate, asked)
