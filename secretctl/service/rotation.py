"""RotateSecret, CancelRotateSecret: configuration and label rules.

Running a rotation function is not this module's business: whether one exists is asked of the
session, and nothing is changed when it does not.
"""

from secretctl.domain import schedule, staging
from secretctl.domain.retries import begun_anew, stands_in_the_way, under_way
from secretctl.domain.secret import ROTATING, Rotation, Secret, Version
from secretctl.domain.staging import PENDING
from secretctl.domain.versions import prune
from secretctl.errors import ServiceError
from secretctl.model.shapes import Result
from secretctl.service.secrets import answered, arn, changing, find_to_change, identity, keep
from secretctl.service.session import Session
from secretctl.service.versions import in_use, pruned, require_token

INCOMPLETE = "A previous rotation isn't complete. That rotation will be reattempted."
_NO_FUNCTION = "No Lambda rotation function ARN is associated with this secret."
_NOT_INVOKED = (
    "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function "
    "policy grants access to the principal secretsmanager.amazonaws.com."
)


def rotate_secret(  # noqa: PLR0913 the operation's members
    session: Session,
    *,
    secret_id: str,
    client_request_token: str | None = None,
    rotation_lambda_arn: str | None = None,
    rotation_rules: dict[str, object] | None = None,
    external_secret_rotation_metadata: list[dict[str, str]] | None = None,
    external_secret_rotation_role_arn: str | None = None,
    rotate_immediately: bool = True,
) -> Result:
    """Configure rotation and begin one.

    See: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html
    """
    token = require_token(client_request_token, "InvalidParameterException")
    with changing(session) as transaction:
        before = find_to_change(session, transaction, secret_id)
        rotation = _configured(before.rotation, rotation_lambda_arn, rotation_rules)
        if external_secret_rotation_metadata is not None:
            pairs = [
                (e.get("Key", ""), e.get("Value", "")) for e in external_secret_rotation_metadata
            ]
            rotation = rotation._replace(external_metadata=tuple(pairs))
        if external_secret_rotation_role_arn is not None:
            rotation = rotation._replace(external_role=external_secret_rotation_role_arn)
        if not rotation.function:
            raise ServiceError("InvalidRequestException", _NO_FUNCTION)
        if lacking := session.lacks_function(rotation.function, before.name):
            raise ServiceError("AccessDeniedException", _NOT_INVOKED, lacking)
        pending = under_way(before)
        if stands_in_the_way(before, token, tries_out=not rotate_immediately):
            raise ServiceError("InvalidRequestException", INCOMPLETE)
        now_ms = session.context.now_ms()
        if pending is None and _is_new(session, before, token, at_once=rotate_immediately):
            rotation = begun_anew(rotation)._replace(doing=ROTATING if rotate_immediately else "")
        secret = before._replace(
            rotation=rotation._replace(
                enabled=True,
                next_rotation_ms=_next_rotation_ms(before, rotation, now_ms),
            )
        )
        if rotate_immediately:
            secret = _with_pending(secret, token, now_ms)
            _check_room(secret, token, now_ms)
        secret = pruned(transaction, secret, now_ms)
        secret = keep(session, transaction, secret, before)
        return answered(session, {**identity(session, secret), "VersionId": token})


def cancel_rotate_secret(session: Session, *, secret_id: str) -> Result:
    """Turn rotation off; function, rules and labels stay as they are.

    See: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CancelRotateSecret.html
    """
    with changing(session) as transaction:
        before = find_to_change(session, transaction, secret_id)
        if before.rotation is None:
            raise ServiceError(
                "InvalidRequestException",
                "You tried to cancel the rotation of a secret that rotation isn't configured for.",
            )
        rotation = before.rotation._replace(enabled=False, next_rotation_ms=None)
        secret = keep(session, transaction, before._replace(rotation=rotation), before)
        pending = staging.by_stage(secret.versions, PENDING)
        result = identity(session, secret)
        if pending is not None:
            result["VersionId"] = pending.id
        return answered(session, result)


def _is_new(session: Session, secret: Secret, token: str, *, at_once: bool) -> bool:
    """Tell whether *token* begins a rotation; where its version is current, it has been done.

    Raises:
        ServiceError: InvalidRequestException, it is the id of another version.
    """
    version = staging.by_id(secret.versions, token)
    if version is not None and not (at_once and staging.CURRENT in version.stages):
        raise ServiceError("InvalidRequestException", in_use(token, arn(session, secret)))
    return version is None


def _configured(
    stored: Rotation | None, function: str | None, rules: dict[str, object] | None
) -> Rotation:
    rotation = stored or Rotation(enabled=False)
    if function:
        rotation = rotation._replace(function=function)
    if rules is not None:
        days, duration, expression = (
            rules.get("AutomaticallyAfterDays"),
            rules.get("Duration"),
            rules.get("ScheduleExpression"),
        )
        assert days is None or isinstance(days, int), "validated"
        duration = None if duration is None else str(duration)
        expression = None if expression is None else str(expression)
        schedule.check_rules(days, duration, expression)
        rotation = rotation._replace(
            automatically_after_days=days,
            duration=duration or "",
            schedule_expression=expression or "",
        )
    return rotation


def _next_rotation_ms(before: Secret, rotation: Rotation, now_ms: int) -> int | None:
    """Return NextRotationDate, which stays, past or not, unless it is asked for by other rules.

    A rotation that only begins moves nothing: where it fails, the secret is as overdue as it was.
    """
    stored = before.rotation
    if stored is not None and stored.enabled and _rules(stored) == _rules(rotation):
        return stored.next_rotation_ms
    return schedule.next_rotation_ms(rotation, _last_change_ms(before, rotation), now_ms)


def _rules(rotation: Rotation) -> tuple[object, ...]:
    return rotation.automatically_after_days, rotation.schedule_expression, rotation.duration


def _last_change_ms(secret: Secret, rotation: Rotation) -> int | None:
    """Return when the value last changed: when a rotation succeeded, or it was put by hand."""
    current = staging.current(secret.versions)
    times = (rotation.last_rotated_ms, None if current is None else current.created_ms)
    return max((each for each in times if each is not None), default=None)


def _check_room(secret: Secret, token: str, now_ms: int) -> None:
    """See that the last step, too, has room: by then the password is changed outside.

    Raises:
        ServiceError: LimitExceededException, of labels, or of versions without any.
    """
    current = staging.current(secret.versions)
    holder = None if current is None else current.id
    in_the_end = staging.move(secret.versions, staging.CURRENT, holder, token)
    staging.check_limit(in_the_end)
    prune(in_the_end, now_ms)


def _with_pending(secret: Secret, token: str, now_ms: int) -> Secret:
    """Return *secret* with an empty version labelled AWSPENDING, as functions expect to find it."""
    if staging.by_id(secret.versions, token) is not None:
        return secret
    serial = secret.free_serial()
    blank = Version(token, now_ms, kms_key_id=secret.kms_key_id, serial=serial)
    versions = staging.release(secret.versions, PENDING)
    return secret._replace(
        versions=(*versions, blank._replace(stages=(PENDING,))),
        next_serial=serial + 1,
    )
