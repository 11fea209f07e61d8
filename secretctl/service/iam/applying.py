"""Put files of ``policies/`` in force: what ``policy apply`` changes.

A file is taken as it lies there, not laid out anew: only the vault changes, in one commit, and
before it the file is as much out of force as it was. It must still be the text that was shown.
"""

from __future__ import annotations

from secretctl.domain.principals import POLICY, ManagedPolicy, PolicyVersion
from secretctl.errors import PolicyFileError, ServiceError
from secretctl.model.shapes import Fields, Result
from secretctl.record import TYPE_CHECKING
from secretctl.service import owner
from secretctl.service.acts import own_act
from secretctl.service.iam import documents, entities, policies
from secretctl.service.secrets import writing
from secretctl.vault import policy_drafts, policy_files, principals

if TYPE_CHECKING:
    from secretctl.service.session import Session

MOST_VERSIONS = policies.MOST_VERSIONS


def put_in_force(
    session: Session, *, policy_name: str, policy_document: str, drop_oldest: bool = False
) -> Result:
    """Make the file of a managed policy the version in force.

    Args:
        session: Of the owner.
        policy_name: Of a managed policy.
        policy_document: What the file holds.
        drop_oldest: Make room where there are five versions.

    Raises:
        ServiceError: NoSuchEntity, MalformedPolicyDocument, LimitExceeded, AccessDenied.
        PolicyFileError: The file is another one by now.
    """
    documents.check_managed(policy_document)
    with entities.changing(session) as transaction:
        found = principals.find(transaction, POLICY, policy_name)
        if not isinstance(found, ManagedPolicy) or found.name != policy_name:
            raise ServiceError("NoSuchEntity", f"Policy {policy_name} was not found.")
        _check_unchanged(session, policy_name, policy_document)
        dropped = oldest(found) if drop_oldest else None
        kept = tuple(each for each in found.versions if each != dropped)
        if len(kept) >= MOST_VERSIONS:
            raise ServiceError("LimitExceeded", policies.TOO_MANY_VERSIONS)
        now_ms, digest = session.context.now_ms(), policy_files.digest_of(policy_document)
        number = found.newest + 1
        changed = found._replace(
            versions=(*kept, PolicyVersion(number, now_ms, policy_document)),
            in_force=number,
            newest=number,
            updated_ms=now_ms,
            digest=digest,
        )
        entities.noted(session, changed)
        principals.put(transaction, changed)
        _tell(session, digest, found.digest, f"v{dropped.number}" if dropped else "")
    return {"Version": f"v{number}"}


def adopt(session: Session, *, policy_name: str, policy_document: str) -> Result:
    """Make a managed policy of a file that the vault does not know.

    Raises:
        ServiceError: EntityAlreadyExists, MalformedPolicyDocument, LimitExceeded, AccessDenied.
        PolicyFileError: The file is another one by now.
    """
    documents.check_managed(policy_document)
    made = policies.made(session, policy_name, policy_document)
    with entities.changing(session) as transaction:
        policies.check_free(transaction, policy_name)
        _check_unchanged(session, policy_name, policy_document)
        entities.noted(session, made)
        principals.put(transaction, made)
        _tell(session, made.digest, "", "")
    return {"Version": "v1"}


def restore(session: Session, name: str, text: str, over: str = "") -> None:
    """Write the file of a managed policy anew, as it is in force.

    Args:
        session: Of the owner.
        name: Of the policy.
        text: The document in force.
        over: What the file holds; empty if it is missing.

    Raises:
        OwnerOnlyError: AccessDenied.
        PolicyFileError: Another document is in force by now, or the file is another one.
        StoreError: The file system refuses.
    """
    parameters: Fields = {"policyName": name, "digest": policy_files.digest_of(text)}
    act = own_act(session, "RestorePolicyFile", parameters)
    with session.recorder.during(act):
        owner.refuse_principals(session, act.name)
        with writing(session) as transaction:  # there is one draft of a document
            found = principals.find(transaction, POLICY, name)
            digest = found.digest if isinstance(found, ManagedPolicy) else ""
            if digest != policy_files.digest_of(text) or _lying(session, name) != over:
                raise _meanwhile(name)
            policy_drafts.write(session.vault.directory, name, text)


def oldest(found: ManagedPolicy) -> PolicyVersion | None:
    """Return the version that goes to make room for another; None where there is room."""
    if len(found.versions) < MOST_VERSIONS:
        return None
    others = [each for each in found.versions if each.number != found.in_force]
    return min(others, key=lambda each: each.number)


def _check_unchanged(session: Session, name: str, shown: str) -> None:
    if policy_files.read(session.vault.directory, name) != shown:
        raise _meanwhile(name)


def _lying(session: Session, name: str) -> str:
    """Return what the file of a policy holds; nothing if it is missing."""
    directory = session.vault.directory
    is_there = name in policy_files.names(directory)
    return policy_files.read(directory, name) if is_there else ""


def _meanwhile(name: str) -> PolicyFileError:
    return PolicyFileError(
        f"the file of the policy {name} was changed meanwhile", f"secretctl policy apply {name}"
    )


def _tell(session: Session, digest: str, before: str, dropped: str) -> None:
    """Note for the journal which file was put in force, and in whose place."""
    said: dict[str, object] = {"command": "policy apply", "digest": digest}
    if before:
        said["digestBefore"] = before
    if dropped:
        said["droppedVersion"] = dropped
    if session.recorder.act is not None:
        session.recorder.act.adds({"policyFile": said})
