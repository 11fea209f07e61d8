"""What whoever runs an endpoint is told of it on standard error."""

from __future__ import annotations

from time import monotonic

from secretctl.cli.terminal import safe
from secretctl.context import Context, tell
from secretctl.errors import SecretctlError
from secretctl.store.lock import AGAIN

_AGAIN_S = 60.0


class Troubles:
    """Tells the operator what is wrong: each kind once a minute, and nothing of a request."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._told: dict[str, float] = {}

    def tell(self, error: BaseException) -> None:
        """Write what is wrong; of errors that are not ours the class alone."""
        kind, now = type(error).__name__, monotonic()
        if now - self._told.get(kind, -_AGAIN_S) < _AGAIN_S:
            return
        self._told[kind] = now
        lines = [f"secretctl: warning: unexpected {kind}; nothing more is shown"]
        if isinstance(error, SecretctlError):
            from secretctl.cli.carried import carried

            lines = [f"secretctl: warning: {error.message}"]
            hints = (hint for hint in error.hints if hint != AGAIN)  # nobody has typed one
            lines += [f"secretctl: hint: {carried(hint, self._context)}" for hint in hints]
        tell(self._context, "".join(f"{safe(line)}\n" for line in lines))
