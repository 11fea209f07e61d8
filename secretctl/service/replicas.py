"""Keeping replicas: secrets of the same name and suffix in other regions of the vault.

A replica has records, data keys and a KMS key of its own. Each change of the primary is copied
in the same commit, so a replica is never behind.
See: https://docs.aws.amazon.com/secretsmanager/latest/userguide/replicate-secrets.html
"""

from __future__ import annotations

from collections.abc import Callable

from secretctl.domain import staging
from secretctl.domain.deletion import is_gone
from secretctl.domain.secret import Replica, Secret, Version
from secretctl.errors import ServiceError, VaultDamagedError
from secretctl.vault.transaction import Transaction

REPLICA_REFUSED = (
    "Operation not permitted on a replica secret. Call must be made in primary secret's region."
)


def is_replica(secret: Secret) -> bool:
    """Tell whether *secret* follows a primary in another region."""
    return secret.primary_region not in ("", secret.region)


def refuse_replica(secret: Secret) -> None:
    """Refuse to change a replica by itself.

    Raises:
        ServiceError: InvalidParameterException.
    """
    if is_replica(secret):
        raise ServiceError("InvalidParameterException", REPLICA_REFUSED)


def replicate(transaction: Transaction, primary: Secret, former: Secret) -> None:
    """Bring every replica of *primary*, which was *former* before a change, into step.

    What the change itself wrote is copied, and nothing else: a replica that lacks a value from
    before, or has another or under another key than is named, is none that this program made.

    Raises:
        VaultDamagedError: There is such a replica.
    """
    had = frozenset(version.id for version in former.versions if version.pin)
    is_written = any(version.pin and version.id not in had for version in primary.versions)
    for replica in primary.replicas:
        if replica.status == "InSync":
            before = transaction.find(replica.region, primary.name)
            if before is not None and before.suffix == primary.suffix:
                if is_written:
                    _check_own(transaction, former, before, replica)
                _follow(transaction, primary, before, replica, had)


def add_replica(
    transaction: Transaction,
    primary: Secret,
    replica: Replica,
    now_ms: int,
    replacing: Callable[[Secret], None] | None,
) -> Replica:
    """Make a replica; its status says Failed where another secret stands in the way.

    Args:
        transaction: Of the vault.
        primary: The secret that the replica follows.
        replica: What is wanted.
        now_ms: The time.
        replacing: Is given a secret that the replica is to replace, and raises where the caller may
            not do that; None where none is to be replaced.

    Raises:
        ServiceError: What *replacing* raises.
    """
    other = transaction.find(replica.region, primary.name)
    if other is not None and not is_gone(other, now_ms):
        if replacing is None or other.replicas or is_replica(other):
            message = (
                f"Replication failed: Secret name {primary.name} already exists in region "
                f"{replica.region}."
            )
            return replica._replace(status="Failed", message=message)
        replacing(other)
    if other is not None:
        transaction.purge(other)
    blank = Secret(
        region=replica.region,
        name=primary.name,
        suffix=primary.suffix,
        number=transaction.next_number(),
        created_ms=now_ms,
        changed_ms=primary.changed_ms,
        primary_region=primary.region,
    )
    transaction.put(blank)
    replica = replica._replace(status="InSync", message="")
    _follow(transaction, primary, blank, replica, frozenset())
    return replica


def remove_replica(transaction: Transaction, primary: Secret, region: str) -> None:
    """Remove the replica in *region*, if it is one."""
    secret = transaction.find(region, primary.name)
    if secret is not None and secret.primary_region == primary.region:
        transaction.purge(secret)


def _check_own(transaction: Transaction, former: Secret, before: Secret, replica: Replica) -> None:
    """Refuse a replica whose copy of the present value is another, or not where it is named."""
    from secretctl.vault import resealing

    present = resealing.present(former)
    copy = present and staging.by_id(before.versions, present.id)
    if present is None or copy is None or not copy.pin:  # one that lacks it is told by `_follow`
        return
    named = before._replace(kms_key_id=replica.kms_key_id)
    if not resealing.is_copy(transaction, (former, present), (named, copy)):
        raise _foreign()


def _foreign() -> VaultDamagedError:
    return VaultDamagedError(
        "a replica that nobody made by this program follows the secret",
        "secretctl remove-regions-from-replication, of each region that is not yours",
    )


def _follow(
    transaction: Transaction,
    primary: Secret,
    before: Secret,
    replica: Replica,
    had: frozenset[str],
) -> None:
    """Bring a replica into step; it has a copy of the versions *had* already."""
    known = {version.id: version for version in before.versions}
    secret = before._replace(
        description=primary.description,
        kms_key_id=replica.kms_key_id,
        type=primary.type,
        tags=primary.tags,
        rotation=primary.rotation,
        resource_policy=primary.resource_policy,
        changed_ms=primary.changed_ms,
    )
    versions = []
    for version in primary.versions:
        copy = known.pop(version.id, None)
        if copy is None or (version.pin and not copy.pin):
            if version.id in had:
                raise _foreign()
            secret, copy = _copied(transaction, primary, version, secret, replica, copy)
        versions.append(copy._replace(stages=version.stages))
    for removed in known.values():
        if removed.pin:
            transaction.delete_value(before, removed.serial)
    transaction.put(secret._replace(versions=tuple(versions)), before)


def _copied(  # noqa: PLR0913 what to copy, from where, to where
    transaction: Transaction,
    primary: Secret,
    version: Version,
    secret: Secret,
    replica: Replica,
    empty: Version | None,
) -> tuple[Secret, Version]:
    """Return the replica's record and its copy of *version*; an *empty* copy keeps its place."""
    serial = empty.serial if empty else secret.free_serial()
    pin = b""
    if version.pin:
        from secretctl.vault.resealing import value_to_move

        value = value_to_move(transaction, primary, version, replica.kms_key_id)
        pin = transaction.put_value(secret, serial, replica.kms_key_id, value, version.id)
    copy = Version(
        id=version.id,
        created_ms=version.created_ms,
        kms_key_id=replica.kms_key_id,
        serial=serial,
        pin=pin,
    )
    return secret._replace(next_serial=max(secret.next_serial, serial + 1)), copy
