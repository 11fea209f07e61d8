"""An account with a user, whose commands are called as a shell calls them."""

import contextlib
import io
import json
from typing import Any, NamedTuple

import pytest

from secretctl.__main__ import main
from secretctl.context import Context
from tests.conftest import World

ACCOUNT = "000000000000"


class Said(NamedTuple):
    """What a command ended with and wrote."""

    status: int
    out: str
    err: str

    @property
    def answer(self) -> dict[str, Any]:
        """Standard output, as JSON."""
        found: dict[str, Any] = json.loads(self.out)
        return found

    @property
    def code(self) -> str:
        """AWS's error code; empty if it is no such error."""
        return (
            self.err.partition("(")[2].partition(")")[0] if "An error occurred" in self.err else ""
        )

    @property
    def sentence(self) -> str:
        """AWS's sentence."""
        return self.err.partition(" operation: ")[2].splitlines()[0]


class Account:
    """Commands of the account root and of others."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.environ: dict[str, str] = {}

    def __call__(self, *words: str) -> Said:
        """Run a command as whoever this is."""
        stdout, stderr = io.StringIO(), io.StringIO()
        context = self.context
        given = context._replace(
            stdout=stdout, stderr=stderr, environ={**context.environ, **self.environ}
        )
        with contextlib.redirect_stdout(stdout):
            status = main(list(words), given)
        return Said(status, stdout.getvalue(), stderr.getvalue())

    def must(self, *words: str) -> dict[str, Any]:
        """Run a command that succeeds; return its answer."""
        said = self(*words)
        assert said.status == 0, said.err
        return said.answer if said.out else {}

    def user(self, name: str, *words: str) -> "Account":
        """Make a user, with more options; return its commands."""
        self.must("iam", "create-user", "--user-name", name, *words)
        made = self.must("iam", "create-access-key", "--user-name", name)
        return self.holding(made["AccessKey"])

    def holding(self, credential: object) -> "Account":
        """Return the commands of whoever holds a credential."""
        assert isinstance(credential, dict)
        other = Account(self.context)
        other.environ = {
            "SECRETCTL_ACCESS_KEY_ID": credential["AccessKeyId"],
            "SECRETCTL_SECRET_ACCESS_KEY": credential["SecretAccessKey"],
            "SECRETCTL_SESSION_TOKEN": credential.get("SessionToken", ""),
        }
        return other

    def allow(self, user: str, *statements: dict[str, object], name: str = "test") -> None:
        """Put an inline policy of a user in force."""
        document = policy(*statements)
        words = ("--policy-name", name, "--policy-document", document)
        self.must("iam", "put-user-policy", "--user-name", user, *words)


def policy(*statements: dict[str, object]) -> str:
    """Return a policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: str, resource: str = "*", **more: object) -> dict[str, object]:
    """Return a statement that allows something."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: str, resource: str = "*", **more: object) -> dict[str, object]:
    """Return a statement that denies something."""
    return {**allow(action, resource, **more), "Effect": "Deny"}


@pytest.fixture
def root(world: World) -> Account:
    """The account root, with a vault that holds one secret, app/db."""
    account = Account(world.context)
    account.must("create-secret", "--name", "app/db", "--secret-string", "canary")
    return account


@pytest.fixture
def user(root: Account) -> Account:
    """A user called alice, who may do nothing yet."""
    return root.user("alice")
