"""docs/format.md says enough: a reader written from it alone reads what secretctl wrote."""

import glob
import importlib.util
import sqlite3
import sys
from pathlib import Path
from types import ModuleType

import pytest

from secretctl.cli import unlock_slots
from secretctl.domain.secret import Replica, Rotation, Secret, Version
from secretctl.service import unlocking
from secretctl.store import schema
from secretctl.vault import layout
from secretctl.vault.vault import Vault
from tests.conftest import DAY_MS, Service, World

HERE = Path(__file__).parent
PASSPHRASE = "cafe\u0301 horse battery"


def _reader() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "independent_reader", HERE / "independent_reader.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


reader = _reader()


@pytest.fixture
def filled(service: Service) -> Service:
    """A vault with something of everything that is stored."""
    service("CreateSecret", Name="plain", SecretString="first\n\u2028ü", Description="déjà vu")
    service("PutSecretValue", SecretId="plain", SecretString="second " * 800)
    service("CreateSecret", Name="bytes", SecretBinary=bytes(range(256)) * 16, KmsKeyId="other")
    service("CreateSecret", Name="empty", Tags=[{"Key": "owner", "Value": "me"}])
    service("CreateSecret", Name="large", SecretString="x" * 65_536)
    service(
        "ReplicateSecretToRegions", SecretId="large", AddReplicaRegions=[{"Region": "eu-west-1"}]
    )
    service("CreateSecret", Name="going", SecretString="gone soon")
    service("DeleteSecret", SecretId="going", RecoveryWindowInDays=7)
    return service


def _file_key(world: World) -> bytes:
    (path,) = glob.glob(str(world.home / ".config/secretctl/keys/*.key"))
    mark, digits = Path(path).read_text("ascii").split()
    assert mark == "SECRETCTL-KEY-1"
    return bytes.fromhex(digits)


def test_a_reader_written_from_the_document_reads_every_secret_label_and_value(
    world: World, vault: Vault, filled: Service
) -> None:
    """Names, labels and values as the independent reader sees them are those of secretctl."""
    found = reader.read_vault(f"{world.directory}/vault.db", file_key=_file_key(world))
    assert found.account == vault.account
    expected_labels: dict[tuple[str, str], dict[str, list[str]]] = {}
    expected_values: dict[tuple[str, str, str], str | bytes] = {}
    with vault.read() as view:
        for region in ("us-east-1", "eu-west-1"):
            for secret in view.all_secrets(region):
                of = region, secret.name
                expected_labels[of] = {v.id: list(v.stages) for v in secret.versions}
                for version in secret.versions:
                    if version.pin:
                        value = view.value(secret, version)
                        given = value.plain.decode() if value.is_text else value.plain
                        expected_values[*of, version.id] = given
        assert found.state["generation"] == view.generation()
    labels = {of: {v[0]: v[2] for v in fields[19]} for of, fields in found.secrets.items()}
    assert labels == expected_labels
    assert found.values == expected_values
    assert {name for _, name in labels} == {"plain", "bytes", "empty", "large", "going"}
    assert sorted(map(len, found.values.values()))[-2:] == [65_536, 65_536]
    answer = filled("GetSecretValue", SecretId="bytes")
    assert found.values["us-east-1", "bytes", str(answer["VersionId"])] == answer["SecretBinary"]


def test_a_reader_written_from_the_document_opens_a_passphrase_slot(
    world: World, vault: Vault, service: Service
) -> None:
    """A passphrase opens the vault in either Unicode form."""
    service("CreateSecret", Name="plain", SecretString="first")
    slot = unlock_slots.passphrase_slot(vault, PASSPHRASE, world.context)
    with unlocking.adding_slot(service.session) as add:
        add(slot)
    for typed in (PASSPHRASE, "caf\u00e9 horse battery"):
        found = reader.read_vault(f"{world.directory}/vault.db", passphrase=typed)
        assert list(found.values.values()) == ["first"]
    with pytest.raises(reader.FormatError, match="commitment"):
        reader.read_vault(f"{world.directory}/vault.db", passphrase="another horse battery")


def test_the_independent_reader_finds_an_older_record_put_back(
    world: World, vault: Vault, service: Service
) -> None:
    """The digest of the document is the digest of the program."""
    service("CreateSecret", Name="plain", SecretString="first")
    path = f"{world.directory}/vault.db"
    with sqlite3.connect(path) as store:
        old = store.execute("SELECT key, value FROM record WHERE key >= x'73'").fetchall()
    store.close()
    service("PutSecretValue", SecretId="plain", SecretString="second")
    vault.close()
    with sqlite3.connect(path) as store:
        store.executemany("INSERT OR REPLACE INTO record VALUES (?, ?)", old)
    store.close()
    with pytest.raises(reader.FormatError, match="digest"):
        reader.read_vault(path, file_key=_file_key(world))


def test_the_document_names_the_schema_and_every_kind_of_record() -> None:
    """Schema text, identifiers, record kinds and fields of the document are the program's."""
    document = (HERE.parents[1] / "docs/format.md").read_text("utf-8")
    assert schema.SCHEMA in document
    assert f"{schema.APPLICATION_ID} (0x{schema.APPLICATION_ID:X}" in document
    kinds = {
        layout.HEADER, layout.ACCESS, layout.KEY_DIRECTORY, layout.STATE, layout.KEK, layout.NAME,
        layout.SECRET, layout.VALUE, layout.DUE,
    }  # fmt: skip
    listed = {
        line[3].encode() for line in document.splitlines() if line[:3] == "| `" and line[4] in "` "
    }
    assert kinds <= listed
    assert (len(Secret._fields), len(Version._fields)) == (20, 7)
    assert (len(Rotation._fields), len(Replica._fields)) == (14, 4)
    assert DAY_MS == 86_400_000


def test_the_independent_reader_is_short_and_independent() -> None:
    """At most 150 lines of it, and nothing of secretctl."""
    text = (HERE / "independent_reader.py").read_text("utf-8")
    lines = [line for line in text.splitlines() if line.strip()]
    assert len(lines) <= 150
    assert "secretctl." not in text
    assert "independent_reader" not in sys.modules
