"""IAM's operations about managed policies: their documents are files, in force by their digest."""

from __future__ import annotations

from secretctl import json_text
from secretctl.domain.principals import (
    GROUP,
    POLICY,
    ROLE,
    USER,
    ManagedPolicy,
    PolicyVersion,
    arn,
)
from secretctl.errors import ServiceError
from secretctl.service.iam import documents, entities
from secretctl.service.iam.entities import Result, Tags
from secretctl.service.secrets import moment
from secretctl.service.session import Session
from secretctl.vault import policy_files, principals
from secretctl.vault.transaction import Transaction
from secretctl.vault.view import View

_MOST_VERSIONS = 5


def create_policy(  # noqa: PLR0913 the operation's members
    session: Session,
    *,
    policy_name: str,
    policy_document: str,
    path: str = "/",
    description: str = "",
    tags: Tags | None = None,
) -> Result:
    """Make a managed policy, and the file of its document.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html
    """
    documents.check(policy_document)
    now_ms = session.context.now_ms()
    text = laid_out(policy_document)
    made = ManagedPolicy(
        name=policy_name,
        id=entities.identifier(session, POLICY),
        path=path,
        created_ms=now_ms,
        updated_ms=now_ms,
        versions=(PolicyVersion(1, now_ms, text),),
        in_force=1,
        digest=policy_files.digest_of(text),
        description=description,
        tags=entities.pairs(tags),
    )
    with entities.changing(session) as transaction:
        if principals.find(transaction, POLICY, policy_name) is not None:
            raise ServiceError(
                "EntityAlreadyExists",
                f"A policy called {policy_name} already exists. Duplicate names are not allowed.",
            )
        keep(session, transaction, made, text)
    return {"Policy": _basics(session, made, 0)}


def get_policy(session: Session, *, policy_arn: str) -> Result:
    """Show a managed policy.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicy.html
    """
    with session.vault.read() as view:
        found = _found(view, session, policy_arn)
        shown = _basics(session, found, _attachments(view, policy_arn))
    if found.description:
        shown["Description"] = found.description
    return {"Policy": {**shown, "Tags": [{"Key": key, "Value": each} for key, each in found.tags]}}


def list_policies(  # noqa: PLR0913 the operation's members
    session: Session,
    *,
    scope: str = "All",
    only_attached: bool = False,
    path_prefix: str | None = None,
    policy_usage_filter: str = "PermissionsPolicy",
    marker: str | None = None,
    max_items: int | None = None,
) -> Result:
    """List the managed policies; AWS's own are none of them.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicies.html
    """
    shown: list[object] = []
    with session.vault.read() as view:
        wanted = scope != "AWS" and policy_usage_filter == "PermissionsPolicy"
        found = entities.below(principals.all_of(view, POLICY), path_prefix) if wanted else []
        for each in found:
            count = _attachments(view, arn(each, session.vault.account))
            if isinstance(each, ManagedPolicy) and (count or not only_attached):
                shown.append(_basics(session, each, count))
    name = f"ListPolicies {only_attached}"
    return entities.page(session, name, "Policies", shown, marker, max_items)


def create_policy_version(
    session: Session, *, policy_arn: str, policy_document: str, set_as_default: bool = False
) -> Result:
    """Add a version of a policy's document, and put it in force if asked to.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicyVersion.html
    """
    documents.check(policy_document)
    with entities.changing(session) as transaction:
        found = _found(transaction, session, policy_arn)
        added = put_version(session, transaction, found, laid_out(policy_document), set_as_default)
    return {"PolicyVersion": _version(added, added.versions[-1])}


def get_policy_version(session: Session, *, policy_arn: str, version_id: str) -> Result:
    """Show a version with its document.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicyVersion.html
    """
    with session.vault.read() as view:
        found = _found(view, session, policy_arn)
    version = _version_of(found, version_id)
    return {"PolicyVersion": {"Document": version.text, **_version(found, version)}}


def list_policy_versions(
    session: Session, *, policy_arn: str, marker: str | None = None, max_items: int | None = None
) -> Result:
    """List the versions of a policy, newest first.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicyVersions.html
    """
    with session.vault.read() as view:
        found = _found(view, session, policy_arn)
    shown: list[object] = [_version(found, each) for each in reversed(found.versions)]
    scope = f"ListPolicyVersions {found.id}"
    return entities.page(session, scope, "Versions", shown, marker, max_items)


def set_default_policy_version(session: Session, *, policy_arn: str, version_id: str) -> Result:
    """Put another version of a policy in force.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SetDefaultPolicyVersion.html
    """
    with entities.changing(session) as transaction:
        found = _found(transaction, session, policy_arn)
        version = _version_of(found, version_id)
        changed = found._replace(
            in_force=version.number,
            updated_ms=session.context.now_ms(),
            digest=policy_files.digest_of(version.text),
        )
        keep(session, transaction, changed, version.text)
    return {}


def delete_policy_version(session: Session, *, policy_arn: str, version_id: str) -> Result:
    """Remove a version that is not in force.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicyVersion.html
    """
    with entities.changing(session) as transaction:
        found = _found(transaction, session, policy_arn)
        version = _version_of(found, version_id)
        if version.number == found.in_force:
            raise ServiceError("DeleteConflict", "Cannot delete the default version of a policy.")
        left = tuple(each for each in found.versions if each != version)
        principals.put(transaction, found._replace(versions=left))
    return {}


def delete_policy(session: Session, *, policy_arn: str) -> Result:
    """Remove a policy that is attached to nobody and has one version, and its file.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html
    """
    with entities.changing(session) as transaction:
        found = _found(transaction, session, policy_arn)
        if _attachments(transaction, policy_arn):
            raise ServiceError("DeleteConflict", "Cannot delete a policy attached to entities.")
        if len(found.versions) > 1:
            raise ServiceError(
                "DeleteConflict",
                "This policy has more than one version. Before you delete a policy, you must "
                "delete the policy's versions. The default version is deleted with the policy.",
            )
        principals.delete(transaction, found)
        policy_files.remove(session.vault.directory, found.name)
    return {}


def put_version(
    session: Session,
    transaction: Transaction,
    found: ManagedPolicy,
    text: str,
    in_force: bool,  # noqa: FBT001 as the operation has it
) -> ManagedPolicy:
    """Keep a version more of a policy; return the policy with it.

    Raises:
        ServiceError: LimitExceeded.
    """
    if len(found.versions) >= _MOST_VERSIONS:
        raise ServiceError(
            "LimitExceeded",
            f"A managed policy can have up to {_MOST_VERSIONS} versions. Before you create a new "
            "version, you must delete an existing version.",
        )
    now_ms = session.context.now_ms()
    number = max(each.number for each in found.versions) + 1
    added = found._replace(versions=(*found.versions, PolicyVersion(number, now_ms, text)))
    if in_force:
        digest = policy_files.digest_of(text)
        added = added._replace(in_force=number, updated_ms=now_ms, digest=digest)
        keep(session, transaction, added, text)
    else:
        principals.put(transaction, added)
    return added


def keep(session: Session, transaction: Transaction, policy: ManagedPolicy, text: str) -> None:
    """Keep a policy with the file of the document in force.

    NOTE: the file comes first. Where the commit fails behind it, the file is not the one in force,
    and the policy is refused until ``policy apply`` puts either right.
    """
    policy_files.write(session.vault.directory, policy.name, text)
    principals.put(transaction, policy)


def laid_out(document: str) -> str:
    """Return a document as its file has it: one element a line, to be read and compared."""
    import json

    return json.dumps(json_text.read(document), indent=4, ensure_ascii=False) + "\n"


def _found(view: View, session: Session, policy_arn: str) -> ManagedPolicy:
    found = entities.managed(view, session, policy_arn)
    if found is None:
        raise ServiceError("NoSuchEntity", f"Policy {policy_arn} was not found.")
    return found


def _attachments(view: View, policy_arn: str) -> int:
    return sum(
        policy_arn in each.attached
        for kind in (USER, GROUP, ROLE)
        for each in principals.all_of(view, kind)
        if not isinstance(each, ManagedPolicy)
    )


def _version_of(found: ManagedPolicy, version_id: str) -> PolicyVersion:
    for version in found.versions:
        if f"v{version.number}" == version_id:
            return version
    raise ServiceError(
        "NoSuchEntity",
        f"Policy {found.name} version {version_id} does not exist or is not attachable.",
    )


def _version(found: ManagedPolicy, version: PolicyVersion) -> Result:
    return {
        "VersionId": f"v{version.number}",
        "IsDefaultVersion": version.number == found.in_force,
        "CreateDate": moment(version.created_ms),
    }


def _basics(session: Session, found: ManagedPolicy, attachments: int) -> Result:
    return {
        "PolicyName": found.name,
        "PolicyId": found.id,
        "Arn": arn(found, session.vault.account),
        "Path": found.path,
        "DefaultVersionId": f"v{found.in_force}",
        "AttachmentCount": attachments,
        "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": True,
        "CreateDate": moment(found.created_ms),
        "UpdateDate": moment(found.updated_ms),
    }
