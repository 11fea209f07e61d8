"""Users and roles whom policies name: they must be there, and once gone are nobody.

AWS keeps the unique id of a user or role that a trust or resource policy names. So whoever is made
later with the same name is not let in; here the id takes the place of the ARN when its bearer is
deleted. Of other accounts nothing is known.

See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

from secretctl import json_text
from secretctl.domain.principals import ROLE, USER, Role, User, arn, session_arn
from secretctl.policy import grammar
from secretctl.record import TYPE_CHECKING
from secretctl.vault import principals

if TYPE_CHECKING:
    from collections.abc import Callable

    from secretctl.policy.document import Document
    from secretctl.vault.transaction import Transaction
    from secretctl.vault.view import View

_ELEMENTS = ("Principal", "NotPrincipal")
_ASSUMED = "assumed-role"


def unknown(view: View, document: Document) -> str:
    """Return the first user, role or session of the account whom nobody is; empty if all are."""
    found: list[str] = []

    def note(name: str) -> str:
        if not _is_there(view, name):
            found.append(name)
        return name

    for statement in grammar.statements_of(document):
        for element in _ELEMENTS:
            _each(statement.get(element), note)
    return next(iter(found), "")


def forget(transaction: Transaction, gone: User | Role) -> int:
    """Name *gone*, who is about to be deleted, by its unique id in every policy that names it.

    Returns:
        How many resource policies were changed.
    """
    for role in principals.all_of(transaction, ROLE):
        if isinstance(role, Role) and role.id != gone.id:
            trust = _without(role.trust, gone, transaction.account)
            if trust != role.trust:
                principals.put(transaction, role._replace(trust=trust))
    changed = 0
    for secret in transaction.all_secrets():
        policy = _without(secret.resource_policy, gone, transaction.account)
        if policy != secret.resource_policy:
            transaction.put(secret._replace(resource_policy=policy), secret)
            changed += 1
    return changed


def _without(text: str, gone: User | Role, account: str) -> str:
    """Return a policy in which *gone* has its id for a name; as it stands if it is not named."""
    if not text:
        return text
    named = arn(gone, account)
    sessions = session_arn(account, gone.name, "") if isinstance(gone, Role) else named
    try:
        document = json_text.read(text)
    except (ValueError, RecursionError):  # another program wrote it, and it lets nobody in
        return text
    before = json_text.compact(document)
    for statement in grammar.statements_of(document):
        for element in set(_ELEMENTS) & set(statement):
            # A session that is denied stays denied, should there be one of that name again.
            is_denied = statement.get("Effect") == "Deny" and element == "Principal"
            head = named if is_denied else sessions

            def renamed(name: str, head: str = head) -> str:
                is_gone = name == named or (head != named and name.startswith(head))
                return gone.id if is_gone else name

            statement[element] = _each(statement[element], renamed)
    after = json_text.compact(document)
    return text if after == before else after


def _each(element: object, change: Callable[[str], str]) -> object:
    """Return an element with whatever *change* makes of each whom it names under AWS."""
    if not isinstance(element, dict) or "AWS" not in element:
        return element
    whole = element["AWS"]
    if isinstance(whole, list):
        return {**element, "AWS": [change(str(each)) for each in whole]}
    return {**element, "AWS": change(str(whole))}


def _is_there(view: View, name: str) -> bool:
    """Tell whether a user, role or session of the account can be; of another, nothing is known."""
    prefix, _, resource = name.rpartition(":")
    kind, _, rest = resource.partition("/")
    if prefix not in (f"arn:aws:{each}::{view.account}" for each in ("iam", "sts")):
        return True
    if kind == _ASSUMED:
        kind, rest = ROLE, rest.partition("/")[0]
    if kind not in (USER, ROLE):
        return kind == "root"
    found = principals.find(view, kind, rest.rpartition("/")[2])
    if found is None:
        return False
    is_session = prefix.startswith("arn:aws:sts:")
    return found.name == rest if is_session else arn(found, view.account) == name
