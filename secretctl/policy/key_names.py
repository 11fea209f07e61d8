"""Names of condition keys: compared in any spelling, shown in AWS's."""

from __future__ import annotations

from secretctl.model.condition_keys import GLOBAL, KEYS

_TAG = ("${tagkey}", "tag-key")

TYPES = {name.lower(): key.type for name, key in KEYS.items()} | {
    name.lower(): type_ for name, type_ in GLOBAL.items()
}
"""Types of the keys by their names in small letters."""

SPELLED = {name.lower(): name for name in (*KEYS, *GLOBAL)}
"""The names as AWS writes them, likewise."""


def general(key: str) -> str:
    """Return a key in small letters as the tables have it: for any tag what stands for all."""
    beginning, slash, _ = key.partition("/")
    if not slash:
        return key
    return next((f"{beginning}/{tag}" for tag in _TAG if f"{beginning}/{tag}" in TYPES), key)


def spelled(key: str) -> str:
    """Return a key in small letters as AWS writes it; the key of a tag stays as it is."""
    known = SPELLED.get(general(key), key)
    return known if general(key) == key else f"{known.partition('/')[0]}/{key.partition('/')[2]}"
