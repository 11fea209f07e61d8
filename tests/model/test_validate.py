"""Validation: AWS's sentences, all at once, and never the rejected value."""

import re
import sys
import unicodedata
from collections.abc import Callable

import pytest
from botocore.session import get_session
from botocore.validate import ParamValidator
from hypothesis import given, settings
from hypothesis import strategies as st

from secretctl.errors import ParameterError, SecretctlError, ServiceError
from secretctl.model import iam, kms, sts
from secretctl.model import types as t
from secretctl.model.operations import BY_NAME, OPERATIONS
from secretctl.model.shapes import Member, Operation, Shape
from secretctl.model.validate import (
    check_client,
    check_service,
    client_problems,
    service_problems,
)

SERVICE = get_session().get_service_model("secretsmanager")
VERSION = "v" * 32

Parameters = dict[str, object]


def published(name: str, parameters: Parameters) -> str:
    """Return what botocore says of *parameters*, one line for each problem."""
    shape = SERVICE.operation_model(name).input_shape
    return str(ParamValidator().validate(parameters, shape).generate_report())


BOTOCORE_CASES: list[tuple[str, Parameters]] = [
    ("GetSecretValue", {}),
    ("GetSecretValue", {"SecretId": ""}),
    ("GetSecretValue", {"SecretId": "x", "VersionId": "short"}),
    ("GetSecretValue", {"SecretId": "x", "VersionId": "é" * 31}),
    ("GetSecretValue", {"SecretId": "x", "VersionId": "\ud800" * 31}),
    ("CreateSecret", {"Name": "", "SecretString": ""}),
    ("CreateSecret", {"Name": "x", "SecretBinary": b""}),
    ("CreateSecret", {"Name": "x" * 600, "SecretString": "x" * 70_000}),
    ("CreateSecret", {"Name": "x", "AddReplicaRegions": [{"Region": ""}, {"Region": "no"}]}),
    ("TagResource", {"SecretId": "x", "Tags": [{"Foo": "bar"}]}),
    ("TagResource", {"SecretId": "x", "Tags": [{"Key": "", "Value": ""}]}),
    ("TagResource", {"SecretId": "x", "Tags": ({"Key": "k"}, {"Key": ""})}),
    ("UntagResource", {"SecretId": "x"}),
    ("UntagResource", {"SecretId": "x", "TagKeys": ["", "a", ""]}),
    ("RotateSecret", {"SecretId": "x", "RotationRules": {"AutomaticallyAfterDays": 0}}),
    ("RotateSecret", {"SecretId": "x", "RotationRules": {"Duration": "h"}}),
    ("RotateSecret", {"SecretId": "x", "RotationRules": {"Hours": 1, "Duration": ""}}),
    ("ListSecrets", {"MaxResults": 0}),
    ("ListSecrets", {"MaxResults": 101, "SortOrder": "up", "NextToken": ""}),
    ("ListSecrets", {"Filters": [{"Key": "nope", "Values": []}]}),
    ("ReplicateSecretToRegions", {"SecretId": "x", "AddReplicaRegions": []}),
    ("GetRandomPassword", {"PasswordLength": 0}),
    ("GetRandomPassword", {"PasswordLength": -5}),
    ("GetRandomPassword", {"PasswordLength": True}),
    ("GetRandomPassword", {"PasswordLength": False}),
    ("DeleteSecret", {"SecretId": "x", "RecoveryWindowInDays": -1}),
    ("DescribeSecret", {"SecretId": "x", "Nope": "y"}),
    ("DescribeSecret", {"SecretId": "", "Nope": "y", "Other": "z"}),
    ("DescribeSecret", {"Nope": "y"}),
]


@pytest.mark.parametrize(("name", "parameters"), BOTOCORE_CASES)
def test_client_sentences_are_those_of_botocore(name: str, parameters: Parameters) -> None:
    """What botocore refuses before sending is refused in the same words and order."""
    assert "\n".join(client_problems(BY_NAME[name], parameters)) == published(name, parameters)


WRONG_TYPES: list[tuple[str, Parameters]] = [
    ("GetSecretValue", {"SecretId": 7}),
    ("GetSecretValue", {"SecretId": None}),
    ("CreateSecret", {"Name": "x", "SecretString": ["hunter2"]}),
    ("CreateSecret", {"Name": "x", "SecretString": b"hunter2"}),
    ("TagResource", {"SecretId": "x", "Tags": "hunter2"}),
    ("TagResource", {"SecretId": "x", "Tags": [None, "hunter2", {"Key": {"a": 1}}]}),
    ("RotateSecret", {"SecretId": "x", "RotationRules": []}),
    ("RotateSecret", {"SecretId": "x", "RotateImmediately": "yes"}),
    ("GetRandomPassword", {"PasswordLength": 3.5, "ExcludeNumbers": 1}),
]


@pytest.mark.parametrize(("name", "parameters"), WRONG_TYPES)
def test_a_wrong_type_is_named_as_botocore_does_without_the_value(
    name: str, parameters: Parameters
) -> None:
    """Botocore repeats a value of the wrong type; here it may be the secret."""
    without_value = re.sub(r", value: .*?(?=, type: )", "", published(name, parameters))
    assert "\n".join(client_problems(BY_NAME[name], parameters)) == without_value


def test_text_is_no_blob() -> None:
    """Botocore takes text for a blob and encodes it; here words are made bytes before."""
    found = client_problems(BY_NAME["CreateSecret"], {"Name": "x", "SecretBinary": "hunter2"})
    assert found == [
        "Invalid type for parameter SecretBinary, type: <class 'str'>, "
        "valid types: <class 'bytes'>, <class 'bytearray'>"
    ]


def test_what_must_be_in_a_structure_is_missed_there() -> None:
    """No structure of AWS's has a required member, but one of ours may."""
    rule = Shape("structure", members=(Member("Field", t.TEXT, required=True),))
    operation = Operation("Test", "", "", input=(Member("Rules", Shape("list", item=rule)),))
    given_rules: Parameters = {"Rules": [{"Field": "a"}, {}]}
    assert client_problems(operation, given_rules) == [
        'Missing required parameter in Rules[1]: "Field"'
    ]
    assert service_problems(operation, given_rules) == [
        "Value null at 'rules.2.member.field' failed to satisfy constraint: Member must not be null"
    ]


def test_all_problems_are_reported_at_once() -> None:
    """One run of a script shows everything that is wrong with a call."""
    with pytest.raises(ParameterError) as caught:
        check_client(BY_NAME["CreateSecret"], {"Name": "", "SecretString": "", "Nope": 1})
    head, *problems = caught.value.message.split("\n")
    assert head == "Parameter validation failed:"
    assert len(problems) == 3
    assert caught.value.exit_status == 252


def test_good_parameters_pass_both_checks() -> None:
    """What keeps every limit is refused by neither."""
    operation = BY_NAME["CreateSecret"]
    parameters: Parameters = {
        "Name": "n" * 512,
        "ClientRequestToken": VERSION,
        "Description": "é" * 2048,
        "KmsKeyId": "",
        "SecretString": "é" * 32_768,
        "SecretBinary": bytes(65_536),
        "Tags": [{"Key": "k" * 128, "Value": ""}] * 60,
        "AddReplicaRegions": [{"Region": "eu-west-1"}],
        "ForceOverwriteReplicaSecret": False,
    }
    check_client(operation, parameters)
    check_service(operation, parameters)


SERVICE_CASES: list[tuple[str, Parameters, str]] = [
    (
        "CreateSecret",
        {"Name": "x", "SecretString": "é" * 32_768 + "e"},
        "Value at 'secretString' failed to satisfy constraint: "
        "Member must have length less than or equal to 65536",
    ),
    (
        "CreateSecret",
        {"Name": "x", "SecretBinary": bytes(65_537)},
        "Value at 'secretBinary' failed to satisfy constraint: "
        "Member must have length less than or equal to 65536",
    ),
    (
        "CreateSecret",
        {},
        "Value null at 'name' failed to satisfy constraint: Member must not be null",
    ),
    (
        "GetSecretValue",
        {"SecretId": None},
        "Value null at 'secretId' failed to satisfy constraint: Member must not be null",
    ),
    (
        "GetSecretValue",
        {"SecretId": ""},
        "Value at 'secretId' failed to satisfy constraint: "
        "Member must have length greater than or equal to 1",
    ),
    (
        "CreateSecret",
        {"Name": "n" * 513},
        "Value at 'name' failed to satisfy constraint: "
        "Member must have length less than or equal to 512",
    ),
    (
        "GetRandomPassword",
        {"PasswordLength": 4097},
        "Value '4097' at 'passwordLength' failed to satisfy constraint: "
        "Member must have value less than or equal to 4096",
    ),
    (
        "RotateSecret",
        {"SecretId": "x", "RotationRules": {"AutomaticallyAfterDays": 0}},
        "Value '0' at 'rotationRules.automaticallyAfterDays' failed to satisfy constraint: "
        "Member must have value greater than or equal to 1",
    ),
    (
        "ListSecrets",
        {"Filters": [{"Key": "invalid", "Values": ["x"]}]},
        "Value at 'filters.1.member.key' failed to satisfy constraint: Member must "
        "satisfy enum value set: [description, name, tag-key, tag-value, primary-region, "
        "owning-service, all]",
    ),
    (
        "ListSecrets",
        {"Filters": [{"Key": "k" * 65}]},
        "Value at 'filters.1.member.key' failed to satisfy constraint: Member must "
        "satisfy enum value set: [description, name, tag-key, tag-value, primary-region, "
        "owning-service, all]",
    ),
    (
        "ListSecrets",
        {"SortOrder": "\x1b[31m"},
        "Value at 'sortOrder' failed to satisfy constraint: "
        "Member must satisfy enum value set: [asc, desc]",
    ),
    (
        "RotateSecret",
        {"SecretId": "x", "RotationRules": {"Duration": "3d"}},
        "Value at 'rotationRules.duration' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: [0-9]+h",
    ),
    (
        "RotateSecret",
        {"SecretId": "x", "RotationRules": {"Duration": "3h\n"}},
        "Value at 'rotationRules.duration' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: [0-9]+h",
    ),
    (
        "RemoveRegionsFromReplication",
        {"SecretId": "x", "RemoveReplicaRegions": ["eu-west-1", "eu-west-\u0661"]},
        "Value at 'removeReplicaRegions.2.member' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: ^([a-z]+-)+\d+$",
    ),
    (
        "BatchGetSecretValue",
        {"SecretIdList": ["x"] * 21},
        "Value at 'secretIdList' failed to satisfy constraint: "
        "Member must have length less than or equal to 20",
    ),
    (
        "BatchGetSecretValue",
        {"SecretIdList": ["x", None]},
        "Value null at 'secretIdList.2.member' failed to satisfy constraint: "
        "Member must not be null",
    ),
    (
        "TagResource",
        {"SecretId": "x", "Tags": [{"Key": "a"}, {"Key": "k" * 129}]},
        "Value at 'tags.2.member.key' failed to satisfy constraint: "
        "Member must have length less than or equal to 128",
    ),
]


@pytest.mark.parametrize(("name", "parameters", "sentence"), SERVICE_CASES)
def test_service_sentences_are_those_of_the_service(
    name: str, parameters: Parameters, sentence: str
) -> None:
    """The service's own checks speak as AWS's do, without the value where it may be one."""
    with pytest.raises(ServiceError) as caught:
        check_service(BY_NAME[name], parameters)
    assert caught.value.code == "ValidationException"
    assert caught.value.message == f"1 validation error detected: {sentence}"


def test_several_constraints_are_counted_and_joined() -> None:
    """All that does not hold stands in one message."""
    with pytest.raises(ServiceError) as caught:
        check_service(BY_NAME["PutResourcePolicy"], {"SecretId": "", "PolicyName": "a b"})
    assert caught.value.message == (
        "3 validation errors detected: Value at 'secretId' failed to satisfy constraint: "
        "Member must have length greater than or equal to 1; "
        "Value null at 'resourcePolicy' failed to satisfy constraint: Member must not be null; "
        "Value at 'policyName' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: [0-9A-Za-z\-\_]+"
    )


@pytest.mark.parametrize("days", [-(2**63), -1, 0, 6, 31, 2**63 - 1])
def test_what_the_model_does_not_limit_is_left_to_the_operation(days: int) -> None:
    """A recovery window has its own error, which names the days allowed."""
    parameters: Parameters = {"SecretId": "x", "RecoveryWindowInDays": days}
    assert service_problems(BY_NAME["DeleteSecret"], parameters) == []
    assert client_problems(BY_NAME["DeleteSecret"], parameters) == []


WRONG_REQUESTS: list[tuple[str, Parameters]] = [
    ("GetSecretValue", {"SecretId": 1}),
    ("GetSecretValue", {"SecretId": "x", "Nope": 1}),
    ("GetSecretValue", {"SecretId": "x", "Nope": None}),
    ("GetSecretValue", {"SecretId": ["x"]}),
    ("GetSecretValue", {"SecretId": True}),
    ("GetRandomPassword", {"PasswordLength": True}),
    ("GetRandomPassword", {"PasswordLength": 32.0}),
    ("GetRandomPassword", {"PasswordLength": 2**63}),
    ("GetRandomPassword", {"PasswordLength": "32"}),
    ("GetRandomPassword", {"ExcludeNumbers": "true"}),
    ("ListSecrets", {"MaxResults": 2**31}),
    ("CreateSecret", {"Name": "x", "SecretBinary": "text"}),
    ("TagResource", {"SecretId": "x", "Tags": {"Key": "a"}}),
    ("TagResource", {"SecretId": "x", "Tags": ["a"]}),
    ("TagResource", {"SecretId": "x", "Tags": ({"Key": "a"},)}),
    ("TagResource", {"SecretId": "x", "Tags": [{"Key": "a", "Foo": "b"}]}),
    ("TagResource", {"SecretId": "", "Tags": [{"Key": 1}]}),
]


@pytest.mark.parametrize(("name", "parameters"), WRONG_REQUESTS)
def test_a_request_of_the_wrong_shape_is_a_serialization_error(
    name: str, parameters: Parameters
) -> None:
    """Unknown members and wrong types never reach a handler."""
    with pytest.raises(ServiceError) as caught:
        check_service(BY_NAME[name], parameters)
    assert caught.value.code == "SerializationException"


STRINGS = [
    (operation, member)
    for operation in OPERATIONS
    for member in operation.input
    if member.shape.kind == "string"
]


@given(
    place=st.sampled_from(STRINGS),
    before=st.text(max_size=4),
    lone=st.characters(min_codepoint=0xD800, max_codepoint=0xDFFF, categories=["Cs"]),
    after=st.text(max_size=4),
)
@settings(max_examples=100, deadline=None)
def test_a_lone_surrogate_is_refused_in_any_text(
    place: tuple[Operation, Member], before: str, lone: str, after: str
) -> None:
    """What UTF-8 cannot hold is an error, not a crash."""
    operation, member = place
    found = service_problems(operation, {member.name: before + lone + after})
    path = member.name[0].lower() + member.name[1:]
    assert any(f"at '{path}' " in each and each.endswith("valid Unicode text") for each in found)


def nested(depth: int) -> object:
    """Return lists and structures within each other, far deeper than Python can recurse."""
    value: object = "CANARY"
    for level in range(depth):
        value = [value] if level % 2 else {"CANARY": value}
    return value


@pytest.mark.parametrize("check", [check_client, check_service])
@pytest.mark.parametrize("member", BY_NAME["CreateSecret"].input, ids=lambda member: member.name)
def test_deep_nesting_is_refused_without_a_crash(
    member: Member, check: Callable[[Operation, Parameters], None]
) -> None:
    """A value is looked into only as far as its declaration goes."""
    for value in (nested(5000), nested(5001), [nested(5000)], [nested(5001)]):
        with pytest.raises(SecretctlError) as caught:
            check(BY_NAME["CreateSecret"], {"Name": "x", member.name: value})
        assert len(caught.value.message) < 1000


@pytest.mark.parametrize("check", [client_problems, service_problems])
@pytest.mark.parametrize("number", [10**5000, -(10**5000)], ids=["huge", "hugely negative"])
def test_a_number_too_long_to_be_written_is_no_crash(
    number: int, check: Callable[[Operation, Parameters], list[str]]
) -> None:
    """Python refuses to write numbers of more than 4,300 digits."""
    try:
        found = check(BY_NAME["GetRandomPassword"], {"PasswordLength": number})
    except ServiceError as error:
        found = [error.message]
    assert all(len(sentence) < 120 for sentence in found)


def sentences(operation: Operation, parameters: Parameters) -> str:
    """Return everything both checks say of *parameters*."""
    found = client_problems(operation, parameters)
    try:
        found += service_problems(operation, parameters)
    except ServiceError as error:
        found.append(error.message)
    return "\n".join(found)


def replaced(shape: Shape, text: str) -> list[object]:
    """Return values with *text* at every place of *shape*, of the right type and of wrong ones."""
    wrong: list[object] = [text, [text], {text: text}, {"Key": [text]}, text.encode(), (text,)]
    if shape.item is not None:
        return [*wrong, *([inner] for inner in replaced(shape.item, text))]
    if shape.kind == "structure":
        return [
            *wrong,
            *(
                {member.name: inner}
                for member in shape.members
                for inner in replaced(member.shape, text)
            ),
        ]
    return wrong


CANARIES = st.one_of(
    st.text(min_size=8, max_size=80).map(lambda text: f"7{text}canary"),
    st.sampled_from([70_000, 21_000]).map(lambda size: "7canary" * (size // 7)),
)


@given(operation=st.sampled_from(OPERATIONS), canary=CANARIES)
@settings(max_examples=150, deadline=None)
def test_no_rejected_text_is_repeated(operation: Operation, canary: str) -> None:
    """Whatever is given anywhere, in the right form or a wrong one, no message holds it."""
    for member in operation.input:
        for value in replaced(member.shape, canary):
            assert "canary" not in sentences(operation, {member.name: value})


def test_a_sensitive_number_or_choice_is_not_repeated() -> None:
    """No member of AWS's is both today; should one come, its value is left out."""
    pin = Member("Pin", Shape("integer", max=9, sensitive=True))
    word = Member("Word", Shape("string", enum=("a", "b"), sensitive=True))
    operation = Operation("Test", "", "", input=(pin, word))
    assert service_problems(operation, {"Pin": 4711, "Word": "hunter"}) == [
        "Value at 'pin' failed to satisfy constraint: "
        "Member must have value less than or equal to 9",
        "Value at 'word' failed to satisfy constraint: Member must satisfy enum value set: [a, b]",
    ]


@pytest.mark.parametrize("name", ["hunter2", "correct horse", "\x1b[2J", "x" * 65, "", 3, None])
def test_an_unknown_name_that_may_be_a_value_is_not_repeated(name: object) -> None:
    """``--tags PASSWORD=x`` makes a member's name of what stands before the equals sign."""
    (problem,) = client_problems(BY_NAME["TagResource"], {"SecretId": "x", "Tags": [{name: "x"}]})[
        -1:
    ]
    assert problem == "Unknown parameter in Tags[0], must be one of: Key, Value"


def is_for_tags(letter: str) -> bool:
    """Return what Java says of a character in the pattern of IAM's tags."""
    return unicodedata.category(letter)[0] in "LNZ" or letter in "_.:/=+-@"


def test_a_tag_has_the_letters_spaces_and_digits_of_every_script() -> None:
    """Of each character on either side of a limit, the same is said here."""
    every = [chr(code) for code in range(sys.maxunicode + 1)]
    fits = list(map(is_for_tags, every))
    limits = [place for place in range(1, len(every)) if fits[place - 1] != fits[place]]
    operation = iam.BY_NAME["CreateUser"]
    for place in {0, len(every) - 1, *limits, *(place - 1 for place in limits)}:
        tags = [{"Key": every[place], "Value": ""}]
        found = service_problems(operation, {"UserName": "ci", "Tags": tags})
        assert (found == []) == fits[place], hex(place)


@pytest.mark.parametrize(
    ("operation", "parameters", "code"),
    [
        (iam.BY_NAME["GetRole"], {"RoleName": "a b"}, "ValidationError"),
        (
            sts.BY_NAME["AssumeRole"],
            {"RoleArn": "x" * 20, "RoleSessionName": "a b"},
            "ValidationError",
        ),
        (kms.BY_NAME["DeleteAlias"], {"AliasName": "a b"}, "ValidationException"),
    ],
)
def test_the_error_has_the_name_the_service_gives_it(
    operation: Operation, parameters: Parameters, code: str
) -> None:
    """IAM and STS call a constraint that does not hold otherwise than Secrets Manager and KMS."""
    with pytest.raises(ServiceError) as caught:
        check_service(operation, parameters)
    assert caught.value.code == code


@pytest.mark.parametrize("pairs", [{"hunter2": 5}, {5: "hunter2"}, {"hunter2": ["hunter2"]}])
def test_what_a_map_holds_is_checked_and_not_repeated(pairs: dict[object, object]) -> None:
    """Keys and values of an encryption context are text; both may be a value given by mistake."""
    parameters: Parameters = {
        "KeyId": "x",
        "Operations": ["Decrypt"],
        "Constraints": {"EncryptionContextEquals": pairs},
    }
    (problem,) = client_problems(kms.BY_NAME["CreateGrant"], parameters)
    assert problem.startswith("Invalid type for parameter Constraints.EncryptionContextEquals.")
    with pytest.raises(ServiceError) as caught:
        check_service(kms.BY_NAME["CreateGrant"], parameters)
    assert caught.value.code == "SerializationException"
    assert "hunter2" not in problem + caught.value.message
