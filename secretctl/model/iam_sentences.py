"""What IAM says of names and paths with characters that they cannot have.

Its other constraints have the sentences of all services.
See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from __future__ import annotations

_FAILED = "' failed to satisfy constraint: Member must satisfy regular expression pattern: "
_ALLOWED = {
    r"[\w+=,.@-]+": "contain only alphanumeric characters and/or the following: +=,.@_-",
    r"(\u002F)|(\u002F[\u0021-\u007E]+\u002F)": (
        "begin and end with / and contain only alphanumeric characters and/or / characters."
    ),
}
"""What a name, or a path, must do; by its pattern."""


def own_sentence(problems: list[str]) -> str:
    """Return IAM's sentence, if characters of names and paths are all that is wrong; else nothing.

    Args:
        problems: As `validate.service_problems` gives them, one at least.
    """
    sentences = []
    for problem in problems:
        place, _, pattern = problem.partition(_FAILED)
        if pattern not in _ALLOWED:
            return ""
        member = place.rpartition("'")[2]
        sentences.append(
            f"The specified value for {member} is invalid. It must {_ALLOWED[pattern]}"
        )
    return sentences[0]
