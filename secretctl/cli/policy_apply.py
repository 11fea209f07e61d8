"""``policy apply``: put files of ``policies/`` in force, once their difference has been seen."""

from typing import Annotated, NamedTuple

import typer

from secretctl import json_text
from secretctl.audit.records import own
from secretctl.cli.api import open_session
from secretctl.cli.asking import confirmed
from secretctl.cli.carried import carried
from secretctl.cli.differences import shown, unified
from secretctl.cli.options import Globals
from secretctl.cli.output import deliver
from secretctl.cli.people import Choose, ProfileOption, VaultOption, counted
from secretctl.cli.terminal import escaped_json, report, safe, wants_color
from secretctl.context import Context
from secretctl.errors import PolicyFileError, SecretctlError, ServiceError, UsageError
from secretctl.model.iam.applying import ADOPT, PUT_IN_FORCE
from secretctl.service import policy_files_compared as comparing
from secretctl.service.dispatch import call
from secretctl.service.failures import failing
from secretctl.service.iam import applying
from secretctl.service.policy_files_compared import (
    CHANGED,
    IN_FORCE,
    MISSING,
    REFUSED,
    UNKNOWN,
    UNPLACED,
    Compared,
)
from secretctl.service.session import Session
from secretctl.vault.policy_files import DIRECTORY

_NOT_APPLIED = "No policy was put in force, or not all of those that were to be."
_WRITTEN = (MISSING, UNPLACED)
"""States of files that are written anew, as they are in force."""

_LEFT = 1
"""Exit status where a file is left that is not what is in force."""


class Wishes(NamedTuple):
    """What the options say."""

    named: tuple[str, ...]
    restore: bool
    drop_oldest: bool
    dry_run: bool
    yes: bool
    as_json: bool
    colored: bool


def register(group: typer.Typer, context: Context, given: Globals, choose: Choose) -> None:
    """Add the command to the group ``policy``."""

    @group.command()
    def apply(  # noqa: PLR0913 the options
        name: Annotated[
            list[str] | None, typer.Argument(help="Policies; all that differ if left out.")
        ] = None,
        restore: Annotated[
            bool, typer.Option("--restore", help="Write missing files anew; change no policy.")
        ] = False,
        drop_oldest: Annotated[
            bool, typer.Option("--drop-oldest", help="Where there are five versions, make room.")
        ] = False,
        dry_run: Annotated[
            bool, typer.Option("--dry-run", help="Show what differs, and change nothing.")
        ] = False,
        yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
        vault: VaultOption = "",
        profile: ProfileOption = "",
    ) -> None:
        """Put changed files of the vault's policies/ in force.

        Shows the difference, checks it as 'policy lint' does, and asks. A file that is no
        policy yet becomes one only if it is named. A file that is not the one in force because
        a process was killed before it put that in its place, is replaced by it.
        --output json tells the same as JSON.
        Exit status: 0 all is in force, 1 something differs still, 253 a file is refused,
        254 the service refused.
        """
        if given.output not in (None, "json", "text"):
            raise UsageError("'policy apply' answers as text or json", "--output json")
        colored = wants_color(given.color, context.stdout, context.environ)
        as_json = given.output == "json"
        wishes = Wishes(tuple(name or ()), restore, drop_oldest, dry_run, yes, as_json, colored)
        session = open_session(choose(vault, profile), context, "policy.apply")
        event = own("ApplyPolicies", session.region, {})
        try:
            with failing(session.recorder, lambda: event, _NOT_APPLIED):
                status = _apply(session, wishes, context)
        except ServiceError as error:
            status = report(error, None, context, color=given.color, debug=given.debug)
        finally:
            session.close()
        if status:
            raise typer.Exit(status)


def _apply(session: Session, wishes: Wishes, context: Context) -> int:
    found = comparing.compare(session, wishes.named)
    if not wishes.as_json:
        _show(found, wishes, context)
    refused = [each for each in found if each.state == REFUSED]
    chosen = [] if wishes.dry_run or refused else [each for each in found if _is_due(each, wishes)]
    if not wishes.drop_oldest:
        _check_room(chosen)
    done = {}
    if chosen and (wishes.yes or not wishes.as_json):
        question = f"{_wanted(chosen)}?"
        if confirmed(question, context, is_agreed=wishes.yes):
            done = {each.name: _done(session, each, wishes, context) for each in chosen}
    elif chosen:
        raise UsageError("--output json asks nobody", "add --yes, or --dry-run")
    if wishes.as_json:
        deliver(_as_json(found, done), context)
    if refused:
        raise _refusal(refused)
    return _LEFT if any(each.state != IN_FORCE and each.name not in done for each in found) else 0


def _is_due(found: Compared, wishes: Wishes) -> bool:
    """Tell whether a policy or file is to be changed; with --restore no policy is."""
    if wishes.restore:
        return found.state in _WRITTEN
    is_wanted = found.state == UNKNOWN and found.name in wishes.named
    return is_wanted or found.state in (CHANGED, UNPLACED)


def _check_room(chosen: list[Compared]) -> None:
    """Refuse where a policy has as many versions as it can have.

    Raises:
        ServiceError: LimitExceeded; it names the command that makes room.
    """
    for each in chosen:
        if each.state == CHANGED and each.droppable:
            raise ServiceError(
                "LimitExceeded",
                f"The policy {each.name} has as many versions as it can have.",
                f"secretctl iam delete-policy-version --policy-arn {each.arn} "
                f"--version-id {each.droppable}",
                f"secretctl policy apply --drop-oldest {each.name}",
            )


def _wanted(chosen: list[Compared]) -> str:
    files = sum(each.state in _WRITTEN for each in chosen)
    number = len(chosen) - files
    anew = f"write {counted(files, 'file')} anew" if files else ""
    put = f"put {number} {'policy' if number == 1 else 'policies'} in force" if number else ""
    return " and ".join(filter(None, (put, anew))).capitalize()


def _done(session: Session, found: Compared, wishes: Wishes, context: Context) -> str:
    """Change what is to be changed; return the version in force."""
    if found.state in _WRITTEN:
        applying.restore(session, found.name, found.before, found.after)
        told, version = f"wrote {_file(found)} anew: it is {found.name} {found.version}", ""
    else:
        operation = PUT_IN_FORCE if found.state == CHANGED else ADOPT
        parameters: dict[str, object] = {"PolicyName": found.name, "PolicyDocument": found.after}
        if wishes.drop_oldest and found.state == CHANGED:
            parameters["DropOldest"] = True
        version = str(call(session, operation, parameters)["Version"])
        told = f"{found.name} {version} is in force"
    if not wishes.as_json:
        deliver(f"{safe(told)}\n", context)
    return version or found.version


def _file(found: Compared) -> str:
    return f"{DIRECTORY}/{found.name}.json"


def _show(found: list[Compared], wishes: Wishes, context: Context) -> None:
    for each in found:
        if each.state != IN_FORCE or wishes.named:
            deliver(f"{safe(carried(_told(each, wishes), context))}\n", context)
        difference = _difference(each)
        if difference and (each.state != UNKNOWN or each.name in wishes.named):
            deliver(shown(difference, colored=wishes.colored), context)
        for finding in each.findings:
            context.stderr.write(
                f"{safe(_file(each))}:{finding.place.line}:{finding.place.column}: "
                f"{finding.severity}: {finding.message}\n"
            )
    if all(each.state == IN_FORCE for each in found) and not wishes.named:
        deliver("every policy is in force as its file has it\n", context)


def _told(found: Compared, wishes: Wishes) -> str:
    file = _file(found)
    if found.state == REFUSED and found.error is not None:
        return f"{file}: refused: {found.error.message}"
    is_left = wishes.restore and found.state in (CHANGED, UNKNOWN)
    said = {
        IN_FORCE: f"{found.name} {found.version} is in force",
        CHANGED: f"{file} is not what is in force" + (", and is left" if is_left else ""),
        MISSING: f"{file} is missing",
        UNPLACED: f"{file} was not replaced when {found.name} {found.version} was put in force",
        UNKNOWN: f"{file} is no policy of this vault",
    }[found.state]
    if found.state == MISSING and not wishes.restore:
        return f"{said}: secretctl policy apply --restore {found.name}"
    if found.state == UNKNOWN and found.name not in wishes.named:
        return f"{said}: secretctl policy apply {found.name} makes it one"
    return said


def _difference(found: Compared) -> str:
    if found.state not in (CHANGED, UNKNOWN):
        return ""
    before = f"{found.name} {found.version}, in force" if found.version else "/dev/null"
    return unified(found.before, found.after, (before, _file(found)))


def _refusal(refused: list[Compared]) -> SecretctlError:
    """Return the error for files that cannot be put in force; nothing was changed then."""
    first = refused[0].error
    assert first is not None
    if len(refused) == 1:
        return type(first)(f"{first.message}; nothing was changed", *first.hints)
    return PolicyFileError(
        f"{counted(len(refused), 'file')} are refused; nothing was changed",
        *[hint for each in refused if each.error for hint in each.error.hints],
    )


def _as_json(found: list[Compared], done: dict[str, str]) -> str:
    policies = [
        {
            "PolicyName": each.name,
            "File": _file(each),
            "State": each.state,
            "DefaultVersionId": done.get(each.name) or each.version or None,
            "Applied": each.name in done,
            "Difference": _difference(each),
            "Error": each.error.message if each.error else None,
            "Findings": [
                {
                    "Line": finding.place.line,
                    "Column": finding.place.column,
                    "Severity": finding.severity,
                    "Message": finding.message,
                }
                for finding in each.findings
            ],
        }
        for each in found
    ]
    return escaped_json(json_text.indented({"Policies": policies})) + "\n"
