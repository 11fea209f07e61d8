"""``--cli-error-format``: an error as JSON, YAML, text or a table, for programs that read it.

See: https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-error-format.html
"""

from secretctl import json_text
from secretctl.cli.options import color_of, is_debugged
from secretctl.cli.output_table import as_table, width_of
from secretctl.cli.output_text import as_text
from secretctl.cli.output_yaml import as_yaml
from secretctl.cli.terminal import escaped_json, is_terminal, safe_lines, trace, wants_color
from secretctl.context import Context, tell
from secretctl.errors import ConfigError, SecretctlError, ServiceError, UsageError, VaultError

TITLE = "error"


def report(error: SecretctlError, form: str, words: list[str], context: Context) -> int:
    """Write *error* to standard error in *form*, without hints; return the exit status.

    Args:
        error: What ended an operation.
        form: ``json``, ``yaml``, ``text`` or ``table``.
        words: The command line, for ``--color`` and ``--debug``.
        context: Gives standard error.

    Raises:
        SecretctlError: *error* itself, where it is one that AWS's tool always writes plainly.
    """
    told = _told(error)
    if told is None:
        raise error
    before = trace(error) if is_debugged(words) else ""
    tell(context, before + _written(told, form, color_of(words), context))
    return error.exit_status


def _told(error: SecretctlError) -> dict[str, object] | None:
    if isinstance(error, ServiceError):
        return {"Message": error.message, "Code": error.code}
    if isinstance(error, UsageError) and not error.message.startswith("Unknown options: "):
        return {"Code": "ParamValidation", "Message": error.message}
    if isinstance(error, ConfigError | VaultError):
        return {"Code": "Configuration", "Message": error.message}
    return None


def _written(told: dict[str, object], form: str, color: str, context: Context) -> str:
    shown = is_terminal(context.stderr)
    if form == "json":
        text = json_text.indented(told) + "\n"
        return escaped_json(text) if shown else text
    if form == "yaml":
        return as_yaml(told, shown=shown)
    if form == "text":
        return safe_lines(as_text(told)) if shown else as_text(told)
    colored = wants_color(color, context.stderr, context.environ)
    return as_table(TITLE, told, width=width_of(context.stderr), colored=colored, shown=shown)
