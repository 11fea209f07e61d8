"""Ask a person whether to go on."""

from secretctl.cli.terminal import is_terminal
from secretctl.context import Context
from secretctl.errors import UsageError


def confirmed(question: str, context: Context, *, is_agreed: bool) -> bool:
    """Tell whether the answer to *question* is yes; it is asked on the terminal.

    Args:
        question: Ends in a question mark; harmless text.
        context: Whose standard input is read, and whose standard error is asked on.
        is_agreed: Whether ``--yes`` was given: nothing is asked then.

    Raises:
        UsageError: Nobody can be asked.
    """
    if is_agreed:
        return True
    if not (context.interactive and is_terminal(context.stdin)):
        raise UsageError("this has to be agreed to, and nobody can be asked", "add --yes")
    context.stderr.write(f"{question} [y/N]: ")
    context.stderr.flush()
    return context.stdin.readline().strip().lower() in ("y", "yes")
