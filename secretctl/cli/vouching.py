"""``vouching``: what the owner does not vouch for, shown and taken away."""

from typing import Annotated

import typer

from secretctl.audit.records import own
from secretctl.cli.asking import confirmed
from secretctl.cli.options import Globals
from secretctl.cli.people import Choose, ProfileOption, VaultOption, asking, chooser, counted
from secretctl.cli.terminal import safe
from secretctl.context import Context, tell
from secretctl.service import owner, unvouched
from secretctl.vault import layout
from secretctl.vault.vouching import Difference

_LEFT = 1
"""Exit status where there is what the owner does not vouch for."""

_LOSES = (
    "a user or role that is dropped loses its access keys and grants: make it anew; of a group or\n"
    "policy, until there is one of that name again, whom it is for may do nothing\n"
)
_PUTS_BACK = (
    "secretctl: note: vouching drop puts back names of secrets and the directory of KMS keys, and "
    "makes keys of users and roles anew\n"
)
_GIVES_UP = (
    f"secretctl: note: vouching drop {layout.VOUCHED.hex()} gives up what is gone: it is not yours "
    "if it comes back\n"
)
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def register(app: typer.Typer, context: Context, given: Globals) -> None:
    """Add the commands to *app*."""
    choose = chooser(context, given)
    group = typer.Typer(help="Show and take away what the vault's owner does not vouch for.")
    app.add_typer(group, name="vouching")
    _register_list(group, context, given, choose)
    _register_drop(group, context, given, choose)
    _register_renew(group, context, given, choose)
    _register_recount(group, context, given, choose)


def _register_list(group: typer.Typer, context: Context, given: Globals, choose: Choose) -> None:
    @group.command("list")
    def list_(vault: VaultOption = "", profile: ProfileOption = "") -> None:
        """List records that are not as the owner left them, each with its place.

        Exit status: 0 there is none, 1 there are some.
        """
        with asking(choose(vault, profile), context, given, "vouching.list") as session:
            found = unvouched.listed(session)
        _show(found, context)
        if any(each.put_back for each in found):
            tell(context, _PUTS_BACK)
        if any(each.place == layout.VOUCHED for each in found):
            tell(context, _GIVES_UP)
        if found:
            raise typer.Exit(_LEFT)
        context.stdout.write("all is as the owner left it\n")


def _register_drop(group: typer.Typer, context: Context, given: Globals, choose: Choose) -> None:
    @group.command()
    def drop(
        place: Annotated[list[str], typer.Argument(help="Places, from vouching list.")],
        yes: YesOption = False,
        vault: VaultOption = "",
        profile: ProfileOption = "",
    ) -> None:
        """Take away exactly the records at these places, whatever they say; asks first.

        The directory of KMS keys is put back as the owner left it, and the name of a secret as its
        record has it; keys of users and roles are made anew. Another record that is gone is given
        up: what it denied, it denies no more.
        """
        with asking(choose(vault, profile), context, given, "vouching.drop") as session:
            chosen = unvouched.chosen(session, [_place(each) for each in place])
            _show(chosen, context)
            acts = _acts(chosen)
            if "taken away" in [done for _, _, done in acts]:
                context.stdout.write(_LOSES)
            question = " and ".join(f"{doing} {what}" for what, doing, _ in acts) + "?"
            if not confirmed(question, context, is_agreed=yes):
                raise typer.Exit(_LEFT)
            unvouched.drop(session, [each.place for each in chosen])
        context.stdout.write("".join(f"{done}: {what}\n" for what, _, done in acts))


def _register_renew(group: typer.Typer, context: Context, given: Globals, choose: Choose) -> None:
    @group.command()
    def renew(
        yes: YesOption = False,
        vault: VaultOption = "",
        profile: ProfileOption = "",
    ) -> None:
        """Vouch for all that is there, where it is not known any more what the owner left.

        Look at all users, groups, roles, policies, grants and aliases first: whatever somebody else
        wrote of them counts as the owner's from then on. Better is a backup.
        """
        with asking(choose(vault, profile), context, given, "vouching.renew") as session:
            owner.refuse_recorded(session, own("RenewVouched", session.region, {}))
            question = "vouch for all users, groups, roles, policies and grants that are there?"
            if not confirmed(question, context, is_agreed=yes):
                raise typer.Exit(_LEFT)
            number = unvouched.renew(session)
        context.stdout.write(f"vouched for: {counted(number, 'record')} of principals\n")


def _register_recount(group: typer.Typer, context: Context, given: Globals, choose: Choose) -> None:
    @group.command()
    def recount(
        yes: YesOption = False,
        vault: VaultOption = "",
        profile: ProfileOption = "",
    ) -> None:
        """Make the digest over all records anew, where it is all that is wrong with the vault.

        Every record has to open, and to be as the owner left it. What was removed whole, or put
        back to an older copy, is not missed any more then: compare with a backup first.
        """
        with asking(choose(vault, profile), context, given, "vouching.recount") as session:
            report = unvouched.countable(session)
            there = f"{counted(report.secrets, 'secret')}, {counted(report.versions, 'version')}"
            question = f"are these all that there should be: {there}?"
            if not confirmed(question, context, is_agreed=yes):
                raise typer.Exit(_LEFT)
            unvouched.recount(session)
        context.stdout.write(f"counted anew: {there}\n")


def _acts(chosen: list[Difference]) -> list[tuple[str, str, str]]:
    """Return how many records there are to do something with, what it is, and how it is told."""
    given_up = sum(1 for each in chosen if each.place == layout.VOUCHED)
    put_back = sum(1 for each in chosen if each.put_back)
    taken = len(chosen) - given_up - put_back
    acts = [(counted(taken, "record"), "take away", "taken away")] if taken else []
    acts += [(counted(put_back, "record"), "put back", "put back")] if put_back else []
    return acts + ([("what is gone", "give up", "given up")] if given_up else [])


def _place(word: str) -> bytes:
    """Return the place that is meant; what is no place has nothing in it."""
    try:
        return bytes.fromhex(word)
    except ValueError:
        return word.encode("utf-8", "replace")


def _show(found: list[Difference], context: Context) -> None:
    for each in found:
        context.stdout.write(f"{each.place.hex()}  {safe(each.told)}\n")
