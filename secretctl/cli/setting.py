"""``secretctl set``: a new value of a secret, or of one key of it, which is never a word."""

from __future__ import annotations

from secretctl import json_text
from secretctl.cli import changing, value_input
from secretctl.cli.argv import Divided, divide
from secretctl.cli.changing import Change, Value
from secretctl.cli.options import Globals, helped
from secretctl.cli.words import NONE, Flag
from secretctl.context import Context, tell
from secretctl.delivery import environment, json_members, json_values
from secretctl.delivery.origin import is_object
from secretctl.delivery.references import Source, shown
from secretctl.errors import DeliveryError, UsageError

COMMAND = "set"
_FORM = "secretctl set SECRET-ID#KEY"
_JSON = "json"
_BINARY = "binary"
_CREATE = "create"
_KEEP = "keep_newline"
_FILE = "from_file"
OWN = {
    each.name: each
    for each in (
        Flag("from-file", _FILE),
        Flag("json", _JSON, NONE, constant=True),
        Flag("binary", _BINARY, NONE, constant=True),
        Flag("keep-newline", _KEEP, NONE, constant=True),
        Flag("create", _CREATE, NONE, constant=True),
    )
}
"""Options of this command."""

HELP = """\
Usage: secretctl set SECRET-ID[#KEY] [OPTIONS]

  Give a secret a new value, or one key of its JSON object, of which all other keys
  stay to the byte and in their order. The value comes through standard input; on a
  terminal it is asked for, twice, and not shown. It is never a word of the command
  line, where others can see it and the shell remembers it.

  The line end of a single line is no part of the value; several lines are kept as
  they stand. What is there already is not written again. The version before keeps
  the label AWSPREVIOUS. Two that set different keys at the same time keep both: in
  a vault, nobody comes between reading and writing; at an endpoint, which cannot be
  held, a value that was overtaken is noticed by AWSPREVIOUS and put once more.

  It takes the permissions for GetSecretValue and PutSecretValue, with --create the
  one for CreateSecret too, and is recorded under these names.

Options:
  --from-file FILE        the value is what this file holds; - is standard input,
                          /dev/tty asks for several lines, which Ctrl-D ends
  --json                  the value of the key is JSON: a number, true, an object;
                          without it, it is text
  --binary                the whole value is bytes, kept as they are (SecretBinary)
  --keep-newline          the line end of a single line is kept
  --create                make the secret if there is none: not without being told
                          to, since a mistyped name would be a second secret
  --vault DIR             the vault
  --endpoint-url URL      a remote Secrets Manager in its place
  --region REGION         the region
  --profile NAME          a profile of the configuration file
  --debug                 where in the program an error arose; never a value
  --help                  show this text

Examples:
  secretctl set prod/db#password
  pwgen -s 24 1 | secretctl set prod/db#password
  echo 5433 | secretctl set prod/db#port --json
  secretctl set prod/tls-key --from-file key.pem --create
  secretctl set -- prod/db#key=with=equals

Exit status:
  252  the command line or the value, or the present value is no JSON object
  253  configuration or vault
  254  the secret could not be read or written
  255  anything else
"""


def run(words: list[str], given: Globals, context: Context) -> int:
    """Run ``set``; return the exit status.

    Raises:
        UsageError: The command line cannot be read.
        DeliveryError: There is no value, or the present one cannot be changed so.
    """
    found = divide(words, given, COMMAND, OWN)
    flags = found.globals
    if helped(flags, COMMAND, HELP, context):
        return 0
    source = changing.target(found, _FORM, has_value=True)
    is_json = _JSON in found.own
    _refuse_unfit(source, is_json=is_json, is_binary=_BINARY in found.own)
    value = _value(found, context)
    creates = _CREATE in found.own
    if isinstance(value, bytes) or source.json_key is None:
        whole = _whole(source, value)
        return changing.make(Change(source, whole, COMMAND, creates=creates), flags, context)
    edit = _KeyEdit(source, value, is_json=is_json)
    status = changing.make(Change(source, edit, COMMAND, creates=creates), flags, context)
    if edit.note and not status:
        tell(context, f"secretctl: note: {edit.note}\n")
    return status


def _refuse_unfit(source: Source, *, is_json: bool, is_binary: bool) -> None:
    if is_binary and source.json_key is not None:
        raise UsageError("--binary is for a whole secret: a key holds no bytes", _FORM)
    if is_json and source.json_key is None:
        raise UsageError("--json is for one key", f"{_FORM} --json")


def _value(found: Divided, context: Context) -> Value:
    """Return the value that is given, checked as the options ask for."""
    is_binary, file = _BINARY in found.own, found.own.get(_FILE)
    plain = value_input.read(
        file if isinstance(file, str) else None, context, keeps_end=is_binary or _KEEP in found.own
    )
    if _JSON in found.own:
        _check_json(plain)
    return plain if is_binary else _text(plain)


def _text(plain: bytes) -> str:
    try:
        return plain.decode()
    except UnicodeDecodeError:
        raise DeliveryError(
            "the value is not UTF-8 text", "--binary keeps bytes as a whole secret"
        ) from None


def _whole(source: Source, value: Value) -> changing.Edit:
    """Return what puts *value* in the place of the present one, unless that has keys."""

    def edit(present: Value | None) -> Value | None:
        if present == value:
            return None
        if is_object(present) and not is_object(value):
            raise DeliveryError(
                f"'{shown(source.secret_id)}' is a JSON object, and the new value is none",
                _FORM,
                "put-secret-value puts it in the place of all keys",
            )
        return value

    return edit


class _KeyEdit:
    """Puts a value for one key, all else as it is."""

    def __init__(self, source: Source, value: str, *, is_json: bool) -> None:
        self._source = source
        self._written = value.strip(" \t\r\n") if is_json else json_text.quoted(value)
        self._is_json = is_json
        self.note = ""
        """What is to be told of the change."""

    def __call__(self, present: Value | None) -> Value | None:
        """Return the object with the value; None where it has it."""
        source, key = self._source, self._source.json_key or ""
        text = "{}" if present is None else present
        members = environment.members_of(source, text)
        if key in members and json_values.compact(members[key]) == _compact(self._written):
            return None
        if key in members and not self._is_json and not _is_text(members[key]):
            self.note = (
                f"key '{shown(key)}' of '{shown(source.secret_id)}' is text now, which it was not: "
                "--json writes numbers, true, false, objects and lists"
            )
        return json_members.with_member(str(text), key, self._written)


def _compact(written: str) -> str:
    return json_values.compact(json_values.read(written))


def _is_text(member: object) -> bool:
    return isinstance(member, str) and not isinstance(member, json_values.Number)


def _check_json(plain: bytes) -> None:
    """Refuse what is no JSON value.

    Raises:
        DeliveryError: It is none; the error holds nothing of it.
    """
    try:
        json_text.of_bytes(plain)
        json_values.read(plain.decode())
    except json_values.DuplicateKeyError:
        raise DeliveryError("the value holds a key twice: which is meant is unclear") from None
    except ValueError:
        raise DeliveryError("the value is no JSON", "without --json, it is text") from None
