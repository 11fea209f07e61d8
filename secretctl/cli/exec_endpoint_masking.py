"""Masking of what a command reads by itself: before an answer goes out, its values are masked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from secretctl.cli.terminal import safe
from secretctl.context import Context, tell
from secretctl.delivery import json_values, masking, masking_forms, supervise_start
from secretctl.delivery.execute import Program
from secretctl.delivery.supervise_learning import Teacher
from secretctl.delivery.supervise_start import Running
from secretctl.domain.credential import Given


class Masked:
    """What is masked of the output of a command with an endpoint."""

    def __init__(self, given: Given, context: Context) -> None:
        """Mask the one-time credential, which is in the command's environment."""
        self._teacher = Teacher([given.secret.encode(), given.session_token.encode()])
        self._context = context
        self._told: set[str] = set()
        self._line_end = "\n"

    def start(self, command: Program, outputs: list[int]) -> Running:
        """Start *command*, masked at *outputs*; raises as `supervise_start.start`."""
        patterns = masking.searched(self._teacher.patterns)
        running = supervise_start.start(
            command, outputs, patterns, self._context, teacher=self._teacher
        )
        self._teacher.begin()
        self._line_end = "\r\n" if running.real else "\n"  # in raw mode
        return running

    def release(self, answer: Mapping[str, object]) -> None:
        """See that the values of an answer are masked.

        Raises:
            DeliveryError: They would not be.
        """
        self._teacher.teach(values_in(answer))
        for entry in _entries(answer):
            self._tell_of_clear(entry)

    def _tell_of_clear(self, entry: Mapping[str, object]) -> None:
        """Tell once of a secret whose value is too short to be masked."""
        name, value = str(entry.get("Name")), entry.get("SecretString", entry.get("SecretBinary"))
        if not isinstance(value, str | bytes) or name in self._told:
            return
        if value not in masking_forms.SAYING_LITTLE and not masking_forms.is_maskable(value):
            self._told.add(name)
            said = safe(f"secretctl: warning: too short to be masked: the value of '{name}'")
            tell(self._context, said + self._line_end)


def values_in(answer: Mapping[str, object]) -> Iterator[bytes]:
    """Yield each value of an answer, and what a value in JSON consists of."""
    for entry in _entries(answer):
        text, raw = entry.get("SecretString"), entry.get("SecretBinary")
        if isinstance(text, str):
            yield text.encode()
            for part in json_values.leaves(text):
                yield part.encode(errors="surrogatepass")
        elif isinstance(raw, bytes):
            yield raw


def _entries(answer: Mapping[str, object]) -> list[Mapping[str, object]]:
    """Return what has a value each: of BatchGetSecretValue several, of others the answer itself."""
    several = answer.get("SecretValues")
    return several if isinstance(several, list) else [answer]
