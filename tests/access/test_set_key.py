"""``set`` as a principal: it is GetSecretValue and PutSecretValue, and no more."""

import io

from tests.access.conftest import Account, allow


def test_whoever_may_get_and_put_may_set_and_nobody_else(root: Account) -> None:
    """Of the two operations that are called, the one that is refused is named."""
    root.must("create-secret", "--name", "db", "--secret-string", '{"k":"v"}')
    user = root.user("ci")

    def set_key(value: str) -> tuple[int, str]:
        stdin = io.StringIO(value)
        holder = Account(user.context._replace(stdin=stdin))
        holder.environ = user.environ
        said = holder("set", "db#k")
        return said.status, said.err

    for actions, refused in (
        (["PutSecretValue"], "GetSecretValue"),
        (["GetSecretValue"], "PutSecretValue"),
        (["GetSecretValue", "PutSecretValue"], ""),
    ):
        root.allow("ci", *[allow(f"secretsmanager:{action}") for action in actions])
        status, text = set_key(f"new{len(actions)}")
        assert status == (254 if refused else 0), text
        assert (
            f"(AccessDeniedException) when calling the {refused} operation" in text or not refused
        )
    assert root.must("get-secret-value", "--secret-id", "db")["SecretString"] == '{"k":"new2"}'
