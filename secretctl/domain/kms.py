"""Keys that data keys are wrapped under, their aliases, and what a KmsKeyId means. Pure.

A key belongs to the account and is there in every region, in each under the ARN of that region,
which names it nowhere else.
See: https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html
"""

from __future__ import annotations

from secretctl.errors import ServiceError
from secretctl.record import NamedTuple

ENABLED, DISABLED, PENDING_DELETION = "Enabled", "Disabled", "PendingDeletion"
DEFAULT_ALIAS = "alias/aws/secretsmanager"
ALIAS = "alias/"
DECRYPT, GENERATE_DATA_KEY = "Decrypt", "GenerateDataKey"
USES = (f"kms:{DECRYPT}", f"kms:{GENERATE_DATA_KEY}")
"""What reading and writing a value ask of its key."""

_ARN_PARTS = 6
_LONGEST_NAME = 256
_MARKS = "/_-"
_HEX = "0123456789abcdefABCDEF"
Pairs = tuple[tuple[str, str], ...]


class Material(NamedTuple):
    """One key-encryption key: what a key encrypts with until it is rotated."""

    id: str
    """32 hexadecimal digits."""

    created_ms: int = 0
    whole_pins: bool = False
    """Whether values under it may have pins of their whole records: it is of an older vault."""


class Key(NamedTuple):
    """A KMS key."""

    id: str
    """A UUID; of a key made on first use, what it was called."""

    created_ms: int
    materials: tuple[Material, ...]
    """Oldest first; the last one encrypts what is new."""

    description: str = ""
    state: str = ENABLED
    delete_after_ms: int | None = None
    """End of the waiting period, while it is pending deletion."""

    tags: Pairs = ()
    is_rewrapping: bool = False
    """Whether a rewrapping has begun and older material is still referred to."""


class Use(NamedTuple):
    """The use of a key for one value."""

    operation: str
    """``Decrypt`` or ``GenerateDataKey``."""

    key: Key
    region: str
    """Of the secret."""

    arn: str
    """Of the key there."""

    context: dict[str, str]
    """The encryption context, as Secrets Manager sends it: SecretARN and SecretVersionId."""


class Alias(NamedTuple):
    """A name for a key."""

    key_id: str
    created_ms: int
    updated_ms: int
    formerly: tuple[str, ...] = ()
    """Ids of the keys it stood for before, oldest first."""


class Directory(NamedTuple):
    """All keys by id, all aliases by name, and the material that deleted keys had, by id."""

    keys: dict[str, Key]
    aliases: dict[str, Alias]
    deleted: dict[str, tuple[str, ...]]


def parse(given: str, account: str) -> tuple[bool, str]:
    """Return whether a KmsKeyId is an alias, and the name of the alias or the id of the key.

    An ARN of another account is the id of a key that is called so.
    """
    if not given:
        return True, DEFAULT_ALIAS
    parts = given.split(":", _ARN_PARTS - 1)
    if parts[0] == "arn" and len(parts) == _ARN_PARTS and (parts[2], parts[4]) == ("kms", account):
        if parts[5].startswith("key/"):
            return False, parts[5].removeprefix("key/")
        if parts[5].startswith(ALIAS):
            return True, parts[5]
    return given.startswith(ALIAS), given


def is_id(text: str) -> bool:
    """Tell whether KMS could have given a key that id: a UUID, or ``mrk-`` and 32 digits."""
    parts = text.split("-")
    lengths = [32] if parts[0] == "mrk" else [8, 4, 4, 4, 12]
    groups = parts[1:] if parts[0] == "mrk" else parts
    return [len(each) for each in groups] == lengths and not "".join(groups).strip(_HEX)


def is_name(text: str) -> bool:
    """Tell whether an alias, or a key made on first use, can be called so.

    See: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html
    """
    letters = text.removeprefix(ALIAS)
    return (
        letters != ""
        and len(text) <= _LONGEST_NAME
        and text.isascii()
        and all(each.isalnum() or each in _MARKS for each in letters)
    )


def find(directory: Directory, given: str, account: str) -> Key | None:
    """Return the key that a KmsKeyId means; the default key where it is empty."""
    is_alias, name = parse(given, account)
    if is_alias:
        alias = directory.aliases.get(name)
        return None if alias is None else directory.keys.get(alias.key_id)
    return directory.keys.get(name)


def has_meant(directory: Directory, given: str, key: Key, account: str) -> bool:
    """Tell whether a KmsKeyId means *key*, or is an alias that stood for it before."""
    is_alias, name = parse(given, account)
    alias = directory.aliases.get(name) if is_alias else None
    was = () if alias is None else alias.formerly
    return find(directory, given, account) == key or key.id in was


def is_surely_another(
    directory: Directory, given: str, key: Key, account: str, written_ms: int
) -> bool:
    """Tell whether a KmsKeyId cannot have meant *key* when a value was written (ms since 1970).

    An alias that was given another key may have; the default one never is.
    """
    named = find(directory, given, account)
    if named is None or named.id == key.id:
        return False
    is_alias, name = parse(given, account)
    if not is_alias or name == DEFAULT_ALIAS:
        return True
    alias = directory.aliases[name]
    return alias.created_ms == alias.updated_ms < written_ms


def meant_arn(directory: Directory, given: str, region: str, account: str) -> str:
    """Return the ARN of the key that a KmsKeyId means; empty for an alias that is not there.

    A key that is not there has the ARN it would be given.
    """
    found = find(directory, given, account)
    if found is not None:
        return arn(found.id, region, account)
    is_alias, name = parse(given, account)
    return "" if is_alias else arn(name, region, account)


def arn_fault(given: str, region: str) -> tuple[str, str] | None:
    """Return KMS's code and sentence for what begins like an ARN and is none of *region*.

    See: https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html
    """
    if not given.startswith("arn:"):
        return None
    parts = given.split(":", _ARN_PARTS - 1)
    if len(parts) != _ARN_PARTS or parts[2] != "kms":
        return "InvalidArnException", f"Invalid arn {given}"
    return None if parts[3] == region else ("NotFoundException", f"Invalid arn {parts[3]}")


def check_key_id(given: str, region: str, account: str) -> None:
    """Refuse a KmsKeyId that is an ARN, and not that of a key or alias of this region and account.

    Raises:
        ServiceError: EncryptionFailure.
    """
    fault = arn_fault(given, region)
    why = fault[1] if fault is not None else ""
    if given.startswith("arn:") and not why and given.split(":")[4] != account:
        why = f"Key '{given}' does not exist"
    if why:
        raise unusable(GENERATE_DATA_KEY, why)


def of_material(directory: Directory, material: str) -> Key | None:
    """Return the key that has a material; None if it was deleted, or never was."""
    for key in directory.keys.values():
        if any(each.id == material for each in key.materials):
            return key
    return None


def deleted_with(directory: Directory, material: str) -> str:
    """Return the id of the deleted key that had a material; empty if none had."""
    for key_id, materials in directory.deleted.items():
        if material in materials:
            return key_id
    return ""


def is_default(directory: Directory, key: Key) -> bool:
    """Tell whether *key* is that of secrets that name none; AWS would manage it."""
    alias = directory.aliases.get(DEFAULT_ALIAS)
    return alias is not None and alias.key_id == key.id


def is_over(key: Key, now_ms: int) -> bool:
    """Tell whether the waiting period of a key that is pending deletion has ended."""
    until = key.delete_after_ms
    return key.state == PENDING_DELETION and until is not None and until <= now_ms


def with_key(directory: Directory, key: Key) -> Directory:
    """Return *directory* with *key*, new or changed."""
    return directory._replace(keys={**directory.keys, key.id: key})


def with_alias(directory: Directory, name: str, alias: Alias) -> Directory:
    """Return *directory* with an alias, new or changed."""
    return directory._replace(aliases={**directory.aliases, name: alias})


def without_key(directory: Directory, key: Key) -> Directory:
    """Return *directory* without *key* and its aliases; its id is never given again."""
    kept = {name: each for name, each in directory.keys.items() if name != key.id}
    aliases = {name: each for name, each in directory.aliases.items() if each.key_id != key.id}
    gone = {**directory.deleted, key.id: tuple(each.id for each in key.materials)}
    return Directory(kept, aliases, gone)


def arn(key_id: str, region: str, account: str) -> str:
    """Return the ARN of a key as it is seen in *region*."""
    return key_id if key_id.startswith("arn:") else f"arn:aws:kms:{region}:{account}:key/{key_id}"


def alias_arn(name: str, region: str, account: str) -> str:
    """Return the ARN of an alias as it is seen in *region*."""
    return f"arn:aws:kms:{region}:{account}:{name}"


def fault_of(key: Key, shown: str) -> tuple[str, str] | None:
    """Return KMS's error and sentence for using a key that is not enabled; None if it is.

    Args:
        key: The key.
        shown: Its ARN.
    """
    if key.state == DISABLED:
        return "DisabledException", f"{shown} is disabled."
    if key.state == PENDING_DELETION:
        return "KMSInvalidStateException", f"{shown} is pending deletion."
    return None


def unusable(operation: str, why: str) -> ServiceError:
    """Return what Secrets Manager answers where KMS refused *operation* for *why*."""
    if operation == DECRYPT:
        sentence = f"Secrets Manager can't decrypt the secret value: {why}"
        return ServiceError("DecryptionFailure", sentence)
    return ServiceError(
        "EncryptionFailure", f"Secrets Manager can't encrypt the secret value: {why}"
    )
