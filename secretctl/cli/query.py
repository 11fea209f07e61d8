"""``--query``: JMESPath expressions on answers.

A plain path of names (``SecretString``, ``A.B``) is followed here with the same result: importing
``jmespath`` takes longer than all the rest of formatting. Other expressions may cost no more than
a bounded number of steps, because ``[@,@]|[@,@]|...`` doubles the answer with every bar.

See: https://jmespath.org/specification.html
"""

from __future__ import annotations

from secretctl.errors import OutputError, ParameterError
from secretctl.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

LONGEST = 16_384
"""Most characters of an expression."""

MOST_STEPS = 10_000_000
"""Most steps of an evaluation, each element or character of an intermediate result one."""


def check(query: str) -> None:
    """Refuse what no answer can be asked, before there is one: a value that is read is recorded.

    Raises:
        ParameterError: *query* is not an expression; with AWS's sentence.
        OutputError: it calls a function that is not there, or with too few or many arguments.
    """
    if not _is_path(query):
        _compiled(query)


def search(query: str, answer: object) -> object:
    """Return what *query* finds in *answer*.

    Raises:
        ParameterError: *query* is not an expression.
        OutputError: it cannot be evaluated on this answer. The message holds nothing of it.
    """
    if not _is_path(query):
        return _evaluated(query, answer)
    found = answer
    for name in query.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _is_path(query: str) -> bool:
    return query.isascii() and all(map(str.isidentifier, query.split(".")))


def _compiled(query: str) -> Any:
    if len(query) > LONGEST:
        raise ParameterError(f"Bad value for --query: it is longer than {LONGEST} characters")
    import jmespath
    from jmespath.exceptions import ParseError

    try:
        compiled = jmespath.compile(query)
    except RecursionError:
        raise ParameterError("Bad value for --query: it is nested too deeply") from None
    except ParseError as error:
        # NOTE: jmespath's own sentence holds the expression, which may be a secret's value.
        what = f"Invalid jmespath expression: Parse error at column {error.lex_position}"
        raise ParameterError(f"Bad value for --query: {what}") from None
    except ValueError as error:
        raise ParameterError(f"Bad value for --query: {error}") from None
    _check_calls(compiled.parsed)
    return compiled


def _check_calls(parsed: Any) -> None:
    nodes = [parsed]
    while nodes:
        node = nodes.pop()
        children = node["children"]
        if node["type"] == "function_expression":
            _check_call(node["value"], len(children))
        nodes += [child for child in children if isinstance(child, dict)]


def _check_call(name: str, given: int) -> None:
    from jmespath.exceptions import ArityError, VariadictArityError
    from jmespath.functions import Functions

    declared = Functions.FUNCTION_TABLE.get(name)
    if declared is None:
        raise OutputError("--query: Unknown function")
    signature = declared["signature"]
    is_open = bool(signature) and signature[-1].get("variadic", False)
    if given < len(signature) or (given > len(signature) and not is_open):
        kind = VariadictArityError if is_open else ArityError
        raise OutputError(f"--query: {kind(len(signature), given, name)}")


def _evaluated(query: str, answer: object) -> object:
    parsed = _compiled(query).parsed
    from jmespath import exceptions

    try:
        found: object = _bounded_interpreter().visit(parsed, answer)
        _spend(found, MOST_STEPS)
    except exceptions.JMESPathTypeError as error:
        # NOTE: jmespath's own sentence holds the value, which may be the secret.
        raise OutputError(
            f"--query: in function {error.function_name}(), invalid type, expected one of: "
            f'{error.expected_types}, received: "{error.actual_type}"'
        ) from None
    except RecursionError:
        raise OutputError("--query: the result is nested too deeply") from None
    except (ArithmeticError, LookupError, TypeError, ValueError, AttributeError):
        raise OutputError("--query: the expression does not fit the answer") from None
    return found


def _bounded_interpreter() -> Any:
    from jmespath.visitor import TreeInterpreter

    class Bounded(TreeInterpreter):
        """Evaluates an expression in a bounded number of steps."""

        left = MOST_STEPS

        def visit(self, node: Any, *args: Any, **kwargs: Any) -> Any:
            found = super().visit(node, *args, **kwargs)
            self.left -= 1 + (len(found) if isinstance(found, str | list | dict) else 0)
            if self.left < 0:
                raise _too_much()
            return found

    return Bounded()


def _spend(found: object, left: int) -> int:
    """Return what is left of *left* after writing *found*.

    Evaluation shares equal parts of a result, writing repeats them.
    """
    left -= 1
    if left < 0:
        raise _too_much()
    elements: Any = ()
    if isinstance(found, dict):
        elements = found.values()
    elif isinstance(found, list):
        elements = found
    elif isinstance(found, str):
        left -= len(found) // 64
    for element in elements:
        left = _spend(element, left)
    return left


def _too_much() -> OutputError:
    return OutputError("--query: the expression takes too many steps")
