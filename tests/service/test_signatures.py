"""Declaration and implementation: each handler takes what its operation declares."""

import inspect
from importlib import import_module

import pytest

from secretctl.model.operations import OPERATIONS
from secretctl.model.shapes import Operation, snake


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_a_handler_takes_exactly_the_declared_members(operation: Operation) -> None:
    """By name, the required ones without a default and the others with one."""
    module, _, function = operation.handler.partition(":")
    session, *parameters = inspect.signature(
        getattr(import_module(module), function)
    ).parameters.values()
    assert session.name == "session"
    assert all(each.kind is inspect.Parameter.KEYWORD_ONLY for each in parameters)
    taken = {each.name: each.default is inspect.Parameter.empty for each in parameters}
    assert taken == {snake(member.name): member.required for member in operation.input}
