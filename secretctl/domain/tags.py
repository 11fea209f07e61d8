"""Tags of a secret: pairs of key and value, in the order first attached.

A secret that was never tagged has None, one whose last tag was removed an empty tuple: AWS's
answers tell the two apart.

See: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_TagResource.html
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from secretctl.errors import ServiceError

MAX_TAGS = 50

Tags = tuple[tuple[str, str], ...]


def tag(existing: Tags | None, tags: Sequence[Mapping[str, str]]) -> Tags | None:
    """Return *existing* with *tags* added; a key that is there keeps its place.

    Args:
        existing: Tags of the secret; None if it was never tagged.
        tags: ``[{"Key": …, "Value": …}]``; a value left out is empty.

    Raises:
        ServiceError: ``InvalidParameterException``, a key is missing, reserved or given twice,
            or there would be more than 50 tags.
    """
    if not tags:
        return existing
    keys = [pair.get("Key", "") for pair in tags]
    if not all(keys):
        raise _invalid("You must provide a Key for every tag.")
    if any(key.lower().startswith("aws:") for key in keys):
        raise _invalid("Tag keys that start with aws: are reserved for system use.")
    if len(set(keys)) < len(keys):
        raise _invalid("You can't specify the same tag key more than once in a request.")
    merged = dict(existing or ())
    merged.update((pair["Key"], pair.get("Value", "")) for pair in tags)
    if len(merged) > MAX_TAGS:
        raise _invalid(f"You can't attach more than {MAX_TAGS} tags to a secret.")
    return tuple(merged.items())


def untag(existing: Tags | None, keys: Collection[str]) -> Tags | None:
    """Return *existing* without the tags of those keys; unknown keys are no error."""
    if existing is None:
        return None
    return tuple(pair for pair in existing if pair[0] not in keys)


def _invalid(message: str) -> ServiceError:
    return ServiceError("InvalidParameterException", message)
