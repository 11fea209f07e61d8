"""Condition keys of a request: what the policies that decide on it can ask about.

A key is there only where AWS has it: of a parameter, if the request names it; of a tag or another
fact of the secret, if the secret has it.
See: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html
See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from secretctl.domain.principals import ROLE, Role, User, named_arn
from secretctl.model.authorization import ACTIONS
from secretctl.model.shapes import Parameters
from secretctl.model.timestamps import UTC, datetime
from secretctl.record import TYPE_CHECKING

if TYPE_CHECKING:
    from secretctl.domain.kms import Use
    from secretctl.domain.principals import Pairs
    from secretctl.domain.secret import Secret
    from secretctl.service.session import Session
    from secretctl.vault.view import View

Keys = dict[str, "str | tuple[str, ...]"]

_PREFIX = "secretsmanager:"
_MS = 1000
_TAGS_OF_RESOURCE = ("aws:ResourceTag/", f"{_PREFIX}ResourceTag/")


MFA = "aws:MultiFactorAuthPresent"
"""Temporary credentials alone have it, as in AWS; here it is always false."""


def of_caller(session: Session, entity: User | Role | None) -> Keys:
    """Return the keys that every request has, of who asks, when and where.

    Args:
        session: Of the caller.
        entity: The user or role; None for the account root.
    """
    account, now_ms = session.vault.account, session.context.now_ms()
    caller, holder = session.caller, session.caller.holder
    keys: Keys = {
        "aws:CurrentTime": _date(now_ms),
        "aws:EpochTime": str(now_ms // _MS),
        "aws:PrincipalArn": caller.arn,
        "aws:PrincipalType": "Account",
        "aws:RequestedRegion": session.region,
        "aws:SourceIp": session.recorder.origin.source_ip,
        "aws:UserAgent": session.recorder.origin.user_agent,
        "aws:userid": caller.id,
        **of_all(account),
    }
    if entity is not None:
        keys |= of_principal_tags(entity.tags, () if holder is None else holder.tags)
        keys["aws:PrincipalType"] = "User"
    if isinstance(entity, User):
        keys["aws:username"] = entity.name
    if isinstance(entity, Role) and holder is not None:
        keys["aws:PrincipalType"] = "AssumedRole"
        keys["aws:PrincipalArn"] = named_arn(account, ROLE, entity.path, entity.name)
        keys["aws:TokenIssueTime"] = _date(holder.issued_ms)
        keys[MFA] = "false"
        if holder.source_identity:
            keys["aws:SourceIdentity"] = holder.source_identity
    return keys


def of_all(account: str) -> Keys:
    """Return the keys that have one value in every request; KMS is asked by a service."""
    return {
        "aws:PrincipalAccount": account,
        "aws:PrincipalIsAWSService": "false",
        "aws:ResourceAccount": account,
        "aws:SecureTransport": "true",
        "aws:ViaAWSService": "false",
    }


def of_principal_tags(own: Pairs, passed: Pairs) -> Keys:
    """Return the keys of a principal's tags; those of a session take the place of its role's.

    See: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
    """
    replaced = {key.lower() for key, _ in passed}
    kept = [pair for pair in own if pair[0].lower() not in replaced]
    return {f"aws:PrincipalTag/{key}": value for key, value in (*kept, *passed)}


def of_request(action: str, parameters: Parameters, kms_arn: str = "") -> Keys:
    """Return the keys of what is asked for.

    Args:
        action: Name of an operation.
        parameters: Of the wire, checked.
        kms_arn: ARN of the key that KmsKeyId means; empty if it names none.
    """
    keys: Keys = {}
    for key in ACTIONS[action].keys:
        value = parameters.get(key.removeprefix(_PREFIX)) if key.startswith(_PREFIX) else None
        if isinstance(value, str | int):
            keys[key] = _text(value)
    if "secretsmanager:AddReplicaRegions" in ACTIONS[action].keys:
        regions = [str(each["Region"]) for each in _objects(parameters, "AddReplicaRegions")]
        if regions:
            keys["secretsmanager:AddReplicaRegions"] = tuple(regions)
    if "secretsmanager:ModifyRotationRules" in ACTIONS[action].keys:
        keys["secretsmanager:ModifyRotationRules"] = _text("RotationRules" in parameters)
    if "secretsmanager:KmsKeyArn" in ACTIONS[action].keys and kms_arn:
        keys["secretsmanager:KmsKeyArn"] = kms_arn
    if "aws:TagKeys" in ACTIONS[action].keys:
        keys |= _of_tags(parameters)
    return keys


def of_secret(secret: Secret, arn: str) -> Keys:
    """Return the keys of a secret that is there."""
    keys = of_resource_tags(secret.tags or ())
    keys["secretsmanager:SecretId"] = arn
    if secret.primary_region:
        keys["secretsmanager:SecretPrimaryRegion"] = secret.primary_region
    if secret.rotation is not None and secret.rotation.function:
        keys["secretsmanager:resource/AllowRotationLambdaArn"] = secret.rotation.function
    if secret.type:
        keys["secretsmanager:resource/Type"] = secret.type
    return keys


def of_key_use(session: Session, view: View, use: Use) -> Keys:
    """Return the keys of what Secrets Manager asks of KMS in the name of who asked it.

    See: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
    """
    aliases = view.kms_directory().aliases.items()
    keys: Keys = {f"aws:ResourceTag/{key}": value for key, value in use.key.tags}
    keys |= {f"kms:EncryptionContext:{key}": value for key, value in use.context.items()}
    return keys | {
        "aws:RequestedRegion": use.region,
        "aws:ViaAWSService": "true",
        "kms:CallerAccount": session.vault.account,
        "kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "kms:EncryptionContextKeys": tuple(use.context),
        "kms:ResourceAliases": tuple([name for name, each in aliases if each.key_id == use.key.id]),
        "kms:ViaService": f"secretsmanager.{use.region}.amazonaws.com",
    }


def of_resource_tags(tags: Pairs) -> Keys:
    """Return the keys of the tags a secret has, or is made with."""
    return {prefix + key: value for key, value in tags for prefix in _TAGS_OF_RESOURCE}


def tags_of(parameters: Parameters) -> Pairs:
    """Return the tags in a request."""
    return tuple([(str(each["Key"]), str(each["Value"])) for each in _objects(parameters, "Tags")])


def _of_tags(parameters: Parameters) -> Keys:
    tags = tags_of(parameters)
    keys: Keys = {f"aws:RequestTag/{key}": value for key, value in tags}
    named = parameters.get("TagKeys")
    names = [str(key) for key in named] if isinstance(named, list) else [key for key, _ in tags]
    return {**keys, "aws:TagKeys": tuple(names)} if names else keys


def _objects(parameters: Parameters, member: str) -> list[dict[str, object]]:
    listed = parameters.get(member)
    return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []


def _text(value: str | int) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _date(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds // _MS, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
