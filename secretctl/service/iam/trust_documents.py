"""Trust policies of roles: whom they name must be there, and once gone is nobody.

AWS keeps the unique id of a user or role that a trust policy names. So whoever is made later with
the same name is not trusted; here the id takes the place of the ARN when its bearer is deleted.

See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

from secretctl import json_text
from secretctl.domain.principals import ROLE, USER, Role, User, arn
from secretctl.policy import reading
from secretctl.service.iam import documents, entities
from secretctl.service.session import Session
from secretctl.vault import principals
from secretctl.vault.transaction import Transaction
from secretctl.vault.view import View

_ELEMENTS = ("Principal", "NotPrincipal")
_ASSUMED = "assumed-role"


def check(session: Session, view: View, text: str) -> None:
    """Refuse a document that is no trust policy, or names somebody of the account who is not there.

    Raises:
        ServiceError: MalformedPolicyDocument, LimitExceeded.
    """
    document = documents.check_trust(text)
    for name in _named(document):
        if not _is_there(session, view, name):
            raise documents.malformed(f'Invalid principal in policy: "AWS":"{name}"')


def distrust(session: Session, transaction: Transaction, gone: User | Role) -> None:
    """Name *gone*, who is about to be deleted, by its unique id in every trust policy."""
    named = entities.arn_of(session, gone)
    for role in principals.all_of(transaction, ROLE):
        if isinstance(role, Role) and role.id != gone.id and named in role.trust:
            document = json_text.read(role.trust)
            if named in _named(document):
                trust = json_text.compact(_renamed(document, named, gone.id))
                principals.put(transaction, role._replace(trust=trust))


def _named(document: dict[str, object]) -> list[str]:
    """Return everybody whom a document names under AWS."""
    found: list[str] = []
    for statement in reading.statements(document):
        for element in (statement.get(name) for name in _ELEMENTS):
            whole = element.get("AWS") if isinstance(element, dict) else None
            found += [str(each) for each in (whole if isinstance(whole, list) else [whole])]
    return found


def _is_there(session: Session, view: View, name: str) -> bool:
    """Tell whether a user, role or session of the account can be; of another, nothing is known."""
    prefix, _, resource = name.rpartition(":")
    kind, _, rest = resource.partition("/")
    if prefix not in (f"arn:aws:{each}::{session.vault.account}" for each in ("iam", "sts")):
        return True
    if kind == _ASSUMED:
        kind, rest = ROLE, rest.partition("/")[0]
    if kind not in (USER, ROLE):
        return kind == "root"
    found = principals.find(view, kind, rest.rpartition("/")[2])
    if found is None:
        return False
    is_session = prefix.startswith("arn:aws:sts:")
    return found.name == rest if is_session else arn(found, session.vault.account) == name


def _renamed(document: object, before: str, after: str) -> object:
    """Return *document* with another principal in place of *before*, wherever that stands."""
    if isinstance(document, dict):
        return {name: _renamed(each, before, after) for name, each in document.items()}
    if isinstance(document, list):
        return [_renamed(each, before, after) for each in document]
    return after if document == before else document
