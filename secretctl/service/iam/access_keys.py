"""IAM's operations about access keys: what a user opens the vault with."""

from __future__ import annotations

from secretctl.domain.credential import new_key
from secretctl.domain.principals import ACTIVE, INACTIVE, USER, AccessKey, User
from secretctl.errors import ServiceError
from secretctl.model.shapes import Result
from secretctl.service.iam import answers, documents, entities, pages
from secretctl.service.iam.pages import Items
from secretctl.service.secrets import answered
from secretctl.service.session import Session
from secretctl.vault import credentials, escrow, key_pairs, lost_keys, principals
from secretctl.vault.transaction import Transaction
from secretctl.vault.unlocked import Holder

_MOST_KEYS = 2


def create_access_key(session: Session, *, user_name: str | None = None) -> Result:
    """Make a credential of a user; its secret is answered this once, and kept for a server alone.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccessKey.html
    """
    given = new_key(session.context.random)
    public = credentials.public_of(given, session.vault.keys.vault_id)
    made = AccessKey(given.key_id, session.context.now_ms(), public_key=public.hex())
    with entities.changing(session) as transaction:
        user = entities.user(session, transaction, _named(session, user_name))
        if len(user.access_keys) >= _MOST_KEYS:
            raise documents.exceeded(f"AccessKeysPerUser: {_MOST_KEYS}")
        principals.put(transaction, user._replace(access_keys=(*user.access_keys, made)))
        _keep_credential(transaction, session, user, made, given.secret)
        return answered(
            session, {"AccessKey": {**_shown(user, made), "SecretAccessKey": given.secret}}
        )


def list_access_keys(
    session: Session,
    *,
    user_name: str | None = None,
    marker: str | None = None,
    max_items: int | None = None,
) -> Result:
    """List the access keys of a user, without their secrets.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccessKeys.html
    """
    with session.vault.read() as view:
        user = entities.user(session, view, _named(session, user_name))
    shown: Items = [(each.id, _shown(user, each)) for each in user.access_keys]
    scope = f"ListAccessKeys {user.id}"
    return pages.page(session, scope, "AccessKeyMetadata", shown, marker, max_items)


def update_access_key(
    session: Session, *, access_key_id: str, status: str, user_name: str | None = None
) -> Result:
    """Take an access key out of use, or put it back; out of use, it opens nothing.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccessKey.html
    """
    if status not in (ACTIVE, INACTIVE):
        raise ServiceError("InvalidInput", "The status of an access key is Active or Inactive.")
    with entities.changing(session) as transaction:
        user = entities.user(session, transaction, _named(session, user_name))
        key = _key_of(user, access_key_id)
        if status == key.status:
            return {}
        kept = tuple(
            each._replace(status=status) if each == key else each for each in user.access_keys
        )
        user = user._replace(access_keys=kept)
        if status == INACTIVE:
            _end(transaction, session, user, key)
            return {}
        principals.put(transaction, user)
        if key_pairs.can_be_renewed(user):
            private = lost_keys.private_of(transaction, user)
            key_pairs.seal_access_keys(transaction, user, private)
        else:
            credentials.put_back(transaction, session.vault.keys, key.id)
    return {}


def delete_access_key(
    session: Session, *, access_key_id: str, user_name: str | None = None
) -> Result:
    """Remove an access key: it opens nothing any more, nor does what it opened.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteAccessKey.html
    """
    with entities.changing(session) as transaction:
        user = entities.user(session, transaction, _named(session, user_name))
        key = _key_of(user, access_key_id)
        left = tuple(each for each in user.access_keys if each != key)
        credentials.remove(transaction, session.vault.keys, key.id)
        _end(transaction, session, user._replace(access_keys=left), key)
    return {}


def _end(transaction: Transaction, session: Session, user: User, ended: AccessKey) -> None:
    """Keep *user* with a new key pair: whoever has the old one opens nothing that comes.

    Not where an access key is left that an older program made, and that cannot be sealed anew.
    """
    if key_pairs.can_be_renewed(user):
        key_pairs.renew(transaction, user, key_pairs.new_pair(session.context.random))
        return
    principals.put(transaction, user)
    if ended.id in [each.id for each in user.access_keys]:
        credentials.set_aside(transaction, session.vault.keys, ended.id)


def _keep_credential(
    transaction: Transaction, session: Session, user: User, key: AccessKey, secret: str
) -> None:
    keys = session.vault.keys
    private = lost_keys.private_of(transaction, user)
    holder = Holder(key.id, USER, user.name, user.path, user.id, private)
    credentials.put(transaction, keys, bytes.fromhex(key.public_key), holder)
    escrow.keep(transaction, keys, credentials.place(keys.vault_id, key.id), secret)


def _named(session: Session, user_name: str | None) -> str:
    return entities.own_name(session) if user_name is None else user_name


def _key_of(user: User, key_id: str) -> AccessKey:
    for key in user.access_keys:
        if key.id == key_id:
            return key
    raise ServiceError("NoSuchEntity", f"The Access Key with id {key_id} cannot be found.")


def _shown(user: User, key: AccessKey) -> Result:
    return {
        "UserName": user.name,
        "AccessKeyId": key.id,
        "Status": key.status,
        "CreateDate": answers.when(key.created_ms),
    }
