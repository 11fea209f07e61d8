"""Parameters of kinds of a program's own are decided on, and recorded, as what they say."""

import enum

import pytest

import secretctl
from secretctl.sdk import ClientError
from tests.access.conftest import Account, allow, deny


class Name(str, enum.Enum):  # noqa: UP042 its str() is another text than that of StrEnum
    """Names of secrets, as programs keep them."""

    DB = "app/db"


def test_policies_see_all_that_is_asked_for(
    shell: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tuple, which boto3 takes too, is a list to what decides, and to the journal."""
    user = shell.user("alice")
    protects = {"ForAnyValue:StringEquals": {"aws:TagKeys": "protected"}}
    shell.allow("alice", allow("secretsmanager:*"), deny("*", Condition=protects))
    for name, text in user.environ.items():
        monkeypatch.setenv(name, text)
    with secretctl.client("secretsmanager") as client:
        tags, other = (({"Key": key, "Value": "v"},) for key in ("protected", "other"))
        with pytest.raises(ClientError, match="AccessDenied"):
            client.tag_resource(SecretId="app/db", Tags=tags)  # type: ignore[arg-type]  # a tuple
        with pytest.raises(ClientError, match="AccessDenied"):
            client.untag_resource(SecretId="app/db", TagKeys=("protected",))
        client.tag_resource(SecretId="app/db", Tags=other)  # type: ignore[arg-type]  # likewise
    assert '"tags":[{"key":"other"}]' in shell("audit", "tail", "-n", "1").out


def test_parameters_are_what_they_say_to_boto3(shell: Account) -> None:
    """Enumerations are their text, numbers of a kind of their own those numbers."""
    assert shell.environ == {}, "the owner"
    most = enum.IntEnum("most", {"ONE": 1})
    with secretctl.client("secretsmanager") as client:
        assert client.get_secret_value(SecretId=Name.DB)["SecretString"] == "canary"
        filters = ({"Key": "name", "Values": (Name.DB,)},)
        found = client.list_secrets(Filters=filters, MaxResults=most.ONE)  # type: ignore[arg-type]  # a tuple
        assert [each["Name"] for each in found["SecretList"]] == ["app/db"]
        client.put_secret_value(SecretId=Name.DB, SecretBinary=bytearray(b"\0\xff"))
        assert client.get_secret_value(SecretId=Name.DB)["SecretBinary"] == b"\0\xff"
