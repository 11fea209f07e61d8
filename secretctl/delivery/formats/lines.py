"""Bare lines ``NAME=value`` that know no quotes: docker's ``--env-file`` and GitLab's report."""

from __future__ import annotations

from collections.abc import Sequence

from secretctl.delivery.environment import Variable
from secretctl.delivery.formats.refusal import bad_value

_DOCKER_LONGEST = 64 * 1024 - 1
"""Bytes of a line that docker's reader takes, the line end counted."""

_GITLAB_LARGEST = 5 * 1024
"""Bytes of a report must be fewer."""


def docker(variables: Sequence[Variable]) -> str:
    """Return a file for ``docker run --env-file``: the value is all that stands behind ``=``.

    Raises:
        DeliveryError: a value has a line end, ends in a carriage return, or is too long.
    """
    lines = []
    for variable in variables:
        if "\n" in variable.value:
            raise bad_value(variable, "docker", "it holds a line end, and a variable is one line")
        if variable.value.endswith("\r"):
            raise bad_value(
                variable, "docker", "it ends in a carriage return, which docker removes"
            )
        line = f"{variable.name}={variable.value}\n"
        if len(line.encode()) > _DOCKER_LONGEST:
            raise bad_value(variable, "docker", "it is too long for a line of 64 KiB")
        lines.append(line)
    return "".join(lines)


def gitlab(variables: Sequence[Variable]) -> str:
    """Return a file for ``artifacts:reports:dotenv``: quotes are kept, substitution is not ours.

    GitLab documents that values hold no blanks; the variables it makes of them are expanded, so
    that a dollar sign would not stay what it is.

    Raises:
        DeliveryError: a value has a blank, a line end or a dollar sign, or the file is too large.
    """
    text = ""
    for variable in variables:
        if any(letter.isspace() for letter in variable.value):
            raise bad_value(variable, "gitlab", "it holds a blank or a line end")
        if "$" in variable.value:
            raise bad_value(variable, "gitlab", "it holds a dollar sign, which GitLab would expand")
        text += f"{variable.name}={variable.value}\n"
        if len(text.encode()) >= _GITLAB_LARGEST:
            raise bad_value(variable, "gitlab", "the report would be 5 KiB or more")
    return text
