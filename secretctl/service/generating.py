"""The least identity policy for what the journal saw allowed of a principal.

Actions stand with the resources on which they were seen, and with no others. A secret is named by
its whole ARN; one that the principal has made itself and its replicas, by its name, since the next
one of that name has another suffix. What failed is left out, and so is what no policy gives:
changes of principals, policies and keys, which need the root key.
"""

from __future__ import annotations

from collections.abc import Iterable

from secretctl.audit import attributes, refusals
from secretctl.domain.names import ANY_SUFFIX
from secretctl.errors import CannotGenerateError
from secretctl.model.authorization import ACTIONS, FREE, SERVICE, needed
from secretctl.model.shapes import Fields
from secretctl.policy import arns
from secretctl.policy.grammar import WITH_VARIABLES
from secretctl.policy.simulation import is_action
from secretctl.record import NamedTuple

Use = tuple[str, str]
"""An action, and the resource it was seen on: an ARN, or ``*``."""

BROAD = (
    "what was done without naming a secret is left out where it would have to be allowed on every "
    "secret: validate-resource-policy without --secret-id"
)
HIDDEN = "what was done with something of which the journal has a hash alone is left out"
_EVERYTHING = "*"


class Generated(NamedTuple):
    """A policy, and what it lacks of what was seen, as sentences."""

    document: Fields
    left_out: tuple[str, ...]


def policy(found: Iterable[Fields]) -> Generated:
    """Return the least policy for what records tell, the same for the same records.

    Args:
        found: Records of one principal, as `refusals` and other questions find them.

    Raises:
        CannotGenerateError: Nothing was allowed; they are of several principals; or names of
            secrets are hidden.
    """
    used: set[Use] = set()
    made: set[str] = set()
    callers: set[str] = set()
    for fields in found:
        if uses := _uses(fields):
            callers.add(_caller(fields))
            used |= uses
            made |= _made(fields, made)
    _check(used, callers)
    broad = {use for use in used if _is_broad(use)}
    hidden = {use for use in used if attributes.is_hashed(use[1])}
    exact = {(action, _pattern(resource, made)) for action, resource in used - broad - hidden}
    if not exact:
        raise _nothing()
    statements = _statements(exact)
    left_out = (*([BROAD] if broad else []), *([HIDDEN] if hidden else []))
    return Generated({"Version": WITH_VARIABLES, "Statement": statements}, left_out)


def _uses(fields: Fields) -> set[Use]:
    """Return what a record shows to have been allowed."""
    service = attributes.text(fields, "eventSource").partition(".")[0]
    name = attributes.text(fields, "eventName")
    is_call = attributes.text(fields, "eventType") == "AwsApiCall"
    has_failed = bool(attributes.text(fields, "errorCode"))
    if not is_call or has_failed or name in FREE or refusals.needs_root_key(fields):
        return set()
    decision = refusals.decision(fields)
    further = decision.get("further")
    told = [decision, *(further if isinstance(further, list) else [])]
    pairs = [(attributes.text(each, "action"), attributes.text(each, "resource")) for each in told]
    used = {(action, resource) for action, resource in pairs if action and resource}
    resource = _resource(fields, service, name)
    used |= {(f"{service}:{each}", resource) for each in needed(name, _request(fields))}
    path = attributes.text(fields, "requestParameters", "pathPrefix")
    named = {(action, _by_path(resource, path)) for action, resource in used | _of_batch(fields)}
    return {use for use in named if _is_known(use)}


def _by_path(resource: str, path: str) -> str:
    """Return what a list below a path was about: of the path the ARN has a hash alone."""
    is_of_path = bool(path) and attributes.is_hashed(resource)
    return resource.rpartition("/")[0] + path if is_of_path else resource


def _request(fields: Fields) -> Fields:
    """Return the parameters that a record tells, spelled as on the wire."""
    request = fields.get("requestParameters")
    told = request if isinstance(request, dict) else {}
    return {str(name)[:1].upper() + str(name)[1:]: value for name, value in told.items()}


def _resource(fields: Fields, service: str, name: str) -> str:
    if service == SERVICE:
        is_on_secret = name in ACTIONS and ACTIONS[name].is_on_secret
        return attributes.arn(fields) if is_on_secret and attributes.arn(fields) else _EVERYTHING
    decided = attributes.text(refusals.decision(fields), "resource")
    concerned = [arn for _, arn in attributes.resources(fields)]
    return decided or next(iter(concerned), _EVERYTHING)


def _of_batch(fields: Fields) -> set[Use]:
    """Return what had to be allowed besides a read, where several secrets were read at once."""
    additional = fields.get("additionalEventData")
    operation = attributes.text(additional, "operation")
    if operation not in ACTIONS:
        return set()
    by_filter = isinstance(additional, dict) and additional.get("byFilter") is True
    names = needed(operation, {"Filters": []} if by_filter else {})
    return {(f"{SERVICE}:{each}", _EVERYTHING) for each in names}


def _is_known(use: Use) -> bool:
    """Tell whether a policy can say it: a journal holds what anybody wrote into its files."""
    action, resource = use
    return is_action(action) and (resource == _EVERYTHING or bool(arns.arn(resource).segments))


def _made(fields: Fields, before: set[str]) -> set[str]:
    """Return the ARNs of secrets that were made, and of replicas of those and of earlier ones.

    A replica has the suffix of its primary: one of a secret that others made keeps its ARN.
    """
    name, arn = attributes.text(fields, "eventName"), attributes.arn(fields)
    is_new = name == "CreateSecret"
    if not is_new and (name != "ReplicateSecretToRegions" or arn not in before):
        return set()
    replicas = _request(fields).get("AddReplicaRegions")
    listed = replicas if isinstance(replicas, list) else []
    head, _, rest = arn.partition(f":{SERVICE}:")
    tail = rest.partition(":")[2]
    regions = [attributes.text(each, "region") for each in listed]
    return {arn, *(f"{head}:{SERVICE}:{region}:{tail}" for region in regions)}


def _caller(fields: Fields) -> str:
    """Return the unique id of the user, or of the role whose session it was."""
    identity = fields.get("userIdentity")
    issuer = attributes.text(identity, "sessionContext", "sessionIssuer", "principalId")
    return issuer or attributes.text(identity, "principalId")


def _check(used: set[Use], callers: set[str]) -> None:
    if not used:
        raise _nothing()
    if len(callers) > 1:
        raise CannotGenerateError(
            "several principals go by that name",
            *(f"--principal {each}" for each in sorted(callers)),
        )
    if any(attributes.is_hashed(attributes.name_in(resource)) for _, resource in used):
        raise CannotGenerateError(
            "names of secrets are hidden in the journal (audit.names is hmac): no policy can name "
            "what was used",
            "secretctl configure set audit.names plain, then --since a time after that",
        )


def _nothing() -> CannotGenerateError:
    return CannotGenerateError(
        "the journal has nothing that was allowed to that principal",
        "secretctl audit lookup-events --principal WHO",
    )


def _is_broad(use: Use) -> bool:
    """Tell whether something about a secret would have to be allowed on every secret."""
    service, _, name = use[0].partition(":")
    is_on_secret = service == SERVICE and name in ACTIONS and ACTIONS[name].is_on_secret
    return is_on_secret and use[1] == _EVERYTHING


def _pattern(resource: str, made: set[str]) -> str:
    """Return what describes a resource and nothing else."""
    if resource == _EVERYTHING:
        return resource
    name = attributes.name_in(resource)
    *head, last = resource.split(":", arns.SEGMENTS - 1)
    is_made = resource in made
    exact = f"secret:{name}" if is_made else last
    literal = "".join([f"${{{each}}}" if each in "$*?" else each for each in exact])
    return ":".join([*head, literal + (f"-{ANY_SUFFIX}" if is_made else "")])


def _statements(used: set[Use]) -> list[Fields]:
    """Return one statement for each set of resources, in the order of their actions."""
    by_action: dict[str, set[str]] = {}
    for action, resource in used:
        by_action.setdefault(action, set()).add(resource)
    grouped: dict[tuple[str, ...], list[str]] = {}
    for action, resources in sorted(by_action.items()):
        named = (_EVERYTHING,) if _EVERYTHING in resources else tuple(sorted(resources))
        grouped.setdefault(named, []).append(action)
    return [
        {"Effect": "Allow", "Action": actions, "Resource": _one_or_list(resources)}
        for resources, actions in grouped.items()
    ]


def _one_or_list(resources: tuple[str, ...]) -> object:
    return resources[0] if len(resources) == 1 else list(resources)
