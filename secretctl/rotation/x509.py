"""``builtin/x509``: certificates and their keys, from an authority that is another secret.

Each rotation makes a new key. A certificate that would end before the next rotation is refused, and
so is one that an authority above it does not permit. Of an authority, the certificate is its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from secretctl.crypto import certificate_check, certificates
from secretctl.crypto.certificate_names import CertificateError
from secretctl.crypto.certificates import Issued
from secretctl.domain.schedule import DAY_MS, next_rotation_ms
from secretctl.domain.secret import Rotation
from secretctl.rotation import certificate, versions
from secretctl.rotation.certificate import Order
from secretctl.rotation.steps import Function, Step, StepError

_SECOND_MS = 1000
_EARLIER_S = 300
"""How much earlier it begins to be good: for those whose clocks are behind."""

_MORE_DAYS = "put more of them into the value, or rotate it more often"
_AUTHORITYS = "the authority's secret"
_OWN, _AUTHORITY = "the certificate", "the certificate of the authority"


def _create(step: Step) -> None:
    order = certificate.read(versions.current(step))
    versions.fill(step, certificate.written(order, _made(step, order)))


def _try(step: Step) -> None:
    text = versions.pending(step)
    order = certificate.read(text)
    authority, found = _authority(step, order), certificate.held(text, "the value")
    with _saying(_OWN):
        certificate_check.verify(found, order.wanted, authority, _now_s(step))


def _check(step: Step) -> None:
    _made(step, certificate.read(versions.current(step)))


def _made(step: Step, order: Order) -> Issued:
    """Return a new certificate, verified; raises StepError where it would be of no use."""
    authority, now_s = _authority(step, order), _now_s(step)
    ends_s = now_s + order.days * DAY_MS // _SECOND_MS
    _check_end(step, ends_s, "the ValidityDays of the value are too few", _MORE_DAYS)
    if authority is not None:
        texts = [each for each in (authority.certificate, authority.chain) if each]
        ends_s = min(ends_s, certificate_check.ends_s(texts))
        _check_end(step, ends_s, f"{_AUTHORITY} ends before", "rotate the authority first")
    with _saying(_OWN):
        made = certificates.issue(order.wanted, authority, now_s - _EARLIER_S, ends_s, step.random)
        certificate_check.verify(made, order.wanted, authority, now_s)
    return made


def _check_end(step: Step, ends_s: int, why: str, *hints: str) -> None:
    """Refuse a certificate that ends before the window of the next rotation does."""
    found = step.call("DescribeSecret", {"SecretId": step.secret_id})
    rules = found.get("RotationRules")
    if not isinstance(rules, dict) or not found.get("RotationEnabled"):
        return
    rotation = Rotation(
        enabled=True,
        automatically_after_days=rules.get("AutomaticallyAfterDays"),
        duration=rules.get("Duration", ""),
        schedule_expression=rules.get("ScheduleExpression", ""),
    )
    now_ms = step.now_ms()
    next_ms = next_rotation_ms(rotation, now_ms, now_ms)
    if next_ms is not None and ends_s * _SECOND_MS <= next_ms:
        raise StepError(f"the certificate would end before it is rotated again: {why}", *hints)


def _authority(step: Step, order: Order) -> Issued | None:
    """Return the certificate of who signs, which may do that; None where it signs itself."""
    if not order.authority:
        return None
    found = certificate.held(versions.other(step, order.authority, _AUTHORITYS), _AUTHORITYS)
    with _saying(_AUTHORITY):
        chain = certificates.certificates(found.certificate + "\n" + found.chain)
        if not certificate_check.belongs(found.private, found.certificate):
            raise CertificateError("does not belong to its private key")
        if not certificate_check.is_authority(chain[0]):
            raise CertificateError("is not one that may sign others")
        certificate_check.check_chain(chain, _now_s(step))
    return found


@contextmanager
def _saying(whose: str) -> Iterator[None]:
    try:
        yield
    except CertificateError as error:
        raise StepError(f"{whose} {error}") from None


def _now_s(step: Step) -> int:
    return step.now_ms() // _SECOND_MS


FUNCTION = Function(
    "builtin/x509", versions.in_steps(_create, test=_try), acts_outside=False, check=_check
)
