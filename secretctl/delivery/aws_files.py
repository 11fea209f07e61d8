"""Secrets that task definitions of ECS and buildspecs of CodeBuild ask for.

Only the sections for Secrets Manager are read: ``containerDefinitions[].secrets`` and
``env.secrets-manager``. What else these files set up is left to their own services.

See: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
     https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
"""

from __future__ import annotations

from secretctl.delivery.references import ARN_COLONS, Source, is_variable, shown
from secretctl.delivery.references_aws import fields
from secretctl.errors import DeliveryError, UsageError

_ECS_COLONS = (ARN_COLONS, ARN_COLONS + 3)


def of_task_definition(document: object, container: str | None) -> list[Source]:
    """Return the secrets of one container.

    Args:
        document: What the JSON says, as it is registered or described.
        container: Name of the container; None where there is but one.

    Raises:
        DeliveryError: it is no task definition, the container is not in it or not chosen, or a
            secret is not one of Secrets Manager.
    """
    described = _map(document).get("taskDefinition", document)
    containers = {
        str(_map(each).get("name")): _map(each)
        for each in _list(_map(described).get("containerDefinitions"), "containerDefinitions")
    }
    chosen = containers[_chosen(list(containers), container)]
    entries = [_map(each) for each in _list(chosen.get("secrets", []), "secrets")]
    return [_of_task(each.get("name"), each.get("valueFrom")) for each in entries]


def _chosen(containers: list[str], container: str | None) -> str:
    """Return the name of the container that is meant."""
    named = ", ".join(f"'{shown(name)}'" for name in containers) or "none"
    if container is None and len(containers) != 1:
        raise DeliveryError(
            f"it is not clear which container of the task definition is meant; it has {named}",
            "choose one: --container NAME",
        )
    name = containers[0] if container is None else container
    if name not in containers:
        raise DeliveryError(
            f"the task definition has no container '{shown(name)}'", f"it has {named}"
        )
    return name


def of_buildspec(document: object) -> list[Source]:
    """Return the secrets of a buildspec.

    Args:
        document: What the YAML says.

    Raises:
        DeliveryError: it is no buildspec, or a reference in it cannot be read.
    """
    section = _map(_map(document).get("env", {})).get("secrets-manager", {})
    return [_named(name, reference) for name, reference in _map(section).items()]


def _of_task(name: object, value: object) -> Source:
    if (
        not isinstance(value, str)
        or not value.startswith("arn:")
        or ":secretsmanager:" not in value
    ):
        raise DeliveryError(
            f"the secret for '{shown(str(name))}' is not one of Secrets Manager",
            "secretctl holds no parameters of Systems Manager",
        )
    if value.count(":") not in _ECS_COLONS:
        raise DeliveryError(
            f"the secret for '{shown(str(name))}' has not the form that ECS takes",
            "write an ARN, or ARN:KEY:STAGE:VERSION with all three colons",
        )
    return _named(name, value)


def _named(name: object, reference: object) -> Source:
    if not isinstance(name, str) or not is_variable(name) or not isinstance(reference, str):
        raise DeliveryError(f"'{shown(str(name))}' is no variable with a reference to a secret")
    try:
        return fields(reference)._replace(variable=name)
    except UsageError as error:
        raise DeliveryError(f"the secret for '{name}': {error.message}", *error.hints) from None


def _map(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise DeliveryError("something in the file is no map where one has to be")
    return value


def _list(value: object, name: str) -> list[object]:
    if not isinstance(value, list):
        raise DeliveryError(f"the file has no list '{name}'")
    return value
