"""May they, asked beside the request itself: of what it leads to, or of nothing in particular.

Whether they may do what they asked for is decided in `authorizing`.
"""

from __future__ import annotations

from functools import partial

from secretctl.domain import names
from secretctl.errors import ServiceError
from secretctl.model.authorization import SERVICE
from secretctl.model.shapes import Operation, Parameters
from secretctl.policy.decisions import ALLOWED
from secretctl.record import TYPE_CHECKING
from secretctl.service import condition_keys
from secretctl.service.acts import Act
from secretctl.service.authorizing import arn_of
from secretctl.service.deciding import DENIED, Asked, decide, evaluated
from secretctl.service.reading import choose
from secretctl.service.secrets import lookup

if TYPE_CHECKING:
    from secretctl.domain.secret import Secret
    from secretctl.service.session import Session
    from secretctl.vault.view import View


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
        asked = Asked(f"{SERVICE}:{action}", "*", partial(condition_keys.of_request, action, {}))
    else:
        asked = _asked(session, action, secret)._replace(resource_policy=secret.resource_policy)
    return _is_allowed(session, view, asked)


def denies(session: Session, view: View, operation: Operation, parameters: Parameters) -> bool:
    """Tell whether policies deny the caller what a request asks of a secret; nothing is recorded.

    Of one that names no secret that is not told: it counts as denied.
    """
    named, recorder = parameters.get("SecretId"), session.recorder
    if not isinstance(named, str):
        return True
    if operation.name == "GetSecretValue":  # a key may be denied as well
        error = choose(session, view, parameters).error
        return isinstance(error, ServiceError) and error.code == DENIED
    act = Act(
        operation.name,
        session.region,
        recorder.names,
        read_only=operation.read_only,
        parameters=parameters,
        decision=session.caller.decision,
    )
    before, recorder.act = recorder.act, act
    try:
        lookup(session, view, named)
    except ServiceError as error:
        return error.code == DENIED
    finally:
        recorder.act = before
    return False


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
    of_request = partial(condition_keys.of_request, action, parameters or {})
    if isinstance(secret, str):
        return Asked(f"{SERVICE}:{action}", arn_of(session, secret), of_request)
    resource = names.arn(secret.region, session.vault.account, secret.name, secret.suffix)
    return Asked(
        f"{SERVICE}:{action}",
        resource,
        lambda: of_request() | condition_keys.of_secret(secret, resource),
    )


def _is_allowed(session: Session, view: View, asked: Asked) -> bool:
    return evaluated(session, view, asked).decision == ALLOWED
