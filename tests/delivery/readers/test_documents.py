"""Answers of other tools, in the shapes their documentation gives; what lacks values is refused."""

import base64
import json

import pytest

from secretctl.delivery.readers import reader
from secretctl.errors import DeliveryError

CANARY = "canary-51e3"


def read(form: str, document: object) -> dict[str, str | bytes]:
    """Return the entries of a document by name."""
    text = document if isinstance(document, str) else json.dumps(document)
    return {entry.name: entry.value for entry in reader(form)(text, "file")}


def refusal(form: str, document: object) -> str:
    """Return why a document is refused."""
    with pytest.raises(DeliveryError) as caught:
        read(form, document)
    assert CANARY not in caught.value.message + "".join(caught.value.hints)
    return caught.value.message


def test_json_keeps_numbers_and_nested_values_as_they_are_written() -> None:
    """As exec does with a secret of that text."""
    text = '{"a": "x", "b": 1.10, "c": true, "d": {"e": [1e400, null]}}'
    assert read("json", text) == {"a": "x", "b": "1.10", "c": "true", "d": '{"e":[1e400,null]}'}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f'\n\n{{"a": "{CANARY}"\n "b": 1}}', "line 4 of 'file': it is not JSON"),
        (f'{{"a": "{CANARY}", "a": "x"}}', "'file': an object holds the key 'a' twice"),
        (f'["{CANARY}"]', "'file': it is JSON, but no object with names and values"),
        ('{"a": null}', "'file': the value of 'a' is null"),
        ('{"": "x"}', "'file': an entry has no name"),
        ("[" * 100_000, "'file': it is nested too deeply"),
    ],
)
def test_json_that_leaves_something_open_is_refused(text: str, why: str) -> None:
    """With the line or the name."""
    assert refusal("json", text) == why


SECRET = {"ARN": "arn:x", "Name": "prod/db", "VersionId": "v", "VersionStages": ["AWSCURRENT"]}


def test_aws_reads_the_answers_that_hold_values() -> None:
    """Of get-secret-value and of batch-get-secret-value, text and bytes."""
    coded = base64.b64encode(b"\0\xff").decode()
    assert read("aws", {**SECRET, "SecretString": "v"}) == {"prod/db": "v"}
    assert read("aws", {**SECRET, "SecretBinary": coded}) == {"prod/db": b"\0\xff"}
    batch = [{**SECRET, "SecretString": "v"}, {**SECRET, "Name": "k", "SecretBinary": coded}]
    answer = {"SecretValues": batch, "Errors": []}
    assert read("aws", answer) == {"prod/db": "v", "k": b"\0\xff"}
    assert read("aws", batch) == {"prod/db": "v", "k": b"\0\xff"}


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"SecretList": [SECRET]}, "an answer of list-secrets, which holds no values"),
        ({"SecretValues": [], "Errors": [{"SecretId": "x"}]}, "lists errors"),
        ({"SecretValues": [], "NextToken": "x"}, "one page of several"),
        (SECRET, "'prod/db' has no value there"),
        ({**SECRET, "SecretBinary": f"{CANARY}!"}, "is not base64"),
        ([SECRET, CANARY], "'prod/db' has no value there"),
        ([CANARY], "no answer of get-secret-value"),
        ({"SecretString": CANARY}, "no answer of get-secret-value"),
        ({"SecretValues": {"a": CANARY}}, "no answer of get-secret-value"),
    ],
)
def test_answers_of_aws_without_values_are_refused(answer: object, why: str) -> None:
    """Nothing is left out in silence."""
    assert why in refusal("aws", answer)


V2 = {
    "created_time": "2026-01-02T03:04:05Z",
    "custom_metadata": None,
    "deletion_time": "",
    "destroyed": False,
    "version": 3,
}


def test_vault_reads_both_versions_of_kv() -> None:
    """Also a version 1 whose pairs are called as version 2's members are."""
    pairs = {"user": "app", "port": 5432}
    entries = {"user": "app", "port": "5432"}
    assert read("vault", {"request_id": "x", "data": pairs}) == entries
    assert read("vault", {"data": {"data": pairs, "metadata": V2}}) == entries
    for odd in ({"data": "x", "metadata": "y"}, {"data": "x", "metadata": "{}", "more": "z"}):
        assert read("vault", {"data": odd}) == odd


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"data": {"data": None, "metadata": V2}}, "deleted or destroyed"),
        ({"data": {"data": {"a": CANARY}, "metadata": {"destroyed": False}}}, "version 1 or 2"),
        ({"data": {"data": {"a": CANARY}, "metadata": {}}}, "lacks created_time or version"),
        ({"data": {"keys": None}}, "the value of 'keys' is null"),
        ({"x": CANARY}, "not what 'vault kv get -format=json' prints"),
    ],
)
def test_answers_of_vault_without_pairs_are_refused(answer: object, why: str) -> None:
    """A deleted version, what may be of either version of kv, and what is something else."""
    assert why in refusal("vault", answer)
