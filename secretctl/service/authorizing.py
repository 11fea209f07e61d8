"""May they? Asked of the policies before anything comes of a request: what is asked about what.

What was decided, and by what, is noted for the journal; see `deciding`.
"""

from __future__ import annotations

from secretctl.domain import kms, names
from secretctl.errors import KeyNotGrantedError
from secretctl.model.authorization import SERVICE, needed
from secretctl.policy.decisions import ALLOWED, EXPLICITLY_DENIED
from secretctl.record import TYPE_CHECKING
from secretctl.service import condition_keys
from secretctl.service.condition_keys import Parameters
from secretctl.service.decided import told
from secretctl.service.deciding import Asked, decide, evaluated

if TYPE_CHECKING:
    from secretctl.domain.kms import Use
    from secretctl.domain.secret import Secret
    from secretctl.service.acts import Act
    from secretctl.service.session import Session
    from secretctl.vault.view import View

_UNKNOWN = "?" * names.SUFFIX_LENGTH


def on_secret(session: Session, view: View, act: Act, secret: Secret | None, named: str) -> None:
    """Decide on *act*, which is about a secret.

    Args:
        session: Of the caller.
        view: The moment in which the secret was looked for.
        act: What is asked for.
        secret: None if there is none: whether that may be told is decided by what was named.
        named: The SecretId as it was given.

    Raises:
        ServiceError: AccessDeniedException.
        PolicyFileError: A policy that has a say is not the one in force.
    """
    arn = kms_arn(session, view, act.parameters)
    keys = condition_keys.of_request(act.name, act.parameters, arn)
    policy = recorded = ""
    resource = _arn_of(session, named)
    if secret is not None:
        resource = names.arn(secret.region, session.vault.account, secret.name, secret.suffix)
        keys |= condition_keys.of_secret(secret, resource)
        policy = secret.resource_policy
        recorded = session.recorder.names.arn(resource, secret.name)
    else:
        keys["secretsmanager:SecretId"] = resource
    for name in needed(act.name, act.parameters):
        asked = Asked(f"{SERVICE}:{name}", resource, keys, named, policy, recorded)
        decide(session, view, act, asked)


def on_new_secret(session: Session, view: View, act: Act, secret: Secret) -> None:
    """Decide on making *secret*, with its tags and replicas; raises as `on_secret`."""
    resource = names.arn(secret.region, session.vault.account, secret.name, secret.suffix)
    shown = session.recorder.names
    recorded, refused = (each(resource, secret.name) for each in (shown.arn, shown.hashed_arn))
    arn = kms_arn(session, view, act.parameters)
    tags = condition_keys.of_resource_tags(condition_keys.tags_of(act.parameters))
    for name in needed(act.name, act.parameters):
        keys = condition_keys.of_request(name, act.parameters, arn) | tags
        asked = Asked(f"{SERVICE}:{name}", resource, keys, secret.name, "", recorded, refused)
        decide(session, view, act, asked)


def on_replaced(session: Session, view: View, act: Act, secret: Secret) -> None:
    """Decide on replacing *secret* by a replica, as on deleting it at once; raises as `on_secret`.

    NOTE: AWS does not say whether it asks. It is another secret's end, without a way back.
    """
    arn = names.arn(secret.region, session.vault.account, secret.name, secret.suffix)
    keys = condition_keys.of_request("DeleteSecret", {"ForceDeleteWithoutRecovery": True})
    keys |= condition_keys.of_secret(secret, arn)
    recorded = session.recorder.names.arn(arn, secret.name)
    policy = secret.resource_policy
    asked = Asked(f"{SERVICE}:DeleteSecret", arn, keys, arn, policy, recorded)
    decide(session, view, act, asked)


def on_nothing(session: Session, view: View, act: Act) -> None:
    """Decide on *act*, which is about no secret, or none yet; raises as `on_secret`."""
    for name in needed(act.name, act.parameters):
        asked = Asked(f"{SERVICE}:{name}", "*", condition_keys.of_request(name, act.parameters))
        decide(session, view, act, asked._replace(recorded="*"))


def on_key(session: Session, view: View, use: Use) -> None:
    """Refuse the use of a KMS key that a policy denies the caller.

    A grant stands for what would have to allow it, so that no policy needs to.

    Raises:
        KeyNotGrantedError: With what decided.
    """
    keys = condition_keys.of_key_use(session, view, use)
    result = evaluated(session, view, Asked(f"kms:{use.operation}", use.arn, keys))
    if result.decision == EXPLICITLY_DENIED:
        said = told(result, use.arn)
        said.pop("lacks", None)  # a grant allows it
        raise KeyNotGrantedError(use.arn, use.operation, said)


def locks_out(session: Session, view: View, secret: Secret | None, policy: str) -> bool:
    """Tell whether the caller could not replace a secret's resource policy again under *policy*.

    That is, by a request like the present one: with BlockPublicPolicy, if it has that.
    The account root always could, here; it is refused such a policy as in AWS, since all else that
    it would be denied.

    Args:
        session: Of the caller.
        view: A moment of the vault.
        secret: None for a policy that is checked for no secret.
        policy: A resource policy, its form checked.
    """
    act = session.recorder.act
    asked = _asked(session, "PutResourcePolicy", secret or "", act.parameters if act else None)
    return not _is_allowed(session, view, asked._replace(resource_policy=policy))


def may(session: Session, view: View, action: str, secret: Secret | None) -> bool:
    """Tell whether the caller may do *action*, asked for nothing in particular; nothing is noted.

    Args:
        session: Of the caller.
        view: A moment of the vault.
        action: Name of an operation.
        secret: What it is about; None for an action about no secret.
    """
    if secret is None:
        asked = Asked(f"{SERVICE}:{action}", "*", condition_keys.of_request(action, {}))
    else:
        asked = _asked(session, action, secret)._replace(resource_policy=secret.resource_policy)
    return _is_allowed(session, view, asked)


def on_policy_of(session: Session, view: View, act: Act, secret: Secret) -> None:
    """Decide whether the caller may be told what a secret's policy says; raises as `on_secret`."""
    asked = _asked(session, "GetResourcePolicy", secret)
    recorded = session.recorder.names.arn(asked.resource, secret.name)
    decide(
        session,
        view,
        act,
        asked._replace(
            named=asked.resource, resource_policy=secret.resource_policy, recorded=recorded
        ),
    )


def _asked(
    session: Session, action: str, secret: Secret | str, parameters: Parameters | None = None
) -> Asked:
    """Return a question about a secret, or about one that is not there, by its name."""
    keys = condition_keys.of_request(action, parameters or {})
    if isinstance(secret, str):
        return Asked(f"{SERVICE}:{action}", _arn_of(session, secret), keys)
    resource = names.arn(secret.region, session.vault.account, secret.name, secret.suffix)
    return Asked(f"{SERVICE}:{action}", resource, keys | condition_keys.of_secret(secret, resource))


def _is_allowed(session: Session, view: View, asked: Asked) -> bool:
    return evaluated(session, view, asked).decision == ALLOWED


def kms_arn(session: Session, view: View, parameters: dict[str, object]) -> str:
    """Return the ARN of the key that KmsKeyId in a request means; empty if it names none."""
    given = parameters.get("KmsKeyId")
    if not isinstance(given, str):
        return ""
    return kms.meant_arn(view.kms_directory(), given, session.region, session.vault.account)


def _arn_of(session: Session, named: str) -> str:
    """Return the ARN of a secret that is not there, with a suffix that nobody knows.

    It is decided on like that of one that is there: otherwise the refusal would tell them apart.
    """
    if not named.startswith("arn:"):
        return names.arn(session.region, session.vault.account, named, _UNKNOWN)
    return named if names.ends_like_suffix(named) else f"{named}-{_UNKNOWN}"
