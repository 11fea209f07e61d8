"""Another program can read a vault with docs/format.md and the key."""

from pathlib import Path

from secretctl.cli import opening
from secretctl.vault import slots
from tests.conftest import Service, World, token
from tests.vault.independent_reader import Reader


def filled(service: Service) -> tuple[str, str]:
    """Make a secret with two versions, a binary one and a replica; return the version ids."""
    old, new = token(), token()
    service("CreateSecret", Name="a/b", SecretString="näme\x00", ClientRequestToken=old)
    service(
        "PutSecretValue",
        SecretId="a/b",
        SecretBinary=bytes(range(256)) * 250,
        VersionStages=["AWSCURRENT", "blue"],
        ClientRequestToken=new,
    )
    service("UpdateSecret", SecretId="a/b", KmsKeyId="alias/mine", Description="d")
    service("ReplicateSecretToRegions", SecretId="a/b", AddReplicaRegions=[{"Region": "eu-west-1"}])
    return old, new


def test_an_independent_reader_reads_every_value(service: Service, world: World) -> None:
    """Names, labels, kinds and values are those that were written, and the digest holds."""
    old, new = filled(service)
    reader = Reader(f"{world.directory}/vault.db")
    (key_file,) = (world.home / ".config/secretctl/keys").iterdir()
    reader.unlock_with_key_file(key_file.read_text())
    expected = {
        old: (["AWSPREVIOUS"], b"s", "näme\x00".encode()),
        new: (["AWSCURRENT", "blue"], b"b", bytes(range(256)) * 250),
    }
    assert reader.values("us-east-1", "a/b") == expected
    assert reader.values("eu-west-1", "a/b") == expected
    assert reader.digest_holds()


def test_an_independent_reader_opens_a_passphrase_slot(service: Service, world: World) -> None:
    """The passphrase's slot is specified as the key file's is; NFD and NFC are one passphrase."""
    old, _ = filled(service)
    vault = service.session.vault
    slot = opening.passphrase_slot(vault, "correct horse e\u0301", world.context)
    vault.change_slots(lambda header: slots.added(header, slot))
    reader = Reader(f"{world.directory}/vault.db")
    reader.unlock_with_passphrase("correct horse \u00e9")
    assert reader.values("us-east-1", "a/b")[old][2] == "näme\x00".encode()


def test_the_reader_stands_alone() -> None:
    """The independent reader is short and uses nothing of the program."""
    text = Path(__file__).with_name("independent_reader.py").read_text()
    assert "secretctl." not in text.replace("secretctl/", "")
    assert len(text.splitlines()) <= 150
