"""Which files may be put back to an older copy without anybody noticing: of 15 ways, two.

V is the vault, J the journal's segments, S the journal's state, T what this machine has seen.
"""

import itertools
import json
import os
import shutil
from pathlib import Path

import pytest

from secretctl.audit import state
from secretctl.context import Context
from tests.conftest import World
from tests.faults.commands import Ended, ended
from tests.faults.replay import Files, snapshot

GET = ("get-secret-value", "--secret-id", "a", "--query", "SecretString", "--output", "text")
VERIFY = ("audit", "verify", "--deep")
INTACT, TAMPERED, TRUNCATED = 0, 1, 2
ROLLED_BACK = 253

OLDER_VAULT = "the vault is older than its journal"
VAULT_SEEN = "the vault is older than this machine has seen it, or another copy was used since"
SEEN = "the journal is older than this machine has seen it, or another copy was used since"
OLDER_JOURNAL = "the journal is older than the vault"
CUT = "the journal was cut short"
REFUSED = "The vault was unlocked and refused; the command was not run."
UNANNOUNCED = "there are records in the journal that nobody announced"

RECORDED = ("V", "VT")
"""Where the journal is the newest, so that the refusal is in it."""

TABLE = {
    "V": (OLDER_VAULT, TAMPERED),
    "J": (CUT, TRUNCATED),
    "S": (SEEN, TAMPERED),
    "T": ("", INTACT),
    "VJ": (OLDER_VAULT, TAMPERED),
    "VS": (VAULT_SEEN, TAMPERED),
    "VT": (OLDER_VAULT, TAMPERED),
    "JS": (SEEN, TRUNCATED),
    "JT": (CUT, TRUNCATED),
    "ST": (UNANNOUNCED, TAMPERED),
    "VJS": (VAULT_SEEN, TAMPERED),
    "VJT": (OLDER_VAULT, TAMPERED),
    "VST": (UNANNOUNCED, TAMPERED),
    "JST": (OLDER_JOURNAL, TRUNCATED),
    "VJST": ("", INTACT),
}
"""For the files that are old: what get-secret-value says, nothing where it goes on, and verify."""


def kind(path: str) -> str:
    """Return which of the four a file is; empty for what never changes."""
    name = os.path.basename(path)
    if name == "vault.db":
        return "V"
    if name.endswith(".jsonl"):
        return "J"
    if path.endswith("audit/state"):
        return "S"
    return "T" if "/trust/" in path else ""


def put(world: World, value: str) -> None:
    """Put a value."""
    done = ended(world, "put-secret-value", "--secret-id", "a", "--secret-string", value)
    assert done.status == 0, done.stderr


@pytest.fixture
def old(world: World) -> Files:
    """All files before five operations were done; a checkpoint of then and of now lies aside."""
    made = ended(world, "create-secret", "--name", "a", "--secret-string", "old")
    assert made.status == 0, made.stderr
    put(world, "older still")
    put(world, "old")
    before = snapshot(world.home)
    for words in (
        ("put-secret-value", "--secret-id", "a", "--secret-string", "new"),
        ("tag-resource", "--secret-id", "a", "--tags", "Key=k,Value=v"),
        GET,
        ("list-secrets",),
        ("update-secret", "--secret-id", "a", "--description", "d"),
    ):
        assert ended(world, *words).status == 0
    return before


def put_back(which: str, old: Files, now: Files) -> None:
    """Let the files of *which* be the old ones and all others those of now."""
    for path in {*old, *now}:
        files = old if kind(path) and kind(path) in which else now
        if path in files:
            Path(path).write_bytes(files[path])
        else:
            Path(path).unlink(missing_ok=True)


def subsets() -> list[str]:
    """Return the 15 ways to choose of four files."""
    sizes = (itertools.combinations("VJST", size) for size in range(1, 5))
    return ["".join(chosen) for chosen in itertools.chain.from_iterable(sizes)]


def test_the_table_has_every_row() -> None:
    """Each of the 15 is in it."""
    assert sorted(TABLE) == sorted(subsets())


@pytest.mark.parametrize("which", TABLE)
def test_files_put_back_are_noticed_as_documented(world: World, old: Files, which: str) -> None:
    """A read gives nothing out and says why; verify says so too and changes nothing."""
    put_back(which, old, snapshot(world.home))
    refused, verdict = TABLE[which]
    laid_out = snapshot(world.home)
    verified = ended(world, *VERIFY)
    assert snapshot(world.home) == laid_out
    assert verified.status == verdict, verified
    assert (verdict == INTACT) == verified.stdout.startswith("intact: ")
    got = ended(world, *GET)
    if not refused:
        assert got == Ended(0, "old\n" if "V" in which else "new\n", "")
        return
    assert (got.status, got.stdout) == (ROLLED_BACK, "")
    assert f"secretctl: error: {refused}\n" in got.stderr


@pytest.mark.parametrize("which", TABLE)
def test_a_restore_that_is_accepted_goes_on(world: World, old: Files, which: str) -> None:
    """It is recorded, the journal intact, and what was replaced is the older copy from then on."""
    now = snapshot(world.home)
    put_back(which, old, now)
    accepted = ended(world, "accept-restore")
    assert accepted.status == 0, accepted.stderr
    assert ended(world, *GET) == Ended(0, "old\n" if "V" in which else "new\n", "")
    put(world, "newest")
    assert ended(world, *VERIFY).status == INTACT
    fsck = ended(world, "fsck")
    assert fsck.status == 0, fsck.stdout
    assert ended(world, *GET).stdout == "newest\n"
    if which == "VJST":  # nothing of this home is left that knows of more
        return
    assert accept_record(world)["storeGeneration"] > generation(now)
    put_back("VJS", now, snapshot(world.home))
    assert ended(world, *GET).status == ROLLED_BACK


@pytest.mark.parametrize("which", TABLE)
def test_a_refusal_is_recorded_where_the_journal_is_the_newest(
    world: World, old: Files, which: str
) -> None:
    """Nothing is appended to an older journal; and no refusal makes the next one go away."""
    now = snapshot(world.home)
    put_back(which, old, now)
    if not TABLE[which][0]:
        return
    laid_out = snapshot(world.home)
    for _ in range(3):
        assert ended(world, *GET).status == ROLLED_BACK
    last = refusals(world)
    if which not in RECORDED:
        assert {path: kept for path, kept in snapshot(world.home).items() if kind(path)} == {
            path: kept for path, kept in laid_out.items() if kind(path)
        }
        return
    assert len(last) == 3
    assert last[0]["errorMessage"] == REFUSED
    assert str(last[0]["userAgent"]).endswith(" command/get-secret-value")
    assert ended(world, *VERIFY).status == TAMPERED
    kept = snapshot(world.home)
    put_back("VJS", now, kept)  # the refusals are gone from the journal
    assert f"error: {SEEN}" in ended(world, *GET).stderr
    put_back("JS", kept, snapshot(world.home))
    assert ended(world, *GET) == Ended(0, "new\n", "")
    assert ended(world, *VERIFY).status == INTACT


@pytest.fixture
def alice(world: World) -> Context:
    """A user's shell; of a fixture that is asked for before ``old``, whose vault has the user."""
    assert ended(world, "init").status == 0
    assert ended(world, "iam", "create-user", "--user-name", "alice").status == 0
    made = ended(world, "iam", "create-access-key", "--user-name", "alice")
    key = json.loads(made.stdout)["AccessKey"]
    given = {
        "SECRETCTL_ACCESS_KEY_ID": key["AccessKeyId"],
        "SECRETCTL_SECRET_ACCESS_KEY": key["SecretAccessKey"],
    }
    return world.context._replace(environ={**world.context.environ, **given})


@pytest.mark.parametrize("which", [which for which, row in TABLE.items() if row[0]])
def test_so_is_the_refusal_of_a_user(world: World, alice: Context, old: Files, which: str) -> None:
    """A credential has no key of the journal; its chain, its end and what was seen suffice."""
    put_back(which, old, snapshot(world.home))
    laid_out = snapshot(world.home)
    got = ended(world, *GET, context=alice)
    assert (got.status, got.stdout) == (ROLLED_BACK, "")
    assert f"secretctl: error: {TABLE[which][0]}\n" in got.stderr
    if which not in RECORDED:
        assert {path: kept for path, kept in snapshot(world.home).items() if kind(path)} == {
            path: kept for path, kept in laid_out.items() if kind(path)
        }
        return
    (refused,) = refusals(world)
    assert refused["errorMessage"] == REFUSED
    assert "'userName': 'alice'" in str(refused["userIdentity"])
    put_back("V", snapshot(world.home), laid_out)
    assert ended(world, *VERIFY).stdout.count("\n") == 1  # the older vault, and nothing else


def refusals(world: World) -> list[dict[str, object]]:
    """Return the records of a vault that was refused."""
    lines = Path(world.directory, "audit", "00000001.jsonl").read_text().splitlines()
    events = [json.loads(line) for line in lines]
    return [each for each in events if each.get("errorCode") == "RolledBackError"]


@pytest.mark.usefixtures("old")
def test_a_refusal_does_not_stand_for_a_machine_that_knows_the_vault(
    world: World, old: Files
) -> None:
    """Where the trust file is gone too, it is recorded once the vault is used again."""
    now = snapshot(world.home)
    put_back("V", old, now)
    trust = next(Path(path) for path in old if kind(path) == "T")
    trust.unlink()
    assert ended(world, *GET).status == ROLLED_BACK
    assert len(refusals(world)) == 1
    assert not trust.exists()
    put_back("V", now, snapshot(world.home))
    assert ended(world, *GET).status == 0
    told = ended(world, "audit", "lookup-events", "--event-name", "TrustEstablished")
    assert len(json.loads(told.stdout)["Events"]) == 2


def accept_record(world: World) -> dict[str, int]:
    """Return what the journal says beside the outcome of accept-restore."""
    told = ended(world, "audit", "lookup-events", "--event-name", "AcceptRestore")
    events = json.loads(told.stdout)["Events"]
    assert len(events) == 1
    said = json.loads(events[0]["CloudTrailEvent"])["additionalEventData"]
    assert isinstance(said, dict)
    return said


def generation(files: Files) -> int:
    """Return the vault's generation as the journal's state knows it."""
    stored = next(content for path, content in files.items() if kind(path) == "S")
    found = state.decode(stored)
    assert found is not None
    return found.generation


def test_only_a_checkpoint_kept_elsewhere_tells_of_a_whole_old_home(
    world: World, old: Files
) -> None:
    """All four put back: truncated by a checkpoint of later; tampered once others were written."""
    note = world.home / "elsewhere"
    assert ended(world, "audit", "checkpoint", "--out", str(note)).status == 0
    put_back("VJST", old, snapshot(world.home))
    assert ended(world, *VERIFY).status == INTACT
    assert ended(world, *VERIFY, "--checkpoint", str(note)).status == TRUNCATED
    for number in range(8):
        put(world, str(number))
    assert ended(world, *VERIFY).status == INTACT
    assert ended(world, *VERIFY, "--checkpoint", str(note)).status == TAMPERED


def test_after_a_system_start_an_old_state_is_taken_on_and_told(
    world: World, old: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The state is never synced: a loss of power may leave an old one, which loses nothing."""
    put_back("S", old, snapshot(world.home))
    monkeypatch.setattr(state, "boot_id", lambda: b"another start 16")
    assert ended(world, *GET) == Ended(0, "new\n", "")
    told = ended(world, "audit", "lookup-events", "--event-name", "JournalRecovered")
    assert len(json.loads(told.stdout)["Events"]) == 1
    assert ended(world, *VERIFY).status == INTACT


def test_a_machine_that_forgot_says_so(world: World, old: Files) -> None:
    """A trust file that is gone, or damaged, is made anew, which is recorded."""
    trust = next(Path(path) for path in old if kind(path) == "T")
    for done in (trust.unlink, lambda: trust.write_bytes(b"nonsense")):
        done()
        assert ended(world, *GET).status == 0
        told = ended(world, "audit", "lookup-events", "--event-name", "TrustEstablished")
        assert json.loads(told.stdout)["Events"]
    assert len(json.loads(told.stdout)["Events"]) == 3


def other_machine(world: World) -> World:
    """Return another home with a copy of everything in this one."""
    home = world.home.parent / "other"
    shutil.copytree(world.home, home)
    environ = {**world.context.environ, "HOME": str(home)}
    return world._replace(home=home, context=world.context._replace(environ=environ))


@pytest.mark.usefixtures("old")
@pytest.mark.parametrize(
    "planted", [{"generation": 2**64 - 1}, {"intent": 7}, {"intent": 2**40}], ids=str
)
def test_a_state_that_was_written_by_hand_does_not_lock_its_owner_out(
    world: World, planted: dict[str, int]
) -> None:
    """Whatever it says of changes: a read refuses or goes on, and accept-restore makes it anew."""
    path = Path(world.directory, "audit", "state")
    found = state.decode(path.read_bytes())
    assert found is not None
    changed = found._replace(**planted)  # type: ignore[arg-type]  # members that are numbers
    path.write_bytes(state.encode(changed))
    got = ended(world, *GET)
    assert (got.status, got.stdout) == (ROLLED_BACK, "")
    assert "unexpected" not in got.stderr
    assert ended(world, "accept-restore").status == 0
    put(world, "newest")
    assert ended(world, *GET) == Ended(0, "newest\n", "")
    assert ended(world, *VERIFY).status == INTACT


@pytest.mark.usefixtures("old")
def test_a_fork_is_noticed(world: World) -> None:
    """Two copies both changed: neither machine takes the other's for its own."""
    other = other_machine(world)
    put(world, "here")
    put(other, "there")
    for each, foreign in ((world, other), (other, world)):
        kept = each.home / "kept"
        shutil.move(each.directory, kept)
        source = foreign.home / "kept" if foreign is world else Path(foreign.directory)
        shutil.copytree(source, each.directory)
        got = ended(each, *GET)
        assert (got.status, got.stdout) == (ROLLED_BACK, "")
        assert "another copy of the vault was changed besides" in got.stderr
        assert ended(each, *VERIFY).status == TAMPERED
        shutil.rmtree(each.directory)
        shutil.move(kept, each.directory)
        if each is world:
            shutil.copytree(world.directory, kept)


@pytest.mark.usefixtures("old")
def test_a_fork_that_only_read_is_noticed(world: World) -> None:
    """The vaults are the same, the journals are not."""
    other = other_machine(world)
    ended(world, *GET)
    ended(other, *GET)
    shutil.rmtree(world.directory)
    shutil.copytree(other.directory, world.directory)
    got = ended(world, *GET)
    assert (got.status, got.stdout) == (ROLLED_BACK, "")
    assert "another copy of the journal was written besides" in got.stderr


@pytest.mark.usefixtures("old")
def test_a_fork_that_went_further_is_noticed(world: World) -> None:
    """It has another record where the last one was that this machine knows, however far back."""
    other = other_machine(world)
    put(world, "here")
    for value in ("there", "further"):
        put(other, value)
    shutil.rmtree(world.directory)
    shutil.copytree(other.directory, world.directory)
    for _ in range(2):
        assert ended(world, *VERIFY).status == TAMPERED
        got = ended(world, *GET)
        assert (got.status, got.stdout) == (ROLLED_BACK, "")
        assert "another copy of the journal was written besides" in got.stderr


@pytest.mark.usefixtures("old")
def test_the_journal_of_a_fork_is_noticed_without_what_this_machine_knows(world: World) -> None:
    """It has another record where the vault knows its last change."""
    other = other_machine(world)
    put(world, "here")
    put(other, "there")
    ended(other, *GET)
    shutil.rmtree(Path(world.directory, "audit"))
    shutil.copytree(Path(other.directory, "audit"), Path(world.directory, "audit"))
    next((world.home / ".local/state/secretctl/trust").iterdir()).unlink()
    got = ended(world, *GET)
    assert (got.status, got.stdout) == (ROLLED_BACK, "")
    assert "another copy of the journal was written besides" in got.stderr
    assert ended(world, *VERIFY).status == TAMPERED
