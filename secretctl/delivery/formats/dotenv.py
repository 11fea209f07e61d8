r"""Files of ``NAME='value'``: what python-dotenv and Node's dotenv read alike, and compose.

Their rules differ in what a backslash means and in what is replaced, so a value is written
literally, in single quotes, and refused where that is not enough:

* ``'`` ends the quotes in all of them; such a value goes into double quotes if it has nothing that
  means something there: ``"``, ``\`` or ``$``.
* A carriage return becomes a line feed in two of them.
* A backslash at the end hides the closing quote from two of them; python-dotenv makes one of two.
* python-dotenv replaces ``${...}`` in single quotes too.
"""

from __future__ import annotations

from collections.abc import Sequence

from secretctl.delivery.environment import Variable
from secretctl.delivery.formats.refusal import bad_value

_MEANT_IN_DOUBLE_QUOTES = frozenset('"\\$')


def dotenv(variables: Sequence[Variable]) -> str:
    """Return a file that python-dotenv and the package dotenv of Node read alike.

    Raises:
        DeliveryError: a value is one that they change, or read differently.
    """
    for variable in variables:
        if "\\\\" in variable.value:
            raise bad_value(variable, "dotenv", "it holds two backslashes, which are read as one")
        if "${" in variable.value:
            raise bad_value(variable, "dotenv", "it holds a dollar sign and a brace, a reference")
    return "".join(_line(variable, "dotenv") for variable in variables)


def compose(variables: Sequence[Variable]) -> str:
    """Return a file for ``env_file:`` of docker compose, or its ``.env``.

    Raises:
        DeliveryError: a value is one that compose changes.
    """
    return "".join(_line(variable, "compose") for variable in variables)


def _line(variable: Variable, form: str) -> str:
    name, value, _ = variable
    if "\r" in value:
        raise bad_value(variable, form, "it holds a carriage return, which is made a line feed")
    if "'" not in value:
        if value.endswith("\\"):
            raise bad_value(variable, form, "it ends in a backslash, which hides the closing quote")
        return f"{name}='{value}'\n"
    if _MEANT_IN_DOUBLE_QUOTES & set(value):
        raise bad_value(
            variable, form, "it holds a single quote together with a double one, \\ or $"
        )
    return f'{name}="{value}"\n'
