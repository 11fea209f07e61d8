"""Which records tell of something that policies, or keys, did not allow."""

from __future__ import annotations

from secretctl.audit import attributes
from secretctl.audit.event import OWN
from secretctl.audit.query import Condition
from secretctl.model.shapes import Fields

_CODES = ("AccessDenied", "AccessDeniedException")
_POLICY_FILE, _UNSAFE = "PolicyFileError", "UnsafePermissionsError"
_OWNERS = ("iam", "kms")
"""Services whose changes need the root key."""

_HINTS = (
    b'"errorCode":"AccessDenied',
    *(f'"errorCode":"{name}"'.encode() for name in (_POLICY_FILE, _UNSAFE)),
    b'"allowed":false',
)


def refused() -> Condition:
    """Look for what was refused: by a policy, for want of a key, or of a policy in force."""
    return Condition(_HINTS, _is_refused)


def decision(fields: Fields) -> Fields:
    """Return what was decided and why, as far as the record tells."""
    additional = fields.get("additionalEventData")
    found = additional.get("decision") if isinstance(additional, dict) else None
    return found if isinstance(found, dict) else {}


def needs_root_key(fields: Fields) -> bool:
    """Tell whether a record is of an operation that no policy gives: a change of who may what."""
    service = attributes.text(fields, "eventSource").partition(".")[0]
    return service in _OWNERS and fields.get("readOnly") is not True


def is_about_a_file(fields: Fields) -> bool:
    """Tell whether a policy that has a say was not in force, because of its file.

    Policies decide on requests to a service: what is unsafe for a command of ours is another file,
    such as the key file that did not unlock the vault.
    """
    code = attributes.text(fields, "errorCode")
    is_own = attributes.text(fields, "eventSource") == OWN
    return code == _POLICY_FILE or (code == _UNSAFE and not is_own)


def _is_refused(fields: Fields) -> bool:
    is_denied = attributes.text(fields, "errorCode") in _CODES
    return is_denied or decision(fields).get("allowed") is False or is_about_a_file(fields)
