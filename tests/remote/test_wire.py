"""Requests and answers are botocore's: what it writes and reads is the measure."""

import json
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

import botocore.session
import pytest
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from hypothesis import given, settings
from hypothesis import strategies as st

from secretctl.model.operations import BY_NAME, OPERATIONS
from secretctl.model.shapes import Member, Operation, Shape
from secretctl.remote import wire

PUBLISHED = botocore.session.get_session().get_service_model("secretsmanager")
OURS_ALONE = {each.name for each in OPERATIONS} - set(PUBLISHED.operation_names)
OF_AWS = st.sampled_from([each for each in OPERATIONS if each.name not in OURS_ALONE])
PARSE = create_parser("json")
SERIALIZE = create_serializer("json", include_validation=False)
LATEST_MS = 4_102_444_800_000
VALUES = ("SecretString", "SecretBinary")
GARBAGE = [
    *(
        b"",
        b"{}",
        b'{"status": "ok"}',
        b'{"ARN": "a", "Name": "b"}',
        b"null",
        b"[]",
        b"7",
        b"{",
        b"\xff",
        b'"x"',
        b"[" * 100_000,
        b'{"CreatedDate": 1e400}',
    ),
    *(b'{"SecretString": "a", "SecretBinary": "YQ=="}', b'{"SecretString": null}'),
    *(b'{"SecretString": 7}', b'{"SecretBinary": "?"}', b'{"VersionStages": "x"}'),
    *(b'{"VersionStages": [7]}', b'{"CreatedDate": "soon"}', b'{"CreatedDate": true}'),
]


def values(shape: Shape) -> st.SearchStrategy[Any]:
    """Return values of *shape*, limits aside."""
    if shape.members:
        return of_members(shape.members)
    if shape.kind == "list":
        assert shape.item is not None
        return st.lists(values(shape.item), max_size=3)
    if shape.kind == "map":
        assert shape.item is not None
        return st.dictionaries(st.text(max_size=5), values(shape.item), max_size=3)
    return {
        "string": st.text(max_size=8),
        "blob": st.binary(max_size=8),
        "integer": st.integers(-(2**31), 2**31 - 1),
        "long": st.integers(-(2**63), 2**63 - 1),
        "boolean": st.booleans(),
        "timestamp": st.integers(0, LATEST_MS).map(
            lambda ms: datetime.fromtimestamp(ms / 1000, UTC)
        ),
    }[shape.kind]


def of_members(members: tuple[Member, ...]) -> st.SearchStrategy[dict[str, Any]]:
    """Return structures of *members*, any of which may be missing."""
    return st.fixed_dictionaries({}, optional={each.name: values(each.shape) for each in members})


def answers(operation: Operation) -> st.SearchStrategy[dict[str, Any]]:
    """Return answers: with what each has, and any of the rest."""
    first, *rest = operation.output or (None,)
    if operation.name != "GetSecretValue":
        return st.tuples(
            st.fixed_dictionaries({} if first is None else {first.name: values(first.shape)}),
            of_members(tuple(rest)),
        ).map(lambda both: both[0] | both[1])
    alone = [each for each in operation.output if each.name in VALUES]
    others = tuple(each for each in operation.output if each.name not in VALUES)
    value = st.sampled_from(alone).flatmap(
        lambda each: values(each.shape).map(lambda found: {each.name: found})
    )
    return st.tuples(value, of_members(others)).map(lambda both: both[0] | both[1])


@given(data=st.data(), operation=OF_AWS)
@settings(deadline=None)
def test_a_request_has_the_body_that_botocore_gives_it(
    data: st.DataObject, operation: Operation
) -> None:
    """Blobs in base64, nothing that was not given, nothing renamed; and the target."""
    parameters = data.draw(of_members(operation.input))
    sent = SERIALIZE.serialize_to_request(parameters, PUBLISHED.operation_model(operation.name))
    assert json.loads(wire.body_of(operation, parameters)) == json.loads(sent["body"])
    assert wire.target(operation) == sent["headers"]["X-Amz-Target"]
    assert sent["headers"]["Content-Type"] == wire.CONTENT_TYPE


@given(data=st.data(), operation=OF_AWS)
@settings(deadline=None)
def test_an_answer_is_read_as_botocore_reads_it(data: st.DataObject, operation: Operation) -> None:
    """Times become datetimes and blobs bytes; what is unknown or null is left out."""
    answer = data.draw(answers(operation))
    body = json.dumps({**answer, "New": {"a": 1}, "Null": None}, default=written).encode()
    said = {"status_code": 200, "headers": {}, "body": body}
    read = PARSE.parse(said, PUBLISHED.operation_model(operation.name).output_shape)
    read.pop("ResponseMetadata")
    assert wire.result_of(operation, body) == read


def written(value: object) -> object:
    """Write a value as AWS does."""
    if isinstance(value, datetime):
        return round(value.timestamp(), 3)
    assert isinstance(value, bytes)
    return b64encode(value).decode()


@pytest.mark.parametrize("body", GARBAGE)
def test_what_is_no_answer_is_told_without_a_word_of_it(body: bytes) -> None:
    """Whatever comes instead, also a page of health: an error that holds nothing of it."""
    with pytest.raises(ValueError, match=r"^not an answer$") as caught:
        wire.result_of(BY_NAME["GetSecretValue"], body)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.name)
def test_an_empty_answer_is_one_only_where_nothing_is_answered(operation: Operation) -> None:
    """Any other has a name, a list, or what was asked for."""
    for body in (b"", b"{}"):
        if operation.output:
            with pytest.raises(ValueError, match="not an answer"):
                wire.result_of(operation, body)
        else:
            assert wire.result_of(operation, body) == {}


def test_a_truth_is_no_number() -> None:
    """Python takes one for the other."""
    body = b'{"ARN": "a", "RotationRules": {"AutomaticallyAfterDays": true}}'
    with pytest.raises(ValueError, match="not an answer"):
        wire.result_of(BY_NAME["DescribeSecret"], body)


def test_half_of_a_surrogate_pair_is_sent_as_json_has_it() -> None:
    """It is escaped, so that the service says what it thinks of it."""
    body = wire.body_of(BY_NAME["CreateSecret"], {"Name": "a", "SecretString": "\ud800"})
    assert json.loads(body.decode())["SecretString"] == "\ud800"
