"""AWS JSON 1.1: what is read of a body, and how answers and errors are written."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretctl.errors import ServiceError
from secretctl.model.operations import BY_NAME
from secretctl.server import protocol
from secretctl.sigv4.canonical import canonical_query

CREATE, GET = BY_NAME["CreateSecret"], BY_NAME["GetSecretValue"]
TEXT = st.text(st.characters(codec="utf-8"))
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=3)
    ),
    max_leaves=10,
)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"SecretId"',
        b"1",
        b'{"SecretId": "a", "SecretId": "b"}',
        b'{"SecretId": "a", "Secret\\u0049d": "b"}',
        b'{"Tags": [{"Key": "a", "Key": "b"}]}',
        b'{"MaxResults": NaN}',
        b'{"MaxResults": -Infinity}',
        b'{"MaxResults": 1e999}',
        b'{"SecretId": "\\ud800"}',
        b'{"SecretId": "\xff"}',
        b'\xef\xbb\xbf{"SecretId": "a"}',
        b"\xff\xfe{\x00}\x00",
        b'{"SecretId": "a"}{"SecretId": "b"}',
        b'{"SecretId": "a"} x',
        b'{"SecretId": "a",}',
        b"{'SecretId': 'a'}",
        b'{"SecretId": "a\nb"}',
        b'{"Newer": {"a": 1, "a": 2}}',
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b"[" * 100_000,
        b'{"MaxResults": ' + b"9" * 10_000 + b"}",
        b'{"SecretBinary": "a"}',
        b'{"SecretBinary": "YQ==\\n"}',
        b'{"SecretBinary": "\xc3\xa9"}',
    ],
)
def test_what_is_not_one_strict_object_is_no_request(body: bytes) -> None:
    """Twice the same key, NaN, depth, byte order marks, what follows: SerializationException."""
    with pytest.raises(ServiceError) as caught:
        protocol.parameters_of(CREATE, body)
    assert caught.value.code == "SerializationException"
    assert "SecretId" not in caught.value.message
    assert caught.value.__cause__ is None


NAMES = st.sampled_from([member.name for member in GET.input]) | TEXT


@given(found=st.dictionaries(NAMES, JSON, max_size=4))
def test_any_object_is_read_as_what_it_says(found: dict[str, object]) -> None:
    """Whatever an SDK's JSON writer makes of it; what the operation has not is left out."""
    names = {member.name for member in GET.input}
    known = {name: value for name, value in found.items() if name in names}
    for text in (json.dumps(found), json.dumps(found, ensure_ascii=False, indent=1)):
        assert protocol.parameters_of(GET, text.encode()) == known


def test_what_a_newer_client_says_is_left_out_wherever_it_stands() -> None:
    """In structures and lists too; a member spelled in another case is none."""
    given = {
        "Name": "a",
        "name": "b",
        "Tags": [{"Key": "k", "Value": "v", "Newer": {"Key": "other"}}, "hunter2", None],
        "AddReplicaRegions": {"Region": "r"},
        "Newer": ["hunter2"],
    }
    assert protocol.parameters_of(CREATE, json.dumps(given).encode()) == {
        "Name": "a",
        "Tags": [{"Key": "k", "Value": "v"}, "hunter2", None],
        "AddReplicaRegions": {"Region": "r"},
    }
    rotate = {"RotationRules": {"Duration": "2h", "Newer": 1}}
    found = protocol.parameters_of(BY_NAME["RotateSecret"], json.dumps(rotate).encode())
    assert found == {"RotationRules": {"Duration": "2h"}}
    query = "SecretId=a&Newer=b&X-Amz-Signature=0"
    assert protocol.parameters_in(GET, b"", query) == {"SecretId": "a"}


@given(value=st.binary(max_size=100))
def test_blobs_are_base64_and_nothing_else(value: bytes) -> None:
    """Both ways; a value that looks like base64 itself is not read twice."""
    body = protocol.answer({"SecretBinary": value}).body
    assert protocol.parameters_of(CREATE, body) == {"SecretBinary": value}


def test_times_are_seconds_to_the_millisecond() -> None:
    """As numbers, also deep in an answer."""
    when = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
    answer = protocol.answer({"SecretList": [{"CreatedDate": when}]})
    assert answer.body == b'{"SecretList":[{"CreatedDate":1767323045.678}]}'
    assert answer.status == 200


@pytest.mark.parametrize(
    ("code", "member", "status"),
    [
        ("ResourceNotFoundException", "Message", 400),
        ("InternalServiceError", "Message", 500),
        ("AccessDeniedException", "Message", 400),
        ("ValidationException", "message", 400),
        ("InvalidSignatureException", "message", 400),
    ],
)
def test_errors_are_spelled_as_aws_spells_them(code: str, member: str, status: int) -> None:
    """A bare code; declared errors have a Message."""
    answer = protocol.failure(ServiceError(code, "Why."))
    assert json.loads(answer.body) == {"__type": code, member: "Why."}
    assert answer.status == status
    assert answer.headers == ((b"x-amzn-errortype", code.encode()),)


def test_a_presigned_address_may_carry_its_parameters() -> None:
    """As botocore writes them; without a signature in the query there must be a body."""
    query = "SecretId=a%2Fb%20c&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0"
    assert protocol.parameters_in(GET, b"", query) == {"SecretId": "a/b c"}
    assert protocol.parameters_in(GET, b'{"SecretId":"d"}', query) == {"SecretId": "d"}
    for wrong in ("SecretId=a", f"SecretId=a&{query}"):
        with pytest.raises(ServiceError):
            protocol.parameters_in(GET, b"", wrong)


@given(pairs=st.dictionaries(NAMES, TEXT, max_size=3))
def test_a_query_means_what_its_signature_is_about(pairs: dict[str, str]) -> None:
    """A plus is a plus in both; so no query that is signed alike says something else."""
    sent = {name: text for name, text in pairs.items() if not name.startswith("X-Amz-")}
    encoded = canonical_query([*sent.items(), ("X-Amz-Signature", "0")])
    known = {member.name: sent[member.name] for member in GET.input if member.name in sent}
    for query in (encoded, encoded.replace("%2B", "+"), encoded.replace("%2F", "/")):
        assert protocol.parameters_in(GET, b"", query) == known
    for wrong in ("SecretId=%FF", "%ED%A0%80=a"):
        with pytest.raises(ServiceError, match="not UTF-8"):
            protocol.parameters_in(GET, b"", f"{wrong}&X-Amz-Signature=0")


def test_no_value_shows_in_a_repr() -> None:
    """Answers are named by their status."""
    assert "hunter2" not in repr(protocol.answer({"SecretString": "hunter2"}))
