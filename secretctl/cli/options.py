"""The options of a command line: those every command has, and those of one operation."""

from __future__ import annotations

from collections.abc import Mapping

from secretctl.cli.words import MANY, MAYBE, NONE, Flag
from secretctl.errors import UsageError
from secretctl.model.shapes import Operation, kebab
from secretctl.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from secretctl.context import Context

OUTPUTS = ("json", "text", "table", "yaml", "yaml-stream", "off")
SKELETONS = ("input", "output", "yaml-input")
STRUCTURED_ERRORS = ("json", "yaml", "text", "table")
ERROR_FORMATS = ("legacy", *STRUCTURED_ERRORS, "enhanced")

_WITH_OUTPUT = (
    *("configure list", "policy lint", "policy apply", "policy who-can", "policy explain"),
    "check",
)
"""Commands for people that take ``--output``."""

WITH_ENDPOINT = ("exec", "get", "set", "unset", "check", "export", "inject")
"""Commands of our own that run against an endpoint as well as on a vault."""

_IGNORED = ""
"""Target of options that are taken without effect."""


class Globals(NamedTuple):
    """Options every command has; they stand before or behind it."""

    output: str | None = None
    query: str | None = None
    region: str | None = None
    profile: str | None = None
    vault: str | None = None
    color: str = "auto"
    debug: bool = False
    no_cli_pager: bool = False
    help: bool = False
    version: bool = False
    paginate: bool = True
    binary_format: str | None = None
    endpoint_url: str | None = None
    allow_http: bool = False
    verify_ssl: bool = True
    ca_bundle: str | None = None
    sign_request: bool = True
    read_timeout: int | None = None
    """Seconds; 0 is none."""

    connect_timeout: int | None = None
    error_format: str | None = None


def _globals_table() -> dict[str, Flag]:
    # In the order of AWS's tool, in which ambiguous options are listed.
    flags = (
        Flag("debug", "debug", NONE, constant=True),
        Flag("endpoint-url", "endpoint_url"),
        Flag("no-verify-ssl", "verify_ssl", NONE, constant=False),
        Flag("no-paginate", "paginate", NONE, constant=False),
        Flag("output", "output", choices=OUTPUTS),
        Flag("query", "query"),
        Flag("profile", "profile"),
        Flag("region", "region"),
        Flag("version", "version", NONE, constant=True),
        Flag("color", "color", choices=("on", "off", "auto")),
        Flag("no-sign-request", "sign_request", NONE, constant=False),
        Flag("ca-bundle", "ca_bundle"),
        Flag("cli-read-timeout", "read_timeout", number=True),
        Flag("cli-connect-timeout", "connect_timeout", number=True),
        Flag("cli-binary-format", "binary_format", choices=("base64", "raw-in-base64-out")),
        Flag("no-cli-pager", "no_cli_pager", NONE, constant=True),
        Flag("cli-auto-prompt", _IGNORED, NONE),
        Flag("no-cli-auto-prompt", _IGNORED, NONE),
        Flag("cli-error-format", "error_format", choices=ERROR_FORMATS),
        Flag("vault", "vault"),
        Flag("allow-http", "allow_http", NONE, constant=True),
        Flag("help", "help", NONE, constant=True),
    )
    return {flag.name: flag for flag in flags}


GLOBALS: Mapping[str, Flag] = _globals_table()


def color_of(words: list[str]) -> str:
    """Return what ``--color`` says in a command line, which may be one that cannot be read."""
    return _said("color", words) or "auto"


def error_form(words: list[str], given: Globals, environ: Mapping[str, str]) -> str:
    """Return the format that errors are to have, of `STRUCTURED_ERRORS`; empty for plain words.

    Args:
        words: What stands behind the name of an operation; it may be what cannot be read.
        given: The options before it.
        environ: ``AWS_CLI_ERROR_FORMAT`` holds where no option says anything.
    """
    form = _said("cli-error-format", words) or given.error_format
    form = form or environ.get("AWS_CLI_ERROR_FORMAT", "").lower()
    return form if form in STRUCTURED_ERRORS else ""


def _said(option: str, words: list[str]) -> str:
    """Return the last choice that *option* has in a command line, or nothing."""
    said = ""
    for index, word in enumerate(words):
        if word == "--":
            break
        name, equals, value = word.partition("=")
        chosen = value if equals else (words[index + 1 : index + 2] or [""])[0]
        if name == f"--{option}" and chosen in GLOBALS[option].choices:
            said = chosen
    return said


def is_debugged(words: list[str]) -> bool:
    """Tell whether ``--debug`` stands in a command line, before the words of another program."""
    return "--debug" in words[: words.index("--") if "--" in words else None]


def refuse_unused(given: Globals, command: str) -> None:
    """Refuse options that shape an operation's answer, or say where it runs, without effect here.

    Raises:
        UsageError: the option is named.
    """
    shaping = (
        ("--output", given.output is not None and command not in _WITH_OUTPUT),
        ("--query", given.query is not None),
        ("--no-paginate", not given.paginate),
        ("--cli-binary-format", given.binary_format is not None),
        ("--cli-error-format", given.error_format is not None),
    )
    if given.endpoint_url is not None and command not in WITH_ENDPOINT:
        raise UsageError(
            f"'{command}' is about a vault of this machine and takes no --endpoint-url",
            "the operations of Secrets Manager take it, and " + ", ".join(WITH_ENDPOINT),
        )
    for name, is_given in shaping:
        if is_given:
            raise UsageError(
                f"'{command}' takes no {name}, which is for AWS's operations",
                f"secretctl {command} --help",
            )


def flags(operation: Operation) -> dict[str, Flag]:
    """Return the options of *operation* by name, global ones left out.

    The target of a parameter's option is the parameter's wire name.
    """
    table: dict[str, Flag] = {}
    for member in (*operation.input, *operation.local):
        name = kebab(member.name)
        if member.shape.kind == "boolean":
            table[name] = Flag(name, member.name, NONE, constant=True)
            table["no-" + name] = Flag("no-" + name, member.name, NONE, constant=False)
        elif member.shape.kind == "list":
            table[name] = Flag(name, member.name, MANY)
        else:
            table[name] = Flag(name, member.name)
    table["cli-input-json"] = Flag("cli-input-json", "cli_input_json")
    table["cli-input-yaml"] = Flag("cli-input-yaml", "cli_input_yaml")
    if operation.pages is not None:
        table["starting-token"] = Flag("starting-token", "starting_token")
        table["page-size"] = Flag("page-size", "page_size", number=True)
        table["max-items"] = Flag("max-items", "max_items", number=True)
    table["generate-cli-skeleton"] = Flag(
        "generate-cli-skeleton", "skeleton", MAYBE, constant="input", choices=SKELETONS
    )
    return table


def helped(given: Globals, command: str, text: str, context: Context) -> bool:
    """Tell whether the help of *command*, *text*, was asked for and written.

    Raises:
        UsageError: As `refuse_unused`.
    """
    refuse_unused(given, command)
    if given.help:
        from secretctl.cli.terminal import write_help

        write_help(text, given.color, context)
    return given.help
