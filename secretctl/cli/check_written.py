"""How ``check`` tells what it found: lines, a table, or JSON."""

from __future__ import annotations

from secretctl import json_text
from secretctl.cli.check_findings import NO_KEY, NOT_FOUND, Finding
from secretctl.cli.options import Globals
from secretctl.cli.output import deliver
from secretctl.cli.terminal import escaped_json, hint_line, is_terminal, safe
from secretctl.context import Context, tell
from secretctl.delivery import references
from secretctl.delivery.manifest import Manifest
from secretctl.delivery.references import spelled
from secretctl.errors import ServiceError

_DENIED = "AccessDeniedException"
_NOTHING = "-"


def write(manifest: Manifest, findings: list[Finding], flags: Globals, context: Context) -> None:
    """Write what was found to standard output, and beside it how many problems there are.

    Raises:
        OutputError: Standard output did not take it.
    """
    wrong = [each for each in findings if each.problem]
    if flags.output == "json":
        deliver(escaped_json(json_text.indented(_document(manifest, findings))) + "\n", context)
    elif not wrong:
        all_are = all(each.is_there for each in findings)
        said = "all there" if all_are else "all that is required is there"
        deliver(f"{_counted(findings)}: {said}{_where(manifest)}\n", context)
    elif flags.output == "table" or (flags.output is None and is_terminal(context.stdout)):
        _draw(wrong, flags.color, context)
    else:
        deliver("".join(line(each) + "\n" for each in wrong), context)
    if wrong:
        of_all = f"{len(wrong)} of {_counted(findings)}"
        tell(context, f"secretctl: error: {of_all} missing, refused or wrong{_where(manifest)}\n")
        for hint in _hints(wrong, context):
            tell(context, hint_line(hint, context))


def _counted(findings: list[Finding]) -> str:
    kind = "variable" if all(each.need.source.variable for each in findings) else "source"
    return f"{len(findings)} {kind}{'' if len(findings) == 1 else 's'}"


def _where(manifest: Manifest) -> str:
    """Say what was asked, for whoever stands in another folder than he thinks."""
    parts = [manifest.path] if manifest.path else []
    parts += [f"environment {manifest.environment}"] if manifest.environment else []
    return f" ({safe(', '.join(parts))})" if parts else ""


def _name(finding: Finding) -> str:
    return finding.need.source.variable or _NOTHING


def line(finding: Finding) -> str:
    """Return a problem as one line, without its end: names, never a value."""
    name = f"{_name(finding)}: " if finding.need.source.variable else ""
    about = f" ({finding.need.description})" if finding.need.description else ""
    return safe(f"{name}{spelled(finding.need.source)}: {finding.message}{about}")


def _draw(wrong: list[Finding], color: str, context: Context) -> None:
    from secretctl.cli import audit_table

    rows = [
        (_name(each), spelled(each.need.source), each.message, each.need.description)
        for each in wrong
    ]
    headings = ("VARIABLE", "SOURCE", "PROBLEM", "NEEDED FOR")
    count = 4 if any(row[-1] for row in rows) else 3
    audit_table.draw(headings[:count], [row[:count] for row in rows], color, context)


def _document(manifest: Manifest, findings: list[Finding]) -> dict[str, object]:
    return {
        "Manifest": manifest.path or None,
        "Environment": manifest.environment or None,
        "Variables": [_told(each) for each in findings],
    }


def _told(finding: Finding) -> dict[str, object]:
    need = finding.need
    status = "missing" if not finding.is_there else "problem" if finding.problem else "ok"
    told: dict[str, object] = {
        "Name": need.source.variable,
        "Source": spelled(need.source),
        "Required": need.is_required,
        "Status": status,
        "Read": finding.is_read,
    }
    if finding.problem:
        told |= {"Problem": finding.problem, "Message": finding.message}
    return told | ({"Description": need.description} if need.description else {})


def _hints(wrong: list[Finding], context: Context) -> list[str]:
    """Return the commands that come next, one for each kind of problem."""
    gone = [
        references.setting(each.need.source, "--create ")
        for each in wrong
        if each.problem == NOT_FOUND
    ]
    keyless = [references.setting(each.need.source) for each in wrong if each.problem == NO_KEY]
    hints = [*filter(None, gone[:1]), *filter(None, keyless[:1])]
    refused = [each.message for each in wrong if each.problem == _DENIED]
    if refused:
        from secretctl.cli import next_steps

        hints += next_steps.after(ServiceError(_DENIED, refused[0]), "", context)
    return hints
