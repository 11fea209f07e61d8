"""IAM's operations about managed policies: their documents are files, in force by their digest."""

from __future__ import annotations

from secretctl import json_text
from secretctl.domain.principals import POLICY, ManagedPolicy, PolicyVersion
from secretctl.errors import ServiceError
from secretctl.model.shapes import Result
from secretctl.service.iam import answers, documents, entities, pages
from secretctl.service.iam.answers import Tags
from secretctl.service.iam.pages import Items
from secretctl.service.iam.uses import NONE, Uses, uses
from secretctl.service.secrets import answered
from secretctl.service.session import Session
from secretctl.vault import policy_drafts, policy_files, principals
from secretctl.vault.transaction import Transaction
from secretctl.vault.view import View

MOST_VERSIONS = 5

TOO_MANY_VERSIONS = (
    f"A managed policy can have up to {MOST_VERSIONS} versions. Before you create a new "
    "version, you must delete an existing version."
)


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
    documents.check_managed(policy_document)
    text = laid_out(policy_document)
    new = made(session, policy_name, text)._replace(
        path=path, description=description, tags=answers.pairs(tags)
    )
    with entities.changing(session) as transaction:
        check_free(transaction, policy_name)
        entities.noted(session, new)
        keep(session, transaction, new, text)
        shown = answers.with_tags(_basics(session, new, NONE), new.tags)
        return answered(session, {"Policy": shown})


def made(session: Session, name: str, text: str) -> ManagedPolicy:
    """Return a new policy whose first version is *text*; it is not kept yet."""
    now_ms = session.context.now_ms()
    return ManagedPolicy(
        name=name,
        id=entities.identifier(session, POLICY),
        path="/",
        created_ms=now_ms,
        updated_ms=now_ms,
        versions=(PolicyVersion(1, now_ms, text),),
        in_force=1,
        digest=policy_files.digest_of(text),
    )


def check_free(view: View, name: str) -> None:
    """Refuse the name of a policy that is there; names that differ in case only are one.

    Raises:
        ServiceError: EntityAlreadyExists.
    """
    if principals.find(view, POLICY, name) is not None:
        raise ServiceError(
            "EntityAlreadyExists",
            f"A policy called {name} already exists. Duplicate names are not allowed.",
        )


def get_policy(session: Session, *, policy_arn: str) -> Result:
    """Show a managed policy.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicy.html
    """
    with session.vault.read() as view:
        found = found_by(session, view, policy_arn)
        shown = _basics(session, found, uses(view))
    if found.description:
        shown["Description"] = found.description
    return {"Policy": {"Tags": [], **answers.with_tags(shown, found.tags)}}


def list_policies(  # noqa: PLR0913 the operation's members
    session: Session,
    *,
    scope: str = "All",
    only_attached: bool = False,
    path_prefix: str | None = None,
    policy_usage_filter: str = "",
    marker: str | None = None,
    max_items: int | None = None,
) -> Result:
    """List the managed policies; AWS's own are none of them.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicies.html
    """
    shown: Items = []
    with session.vault.read() as view:
        found = entities.below(principals.all_of(view, POLICY), path_prefix)
        used = uses(view)
    for each in found if scope != "AWS" else []:
        arn = entities.arn_of(session, each)
        as_boundary = policy_usage_filter == "PermissionsBoundary"
        is_used = arn in (used.boundaries if as_boundary else used.attached)
        if isinstance(each, ManagedPolicy) and (is_used or not (only_attached or as_boundary)):
            shown.append((each.name.lower(), _basics(session, each, used)))
    asked = f"ListPolicies {scope} {only_attached} {policy_usage_filter} {path_prefix}"
    return pages.page(session, asked, "Policies", shown, marker, max_items)


def delete_policy(session: Session, *, policy_arn: str) -> Result:
    """Remove a policy that is attached to nobody and has one version, and its file.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html
    """
    with entities.changing(session) as transaction:
        found = found_by(session, transaction, policy_arn)
        used = uses(transaction)
        if policy_arn in used.attached or policy_arn in used.boundaries:
            raise ServiceError("DeleteConflict", "Cannot delete a policy attached to entities.")
        if len(found.versions) > 1:
            raise ServiceError(
                "DeleteConflict",
                "This policy has more than one version. Before you delete a policy, you must "
                "delete the policy's versions. The default version is deleted with the policy.",
            )
        principals.delete(transaction, found)
        _remove_afterwards(session, transaction, found.name)
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
    if len(found.versions) >= MOST_VERSIONS:
        raise ServiceError("LimitExceeded", TOO_MANY_VERSIONS)
    now_ms = session.context.now_ms()
    number = found.newest + 1
    versions = (*found.versions, PolicyVersion(number, now_ms, text))
    added = found._replace(versions=versions, newest=number)
    if in_force:
        digest = policy_files.digest_of(text)
        added = added._replace(in_force=number, updated_ms=now_ms, digest=digest)
        keep(session, transaction, added, text)
    else:
        principals.put(transaction, added)
    return added


def keep(session: Session, transaction: Transaction, policy: ManagedPolicy, text: str) -> None:
    """Keep a policy with the file of the document in force, which is placed behind the commit.

    NOTE: killed between the two, the vault knows another document than the one that lies there; the
    policy is refused until ``policy apply`` puts either right. A file that is placed first would
    be in nobody's way, but a commit that fails would then take a sound policy out of force.
    """
    directory, name = session.vault.directory, policy.name

    def finish(is_committed: bool) -> None:  # noqa: FBT001 told by position
        if is_committed:
            policy_drafts.place(directory, name)
        else:
            policy_drafts.discard(directory, name)

    policy_drafts.draft(directory, name, text)
    transaction.afterwards.append(finish)
    principals.put(transaction, policy)


def _remove_afterwards(session: Session, transaction: Transaction, name: str) -> None:
    def finish(is_committed: bool) -> None:  # noqa: FBT001 told by position
        if is_committed:
            policy_drafts.remove(session.vault.directory, name)

    transaction.afterwards.append(finish)


def laid_out(document: str) -> str:
    """Return a document as its file has it: one element a line, to be read and compared."""
    import json

    return json.dumps(json_text.read(document), indent=4, ensure_ascii=False) + "\n"


def found_by(session: Session, view: View, policy_arn: str) -> ManagedPolicy:
    """Return a managed policy by its ARN.

    Raises:
        ServiceError: NoSuchEntity, or it is the ARN of no policy.
    """
    found = entities.managed(session, view, policy_arn)
    if found is None:
        raise ServiceError("NoSuchEntity", f"Policy {policy_arn} was not found.")
    return found


def _basics(session: Session, found: ManagedPolicy, used: Uses) -> Result:
    arn = entities.arn_of(session, found)
    return {
        "PolicyName": found.name,
        "PolicyId": found.id,
        "Arn": arn,
        "Path": found.path,
        "DefaultVersionId": f"v{found.in_force}",
        "AttachmentCount": used.attached[arn],
        "PermissionsBoundaryUsageCount": used.boundaries[arn],
        "IsAttachable": True,
        "CreateDate": answers.when(found.created_ms),
        "UpdateDate": answers.when(found.updated_ms),
    }
