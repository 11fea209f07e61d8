"""What ``import`` reads: a file, the entries in it, and the secrets they are to be."""

from __future__ import annotations

from collections.abc import Sequence

from secretctl import json_text
from secretctl.cli import paramfile, suggest
from secretctl.context import Context, stdin_bytes, tell
from secretctl.delivery.readers import FORMATS, PASS, SOPS, reader
from secretctl.delivery.readers.entry import Entry
from secretctl.delivery.references import shown
from secretctl.errors import DeliveryError, UsageError
from secretctl.record import NamedTuple
from secretctl.service.importing import Wish, problem
from secretctl.store.inputs import open_input

STDIN = "-"
_LARGEST_BYTES = 64 * 1024 * 1024
_MOST_TOLD = 50
_HOLE = "{}"
_WAY_OUT = "--into NAME keeps all of them in one secret, empty ones and whatever they are called"
_KEPT_BY_INTO = ("a name", "the value is empty")


class Wanted(NamedTuple):
    """What is to be read, and how the secrets are named."""

    file: str
    """Its path, or `STDIN`."""

    form: str
    prefix: str
    template: str | None
    """None, not an empty one, if it is not given; so with `into`."""

    into: str | None
    first_line: bool = False
    """Of each entry of a store of pass."""


def check(wanted: Wanted) -> None:
    """Refuse options that do not go together.

    Raises:
        UsageError: The format is none, or two options say how secrets are named.
    """
    if wanted.form not in FORMATS:
        near = suggest.choice(wanted.form, FORMATS, "dotenv")
        raise UsageError(f"the format is none of {', '.join(FORMATS)}", f"--format {near}")
    if wanted.file == STDIN and wanted.form in (SOPS, PASS):
        way = "the file" if wanted.form == SOPS else "the folder of the store"
        raise UsageError(f"{wanted.form} is not read from standard input", f"give {way}")
    if wanted.first_line and wanted.form != PASS:
        raise UsageError("--first-line is for --format pass", "pass keeps the password there")
    given = [wanted.prefix or None, wanted.template, wanted.into]
    if sum(each is not None for each in given) > 1:
        raise UsageError(
            "--prefix, --name and --into each say how secrets are named", "give one of them"
        )
    if wanted.template is not None and wanted.template.count(_HOLE) != 1:
        raise UsageError(
            "argument --name: {} has to stand in it once, for the name of the entry",
            "--name 'prod/{}'",
        )
    if wanted.into == "":
        raise UsageError("argument --into: it is empty", "--into prod/app")
    named = {
        "prefix": wanted.prefix,
        "name": (wanted.template or "").replace(_HOLE, ""),
        "into": wanted.into,
    }
    for option, text in named.items():
        if text and (why := problem(Wish(text, "x"))):
            raise UsageError(f"argument --{option}: {why}")


def wishes(wanted: Wanted, context: Context) -> list[Wish]:
    """Return the secrets that a file asks for.

    Raises:
        UsageError: It cannot be read.
        DeliveryError: Something in it is of another form, or none of AWS's secrets can be so; such
            entries are told of.
    """
    where = "standard input" if wanted.file == STDIN else wanted.file
    entries = _entries(wanted, where, context)
    if not entries:
        raise DeliveryError(f"'{shown(where)}' holds no entry", "nothing was changed")
    if wanted.into is not None:
        made = [Wish(wanted.into, _together(entries, where))]
        _refuse_bad(made, [Entry(wanted.into, "")], context)
        return made
    made = [Wish(_named(entry.name, wanted), entry.value) for entry in entries]
    _refuse_bad(made, entries, context)
    return made


def _entries(wanted: Wanted, where: str, context: Context) -> list[Entry]:
    if wanted.form in (SOPS, PASS):
        from secretctl.cli import import_programs

        if wanted.form == SOPS:
            return import_programs.of_sops(wanted.file, context)
        return import_programs.of_pass(wanted.file, context, first=wanted.first_line)
    return reader(wanted.form)(_text(wanted.file, where, context), where)


def _named(name: str, wanted: Wanted) -> str:
    return wanted.template.replace(_HOLE, name) if wanted.template else wanted.prefix + name


def _together(entries: Sequence[Entry], where: str) -> str:
    members: dict[str, str] = {}
    for entry in entries:
        if not isinstance(entry.value, str):
            raise DeliveryError(
                f"'{shown(entry.name)}' of '{shown(where)}' is bytes, which JSON cannot hold",
                "without --into it is a secret of its own",
            )
        members[entry.name] = entry.value
    return json_text.compact(members)


def _refuse_bad(made: Sequence[Wish], entries: Sequence[Entry], context: Context) -> None:
    """Tell of the entries that can be no secrets.

    Raises:
        DeliveryError: There is one.
    """
    found = [(entry, problem(wish)) for wish, entry in zip(made, entries, strict=True)]
    bad = [(entry, why) for entry, why in found if why]
    tell_first([f"{_place(entry)}'{shown(entry.name)}': {why}" for entry, why in bad], context)
    if bad:
        raise DeliveryError(
            f"{len(bad)} of {len(found)} entries cannot be secrets; nothing was changed",
            *([_WAY_OUT] if any(why.startswith(_KEPT_BY_INTO) for _, why in bad) else []),
        )


def _place(entry: Entry) -> str:
    return f"line {entry.line}: " if entry.line else ""


def tell_first(problems: Sequence[str], context: Context) -> None:
    """Tell what is wrong with some entries, and how many more there are."""
    for each in problems[:_MOST_TOLD]:
        tell(context, f"secretctl: {each}\n")
    if len(problems) > _MOST_TOLD:
        tell(context, f"secretctl: and {len(problems) - _MOST_TOLD} more\n")


def _text(file: str, where: str, context: Context) -> str:
    content = _content(file, context)
    if len(content) > _LARGEST_BYTES:
        raise UsageError(f"'{shown(where)}' is larger than {_LARGEST_BYTES >> 20} MiB")
    return paramfile.text_of(content, where)


def _content(file: str, context: Context) -> bytes:
    if file == STDIN:
        return stdin_bytes(context, _LARGEST_BYTES + 1)
    try:
        with open_input(file) as opened:
            return opened.read(_LARGEST_BYTES + 1)
    except (OSError, ValueError) as error:
        why = (error.strerror or "") if isinstance(error, OSError) else "it is no path"
        raise UsageError(f"'{shown(file)}' cannot be read: {why}") from None
