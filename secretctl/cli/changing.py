"""What ``set`` and ``unset`` share: which value is meant, and how it is read, changed and written.

Reading and writing are one turn: in the vault nobody is in between, and at an endpoint it is
noticed (see `remote.changing`). So two who change different keys at the same time keep both.
"""

from __future__ import annotations

from collections.abc import Callable

from secretctl.cli import endpoint
from secretctl.cli.api import open_supplier
from secretctl.cli.argv import Divided
from secretctl.cli.options import Globals
from secretctl.cli.terminal import report
from secretctl.cli.value_input import PIPED
from secretctl.context import Context, tell_person, uuid4
from secretctl.delivery import references
from secretctl.delivery.references import Source, shown, spelled
from secretctl.errors import ServiceError, UsageError
from secretctl.model.operations import BY_NAME
from secretctl.model.shapes import Operation, Parameters, Result

Value = str | bytes
Edit = Callable[[Value | None], Value | None]
"""Given the present value, or None if there is none yet, returns the next; None: it is the same."""

_CHOICES = ("?stage=", "?version=")
_NOT_FOUND = "ResourceNotFoundException"
_NO_VALUE = "Secrets Manager can't find the specified secret value"
"""How AWS's sentence begins for a secret that is there and has no value yet."""


class Change:
    """One change of a secret, and what is called for it."""

    def __init__(self, source: Source, edit: Edit, command: str, *, creates: bool = False) -> None:
        self.source = source
        self.command = command
        self.creates = creates
        self.operation = "GetSecretValue"
        """What is being called."""

        self._edit = edit

    def decide(
        self, answer: Result | ServiceError, context: Context
    ) -> tuple[Operation, Parameters] | None:
        """Return what is called once *answer* was read.

        Raises:
            ServiceError: *answer*, where it leaves nothing to change.
            DeliveryError: The present value cannot be changed so.
        """
        is_new = isinstance(answer, ServiceError) and self._is_new(answer)
        present = None if isinstance(answer, ServiceError) else _value_in(answer)
        value = self._edit(present)
        if value is None:
            return None
        self.operation = "CreateSecret" if is_new else "PutSecretValue"
        name = "Name" if is_new else "SecretId"
        return BY_NAME[self.operation], self._request(name, value, context)

    def creation(self, context: Context) -> Parameters | None:
        """Return the CreateSecret that this may be; None where it must not."""
        value = self._edit(None) if self.creates else None
        return None if value is None else self._request("Name", value, context)

    def _is_new(self, error: ServiceError) -> bool:
        """Tell whether the secret is to be made, after its value was not read."""
        if error.code != _NOT_FOUND:
            raise error
        if error.message.startswith(_NO_VALUE):
            return False
        if not self.creates:
            if self.command == "set":
                error.hints = (*error.hints, "--create makes it, if its name is right")
            raise error
        return True

    def _request(self, name: str, value: Value, context: Context) -> Parameters:
        member = "SecretString" if isinstance(value, str) else "SecretBinary"
        token = uuid4(context.random(16))
        return {name: self.source.secret_id, "ClientRequestToken": token, member: value}


def target(found: Divided, form: str, *, has_value: bool) -> Source:
    """Return the secret, or the key of it, that a command line means to change.

    Args:
        found: The command line.
        form: How it is to be.
        has_value: Whether a value belongs to it, which somebody may have put there.

    Raises:
        UsageError: It names none, more than one, or a version; or holds what looks like a value,
            which is not repeated.
    """
    words = [*found.named, *found.literal]
    if not words:
        raise UsageError("no secret is named", form)
    if any(choice in word for choice in _CHOICES for word in words):
        raise _of_a_version()
    if has_value and (words[1:] or any("=" in word for word in found.named)):
        raise UsageError(
            "one secret or one key is named, and no value: others can see the command line",
            PIPED,
            f"{form} asks for it on a terminal",
            *(() if words[1:] else ("a name or a key that holds '=' stands behind '--'",)),
        )
    if words[1:]:
        raise UsageError("one key at a time", form)
    source = references.alone(words[0], form)
    if source.version_id or source.version_stage:
        raise _of_a_version()
    return source


def _of_a_version() -> UsageError:
    return UsageError(
        "a new value becomes the current one: no other stage and no version can be named",
        "secretctl update-secret-version-stage --help",
    )


def make(change: Change, flags: Globals, context: Context) -> int:
    """Make *change*, and tell a person what came of it; return the exit status.

    Raises:
        DeliveryError: The present value cannot be changed so.
        SecretctlError: Vault or endpoint cannot be used.
    """
    settings = endpoint.settings(flags, context)
    creating = change.creation(context)
    supplier = open_supplier(settings, context, change.command, creating)
    source = change.source
    try:
        result = supplier.change_read(
            {"SecretId": source.secret_id},
            change.command,
            lambda answer: change.decide(answer, context),
            is_part=source.json_key is not None,
        )
    except ServiceError as error:
        return report(error, change.operation, context, color=flags.color, debug=flags.debug)
    finally:
        supplier.close()
    tell_person(context, f"secretctl: {_said(source, result)}\n")
    return 0


def _said(source: Source, result: Result | None) -> str:
    name = f"'{shown(spelled(source._replace(json_key=None)))}'"
    if result is None:
        return f"{name} is so already: nothing was written"
    return f"the current version of {name} is {result['VersionId']} now"


def _value_in(answer: Result) -> Value:
    text = answer.get("SecretString")
    if isinstance(text, str):
        return text
    binary = answer.get("SecretBinary")
    return binary if isinstance(binary, bytes) else b""
