"""Secrets that a task definition of ECS asks for: ``containerDefinitions[].secrets``.

What else it sets up is left to ECS.

See: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
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
    described = _map(document, "the file").get("taskDefinition", document)
    definition = _map(described, "'taskDefinition'")
    listed = _list(definition.get("containerDefinitions"), "containerDefinitions")
    each_container = [_map(each, "a container") for each in listed]
    containers = {str(each.get("name")): each for each in each_container}
    chosen = containers[_chosen(list(containers), container)]
    entries = [_map(each, "a secret") for each in _list(chosen.get("secrets", []), "secrets")]
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
    return source_for(str(name), value)


def source_for(name: str, reference: str) -> Source:
    """Return the secret that a file of AWS wants in a variable.

    Args:
        name: Of the variable.
        reference: To the secret, with its parts behind it.

    Raises:
        DeliveryError: the name is none, or the reference.
    """
    if not is_variable(name):
        raise DeliveryError(
            f"'{shown(name)}' is no name of a variable",
            "it may hold letters, digits and _, and begin with no digit",
        )
    try:
        return fields(reference)._replace(variable=name)
    except UsageError as error:
        raise DeliveryError(f"the secret for '{name}': {error.message}", *error.hints) from None


def _map(value: object, what: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise DeliveryError(f"{what} is no object of JSON")
    return value


def _list(value: object, name: str) -> list[object]:
    if not isinstance(value, list):
        raise DeliveryError(f"the file has no list '{name}'")
    return value
