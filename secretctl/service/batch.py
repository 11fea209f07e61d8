"""BatchGetSecretValue."""

from secretctl.domain.listing import compile_filters
from secretctl.domain.secret import Secret
from secretctl.errors import SecretctlError, ServiceError, ValueDamagedError
from secretctl.model.shapes import Result
from secretctl.service import tokens
from secretctl.service.listing import page_of, whole
from secretctl.service.reading import choose, release
from secretctl.service.secrets import arn
from secretctl.service.session import Session

_BATCH = 20
_NOT_DECRYPTED = (
    "Secrets Manager can't decrypt the protected secret text using the provided KMS key."
)


def batch_get_secret_value(
    session: Session,
    *,
    secret_id_list: list[str] | None = None,
    filters: list[dict[str, object]] | None = None,
    max_results: int | None = None,
    next_token: str | None = None,
) -> Result:
    """Return the current values of up to 20 secrets; what fails is listed beside them.

    See: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_BatchGetSecretValue.html
    """
    if max_results is not None and filters is None:
        raise ServiceError(
            "InvalidParameterException",
            "'Filters' not specified. 'Filters' must also be specified when 'MaxResults' is "
            "provided.",
        )
    if (secret_id_list is None) == (filters is None):
        raise ServiceError(
            "InvalidParameterException",
            "Either 'SecretIdList' or 'Filters' must be provided, but not both.",
        )
    scope = tokens.scope("BatchGetSecretValue", session.region, filters)
    after = tokens.position(session.vault, scope, next_token)
    if secret_id_list is not None:
        return _batch(session, secret_id_list)
    chosen = compile_filters(filters or [])

    def matches(secret: Secret) -> bool:
        return secret.delete_after_ms is None and chosen(secret)

    with whole(), session.vault.read() as view:
        found, last = page_of(
            session, view, matches, int(after or 0), max_results or _BATCH, newest_first=False
        )
    result = _batch(session, [arn(session, secret) for secret in found], by_filter=True)
    if last is not None:
        errors = result.pop("Errors")
        result["NextToken"] = tokens.token(session.vault, scope, str(last))
        result["Errors"] = errors
    return result


def _batch(session: Session, secret_ids: list[str], *, by_filter: bool = False) -> Result:
    values: list[Result] = []
    errors: list[Result] = []
    wanted = list(dict.fromkeys(secret_ids))
    via: Result = {"operation": "BatchGetSecretValue"} | ({"byFilter": True} if by_filter else {})
    with session.vault.read() as view:
        choices = [choose(session, view, {"SecretId": secret_id}, via) for secret_id in wanted]
        answers = release(session, view, choices) if choices else []
    if choices:
        session.recorder.recorded()
    for secret_id, answer in zip(wanted, answers, strict=True):
        if isinstance(answer, ServiceError):
            errors.append(_entry(secret_id, answer.code, answer.message))
        elif isinstance(answer, ValueDamagedError):
            errors.append(_entry(secret_id, "DecryptionFailure", _NOT_DECRYPTED))
        elif isinstance(answer, SecretctlError):
            raise answer
        else:
            values.append(answer)
    return {"SecretValues": values, "Errors": errors}


def _entry(secret_id: str, code: str, message: str) -> Result:
    return {"SecretId": secret_id, "ErrorCode": code, "Message": message}
