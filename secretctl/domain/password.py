"""Random passwords (GetRandomPassword).

See: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetRandomPassword.html
"""

import string
from collections.abc import Callable

from secretctl.domain.chance import below
from secretctl.errors import ServiceError


def random_password(  # noqa: PLR0913 the members of the API operation
    random: Callable[[int], bytes],
    *,
    length: int = 32,
    exclude_characters: str = "",
    exclude_numbers: bool = False,
    exclude_punctuation: bool = False,
    exclude_uppercase: bool = False,
    exclude_lowercase: bool = False,
    include_space: bool = False,
    require_each_included_type: bool = True,
) -> str:
    """Return a password of exactly *length* characters.

    Types are lower case, upper case, digits and the 32 marks of ASCII punctuation. A space is
    allowed by *include_space*, never required.

    Args:
        random: Gives that many unpredictable bytes.
        length: Number of characters.
        exclude_characters: Characters not to be used.
        exclude_numbers: Leave out digits.
        exclude_punctuation: Leave out punctuation.
        exclude_uppercase: Leave out upper case.
        exclude_lowercase: Leave out lower case.
        include_space: Allow spaces.
        require_each_included_type: Use at least one character of every type not left out.

    Raises:
        ServiceError: ``InvalidParameterException``, no such password exists.
    """
    included = [
        characters
        for characters, excluded in (
            (string.ascii_lowercase, exclude_lowercase),
            (string.ascii_uppercase, exclude_uppercase),
            (string.digits, exclude_numbers),
            (string.punctuation, exclude_punctuation),
        )
        if not excluded
    ]
    types = [_without(characters, exclude_characters) for characters in included]
    pool = "".join(types) + _without(" " if include_space else "", exclude_characters)
    required = types if require_each_included_type else []
    if length < len(required):
        raise _invalid("Password length is too short based on the required types.")
    if not all(required):
        raise _invalid("All characters of the desired type have been excluded")
    if not pool:
        raise _invalid("All characters have been excluded from selection")
    chosen = [_pick(random, characters) for characters in required]
    chosen += [_pick(random, pool) for _ in range(length - len(required))]
    _shuffle(random, chosen)
    return "".join(chosen)


def _without(characters: str, excluded: str) -> str:
    return "".join(character for character in characters if character not in excluded)


def _pick(random: Callable[[int], bytes], characters: str) -> str:
    return characters[below(random, len(characters))]


def _shuffle(random: Callable[[int], bytes], items: list[str]) -> None:
    """Put the items into an order, all orders equally likely (Fisher and Yates)."""
    for last in range(len(items) - 1, 0, -1):
        other = below(random, last + 1)
        items[last], items[other] = items[other], items[last]


def _invalid(message: str) -> ServiceError:
    return ServiceError("InvalidParameterException", message)
