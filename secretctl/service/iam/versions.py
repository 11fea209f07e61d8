"""IAM's operations about the versions of managed policies: five at most, one of them in force."""

from __future__ import annotations

from secretctl.domain.principals import ManagedPolicy, PolicyVersion
from secretctl.errors import ServiceError
from secretctl.model.shapes import Result
from secretctl.service.iam import answers, documents, entities, pages, policies
from secretctl.service.iam.pages import Items
from secretctl.service.secrets import answered
from secretctl.service.session import Session
from secretctl.vault import policy_files, principals


def create_policy_version(
    session: Session, *, policy_arn: str, policy_document: str, set_as_default: bool = False
) -> Result:
    """Add a version of a policy's document, and put it in force if asked to.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicyVersion.html
    """
    documents.check_managed(policy_document)
    with entities.changing(session) as transaction:
        found = policies.found_by(session, transaction, policy_arn)
        added = policies.put_version(
            session, transaction, found, policies.laid_out(policy_document), set_as_default
        )
        return answered(session, {"PolicyVersion": _version(added, added.versions[-1])})


def get_policy_version(session: Session, *, policy_arn: str, version_id: str) -> Result:
    """Show a version with its document.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicyVersion.html
    """
    with session.vault.read() as view:
        found = policies.found_by(session, view, policy_arn)
    version = _version_of(session, found, version_id)
    return {"PolicyVersion": {"Document": version.text, **_version(found, version)}}


def list_policy_versions(
    session: Session, *, policy_arn: str, marker: str | None = None, max_items: int | None = None
) -> Result:
    """List the versions of a policy, newest first.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicyVersions.html
    """
    with session.vault.read() as view:
        found = policies.found_by(session, view, policy_arn)
    shown: Items = [(str(each.number), _version(found, each)) for each in reversed(found.versions)]
    scope = f"ListPolicyVersions {found.id}"
    return pages.page(session, scope, "Versions", shown, marker, max_items)


def set_default_policy_version(session: Session, *, policy_arn: str, version_id: str) -> Result:
    """Put another version of a policy in force.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SetDefaultPolicyVersion.html
    """
    with entities.changing(session) as transaction:
        found = policies.found_by(session, transaction, policy_arn)
        version = _version_of(session, found, version_id)
        changed = found._replace(
            in_force=version.number,
            updated_ms=session.context.now_ms(),
            digest=policy_files.digest_of(version.text),
        )
        policies.keep(session, transaction, changed, version.text)
    return {}


def delete_policy_version(session: Session, *, policy_arn: str, version_id: str) -> Result:
    """Remove a version that is not in force.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicyVersion.html
    """
    with entities.changing(session) as transaction:
        found = policies.found_by(session, transaction, policy_arn)
        version = _version_of(session, found, version_id)
        if version.number == found.in_force:
            raise ServiceError("DeleteConflict", "Cannot delete the default version of a policy.")
        left = tuple(each for each in found.versions if each != version)
        principals.put(transaction, found._replace(versions=left))
    return {}


def _version_of(session: Session, found: ManagedPolicy, version_id: str) -> PolicyVersion:
    for version in found.versions:
        if f"v{version.number}" == version_id:
            return version
    named = entities.arn_of(session, found)
    raise ServiceError(
        "NoSuchEntity",
        f"Policy {named} version {version_id} does not exist or is not attachable.",
    )


def _version(found: ManagedPolicy, version: PolicyVersion) -> Result:
    return {
        "VersionId": f"v{version.number}",
        "IsDefaultVersion": version.number == found.in_force,
        "CreateDate": answers.when(version.created_ms),
    }
