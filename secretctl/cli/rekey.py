"""``rekey``: new keys for the whole vault, after a way to open it or a principal was removed."""

from typing import Annotated

import typer

from secretctl.cli import passphrase, rekey_slots
from secretctl.cli.api import open_session
from secretctl.cli.carried import carried
from secretctl.cli.options import Globals
from secretctl.cli.people import ProfileOption, VaultOption, chooser, counted
from secretctl.cli.progress import bar
from secretctl.cli.rekey_key_files import KeyFiles
from secretctl.cli.rekey_slots import Plan, Wanted
from secretctl.cli.sharing import others
from secretctl.cli.signals import undone_first
from secretctl.cli.terminal import safe
from secretctl.context import Context, tell
from secretctl.service.rekey_survey import (
    Survey,
    beginning,
    cut_off,
    given_up,
    given_up_before,
    survey,
)
from secretctl.service.rekeying import Openers, Rekeyed
from secretctl.service.rekeying import rekey as rekeyed
from secretctl.service.session import Session
from secretctl.vault.header import Slot

_FINISHED = (
    "a rekey that was cut off is finished: it was recorded, and the journal has its new key\n"
)
_WOULD_BE_FINISHED = (
    "a rekey that was cut off would be finished: recorded, and the journal given its new key\n"
)
_DONE_BEFORE = (
    "nothing was changed: that was given up by the last rekey, which gave the vault the keys that "
    "it has\n"
)
_BY_HAND = (
    "a backup from before is opened by what opened the vault then: make a new one: "
    "secretctl backup FILE",
    "what somebody could read they may have kept: secretctl audit exposure lists what to rotate",
)
_SECRETS = (
    "  an owner who leaves could read the secrets of access keys: make new ones: "
    "secretctl iam create-access-key"
)
_NOT_OVERWRITTEN = (
    "secretctl: warning: the bytes of the old vault file could not be overwritten: {}\n"
)


def register(app: typer.Typer, context: Context, given: Globals) -> None:
    """Add the command to *app*."""
    choose = chooser(context, given)

    @app.command()
    def rekey(  # noqa: PLR0913 its options
        dry_run: Annotated[
            bool, typer.Option("--dry-run", help="Say what would be done, and change nothing.")
        ] = False,
        drop_slot: Annotated[
            list[str] | None,
            typer.Option(help="Give up the unlock slot of that id; may be given again."),
        ] = None,
        key_file: Annotated[
            list[str] | None,
            typer.Option(help="Another key file that opens the vault; may be given again."),
        ] = None,
        same_key_files: Annotated[
            bool, typer.Option("--same-key-files", help="Do not give key files new content.")
        ] = False,
        vault: VaultOption = "",
        profile: ProfileOption = "",
    ) -> None:
        """Give the vault new keys, all at once: what anybody kept of the old ones opens nothing.

        Key files get new content, passphrases are asked for. Access keys stay good, sessions end.

        If it is cut off, the same command goes on; options that it had not are heeded behind that.
        Backups stay under the keys of their time.
        """
        dropped = [each.lower() for each in drop_slot or []]
        wanted = Wanted(dropped, key_file or [], same_key_files)
        given = passphrase.remembered(context)
        session = open_session(choose(vault, profile), given, "rekey", finishes=not dry_run)
        try:
            _rekey(session, wanted, given, is_dry=dry_run)
        finally:
            session.close()


def _rekey(session: Session, wanted: Wanted, context: Context, *, is_dry: bool) -> None:
    directory = session.vault.directory
    with beginning(session):
        left = _left(session, wanted, context, is_dry=is_dry)
        if left is None:
            return
        found = survey(session)
        left = _not_done(session, left)
        if left is None:
            context.stdout.write(_DONE_BEFORE)
            return
        plan = rekey_slots.plan(found.header, directory, left, context)
        shared = _shared(plan, directory, wanted, context)
        if is_dry:
            context.stdout.write(carried(_would(found, plan, left), context) + shared)
        rekey_slots.check(plan, context)
        if is_dry:
            return
        means = rekey_slots.complete(plan, found.header, context)
    files = KeyFiles(directory, means, are_renewed=not wanted.same_key_files)
    try:
        with undone_first():
            done = _done(session, found, files, context)
    except BaseException:
        context.stdout.write("".join(f"{line}\n" for line in _places(files)))
        raise
    context.stdout.write(carried(_told(found, plan, files), context) + shared)
    if done.not_overwritten:
        tell(context, _NOT_OVERWRITTEN.format(done.not_overwritten))


def _left(session: Session, wanted: Wanted, context: Context, *, is_dry: bool) -> Wanted | None:
    """Say what becomes of a rekey that was cut off; return what is wanted besides, if anything."""
    before = cut_off(session) if is_dry else session.recorder.finished_rekey
    if before is None:
        return wanted
    left = rekey_slots.left(wanted, given_up(before))
    if not is_dry:
        context.stdout.write(_FINISHED)
    elif left is None:
        context.stdout.write(f"nothing was changed; {_WOULD_BE_FINISHED}")
    else:
        context.stdout.write(f"first, {_WOULD_BE_FINISHED}")
    return left


def _not_done(session: Session, wanted: Wanted) -> Wanted | None:
    """Return what is wanted but slots that the rekey before gave up; None if that is nothing."""
    before = given_up_before(session.vault) if wanted.dropped else []
    return rekey_slots.left(wanted, before) if set(before) & set(wanted.dropped) else wanted


def _done(session: Session, found: Survey, files: KeyFiles, context: Context) -> Rekeyed:
    vault_id = found.header.vault_id

    def slots(root_key: bytes) -> tuple[Slot, ...]:
        return files.slots(vault_id, root_key, context)

    def make(folder: str) -> None:
        files.make(vault_id, folder)

    with bar(context, "rekeying") as progress:
        showing = session._replace(progress=progress)
        return rekeyed(showing, found, Openers(slots, make, files.put_in_place, files.discard))


def _would(found: Survey, plan: Plan, wanted: Wanted) -> str:
    what = "be refused" if plan.missing else "give the vault new keys"
    lines = [f"nothing was changed; a rekey would {what}:", *_missing(plan)]
    content = "the same content" if wanted.same_key_files else "new content, the old kept beside it"
    lines += [f"  key file       {safe(each.path)}: {content}" for each in plan.kept if each.path]
    given = [each.slot for each in plan.kept if not each.path]
    lines += [f"  passphrase     {slot.id.hex()}: stays as it is" for slot in given]
    lines += [f"  passphrase     {slot.id.hex()}: will be asked for" for slot in plan.asked]
    lines += _counts(found, plan)
    lines += ["by hand:", *_by_hand(found, plan, wanted)]
    return "\n".join(lines) + "\n"


def _told(found: Survey, plan: Plan, files: KeyFiles) -> str:
    lines = ["the vault has new keys:", *_counts(found, plan), *_places(files)]
    lines += ["by hand:", *_by_hand(found, plan, Wanted([], [], same_key_files=not files.told))]
    return "\n".join(lines) + "\n"


def _shared(plan: Plan, directory: str, wanted: Wanted, context: Context) -> str:
    """Return what is to be done about other vaults that the key files open."""
    if wanted.same_key_files:
        return ""
    keys = {each.file_key for each in plan.kept if each.path}
    paths = sorted({path for key in keys for path in others(key, directory, context.environ)})
    return "".join(
        f"  the vault {safe(path)} goes on being opened by the old key file alone: name that by "
        "SECRETCTL_KEY_FILE\n"
        for path in paths
    )


def _counts(found: Survey, plan: Plan) -> list[str]:
    left = len(found.header.slots) - len(plan.dropped)
    values, materials = counted(found.values, "value"), counted(found.materials, "material")
    principals = f"{counted(found.users, 'user')}, {counted(found.roles, 'role')}"
    ended = counted(found.sessions, "session")
    return [
        *(f"  given up       {slot.id.hex()} ({slot.type})" for slot in plan.dropped),
        f"  unlock slots   {left}",
        f"  secrets        {found.secrets}, with {values}: sealed anew",
        f"  KMS keys       {found.keys}, with {materials}: one new for each",
        f"  principals     {principals}, {counted(found.grants, 'grant')}: new key pairs",
        f"  access keys    {found.access_keys}, which stay good; {ended} of roles, which end",
    ]


def _places(files: KeyFiles) -> list[str]:
    return [
        line
        for path, aside in files.told
        for line in (f"  new key file   {safe(path)}", f"  old key file   {safe(aside)}")
    ]


def _missing(plan: Plan) -> list[str]:
    return [
        f"  {slot.type:<15}{slot.id.hex()}: nothing was given that opens it"
        for slot in plan.missing
    ]


def _by_hand(found: Survey, plan: Plan, wanted: Wanted) -> list[str]:
    has_files = any(each.path for each in plan.kept) and not wanted.same_key_files
    copies = ["  copies of a key file open nothing any more: put the new one there"]
    secrets = [_SECRETS] if found.kept else []
    return [*(copies if has_files else []), *(f"  {line}" for line in _BY_HAND), *secrets]
