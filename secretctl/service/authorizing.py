"""May they? Asked of the policies before anything comes of a request: what is asked about what.

What was decided, and by what, is noted for the journal; see `deciding`.
"""

from __future__ import annotations

from functools import partial

from secretctl.domain import kms, names
from secretctl.errors import KeyNotGrantedError
from secretctl.model.authorization import SERVICE, needed
from secretctl.policy.decisions import EXPLICITLY_DENIED
from secretctl.policy.evaluation import can_deny
from secretctl.record import TYPE_CHECKING
from secretctl.service.decided import told
from secretctl.service.deciding import Asked, decide, evaluated

if TYPE_CHECKING:
    from secretctl.domain.kms import Use
    from secretctl.domain.secret import Secret
    from secretctl.service.acts import Act
    from secretctl.service.condition_keys import Keys
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
    key_arn = kms_arn(session, view, act.parameters)
    policy = recorded = ""
    resource = arn_of(session, named)
    if secret is not None:
        resource = names.arn(secret.region, session.vault.account, secret.name, secret.suffix)
        policy = secret.resource_policy
        recorded = session.recorder.names.arn(resource, secret.name)

    def keys() -> Keys:
        from secretctl.service import condition_keys

        asked = condition_keys.of_request(act.name, act.parameters, key_arn)
        if secret is None:
            return {**asked, "secretsmanager:SecretId": resource}
        return asked | condition_keys.of_secret(secret, resource)

    for name in needed(act.name, act.parameters):
        asked = Asked(f"{SERVICE}:{name}", resource, keys, named, policy, recorded)
        decide(session, view, act, asked)


def on_new_secret(session: Session, view: View, act: Act, secret: Secret) -> None:
    """Decide on making *secret*, with its tags and replicas; raises as `on_secret`."""
    resource = names.arn(secret.region, session.vault.account, secret.name, secret.suffix)
    shown = session.recorder.names
    recorded, refused = (each(resource, secret.name) for each in (shown.arn, shown.hashed_arn))
    arn = kms_arn(session, view, act.parameters)

    def keys(name: str) -> Keys:
        from secretctl.service import condition_keys

        tags = condition_keys.of_resource_tags(condition_keys.tags_of(act.parameters))
        return condition_keys.of_request(name, act.parameters, arn) | tags

    for name in needed(act.name, act.parameters):
        known = partial(keys, name)
        asked = Asked(f"{SERVICE}:{name}", resource, known, secret.name, "", recorded, refused)
        decide(session, view, act, asked)


def on_replaced(session: Session, view: View, act: Act, secret: Secret) -> None:
    """Decide on replacing *secret* by a replica, as on deleting it at once; raises as `on_secret`.

    NOTE: AWS does not say whether it asks. It is another secret's end, without a way back.
    """
    arn = names.arn(secret.region, session.vault.account, secret.name, secret.suffix)

    def keys() -> Keys:
        from secretctl.service import condition_keys

        asked = condition_keys.of_request("DeleteSecret", {"ForceDeleteWithoutRecovery": True})
        return asked | condition_keys.of_secret(secret, arn)

    recorded = session.recorder.names.arn(arn, secret.name)
    policy = secret.resource_policy
    asked = Asked(f"{SERVICE}:DeleteSecret", arn, keys, arn, policy, recorded)
    decide(session, view, act, asked)


def on_nothing(session: Session, view: View, act: Act) -> None:
    """Decide on *act*, which is about no secret, or none yet; raises as `on_secret`."""
    from secretctl.service import condition_keys

    for name in needed(act.name, act.parameters):
        keys = partial(condition_keys.of_request, name, act.parameters)
        asked = Asked(f"{SERVICE}:{name}", "*", keys)
        decide(session, view, act, asked._replace(recorded="*"))


def on_key(session: Session, view: View, use: Use) -> None:
    """Refuse the use of a KMS key that a policy denies the caller.

    A grant stands for what would have to allow it, so that no policy needs to.

    Raises:
        KeyNotGrantedError: With what decided.
    """
    caller, action = session.caller, f"kms:{use.operation}"
    entity = caller.entity(view, session.context.now_ms(), "kms")
    if not can_deny(caller.policies(view, entity, action), action):
        return
    from secretctl.service import condition_keys

    keys = partial(condition_keys.of_key_use, session, view, use)
    result = evaluated(session, view, Asked(action, use.arn, keys))
    if result.decision == EXPLICITLY_DENIED:
        said = told(result, use.arn)
        said.pop("lacks", None)  # a grant allows it
        raise KeyNotGrantedError(use.arn, use.operation, said)


def kms_arn(session: Session, view: View, parameters: dict[str, object]) -> str:
    """Return the ARN of the key that KmsKeyId in a request means; empty if it names none."""
    given = parameters.get("KmsKeyId")
    if not isinstance(given, str):
        return ""
    return kms.meant_arn(view.kms_directory(), given, session.region, session.vault.account)


def arn_of(session: Session, named: str) -> str:
    """Return the ARN of a secret that is not there, with a suffix that nobody knows.

    It is decided on like that of one that is there: otherwise the refusal would tell them apart.
    """
    if not named.startswith("arn:"):
        return names.arn(session.region, session.vault.account, named, _UNKNOWN)
    return named if names.ends_like_suffix(named) else f"{named}-{_UNKNOWN}"
