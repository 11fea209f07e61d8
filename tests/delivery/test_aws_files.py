"""Secrets that task definitions of ECS ask for."""

import pytest

from secretctl.delivery.aws_files import of_task_definition
from secretctl.delivery.references import parse
from secretctl.errors import DeliveryError

ARN = "arn:aws:secretsmanager:us-east-1:000000000000:secret:prod/db-AbCdEf"
SSM = "arn:aws:ssm:us-east-1:000000000000:parameter/x"


def task(*containers: tuple[str, dict[str, object]]) -> dict[str, object]:
    """Return a task definition of containers with secrets."""
    definitions: list[dict[str, object]] = [
        {"name": name, "secrets": [{"name": key, "valueFrom": value} for key, value in of.items()]}
        for name, of in containers
    ]
    return {"family": "f", "containerDefinitions": definitions}


def test_secrets_of_the_chosen_container_are_read() -> None:
    """One container needs no choice; a description has the definition inside."""
    one = task(("web", {"A": ARN, "B": f"{ARN}:k::", "C": f"{ARN}::S:"}))
    expected = [parse(f"A={ARN}"), parse(f"B={ARN}#k"), parse(f"C={ARN}?stage=S")]
    assert of_task_definition(one, None) == expected
    assert of_task_definition({"taskDefinition": one}, "web") == expected
    two = task(("web", {"A": ARN}), ("job", {"B": ARN}))
    assert of_task_definition(two, "job") == [parse(f"B={ARN}")]
    assert of_task_definition({"containerDefinitions": [{"name": "bare"}]}, None) == []


@pytest.mark.parametrize(
    ("document", "container", "said"),
    [
        ([], None, "the file is no object"),
        ({}, None, "'containerDefinitions'"),
        (task(("a", {}), ("b", {})), None, "'a', 'b'"),
        (task(), None, "it has none"),
        (task(("a", {})), "c", "no container 'c'"),
        (task(("a", {"X": SSM})), None, "'X' is not one of Secrets Manager"),
        (task(("a", {"X": "prod/db"})), None, "'X' is not one of Secrets Manager"),
        (task(("a", {"X": 1})), None, "'X'"),
        (task(("a", {"X": f"{ARN}:k"})), None, "form that ECS takes"),
        (task(("a", {"X": f"{ARN}:k:S:v"})), None, "both a label and a version"),
        (task(("a", {"X Y": ARN})), None, "'X Y' is no name of a variable"),
        (task(("a", {"my.var": ARN})), None, "'my.var' is no name of a variable"),
        ({"taskDefinition": 1}, None, "'taskDefinition' is no object"),
        ({"containerDefinitions": ["x"]}, None, "a container is no object"),
        ({"containerDefinitions": [{"name": "a", "secrets": ["x"]}]}, "a", "a secret is no object"),
    ],
)
def test_unusable_task_definition_is_refused(
    document: object, container: str | None, said: str
) -> None:
    """What is wrong is named."""
    with pytest.raises(DeliveryError) as caught:
        of_task_definition(document, container)
    assert said in caught.value.message
