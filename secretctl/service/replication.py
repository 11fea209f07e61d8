"""Replication to other regions of the vault, and the two cross-account operations."""

from __future__ import annotations

from secretctl.domain import kms
from secretctl.domain.names import check_region
from secretctl.domain.secret import Replica
from secretctl.errors import ServiceError
from secretctl.model.shapes import Result
from secretctl.service.entries import replication_status
from secretctl.service.replicas import add_replica, is_replica, remove_replica
from secretctl.service.secrets import (
    answered,
    arn,
    changing,
    find,
    find_to_change,
    keep,
    replacing,
)
from secretctl.service.session import Session

_ONE_ACCOUNT = "This vault holds one account. Secrets can't be replicated across accounts."


def replicate_secret_to_regions(
    session: Session,
    *,
    secret_id: str,
    add_replica_regions: list[dict[str, str]],
    force_overwrite_replica_secret: bool = False,
) -> Result:
    """Make replicas in other regions.

    See: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ReplicateSecretToRegions.html
    """
    wanted = wanted_replicas(session.region, add_replica_regions)
    check_keys(session, wanted)
    with changing(session) as transaction:
        before = find_to_change(session, transaction, secret_id)
        may = replacing(session, transaction) if force_overwrite_replica_secret else None
        kept = {replica.region: replica for replica in before.replicas}
        secret = before._replace(primary_region=before.region)
        for replica in wanted:
            if kept.get(replica.region, replica).status == "InSync" and replica.region in kept:
                raise ServiceError(
                    "InvalidParameterException",
                    f"The secret is already replicated to region {replica.region}.",
                )
            kept[replica.region] = add_replica(
                transaction, secret, replica, session.context.now_ms(), may
            )
        secret = keep(session, transaction, secret._replace(replicas=tuple(kept.values())), before)
        status = replication_status(transaction, secret)
        return answered(session, {"ARN": arn(session, secret), "ReplicationStatus": status})


def remove_regions_from_replication(
    session: Session, *, secret_id: str, remove_replica_regions: list[str]
) -> Result:
    """Delete replicas.

    See: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RemoveRegionsFromReplication.html
    """
    with changing(session) as transaction:
        before = find_to_change(session, transaction, secret_id)
        present = {replica.region for replica in before.replicas}
        if not present.issuperset(remove_replica_regions):
            raise ServiceError(
                "InvalidParameterException",
                "The secret isn't replicated to one of the regions you named.",
            )
        for replica in before.replicas:
            if replica.region in remove_replica_regions and replica.status == "InSync":
                remove_replica(transaction, before, replica.region)
        left = tuple(
            replica for replica in before.replicas if replica.region not in remove_replica_regions
        )
        secret = before._replace(replicas=left, primary_region=before.region if left else "")
        secret = keep(session, transaction, secret, before)
        status = replication_status(transaction, secret)
        return answered(session, {"ARN": arn(session, secret), "ReplicationStatus": status})


def stop_replication_to_replica(session: Session, *, secret_id: str) -> Result:
    """Make a replica a secret of its own.

    See: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_StopReplicationToReplica.html
    """
    with changing(session) as transaction:
        before = find(session, transaction, secret_id)
        if not is_replica(before):
            raise ServiceError("InvalidParameterException", "The secret isn't a replica secret.")
        primary = transaction.find(before.primary_region, before.name)
        if primary is not None and primary.suffix == before.suffix:
            left = tuple(each for each in primary.replicas if each.region != before.region)
            region = primary.region if left else ""
            changed = primary._replace(replicas=left, primary_region=region)
            keep(session, transaction, changed, primary)
        secret = keep(session, transaction, before._replace(primary_region=""), before)
        return answered(session, {"ARN": arn(session, secret)})


def associate_cross_account_replica(
    session: Session,
    *,
    secret_id: str,
    cross_account_replica_arn: str,
    replica_restriction: str | None = None,
    replication_role_arn: str | None = None,
) -> Result:
    """Refuse: one vault is one account."""
    del cross_account_replica_arn, replica_restriction, replication_role_arn
    return _refuse_cross_account(session, secret_id)


def disassociate_cross_account_replica(
    session: Session, *, secret_id: str, cross_account_replica_arn: str
) -> Result:
    """Refuse: one vault is one account."""
    del cross_account_replica_arn
    return _refuse_cross_account(session, secret_id)


def wanted_replicas(primary: str, regions: list[dict[str, str]]) -> list[Replica]:
    """Return the replicas that a request asks for beside the region *primary*.

    Raises:
        ServiceError: A region is named twice, is the primary's, or is none.
    """
    wanted: dict[str, Replica] = {}
    for entry in regions:
        if "Region" not in entry:
            raise ServiceError("InvalidParameterException", "You must specify a replica region.")
        region = entry["Region"]
        check_region(region)
        if region == primary or region in wanted:
            raise ServiceError("InvalidParameterException", "Invalid replica region.")
        wanted[region] = Replica(region, entry.get("KmsKeyId", ""))
    return list(wanted.values())


def check_keys(session: Session, replicas: list[Replica]) -> None:
    """Refuse a replica's KmsKeyId that is an ARN of another region than its own, or of elsewhere.

    Raises:
        ServiceError: EncryptionFailure.
    """
    for replica in replicas:
        kms.check_key_id(replica.kms_key_id, replica.region, session.vault.account)


def _refuse_cross_account(session: Session, secret_id: str) -> Result:
    with session.vault.read() as view:
        find(session, view, secret_id)
    raise ServiceError("InvalidRequestException", _ONE_ACCOUNT)
