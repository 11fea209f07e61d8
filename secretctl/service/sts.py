"""STS's operations: who asks, and becoming a role for a while."""

from __future__ import annotations

from secretctl.domain.credential import Given, new_session
from secretctl.domain.principals import (
    ROLE,
    Pairs,
    Role,
    arn,
    session_arn,
)
from secretctl.errors import ServiceError
from secretctl.model.authorization import needed
from secretctl.model.shapes import Result
from secretctl.record import TYPE_CHECKING
from secretctl.service import policies_in_force
from secretctl.service.chaining import HOUR_S, INVALID, Passed, check_duration, passed
from secretctl.service.condition_keys import Keys
from secretctl.service.deciding import Asked, decide
from secretctl.service.iam import answers, documents, entities, trusting
from secretctl.service.secrets import answered, moment, writing
from secretctl.service.session import Session
from secretctl.vault import credentials, escrow, principals
from secretctl.vault.unlocked import Holder

if TYPE_CHECKING:
    from secretctl.vault.transaction import Transaction
    from secretctl.vault.view import View

Tags = list[dict[str, str]]

_MS = 1000


def get_caller_identity(session: Session) -> Result:
    """Tell who asks.

    See: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
    """
    caller = session.caller
    return {"UserId": caller.id, "Account": session.vault.account, "Arn": caller.arn}


def assume_role(  # noqa: PLR0913 the operation's members
    session: Session,
    *,
    role_arn: str,
    role_session_name: str,
    policy_arns: list[dict[str, str]] | None = None,
    policy: str | None = None,
    duration_seconds: int = HOUR_S,
    tags: Tags | None = None,
    transitive_tag_keys: list[str] | None = None,
    external_id: str | None = None,
    source_identity: str | None = None,
) -> Result:
    """Give the caller credentials of a role, if its trust policy allows it.

    See: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
    """
    caller = session.caller.holder
    if caller is None:
        raise ServiceError("AccessDenied", "Roles may not be assumed by root accounts.")
    given_tags = answers.pairs(tags, INVALID)
    has = passed(caller, given_tags, transitive_tag_keys or [], source_identity or "")
    keys = _keys(role_session_name, duration_seconds, given_tags, has, external_id)
    if source_identity:
        keys["sts:SourceIdentity"] = source_identity
    if policy is not None:
        documents.check(policy)
    with writing(session) as transaction:
        role = _authorized(session, transaction, role_arn, keys, has)
        check_duration(caller, role, duration_seconds)
        now_ms = session.context.now_ms()
        ends_ms = now_ms + duration_seconds * _MS
        given = new_session(ends_ms, session.context.random)
        holder = Holder(
            given.key_id,
            ROLE,
            role.name,
            role.path,
            role.id,
            trusting.private_key(transaction, session.vault.keys, role),
            role_session_name,
            now_ms,
            ends_ms,
            _session_policies(session, transaction, policy, policy_arns),
            has.tags,
            has.source_identity,
            has.transitive,
        )
        _keep(session, transaction, role, given, holder)
        return answered(session, _answer(session, given, holder))


def _keys(name: str, duration_s: int, tags: Pairs, has: Passed, external_id: str | None) -> Keys:
    """Return the keys of the request; tags that are inherited are those of the caller."""
    keys: Keys = {"sts:RoleSessionName": name, "sts:DurationSeconds": str(duration_s)}
    keys |= {f"aws:RequestTag/{key}": value for key, value in tags}
    if tags:
        keys["aws:TagKeys"] = tuple([key for key, _ in tags])
    if has.transitive:
        keys["sts:TransitiveTagKeys"] = has.transitive
    if external_id is not None:
        keys["sts:ExternalId"] = external_id
    return keys


def _authorized(session: Session, view: View, role_arn: str, keys: Keys, has: Passed) -> Role:
    """Return the role; whether there is one is told only to who may assume it.

    What is inherited needs the same permissions as what is given.

    Raises:
        ServiceError: AccessDenied.
    """
    found = principals.find(view, ROLE, role_arn.rpartition("/")[2])
    act = session.recorder.act
    assert act is not None, "an operation without an act"
    role = (
        found if isinstance(found, Role) and arn(found, session.vault.account) == role_arn else None
    )
    trust = ""
    if role is not None:
        keys |= {f"aws:ResourceTag/{key}": value for key, value in role.tags}
        trust = role.trust
    asked_for = {"Tags": has.tags, "SourceIdentity": has.source_identity}
    for name in needed("AssumeRole", asked_for):
        recorded = role_arn if role is not None else ""
        asked = Asked(
            f"sts:{name}", role_arn, lambda: keys, role_arn, trust, recorded, is_trust=True
        )
        decide(session, view, act, asked)
    assert role is not None, "a role that is not there trusts nobody"
    return role


def _session_policies(
    session: Session, view: View, text: str | None, arns: list[dict[str, str]] | None
) -> Pairs:
    """Return ARN and text of the documents that bound the session, as they are in force now.

    Raises:
        ServiceError: NoSuchEntity, ValidationError, InvalidInput: a managed policy is not there.
        PolicyFileError: One is not in force as its file has it.
    """
    found = [] if text is None else [("", text)]
    for each in arns or []:
        policy_arn = each.get("arn", "")
        entities.attachable(session, view, policy_arn)
        found.append((policy_arn, policies_in_force.managed(session.vault, view, policy_arn)))
    return tuple(found)


def _keep(
    session: Session, transaction: Transaction, role: Role, given: Given, holder: Holder
) -> None:
    """Keep the credential of a session; those that have ended go."""
    keys, now_ms = session.vault.keys, holder.issued_ms
    for key_id, expires_ms in role.sessions:
        if int(expires_ms) <= now_ms:
            credentials.remove(transaction, keys, key_id)
    left = [each for each in role.sessions if int(each[1]) > now_ms]
    left.append((given.key_id, str(holder.expires_ms)))
    principals.put(transaction, role._replace(sessions=tuple(left)))
    credentials.put(transaction, keys, credentials.public_of(given, keys.vault_id), holder)
    escrow.keep(transaction, keys, credentials.place(keys.vault_id, given.key_id), given.secret)


def _answer(session: Session, given: Given, holder: Holder) -> Result:
    result: Result = {
        "Credentials": {
            "AccessKeyId": given.key_id,
            "SecretAccessKey": given.secret,
            "SessionToken": given.session_token,
            "Expiration": moment(holder.expires_ms // _MS * _MS),
        },
        "AssumedRoleUser": {
            "AssumedRoleId": f"{holder.id}:{holder.session}",
            "Arn": session_arn(session.vault.account, holder.name, holder.session),
        },
    }
    if holder.policies or holder.tags:
        used = sum(len(text) for _, text in holder.policies)
        used += sum(len(key + value) for key, value in holder.tags)
        result["PackedPolicySize"] = min(100, 1 + used * 100 // 4096)
    if holder.source_identity:
        result["SourceIdentity"] = holder.source_identity
    return result
