"""What ``exec --watch`` says on standard error, beside the command: names and reasons alone."""

from __future__ import annotations

from secretctl.context import Context, tell

_GOES_ON = "the command goes on with what it was given"
Complaint = tuple[str, ...]
"""A message, and hints."""


class Told:
    """What was said, so that it is said once."""

    def __init__(self, context: Context, *, is_signalled: bool) -> None:
        """Say nothing yet."""
        self._context = context
        self._done = f"the command is {'sent a signal' if is_signalled else 'run again'}"
        self._complaints: frozenset[Complaint] = frozenset()
        self._failed: frozenset[Complaint] = frozenset()
        self._kept: frozenset[str] = frozenset()
        self.line_end = "\n"

    def lost(self, names: dict[str, str]) -> None:
        """Tell what cannot be read, and why, once for as long as it is so."""
        found = {(f"'{name}' cannot be read any more: {why}",) for name, why in names.items()}
        self._complain(self._failed | found)

    def failed(self, *complaint: str) -> None:
        """Tell why a look failed, once until one `succeeded`."""
        self._failed = frozenset({complaint})
        self._complain(self._failed)

    def succeeded(self) -> None:
        """Know that a look did not fail."""
        self._failed = frozenset()

    def changed(self, names: set[str], kept: set[str]) -> None:
        """Tell what changed; once of variables that a running command *kept*."""
        self._tell(f"note: changed: {', '.join(sorted(names))}; {self._done}")
        if kept - self._kept:
            self._kept |= kept
            self._tell(
                f"hint: a command that runs keeps its variables as they were: "
                f"{', '.join(sorted(kept))}; choose --file, or --watch"
            )

    def _complain(self, complaints: frozenset[Complaint]) -> None:
        from secretctl.cli.carried import carried

        for message, *hints in sorted(complaints - self._complaints):
            self._tell(f"warning: {message}; {_GOES_ON}")
            for hint in hints:
                self._tell(f"hint: {carried(hint, self._context)}")
        self._complaints = complaints

    def _tell(self, text: str) -> None:
        tell(self._context, f"secretctl: {text}{self.line_end}")
