"""What is given as one document: ``--cli-input-json``, ``--cli-input-yaml``, and JSON in a word.

See: https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-skeleton.html
"""

from __future__ import annotations

from secretctl.cli import paramfile
from secretctl.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def parse_json(text: str) -> object:
    """Return what JSON *text* says.

    Raises:
        ValueError: not JSON (RFC 8259), a key stands twice, or a string is not Unicode. The
            message gives a place, never a piece of the text.
    """
    import json

    try:
        value: object = json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except UnicodeEncodeError:
        raise ValueError("a string holds half of a surrogate pair") from None
    except json.JSONDecodeError:
        raise
    except ValueError as error:
        sentence = "a number has too many digits" if "digit" in str(error) else str(error)
        raise ValueError(sentence) from None
    return value


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return result


def _constant(_name: str) -> object:
    raise ValueError("NaN and Infinity are not JSON")


def read(kind: str, value: str, environ: Mapping[str, str]) -> dict[str, object]:
    """Return the parameters in the value of ``--cli-input-json`` or ``--cli-input-yaml``.

    Args:
        kind: ``json`` or ``yaml``.
        value: The text itself, or ``file://`` and a path.
        environ: As for `paramfile.load`.

    Raises:
        UsageError: it cannot be read, or is no map.
    """
    flag = f"cli-input-{kind}"
    content = paramfile.load("--" + flag, value, environ)
    text = value if content is None else content
    try:
        parsed = _parse(kind, text if isinstance(text, str) else text.decode())
    except ValueError as error:
        where = "not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
        raise paramfile.problem(flag, f"Invalid {kind.upper()} received.", where) from None
    if not isinstance(parsed, dict):
        raise paramfile.problem(
            "--" + flag, f"Invalid type: expecting map, received {type(parsed)}"
        )
    return parsed


def _parse(kind: str, text: str) -> object:
    if kind == "json":
        return parse_json(text)
    from secretctl.cli import yaml_input

    return yaml_input.parse(text)
