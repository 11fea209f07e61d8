"""Names, paths and tags of any kind AWS allows, kept and found again."""

import string
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from secretctl.cli import opening
from secretctl.service.opening import begin
from secretctl.vault import fsck, policy_files
from tests.conftest import World
from tests.service.iam.conftest import ACCOUNT, HOLDERS, READ, Iam, made

LETTERS = string.ascii_letters + string.digits + "_+=,.@-"
NAMES = st.text(LETTERS, min_size=1, max_size=64)
LONG_NAMES = st.text(LETTERS, min_size=1, max_size=128) | st.sampled_from(
    [".", "..", "-", "--help", ".json", "a.json.new", "CON", "a" * 128, "policies", "="]
)
SEGMENTS = st.lists(st.text(LETTERS, min_size=1, max_size=12), max_size=4)
PATHS = SEGMENTS.map(lambda parts: "/" + "".join(f"{part}/" for part in parts))
IN_TAGS = LETTERS.replace(",", "") + " é٣/:"
QUICK = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@QUICK
@given(found=st.lists(NAMES, unique_by=str.lower, max_size=6), path=PATHS)
def test_whatever_is_made_is_found_under_its_name(iam: Iam, found: list[str], path: str) -> None:
    """Users, groups and roles do not know each other's names; lists have them in one order."""
    for name in found:
        made(iam, "Group", name)
        made(iam, "Role", name)
        user = iam("CreateUser", UserName=name, Path=path)["User"]
        assert user["Arn"] == f"{ACCOUNT}:user{path}{name}"
        assert iam("GetUser", UserName=name)["User"] == user
    for word in HOLDERS:
        listed = [each[f"{word}Name"] for each in iam(f"List{word}s")[f"{word}s"]]
        assert listed == sorted(found, key=str.lower)
    for name in found:
        for word in HOLDERS:
            iam(f"Delete{word}", **{f"{word}Name": name})


@QUICK
@given(found=st.lists(LONG_NAMES, unique_by=str.lower, max_size=4), path=PATHS)
def test_every_policy_has_a_file_of_its_own(
    world: World, iam: Iam, found: list[str], path: str
) -> None:
    """Whatever it is called, the file lies in the folder, and goes with the policy."""
    folder = Path(world.directory, "policies")
    arns = [
        iam("CreatePolicy", PolicyName=name, Path=path, PolicyDocument=READ)["Policy"]["Arn"]
        for name in found
    ]
    assert sorted(each.name for each in folder.glob("*")) == sorted(f"{n}.json" for n in found)
    assert policy_files.names(world.directory) == sorted(found)
    for name in found:
        assert policy_files.read(world.directory, name)
    for arn in arns:
        assert arn.startswith(f"{ACCOUNT}:policy{path}")
        iam("DeletePolicy", PolicyArn=arn)
    assert list(folder.glob("*")) == []


@QUICK
@given(
    tags=st.dictionaries(
        st.text(IN_TAGS, min_size=1, max_size=20).filter(
            lambda key: not key.lower().startswith("aws:")
        ),
        st.text(IN_TAGS, max_size=20),
        max_size=5,
    ).filter(lambda tags: len({key.lower() for key in tags}) == len(tags))
)
def test_tags_are_answered_as_they_were_given(iam: Iam, tags: dict[str, str]) -> None:
    """In their order; without any there is no member, but of a policy."""
    given_tags = [{"Key": key, "Value": value} for key, value in tags.items()]
    iam("CreateUser", UserName="u", Tags=given_tags)
    assert iam("GetUser", UserName="u")["User"].get("Tags", []) == given_tags
    iam("DeleteUser", UserName="u")
    policy = iam("CreatePolicy", PolicyName="p", PolicyDocument=READ, Tags=given_tags)["Policy"]
    assert iam("GetPolicy", PolicyArn=policy["Arn"])["Policy"]["Tags"] == given_tags
    iam("DeletePolicy", PolicyArn=policy["Arn"])


def test_what_was_made_is_there_in_another_process(world: World, iam: Iam) -> None:
    """With sound records: fsck knows whose each one is."""
    made(iam, "User")
    made(iam, "Group")
    made(iam, "Role")
    iam("AddUserToGroup", UserName="x", GroupName="x")
    iam("CreateAccessKey", UserName="x")
    iam("CreatePolicy", PolicyName="x", PolicyDocument=READ)
    iam.session.vault.close()
    vault = opening.open_vault(world.directory, world.context)
    session = begin(world.context, vault, "us-east-1")
    try:
        assert fsck.check(vault).problems == ()
        again = Iam(session)
        assert again("ListGroupsForUser", UserName="x")["Groups"][0]["GroupName"] == "x"
        assert len(again("ListAccessKeys", UserName="x")["AccessKeyMetadata"]) == 1
    finally:
        session.close()
