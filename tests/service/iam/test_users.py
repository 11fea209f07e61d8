"""Users: made, shown, listed and deleted as AWS does."""

import re

from tests.conftest import Service
from tests.service.iam.conftest import ACCOUNT, READ, TRUST, Iam, names


def test_a_new_user_is_shown_with_path_id_and_tags(iam: Iam) -> None:
    """The ARN has the path; ids begin with AIDA and have 21 characters."""
    tags = [{"Key": "team", "Value": "web"}]
    made = iam("CreateUser", UserName="ci", Path="/eng/", Tags=tags)["User"]
    assert made["Arn"] == f"{ACCOUNT}:user/eng/ci"
    assert re.fullmatch("AIDA[A-Z2-7]{17}", made["UserId"])
    assert made["Tags"] == tags
    assert iam("GetUser", UserName="ci")["User"] == made
    del made["Tags"]
    assert iam("ListUsers")["Users"] == [made]


def test_get_user_without_a_name_is_about_the_root(iam: Iam) -> None:
    """The root has its account for an id, and no name."""
    found = iam("GetUser")["User"]
    assert (found["UserId"], found["Arn"]) == ("000000000000", f"{ACCOUNT}:root")
    assert "UserName" not in found


def test_names_that_differ_in_case_only_are_one(iam: Iam) -> None:
    """The second is refused; the first is found by its own spelling alone."""
    iam("CreateUser", UserName="ci")
    assert iam.refusal("CreateUser", UserName="CI") == (
        "EntityAlreadyExists",
        "User with name CI already exists.",
    )
    assert iam.refusal("GetUser", UserName="CI") == (
        "NoSuchEntity",
        "The user with name CI cannot be found.",
    )


def test_users_are_listed_by_name_below_a_path(iam: Iam) -> None:
    """A path prefix need not end in a slash."""
    for name, path in (("c", "/eng/web/"), ("B", "/eng/"), ("a", "/")):
        iam("CreateUser", UserName=name, Path=path)
    assert names(iam("ListUsers"), "Users", "UserName") == ["a", "B", "c"]
    assert names(iam("ListUsers", PathPrefix="/eng/"), "Users", "UserName") == ["B", "c"]
    assert names(iam("ListUsers", PathPrefix="/eng/w"), "Users", "UserName") == ["c"]


def test_a_user_with_anything_is_not_deleted(iam: Iam, policy: str) -> None:
    """Groups, access keys, attached and inline policies hinder it, each with its sentence."""
    iam("CreateUser", UserName="ci")
    iam("CreateGroup", GroupName="g")
    of_user = {"UserName": "ci"}
    key_id = iam("CreateAccessKey", **of_user)["AccessKey"]["AccessKeyId"]
    iam("AddUserToGroup", GroupName="g", **of_user)
    iam("AttachUserPolicy", PolicyArn=policy, **of_user)
    iam("PutUserPolicy", PolicyName="own", PolicyDocument=READ, **of_user)
    for first, undo, more in (
        ("remove users from group", "RemoveUserFromGroup", {"GroupName": "g"}),
        ("delete access keys", "DeleteAccessKey", {"AccessKeyId": key_id}),
        ("detach all policies", "DetachUserPolicy", {"PolicyArn": policy}),
        ("delete policies", "DeleteUserPolicy", {"PolicyName": "own"}),
    ):
        assert iam.refusal("DeleteUser", **of_user) == (
            "DeleteConflict",
            f"Cannot delete entity, must {first} first.",
        )
        iam(undo, **of_user, **more)
    iam("DeleteUser", **of_user)
    assert iam("ListUsers")["Users"] == []


def test_a_user_made_anew_is_another(iam: Iam) -> None:
    """The id changes, and whoever trusted the old one by name does not trust the new one."""
    before = iam("CreateUser", UserName="ci")["User"]
    trust = {**TRUST["Statement"][0], "Principal": {"AWS": [before["Arn"], f"{ACCOUNT}:root"]}}
    iam("CreateRole", RoleName="r", AssumeRolePolicyDocument={**TRUST, "Statement": trust})
    iam("DeleteUser", UserName="ci")
    after = iam("CreateUser", UserName="ci")["User"]
    assert after["UserId"] != before["UserId"]
    said = iam("GetRole", RoleName="r")["Role"]["AssumeRolePolicyDocument"]
    assert before["Arn"] not in said
    assert before["UserId"] in said
    assert f"{ACCOUNT}:root" in said


def test_tag_keys_that_differ_in_case_only_are_refused(iam: Iam) -> None:
    """As are those that begin with aws:, in any case."""
    tags = [{"Key": "a", "Value": ""}, {"Key": "A", "Value": ""}]
    assert iam.refusal("CreateUser", UserName="u", Tags=tags) == (
        "InvalidInput",
        "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
    )
    reserved = [{"Key": "AWS:a", "Value": ""}]
    assert iam.refusal("CreateUser", UserName="u", Tags=reserved)[0] == "InvalidInput"


def test_limits_have_the_older_protocols_error(iam: Iam) -> None:
    """ValidationError, and not ValidationException."""
    code, message = iam.refusal("CreateUser", UserName="a" * 65)
    assert code == "ValidationError"
    assert message == (
        "1 validation error detected: Value at 'userName' failed to satisfy constraint: "
        "Member must have length less than or equal to 64"
    )


def test_names_and_paths_have_iams_own_sentence(iam: Iam) -> None:
    """Unless more is wrong; a version's id has that of all services."""
    only = "It must contain only alphanumeric characters and/or the following: +=,.@_-"
    sentence = f"The specified value for userName is invalid. {only}"
    assert iam.refusal("CreateUser", UserName="a b") == ("ValidationError", sentence)
    assert iam.refusal("GetUser", UserName="ü") == ("ValidationError", sentence)
    sentence = f"The specified value for roleName is invalid. {only}"
    assert iam.refusal("GetRole", RoleName="a/b") == ("ValidationError", sentence)
    for path in ("eng", "/eng", "eng/"):
        assert iam.refusal("CreateUser", UserName="u", Path=path) == (
            "ValidationError",
            "The specified value for path is invalid. It must begin and end with / and contain "
            "only alphanumeric characters and/or / characters.",
        )
    _, message = iam.refusal("CreateUser", UserName="a " * 40)
    assert message.startswith("2 validation errors detected: Value at 'userName' failed")


def test_principals_are_seen_in_every_region(iam: Iam, service: Service) -> None:
    """IAM has no regions."""
    iam("CreateUser", UserName="ci")
    elsewhere = Iam(service.in_region("eu-west-1").session)
    assert names(elsewhere("ListUsers"), "Users", "UserName") == ["ci"]
