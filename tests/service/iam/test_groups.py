"""Groups and who is in them."""

import re

from tests.service.iam.conftest import ACCOUNT, Iam, names


def test_a_group_is_shown_with_its_users(iam: Iam) -> None:
    """Putting a user in twice, or taking out who is not in it, changes nothing."""
    made = iam("CreateGroup", GroupName="readers", Path="/eng/")["Group"]
    assert made["Arn"] == f"{ACCOUNT}:group/eng/readers"
    assert re.fullmatch("AGPA[A-Z2-7]{17}", made["GroupId"])
    iam("CreateUser", UserName="ci")
    for operation, expected in (
        ("AddUserToGroup", ["ci"]),
        ("AddUserToGroup", ["ci"]),
        ("RemoveUserFromGroup", []),
        ("RemoveUserFromGroup", []),
    ):
        iam(operation, GroupName="readers", UserName="ci")
        answer = iam("GetGroup", GroupName="readers")
        assert answer["Group"] == made
        assert names(answer, "Users", "UserName") == expected


def test_groups_of_a_user_are_listed_by_name(iam: Iam) -> None:
    """And all groups, below a path."""
    iam("CreateUser", UserName="ci")
    for name, path in (("b", "/x/"), ("A", "/"), ("c", "/")):
        iam("CreateGroup", GroupName=name, Path=path)
    for name in ("b", "A"):
        iam("AddUserToGroup", GroupName=name, UserName="ci")
    assert names(iam("ListGroupsForUser", UserName="ci"), "Groups", "GroupName") == ["A", "b"]
    assert names(iam("ListGroups"), "Groups", "GroupName") == ["A", "b", "c"]
    assert names(iam("ListGroups", PathPrefix="/x/"), "Groups", "GroupName") == ["b"]


def test_a_user_is_in_ten_groups_at_most(iam: Iam) -> None:
    """As AWS's quota has it."""
    iam("CreateUser", UserName="ci")
    for number in range(11):
        iam("CreateGroup", GroupName=f"g{number}")
    for number in range(10):
        iam("AddUserToGroup", GroupName=f"g{number}", UserName="ci")
    assert iam.refusal("AddUserToGroup", GroupName="g10", UserName="ci") == (
        "LimitExceeded",
        "Cannot exceed quota for GroupsPerUser: 10",
    )


def test_group_and_user_must_be_there(iam: Iam) -> None:
    """Each is named in the sentence."""
    iam("CreateGroup", GroupName="g")
    iam("CreateUser", UserName="u")
    no_group = ("NoSuchEntity", "The group with name x cannot be found.")
    for operation in ("AddUserToGroup", "RemoveUserFromGroup"):
        assert iam.refusal(operation, GroupName="x", UserName="u") == no_group
        assert iam.refusal(operation, GroupName="g", UserName="x") == (
            "NoSuchEntity",
            "The user with name x cannot be found.",
        )
    for operation in ("GetGroup", "DeleteGroup"):
        assert iam.refusal(operation, GroupName="x") == no_group
    assert iam.refusal("CreateGroup", GroupName="G") == (
        "EntityAlreadyExists",
        "Group with name G already exists.",
    )


def test_a_group_with_users_or_policies_is_not_deleted(iam: Iam, policy: str) -> None:
    """Users first, then policies."""
    iam("CreateGroup", GroupName="g")
    iam("CreateUser", UserName="u")
    iam("AddUserToGroup", GroupName="g", UserName="u")
    iam("AttachGroupPolicy", GroupName="g", PolicyArn=policy)
    refused = "Cannot delete entity, must remove users from group first."
    assert iam.refusal("DeleteGroup", GroupName="g") == ("DeleteConflict", refused)
    iam("RemoveUserFromGroup", GroupName="g", UserName="u")
    refused = "Cannot delete entity, must detach all policies first."
    assert iam.refusal("DeleteGroup", GroupName="g") == ("DeleteConflict", refused)
    iam("DetachGroupPolicy", GroupName="g", PolicyArn=policy)
    iam("DeleteGroup", GroupName="g")
    assert iam("ListGroups")["Groups"] == []
