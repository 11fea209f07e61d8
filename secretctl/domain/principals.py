"""Who can be given access: users, groups, roles, and the policies that say so. Pure.

The account itself, AWS's root, is whoever holds the root key of the vault; it is not kept here.
See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
"""

from __future__ import annotations

from secretctl.record import NamedTuple

USER, GROUP, ROLE, POLICY = "user", "group", "role", "policy"
ID_PREFIXES = {USER: "AIDA", GROUP: "AGPA", ROLE: "AROA", POLICY: "ANPA"}
ACCESS_KEY, SESSION_KEY = "AKIA", "ASIA"
LONGEST_SESSION_S = 12 * 3600
"""A role can let its sessions be no longer."""

_ID_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_ID_BYTES = 17
_KEY_BYTES = 16
ACTIVE, INACTIVE = "Active", "Inactive"
_NAME_LENGTH = 128
_IN_NAMES = "_+=,.@-"
Pairs = tuple[tuple[str, str], ...]


class AccessKey(NamedTuple):
    """A credential of a user, without its secret half."""

    id: str
    created_ms: int
    status: str = ACTIVE
    """``Active`` or ``Inactive``."""

    public_key: str = ""
    """X25519, 64 hexadecimal digits: what the credential opens is sealed to it."""


class User(NamedTuple):
    """A person or a program."""

    name: str
    id: str
    path: str
    created_ms: int
    public_key: str
    """X25519, 64 hexadecimal digits: keys of the vault are granted to it."""

    groups: tuple[str, ...] = ()
    inline: Pairs = ()
    """Name and text of each policy of its own."""

    attached: tuple[str, ...] = ()
    """ARNs of managed policies."""

    access_keys: tuple[AccessKey, ...] = ()
    tags: Pairs = ()
    boundary: str = ""
    """ARN of the managed policy that is its permissions boundary."""


class Group(NamedTuple):
    """Users who share policies."""

    name: str
    id: str
    path: str
    created_ms: int
    inline: Pairs = ()
    attached: tuple[str, ...] = ()


class Role(NamedTuple):
    """What others may become for a while, if its trust policy says so."""

    name: str
    id: str
    path: str
    created_ms: int
    public_key: str
    trust: str
    """The trust policy, JSON."""

    description: str = ""
    longest_session_s: int = 3600
    inline: Pairs = ()
    attached: tuple[str, ...] = ()
    tags: Pairs = ()
    sessions: Pairs = ()
    """Access key id of each session, and when it ends: milliseconds since 1970, in digits."""

    boundary: str = ""


class PolicyVersion(NamedTuple):
    """A document that is or was in force."""

    number: int
    """1 for ``v1``."""

    created_ms: int
    text: str


class ManagedPolicy(NamedTuple):
    """A policy by itself, whose document in force is a file of the vault's directory."""

    name: str
    id: str
    path: str
    created_ms: int
    updated_ms: int
    versions: tuple[PolicyVersion, ...]
    in_force: int
    """Number of the version in force."""

    digest: str
    """SHA-256 of the file in force, 64 hexadecimal digits."""

    newest: int = 1
    """Number of the version that was made last; none is given twice."""

    description: str = ""
    tags: Pairs = ()


Identity = User | Group | Role
"""What policies can be inline in and attached to; IAM calls these its identities."""

Entity = Identity | ManagedPolicy
KINDS: dict[str, type[Entity]] = {USER: User, GROUP: Group, ROLE: Role, POLICY: ManagedPolicy}


def kind_of(entity: Entity) -> str:
    """Return which of the four kinds *entity* is."""
    return next(kind for kind, made in KINDS.items() if isinstance(entity, made))


def arn(entity: Entity, account: str) -> str:
    """Return the ARN of *entity* in an account of twelve digits."""
    return named_arn(account, kind_of(entity), entity.path, entity.name)


def named_arn(account: str, kind: str, path: str, name: str) -> str:
    """Return the ARN of the entity of that kind, path and name."""
    return f"arn:aws:iam::{account}:{kind}{path}{name}"


def session_arn(account: str, role: str, session: str) -> str:
    """Return the ARN of a session of a role; the role's path is not part of it."""
    return f"arn:aws:sts::{account}:assumed-role/{role}/{session}"


def root_arn(account: str) -> str:
    """Return the ARN of the account itself."""
    return f"arn:aws:iam::{account}:root"


def new_id(prefix: str, random: bytes) -> str:
    """Return a unique id that begins with *prefix*: 21 characters for entities, 20 for keys.

    Args:
        prefix: Of `ID_PREFIXES`, `ACCESS_KEY` or `SESSION_KEY`.
        random: 17 bytes at least.
    """
    length = _KEY_BYTES if prefix in (ACCESS_KEY, SESSION_KEY) else _ID_BYTES
    return prefix + "".join(_ID_LETTERS[byte % len(_ID_LETTERS)] for byte in random[:length])


def is_key_id(text: str) -> bool:
    """Tell whether *text* has the form of an access key id, which is no secret."""
    letters = text[len(ACCESS_KEY) :]
    is_one = text.startswith((ACCESS_KEY, SESSION_KEY)) and len(letters) == _KEY_BYTES
    return is_one and all(letter in _ID_LETTERS for letter in letters)


def is_name(text: str) -> bool:
    """Tell whether *text* could be a name of IAM's, and so is harmless wherever it is shown."""
    letters = all(each.isalnum() or each in _IN_NAMES for each in text)
    return text.isascii() and letters and 0 < len(text) <= _NAME_LENGTH
