"""``secretctl get``: the value of a secret, or of one key of it, as it is."""

from __future__ import annotations

from secretctl.cli import endpoint
from secretctl.cli.api import open_supplier
from secretctl.cli.argv import divide
from secretctl.cli.options import Globals, helped
from secretctl.cli.output import deliver_bytes
from secretctl.cli.supplier import Supplier
from secretctl.cli.terminal import is_terminal, report, safe_lines
from secretctl.context import Context
from secretctl.delivery import references
from secretctl.delivery.environment import value_of
from secretctl.delivery.references import Source, parameters
from secretctl.errors import OutputError, ServiceError, UsageError
from secretctl.model.operations import BY_NAME

_NO_NEWLINE = "-n"
_FORM = "secretctl get SECRET-ID#KEY"

HELP = """\
Usage: secretctl get [-n] SECRET-ID[#KEY][?stage=LABEL | ?version=ID]

  Write the value of a secret to standard output: the whole string or all bytes,
  or the value of one key of a JSON object. Into a file or a pipe go exactly its
  bytes, with nothing behind them. On a terminal, characters that would steer it
  are shown as escapes, and the line is ended.

  References as CloudFormation, ECS and CodeBuild write them are read as well, as
  is secretctl://SECRET-ID#KEY. Numbers of JSON are written as they stand there,
  objects and lists as compact JSON; null is an error.

Options:
  -n                      end no line, on a terminal either
  --vault DIR             the vault
  --endpoint-url URL      a remote Secrets Manager in its place
  --region REGION         the region
  --profile NAME          a profile of the configuration file
  --debug                 where in the program an error arose; never a value
  --help                  show this text

Examples:
  secretctl get prod/db#password | pbcopy
  secretctl get prod/tls-key > key.pem
  secretctl get 'prod/db#password?stage=AWSPREVIOUS'
  secretctl get -- -name-with-a-hyphen-in-front

Exit status:
  252  the command line, or there is no such key
  253  configuration or vault
  254  the secret could not be read
  255  anything else
"""


def run(words: list[str], given: Globals, context: Context) -> int:
    """Run ``get``; return the exit status.

    Raises:
        UsageError: the command line cannot be read.
        DeliveryError: the secret has no such key.
        OutputError: standard output did not take the value.
    """
    flags, named, ends_line = _read(words, given)
    if helped(flags, "get", HELP, context):
        return 0
    if len(named) != 1:
        raise UsageError("no secret is named" if not named else "one secret at a time", _FORM)
    source = references.alone(named[0], _FORM)
    supplier = open_supplier(endpoint.settings(flags, context), context, "get")
    try:
        _write(source, supplier, context, ends_line=ends_line)
    except ServiceError as error:
        return report(error, "GetSecretValue", context, color=flags.color, debug=flags.debug)
    finally:
        supplier.close()
    return 0


def _read(words: list[str], given: Globals) -> tuple[Globals, list[str], bool]:
    """Divide *words* into global options, what is named, and whether a line is to be ended."""
    end = words.index("--") if "--" in words else len(words)
    rest = [word for word in words[:end] if word != _NO_NEWLINE]
    found = divide([*rest, *words[end:]], given, "get")
    return found.globals, [*found.named, *found.literal], len(rest) == end


def _write(source: Source, supplier: Supplier, context: Context, *, ends_line: bool) -> None:
    """Read the value and write it; what cannot be delivered is recorded."""
    with supplier.delivering():
        result = supplier.call(BY_NAME["GetSecretValue"], parameters(source))
        supplier.flush()
        value = value_of(source, result)
        deliver_bytes(_shown(value, context, ends_line=ends_line), context)


def _shown(value: object, context: Context, *, ends_line: bool) -> bytes:
    """Return what goes out of *value*: itself, or on a terminal what is harmless there."""
    try:
        content = value if isinstance(value, bytes) else str(value).encode()
    except UnicodeEncodeError:
        raise OutputError(
            "output not delivered: it holds a half of a surrogate pair, which is no character"
        ) from None
    if not is_terminal(context.stdout):
        return content
    text = safe_lines(content.decode("utf-8", "backslashreplace"))
    return (text + "\n" if ends_line else text).encode()
