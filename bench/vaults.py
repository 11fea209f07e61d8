"""Vaults of any size for measuring, and raw SQLite to measure against."""

import os
import sqlite3
from collections.abc import Callable

from secretctl.audit import segments
from secretctl.audit.event import SERVICE, Caller, Event
from secretctl.audit.records import Records
from secretctl.cli import making
from secretctl.context import Context, of_process
from secretctl.domain.secret import Rotation, Secret, Version
from secretctl.model.operations import BY_NAME
from secretctl.model.shapes import Fields
from secretctl.service.dispatch import call
from secretctl.service.opening import begin
from secretctl.service.session import Session
from secretctl.vault.codec import Value
from secretctl.vault.vault import Vault

REGION = "us-east-1"
_BATCH = 2000
_GROUP = 1000
VALUE = '{"DB_USER":"app","DB_PASSWORD":"correct horse battery staple"}'


def context(home: str) -> Context:
    """Return a process's context with its home elsewhere."""
    return of_process()._replace(environ={"HOME": home}, interactive=False)


def filled(home: str, count: int, rotation: Rotation | None = None) -> Vault:
    """Return an open vault with *count* secrets, read once today, named bench/N.

    Each is rotated as *rotation* says, if it is given.
    """
    os.makedirs(home, mode=0o700, exist_ok=True)
    given = context(home)
    directory = os.path.join(home, ".local/share/secretctl/default")
    vault = making.make_vault(directory, given).vault
    for first in range(0, count, _BATCH):
        _fill(vault, range(first, min(first + _BATCH, count)), given.now_ms(), rotation)
    return vault


def session(vault: Vault, home: str) -> Session:
    """Return a session in the vault's only region in use."""
    return begin(context(home), vault, REGION)


def journal(home: str, count: int) -> str:
    """Make a vault whose journal has *count* reads; return the journal's directory."""
    vault = filled(home, 1)
    dealings = session(vault, home)
    said = Event(
        "GetSecretValue",
        SERVICE,
        REGION,
        read_only=True,
        request={"secretId": "bench/0"},
        arns=(f"arn:aws:secretsmanager:{REGION}:{vault.account}:secret:bench/0-AbCdEf",),
        additional={"decision": {"allowed": True, "reason": "account root"}, "versionId": "0" * 32},
    )
    identity: Fields = {"type": "Root", "principalId": vault.account, "accountId": vault.account}
    surroundings: Fields = {"process": {"pid": 1, "ppid": 1, "uid": 0, "euid": 0}, "host": "bench"}
    caller = Caller(identity, vault.account, "secretctl/0 command/bench", surroundings)
    records = Records(dealings.context, caller, REGION)
    for first in range(0, count, _GROUP):
        dealings.recorder.journal.append(records.of([said] * min(_GROUP, count - first)))
    dealings.close()
    return os.path.join(vault.directory, segments.DIRECTORY)


def creator(vault: Vault, home: str) -> Callable[[], object]:
    """Return a function that creates one secret more at each call, durably."""
    dealings = session(vault, home)
    operation = BY_NAME["CreateSecret"]

    def create() -> object:
        token = os.urandom(16).hex()
        return call(
            dealings,
            operation,
            {"Name": f"new/{token}", "ClientRequestToken": token, "SecretString": VALUE},
        )

    return create


def raw_committer(path: str) -> Callable[[], object]:
    """Return a function that commits the bytes of one creation to bare SQLite.

    Same pragmas, same number of records and bytes as CreateSecret writes.
    """
    database = sqlite3.connect(path, isolation_level=None)
    for pragma in ("synchronous=EXTRA", "secure_delete=ON", "journal_mode=DELETE"):
        database.execute(f"PRAGMA {pragma}")
    database.execute(
        "CREATE TABLE record (key BLOB NOT NULL PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID"
    )
    sizes = ((33, 16), (17, 593), (21, 370), (1, 337))

    def commit() -> object:
        database.execute("BEGIN IMMEDIATE")
        for key, value in sizes:
            where = b"d" if key == 1 else os.urandom(key)
            database.execute("INSERT OR REPLACE INTO record VALUES (?, ?)", (where, bytes(value)))
        return database.execute("COMMIT")

    return commit


def _fill(vault: Vault, numbers: range, now_ms: int, rotation: Rotation | None) -> None:
    today = now_ms // 86_400_000
    value = Value(VALUE.encode(), is_text=True)
    with vault.write(lambda _: (-1, b""), lambda *_: None) as transaction:
        for number in numbers:
            secret = Secret(
                region=REGION,
                name=f"bench/{number}",
                suffix="AbCdEf",
                number=transaction.next_number(),
                created_ms=now_ms,
                changed_ms=now_ms,
                accessed_day=today,
                rotation=rotation,
                next_serial=2,
            )
            pin = transaction.put_value(secret, 1, "", value, f"{number:032}")
            version = Version(f"{number:032}", now_ms, ("AWSCURRENT",), today, serial=1, pin=pin)
            transaction.put(secret._replace(versions=(version,)))
