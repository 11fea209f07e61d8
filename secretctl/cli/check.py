"""``secretctl check``: whether what a project needs is there, and what it has to be."""

from __future__ import annotations

from collections.abc import Iterator

from secretctl.cli import check_written, endpoint, manifest_file
from secretctl.cli.api import open_supplier
from secretctl.cli.argv import GLOBALS, Globals, split_globals
from secretctl.cli.check_findings import Finding, judged
from secretctl.cli.exec_options import asks_manifest
from secretctl.cli.options import helped
from secretctl.cli.supplier import Supplier
from secretctl.context import Context
from secretctl.delivery import environment, references
from secretctl.delivery.manifest import Manifest, Need
from secretctl.delivery.references import parameters, secret_of, shown, spelled
from secretctl.errors import UsageError
from secretctl.record import NamedTuple
from secretctl.service.verifying import COMMAND, Asked

WITH_VALUE = ("--manifest", "--environment")
_OUTPUTS = (None, "json", "text", "table")
_FORM = "secretctl check SOURCE..."

HELP = """\
Usage: secretctl check [SOURCE...] [OPTIONS]

  Verify that the secrets a project needs are there, may be read, and are as it
  asks for them, and list all that is not so. Nothing is handed out or shown.

  What is needed stands in secretctl.toml, in this folder or the nearest above
  that has one; SOURCEs, as exec takes them, are checked instead, or, with
  --manifest or --environment, besides it.

  A value is read, and that is recorded, only where a key, a type or a pattern
  is asked for, or where it says which variables come of it: a SOURCE without
  NAME=. Otherwise it is looked for alone: that the secret has a value, and that
  you may read and decrypt it.

Options:
  --manifest FILE         this file (- is standard input) instead of
                          secretctl.toml; with SOURCEs, too
  --environment NAME      what [environments.NAME] in it says as well; otherwise
                          the one that the variable SECRETCTL_ENVIRONMENT names
  --output text|table|json
                          lines, a table (the default on a terminal), or JSON
                          that lists what is right, too
  --vault DIR             the vault
  --endpoint-url URL      a remote Secrets Manager in its place, of which
                          all values are read
  --region REGION         the region
  --profile NAME          a profile of the configuration file
  --debug                 where in the program an error arose; never a value
  --help                  show this text

Examples:
  secretctl check
  secretctl check --environment ci --output json
  secretctl check prod/db#password API_TOKEN=prod/api

Exit status:
  0    all is there
  1    something is missing, refused or wrong
  252  the command line
  253  the manifest, configuration or vault
  254  the credential is good for nothing
  255  anything else
"""


class Request(NamedTuple):
    """The command line, read."""

    sources: tuple[str, ...]
    manifest: str | None
    environment: str | None
    globals: Globals


def run(words: list[str], given: Globals, context: Context) -> int:
    """Run ``check``; return the exit status.

    Raises:
        UsageError: The command line or the manifest cannot be read.
        DeliveryError: Two sources give one variable, or one that changes which programs run.
        ConfigError: What is called a manifest is none.
        UnsafePermissionsError: Somebody else could have written it.
        SecretctlError: The vault cannot be used.
    """
    request = _read(words, given)
    flags = request.globals
    if helped(flags, COMMAND, HELP, context):
        return 0
    if flags.output not in _OUTPUTS:
        raise UsageError("'check' answers as text, table or json", "--output json")
    needed = _needed(request, context)
    _refuse_doubles(needed.needs)
    supplier = open_supplier(endpoint.settings(flags, context), context, COMMAND)
    try:
        findings = _verified(needed.needs, supplier)
    finally:
        supplier.close()
    check_written.write(needed, findings, flags, context)
    return 1 if any(each.problem for each in findings) else 0


def _read(words: list[str], given: Globals) -> Request:
    end = words.index("--") if "--" in words else len(words)
    if words == ["help"]:  # as with aws
        return Request((), None, None, given._replace(help=True))
    options: dict[str, str] = {}
    rest, named = list(_without_own(words[:end], options)), list[str]()
    while rest:
        given, rest = split_globals(rest, given, _unknown)
        named, rest = named + rest[:1], rest[1:]
    sources = (*named, *words[end + 1 :])
    return Request(sources, options.get("--manifest"), options.get("--environment"), given)


def _unknown(word: str) -> UsageError:
    from secretctl.cli import strays

    known = (*GLOBALS, *(name.removeprefix("--") for name in WITH_VALUE))
    return strays.unlike(word, known, "secretctl check --help")


def _without_own(words: list[str], options: dict[str, str]) -> Iterator[str]:
    """Yield the words that are not the options of this command, which are put into *options*."""
    rest = iter(words)
    for word in rest:
        name, equals, value = word.partition("=")
        if name not in WITH_VALUE:
            yield word
            continue
        found = value if equals else next(rest, None)
        if found is None or (not equals and found.startswith("--")):
            raise UsageError(f"argument {name}: expected one argument", "secretctl check --help")
        if name in options:
            raise UsageError(f"'{name}' is given twice", "secretctl check --help")
        options[name] = found


def _needed(request: Request, context: Context) -> Manifest:
    """Return what the words and the manifest ask for."""
    given = [Need(references.parse(word)) for word in request.sources]
    for need in given:
        environment.refuse_dangerous(need.source)
    if not asks_manifest(request.manifest, request.environment, has_others=bool(given)):
        return Manifest(tuple(given), ())
    found = manifest_file.load(request.manifest, request.environment, context, _FORM)
    return found._replace(needs=(*given, *found.needs))


def _refuse_doubles(needs: tuple[Need, ...]) -> None:
    """Refuse two sources for one variable, as ``exec`` does, as far as it is named."""
    sources: dict[str, str] = {}
    for need in needs:
        name, source = need.source.variable, f"'{shown(spelled(need.source))}'"
        if name in sources:
            raise environment.given_twice(name, sources[name], source)
        if name is not None:
            sources[name] = source


def _verified(needs: tuple[Need, ...], supplier: Supplier) -> list[Finding]:
    """Ask for each secret once, whatever is needed of it."""
    read = {secret_of(need.source) for need in needs if need.asks_for_value}
    secrets = list(dict.fromkeys(secret_of(need.source) for need in needs))
    asked = [Asked(parameters(secret), secret in read) for secret in secrets]
    answers = dict(zip(secrets, supplier.verify(asked), strict=True))
    return [judged(need, answers[secret_of(need.source)]) for need in needs]
