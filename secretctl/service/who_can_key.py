"""The key of a secret's value: who holds it, and which policies deny its use.

A denial of ``kms:Decrypt`` keeps out of a value whom the policies of the secret let in.
"""

from __future__ import annotations

from secretctl.domain import kms, names
from secretctl.domain.kms import Use
from secretctl.domain.staging import CURRENT
from secretctl.domain.versions import select
from secretctl.errors import SecretctlError
from secretctl.policy import evaluation, partial
from secretctl.record import TYPE_CHECKING, NamedTuple
from secretctl.service import condition_keys
from secretctl.vault import grants, layout

if TYPE_CHECKING:
    from secretctl.domain.secret import Secret, Version
    from secretctl.policy.evaluation import Policies
    from secretctl.policy.partial import Chance, IsSettled
    from secretctl.policy.principals import Principal
    from secretctl.service.condition_keys import Keys
    from secretctl.service.session import Session
    from secretctl.vault.view import View

_USES = {
    "secretsmanager:getsecretvalue": kms.DECRYPT,
    "secretsmanager:putsecretvalue": kms.GENERATE_DATA_KEY,
}
_CONTEXT = ("SecretARN", "SecretVersionId")


class KeyUse(NamedTuple):
    """What an action does with a key, in the name of who asks for it."""

    operation: str
    """``kms:Decrypt``."""

    arn: str
    keys: Keys


def use_in(session: Session, view: View, secret: Secret | None, action: str) -> KeyUse | None:
    """Return the use of a key that *action* needs; None if it needs none, or none is there yet."""
    operation = _USES.get(action.lower())
    if operation is None or secret is None:
        return None
    account, directory = session.vault.account, view.kms_directory()
    current = _current(secret)
    context = {"SecretARN": names.arn(secret.region, account, secret.name, secret.suffix)}
    if operation == kms.DECRYPT:
        material = material_of(view, secret)
        key = None if material is None else kms.of_material(directory, material.hex())
        context |= {} if current is None else {"SecretVersionId": current.id}
    else:
        key = kms.find(directory, secret.kms_key_id, account)
    if key is None:
        return None
    use = Use(operation, key, secret.region, kms.arn(key.id, secret.region, account), context)
    keys = condition_keys.of_key_use(session, view, use)
    return KeyUse(f"kms:{operation}", use.arn, keys | {"kms:EncryptionContextKeys": _CONTEXT})


def denials(
    use: KeyUse, caller: Principal, known: Keys, policies: Policies, is_settled: IsSettled
) -> list[Chance]:
    """Return the statements that deny, or may deny, *caller* the use of the key.

    Args:
        use: Of the key.
        caller: A principal.
        known: Condition keys of it.
        policies: Its own.
        is_settled: Tells of keys that no request of it has.
    """
    request = evaluation.request(caller, use.operation, use.arn, known | use.keys)
    result = evaluation.evaluate(request, policies._replace(resource=None))
    return [each for each in partial.chances(result, is_settled) if not each.statement.allows]


def holds(view: View, secret: Secret | None, principal_id: str) -> bool | None:
    """Tell whether the key of the current value is granted; None where there is no such value."""
    material = material_of(view, secret)
    if material is None:
        return None
    return view.stored_record(grants.prefix(view, principal_id) + material) is not None


def material_of(view: View, secret: Secret | None) -> bytes | None:
    """Return the id of the material under which the current value lies; None if there is none."""
    current = None if secret is None else _current(secret)
    if secret is None or current is None:
        return None
    stored = view.stored_record(layout.value_key(view.place(secret), current.serial))
    return None if stored is None else stored[: layout.KEY_ID_BYTES]


def _current(secret: Secret) -> Version | None:
    try:
        return select(secret.versions, None, CURRENT)
    except SecretctlError:
        return None
