"""``policy who-can``: who may do something with a secret."""

from difflib import get_close_matches
from typing import Annotated

import typer

from secretctl import json_text
from secretctl.cli import audit_table
from secretctl.cli.options import Globals
from secretctl.cli.output import deliver
from secretctl.cli.people import Choose, ProfileOption, VaultOption, asking
from secretctl.cli.terminal import escaped_json, is_terminal
from secretctl.context import Context
from secretctl.errors import UsageError
from secretctl.model.authorization import ACTIONS, SERVICE
from secretctl.model.services import SERVICES
from secretctl.policy.principals import EVERYBODY
from secretctl.service.who_can import who_can as listing
from secretctl.service.who_can_told import Entry

_HEADINGS = ("WHO", "THROUGH", "ONLY IF", "KEY")
_NAMES = {name.lower(): name for name in ACTIONS}
_KEY = {True: "yes", False: "no", None: "-"}


def register(group: typer.Typer, context: Context, given: Globals, choose: Choose) -> None:
    """Add the command to the group ``policy``."""

    @group.command("who-can")
    def who_can(
        action: Annotated[str, typer.Argument(help="GetSecretValue, or SERVICE:NAME.")],
        secret: Annotated[str, typer.Argument(help="Name or ARN; * for whatever secret.")],
        vault: VaultOption = "",
        profile: ProfileOption = "",
    ) -> None:
        """List who may do something with a secret, and through which statement.

        KEY tells who holds the key of the secret's value: without it, what policies allow
        cannot be decrypted. A table on a terminal, JSON elsewhere and with --output json.
        """
        if given.output not in (None, "json", "table"):
            raise UsageError("'policy who-can' answers as table or json", "--output json")
        asked = action_of(action)
        _check_is_about(asked, secret)
        with asking(choose(vault, profile), context, given, "policy.who-can") as session:
            answer = listing(session, asked, secret)
        is_table = given.output == "table" or (given.output is None and is_terminal(context.stdout))
        if is_table:
            listed = answer["Principals"]
            rows = list(map(_row, listed if isinstance(listed, list) else []))
            audit_table.draw(_HEADINGS, rows, given.color, context)
        else:
            deliver(escaped_json(json_text.indented(answer)) + "\n", context)


def action_of(text: str) -> str:
    """Return the action as AWS spells it; the service may be left out.

    Raises:
        UsageError: There is none.
    """
    service, colon, name = text.partition(":") if ":" in text else (SERVICE, ":", text)
    if service.lower() in SERVICES and name.isalnum():
        return f"{service.lower()}{colon}{name}"
    known = _NAMES.get(name.lower().replace("-", ""))
    if service.lower() == SERVICE and known:
        return f"{SERVICE}:{known}"
    near = get_close_matches(name.lower().replace("-", "")[:80], list(_NAMES), n=1)
    hint = f"did you mean {_NAMES[near[0]]}?" if near else "for example GetSecretValue"
    raise UsageError("there is no such action", hint)


def _check_is_about(action: str, secret: str) -> None:
    """Refuse to ask about a secret for what is about none."""
    if secret != EVERYBODY and not action.startswith(f"{SERVICE}:"):
        service = action.partition(":")[0]
        hint = f"secretctl policy who-can {service}:NAME '*'"
        raise UsageError(f"no action of {service} is about a secret", hint)


def _row(entry: Entry) -> tuple[str, ...]:
    who = _who(entry)
    if entry["Type"] == "root":
        unless = _conditions(entry, "Unless")
        bounds = "the secret's policy alone bounds" if unless else "no policy bounds"
        return ("root", f"the vault's owner, whom {bounds}", "; ".join(unless), "yes")
    holds = entry["HoldsKey"]
    key = _KEY[holds if isinstance(holds, bool) else None]
    if "Refused" in entry:
        return (who, f"nothing: {entry['Refused']}", "", key)
    only_if = [*_one_of(entry, "Through"), *_conditions(entry, "Unless"), *_one_of(entry, "Within")]
    if barred := _texts(entry, "Except"):
        only_if.append(f"it is not the session {' or '.join(map(_session, barred))}")
    if entry.get("NeedsOwnPolicies"):
        only_if.append("its own account's policies allow it too")
    return (who, "; ".join(map(_statement, _listed(entry, "Through"))), "; ".join(only_if), key)


def _who(entry: Entry) -> str:
    arn = str(entry["Principal"])
    name = f"{entry['Type']} {arn.partition('/')[2] or arn}"
    is_foreign = entry.get("NeedsOwnPolicies") and "/" in arn
    return f"{name} of {arn.split(':')[4]}" if is_foreign else name


def _listed(entry: Entry, name: str) -> list[Entry]:
    found = entry.get(name)
    return found if isinstance(found, list) else []


def _texts(entry: Entry, name: str) -> list[str]:
    found = entry.get(name)
    return list(map(str, found)) if isinstance(found, list) else []


def _session(arn: str) -> str:
    return arn.rpartition("/")[2]


def _statement(told: Entry) -> str:
    where = "the secret's policy" if told["PolicyType"] == "resource" else str(told["Policy"])
    group = f" of group {told['Group']}" if "Group" in told else ""
    return f"{where}{group}, {told.get('Sid') or 'statement ' + str(told['Statement'])}"


def _one_of(entry: Entry, name: str) -> list[str]:
    """Return what one of the statements must meet; nothing where one is enough without."""
    if not all("Conditions" in each for each in _listed(entry, name)):
        return []
    return [" or ".join(lines)] if (lines := _conditions(entry, name)) else []


def _condition(told: Entry) -> str:
    compared = [f"${{{key}}}" for key in _texts(told, "Variables")]
    named = [str(told[name]) for name in ("Element", "Operator", "Key") if name in told]
    return " ".join([*named, *compared])


def _conditions(entry: Entry, name: str) -> list[str]:
    """Return a line for each statement with open conditions."""
    lines = []
    for told in _listed(entry, name):
        keys = list(map(_condition, _listed(told, "Conditions")))
        if keys and name == "Unless":
            lines.append(f"{_statement(told)} does not deny: {', '.join(keys)}")
        elif keys and name == "Within":
            lines.append(f"{_statement(told)} allows it too: {', '.join(keys)}")
        elif keys:
            lines.append(", ".join(keys))
    return lines
