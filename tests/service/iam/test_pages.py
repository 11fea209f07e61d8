"""IAM's lists in pages: nothing twice, nothing left out, whatever is changed between them."""

import json

import pytest

from secretctl.cli import making
from secretctl.errors import ServiceError
from tests.conftest import World
from tests.faults.commands import ended
from tests.service.iam.conftest import HOLDERS, READ, Iam, made, names

INVALID = ("ValidationError", "Invalid Marker.")


def test_every_list_has_pages(iam: Iam) -> None:
    """Of one item each, they hold what the whole has, in its order."""
    group = made(iam, "Group", "g")
    for number in range(3):
        for word in HOLDERS:
            made(iam, word, f"x{number}")
        arn = iam("CreatePolicy", PolicyName=f"p{number}", PolicyDocument=READ)["Policy"]["Arn"]
        for word in HOLDERS:
            holder = {f"{word}Name": "x0"}
            iam(f"Put{word}Policy", PolicyName=f"i{number}", PolicyDocument=READ, **holder)
            iam(f"Attach{word}Policy", PolicyArn=arn, **holder)
        iam("AddUserToGroup", UserName=f"x{number}", **group)
    for number in range(3):
        iam("AddUserToGroup", UserName="x0", GroupName=f"x{number}")
    for _ in range(2):
        iam("CreateAccessKey", UserName="x0")
        iam("CreatePolicyVersion", PolicyArn=arn, PolicyDocument=READ)
    asked: list[tuple[str, str, dict[str, object]]] = [
        ("ListUsers", "Users", {}),
        ("ListGroups", "Groups", {}),
        ("ListRoles", "Roles", {}),
        ("ListPolicies", "Policies", {}),
        ("GetGroup", "Users", group),
        ("ListGroupsForUser", "Groups", {"UserName": "x0"}),
        ("ListAccessKeys", "AccessKeyMetadata", {"UserName": "x0"}),
        ("ListPolicyVersions", "Versions", {"PolicyArn": arn}),
    ]
    for word in HOLDERS:
        asked.append((f"List{word}Policies", "PolicyNames", {f"{word}Name": "x0"}))
        asked.append((f"ListAttached{word}Policies", "AttachedPolicies", {f"{word}Name": "x0"}))
    for operation, member, given in asked:
        whole = iam(operation, **given)
        assert len(whole[member]) > 1
        assert whole["IsTruncated"] is False
        assert "Marker" not in whole
        assert in_pages(iam, operation, member, given) == whole[member]


def in_pages(iam: Iam, operation: str, member: str, given: dict[str, object]) -> list[object]:
    """Return what is listed, asked for one at a time."""
    found: list[object] = []
    marker: dict[str, object] = {}
    while True:
        page = iam(operation, MaxItems=1, **given, **marker)
        found += page[member]
        if not page["IsTruncated"]:
            return found
        marker = {"Marker": page["Marker"]}


def test_what_is_deleted_between_pages_hides_nothing(iam: Iam) -> None:
    """The last item of a page may be gone when the next is asked for."""
    for name in "abcd":
        iam("CreateUser", UserName=name)
    page = iam("ListUsers", MaxItems=2)
    for name in "ab":
        iam("DeleteUser", UserName=name)
    rest = iam("ListUsers", Marker=page["Marker"])
    assert names(rest, "Users", "UserName") == ["c", "d"]


def test_a_page_has_a_hundred_items_if_none_asks_otherwise(iam: Iam) -> None:
    """As with AWS; at most 1,000 can be asked for."""
    for number in range(101):
        iam("CreateGroup", GroupName=f"g{number}")
    assert len(iam("ListGroups")["Groups"]) == 100
    assert len(iam("ListGroups", MaxItems=1000)["Groups"]) == 101
    assert iam.refusal("ListGroups", MaxItems=1001)[0] == "ValidationError"


def test_a_marker_is_good_for_its_list_alone(iam: Iam) -> None:
    """Not for another operation, another limit, another user, nor made up."""
    for name in "ab":
        iam("CreateUser", UserName=name, Path="/x/")
        iam("CreateAccessKey", UserName=name)
        iam("CreateAccessKey", UserName=name)
    marker = iam("ListUsers", MaxItems=1)["Marker"]
    assert iam.refusal("ListUsers", Marker=marker, PathPrefix="/x/") == INVALID
    assert iam.refusal("ListRoles", Marker=marker) == INVALID
    assert iam.refusal("ListUsers", Marker="x") == INVALID
    marker = iam("ListAccessKeys", UserName="a", MaxItems=1)["Marker"]
    assert iam.refusal("ListAccessKeys", UserName="b", Marker=marker) == INVALID


def test_the_command_line_puts_pages_together(world: World, iam: Iam) -> None:
    """--page-size changes nothing, --max-items cuts, and --starting-token goes on."""
    for number in range(5):
        iam("CreateUser", UserName=f"u{number}")
    iam.session.vault.close()
    listing = ("iam", "list-users", "--query", "Users[].UserName", "--output", "text")
    assert ended(world, *listing, "--page-size", "2").stdout.split() == [
        *("u0", "u1", "u2", "u3", "u4")
    ]
    cut = ("iam", "list-users", "--max-items", "3", "--query", "NextToken")
    token = json.loads(ended(world, *cut).stdout)
    assert ended(world, *listing, "--starting-token", token).stdout.split() == ["u3", "u4"]


def test_another_vault_takes_no_marker_of_this_one(world: World, iam: Iam) -> None:
    """Markers are sealed with a key of the vault."""
    from secretctl.service.opening import begin  # noqa: PLC0415

    for name in "ab":
        iam("CreateUser", UserName=name)
    marker = iam("ListUsers", MaxItems=1)["Marker"]
    made_vault = making.make_vault(str(world.home / "other"), world.context).vault
    session = begin(world.context, made_vault, "us-east-1")
    try:
        with pytest.raises(ServiceError, match="Invalid Marker"):
            Iam(session)("ListUsers", Marker=marker)
    finally:
        session.close()
