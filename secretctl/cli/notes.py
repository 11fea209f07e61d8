"""What is told once an operation has ended: its error, or what a person should know of it."""

from __future__ import annotations

from collections.abc import Mapping

from secretctl.cli.options import Globals, error_form
from secretctl.cli.terminal import report
from secretctl.context import Context, tell_person
from secretctl.domain.names import ends_like_suffix
from secretctl.errors import SecretctlError, ServiceError
from secretctl.model.shapes import Operation

MAY_HAVE_KEPT = (
    "whoever had access this way may have kept keys: secretctl rekey gives the vault new ones"
)
_TAKEN_BACK = ("DeleteUser", "DeleteRole", "DeleteAccessKey", "RevokeGrant")


def ended(
    error: SecretctlError,
    operation: Operation,
    words: list[str],
    flags: Globals,
    context: Context,
) -> int:
    """Tell that *operation* ended by *error*, as its *words* and *flags* say; return the status.

    Raises:
        SecretctlError: *error* itself, where it is told like every other command's.
    """
    form = error_form(words, flags, context.environ)
    if form:
        from secretctl.cli import error_format

        return error_format.report(error, form, words, context)
    if not isinstance(error, ServiceError):
        raise error
    return report(error, operation.name, context, color=flags.color, debug=flags.debug)


def tell_notes(operation: Operation, parameters: Mapping[str, object], context: Context) -> None:
    """Tell a person what *operation* leaves to do; scripts get no such line."""
    if operation.name == "CreateSecret" and ends_like_suffix(str(parameters.get("Name"))):
        tell_person(
            context,
            "secretctl: warning: a name that ends in a hyphen and six letters or digits is not "
            "found by a partial ARN\n",
        )
    if operation.name in _TAKEN_BACK or parameters.get("Status") == "Inactive":
        from secretctl.cli.carried import carried

        tell_person(context, f"secretctl: note: {carried(MAY_HAVE_KEPT, context)}\n")
