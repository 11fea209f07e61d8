"""``--mask`` and ``--no-mask`` of ``exec``, and the start of what has to be looked after."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from secretctl.context import Context, tell
from secretctl.errors import UsageError
from secretctl.record import TYPE_CHECKING

if TYPE_CHECKING:
    from secretctl.delivery.execute import Program
    from secretctl.delivery.run_files import Wanted
    from secretctl.delivery.supervise_start import Running

FLAGS = ("--mask", "--no-mask")
_IS_POSSIBLE = sys.platform == "linux"
"""Only Linux tells who sent a signal."""


def asked(flags: AbstractSet[str]) -> bool | None:
    """Return what the command line says of masking; None if nothing.

    Raises:
        UsageError: It says both, or what this system cannot do.
    """
    mask, leave = (flag in flags for flag in FLAGS)
    if mask and leave:
        raise UsageError("argument --no-mask: not allowed with argument --mask", "leave one out")
    if not mask:
        return False if leave else None
    if not _IS_POSSIBLE:
        raise UsageError("--mask needs Linux", "leave it out, and mind where the output goes")
    return True


def started(
    program: Program,
    secrets: Mapping[str, str | bytes],
    mask: bool | None,  # noqa: FBT001 as it was asked
    context: Context,
    files: Wanted | None = None,
) -> Running | None:
    """Start *program*, masked and with *files*; None where there is nothing to look after.

    Args:
        program: to run.
        secrets: what it is given, by variable.
        mask: what the command line says of masking.
        context: streams and environment.
        files: to be there while it runs.

    Raises:
        CommandNotExecutableError: It cannot be run.
        DeliveryError: The files cannot be made.
    """
    streams = outputs(context, mask)
    if not streams and files is None:
        return None
    from secretctl.delivery import masking, supervise_start

    patterns = _patterns(secrets, context) if streams else []
    if not patterns:
        streams = []
    if not streams and files is None:
        return None
    placed = files.placed if files else None
    return supervise_start.start(program, streams, masking.searched(patterns), context, placed)


def _patterns(secrets: Mapping[str, str | bytes], context: Context) -> list[bytes]:
    from secretctl.delivery import masking_forms

    tell_of_clear(secrets, context)
    return masking_forms.patterns(secrets.values())


def tell_of_clear(secrets: Mapping[str, str | bytes], context: Context) -> None:
    """Tell which variables hold what is too short to be masked."""
    from secretctl.delivery import masking_forms

    clear = [
        name
        for name, value in secrets.items()
        if value not in masking_forms.SAYING_LITTLE and not masking_forms.is_maskable(value)
    ]
    if clear:
        tell(context, f"secretctl: warning: too short to be masked: {', '.join(clear)}\n")


def outputs(context: Context, mask: bool | None) -> list[int]:  # noqa: FBT001 as it was asked
    """Return what is masked of standard output and error, if anything: those that are open."""
    if not _IS_POSSIBLE or mask is False or (mask is None and not context.environ.get("CI")):
        return []
    found = [number for number in (1, 2) if os.get_inheritable(number)]
    return found if mask or not all(map(os.isatty, found)) else []
