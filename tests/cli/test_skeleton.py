"""Skeletons; the expected texts are those of aws-cli 2.9.19."""

import json
from datetime import UTC, datetime

import botocore.session
import pytest
from botocore.utils import ArgumentGenerator

from secretctl.cli import argv, cli_input, skeleton
from secretctl.context import of_process
from secretctl.model.operations import OPERATIONS
from secretctl.model.services import SERVICES, operations_of
from secretctl.model.shapes import Member, Operation, Shape, command_of

MODELS = {
    name: botocore.session.get_session().get_service_model(name)
    for name in ("secretsmanager", *SERVICES)
}
EVERY = [*OPERATIONS, *(each for name in SERVICES for each in operations_of(name).values())]
TEXT = Shape("string")
STAGES = Shape("list", item=TEXT)
FILTER = Shape(
    "structure",
    members=(
        Member("Key", Shape("string", enum=("description", "name")), "What is searched."),
        Member("Values", STAGES, "Words."),
    ),
)
SAMPLE = Operation(
    "Sample",
    "Do.",
    "m:f",
    input=(
        Member("SecretId", TEXT, "The secret.", required=True),
        Member("SecretBinary", Shape("blob")),
        Member("Days", Shape("long"), "How long."),
        Member("Filters", Shape("list", item=FILTER), "Filters."),
        Member("Force", Shape("boolean"), "Force."),
    ),
    output=(
        Member("ARN", TEXT),
        Member("SecretBinary", Shape("blob")),
        Member("VersionStages", STAGES),
        Member("VersionIdsToStages", Shape("map", item=STAGES)),
        Member("CreatedDate", Shape("timestamp")),
        Member("Days", Shape("long")),
    ),
)

INPUT = """{
    "SecretId": "",
    "SecretBinary": null,
    "Days": 0,
    "Filters": [
        {
            "Key": "description",
            "Values": [
                ""
            ]
        }
    ],
    "Force": true
}
"""

YAML_INPUT = """SecretId: ''  # [REQUIRED] The secret.
SecretBinary: !!binary ''
Days: 0 # How long.
Filters: # Filters.
- Key: description  # What is searched. Valid values are: description, name.
  Values: # Words.
  - ''
Force: true # Force.
"""


def test_skeletons_are_aws_texts() -> None:
    """Indentation, order, placeholders and the blanks before comments are aws's."""
    assert skeleton.text(SAMPLE, "input") == INPUT
    assert skeleton.text(SAMPLE, "yaml-input") == YAML_INPUT


def test_sample_answer_names_its_members() -> None:
    """Strings hold their member's name, items of lists their type's."""
    assert skeleton.sample_output(SAMPLE) == {
        "ARN": "ARN",
        "SecretBinary": b"",
        "VersionStages": ["SecretVersionStageType"],
        "VersionIdsToStages": {"KeyName": ["SecretVersionStageType"]},
        "CreatedDate": datetime(1970, 1, 1, tzinfo=UTC),
        "Days": 0,
    }


PUBLISHED = [each for each in EVERY if each.name in MODELS[each.service].operation_names]


@pytest.mark.parametrize("operation", PUBLISHED, ids=command_of)
def test_sample_answers_are_those_of_botocore(operation: Operation) -> None:
    """Those of aws come from there; it fails where a placeholder breaks a limit, ours do not."""
    shape = MODELS[operation.service].operation_model(operation.name).output_shape
    published = ArgumentGenerator(use_member_names=True).generate_skeleton(shape) if shape else {}
    shown = json.dumps(skeleton.sample_output(operation), default=comparable)
    assert json.loads(shown) == json.loads(json.dumps(published, default=comparable))


def comparable(value: object) -> object:
    """Return a date without its zone, which botocore leaves out, and a blob as what it is."""
    return value.isoformat()[:19] if isinstance(value, datetime) else None


def test_skeleton_of_every_operation_is_read_back() -> None:
    """What is printed can be given as input, and both kinds say the same."""
    for operation in EVERY:
        text = skeleton.text(operation, "input")
        as_json = json.loads(text)
        assert list(as_json) == [member.name for member in operation.input]
        as_yaml = cli_input.read("yaml", skeleton.text(operation, "yaml-input"), {})
        blank = {key: None if value == b"" else value for key, value in as_yaml.items()}
        assert blank == as_json
        request = argv.read(operation, ["--cli-input-json", text], of_process())
        assert request.parameters.keys() == as_json.keys()
