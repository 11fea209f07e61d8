"""RotateKeyOnDemand, and wrapping data keys anew under the newest material."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from secretctl.domain.kms import Key
from secretctl.model.shapes import Result
from secretctl.service.acts import own_act
from secretctl.service.kms import finding
from secretctl.service.secrets import answered
from secretctl.service.session import Session
from secretctl.vault import kms_granting, kms_making, rewrapping
from secretctl.vault.rewrapping import Batch
from secretctl.vault.transaction import Transaction

BATCH = 5000
"""Most values rewrapped by one commit: about a sixth of a second in which others wait to write."""


def rotate_key_on_demand(session: Session, *, key_id: str, rewrap: bool = False) -> Result:
    """Give a key new material for what is written from now on.

    With *rewrap*, ours, all that is wrapped under older material is wrapped anew, batch by batch,
    and older material goes once nothing refers to it. Where that was begun and broken off, it is
    gone on with, and the key keeps its material.

    See: https://docs.aws.amazon.com/kms/latest/APIReference/API_RotateKeyOnDemand.html
    """
    with finding.owner_changing(session) as transaction:
        key = finding.key_or_default(session, transaction, key_id)
        finding.check_enabled(session, key)
        if not (rewrap and key.is_rewrapping):
            _rotate(session, transaction, key, is_rewrapping=rewrap or key.is_rewrapping)
        result = answered(session, {"KeyId": finding.arn(session, key.id)})
    if rewrap:
        _rewrap(session, key.id)
    return result


def _rotate(session: Session, transaction: Transaction, key: Key, *, is_rewrapping: bool) -> None:
    context = session.context
    material = kms_making.new_material(transaction, context.random, context.now_ms())
    kms_granting.seal_to_all(transaction, key, material.id)
    materials = (*key.materials, material)
    finding.keep(transaction, key._replace(materials=materials, is_rewrapping=is_rewrapping))


def _rewrap(session: Session, key_id: str) -> None:
    with finding.reading(session) as view:
        left, _ = rewrapping.referred(view, finding.key(session, view, key_id))
    done, after, is_rewrapping = 0, b"", True
    while is_rewrapping:  # again from the beginning where the key was rotated meanwhile
        batch, is_rewrapping = _next_batch(session, key_id, after)
        done, after = done + batch.rewrapped, b"" if batch.is_last else batch.after
        session.progress(done, max(left, done))


def _next_batch(session: Session, key_id: str, after: bytes) -> tuple[Batch, bool]:
    """Rewrap a batch in one commit; return it, and whether anything is left to do."""
    said: dict[str, object] = {"keyId": key_id, "values": 0}
    with _recorded(session, said), finding.owner_changing(session) as transaction:
        key = finding.key(session, transaction, key_id)
        batch = rewrapping.rewrap(transaction, key, after, BATCH)
        said["values"] = batch.rewrapped
        if batch.is_last:
            dropped = len(key.materials)
            key = rewrapping.drop(transaction, key)
            said["droppedMaterials"] = dropped - len(key.materials)
    return batch, key.is_rewrapping


@contextmanager
def _recorded(session: Session, said: dict[str, object]) -> Iterator[None]:
    """Record a batch as an act of its own within the one that asked for it."""
    recorder, outer = session.recorder, session.recorder.act
    act = own_act(session, "RewrapDataKeys", said)
    try:
        with recorder.during(act):
            yield
    finally:
        recorder.act = outer
