"""Bare lines ``NAME=value`` that know no quotes, and what a step of GitHub Actions appends.

See: https://docs.docker.com/reference/cli/docker/container/run/#env
     https://docs.gitlab.com/ci/yaml/artifacts_reports/#artifactsreportsdotenv
     GitHub Actions, Workflow commands: Multiline strings
"""

from __future__ import annotations

from collections.abc import Iterator

from secretctl.delivery.readers.entry import Entry, distinct, refused
from secretctl.delivery.references import is_variable

_HERE = "<<"


def docker(text: str, where: str) -> list[Entry]:
    """Read a file for ``docker run --env-file``: the value is all that stands behind ``=``.

    Raises:
        DeliveryError: a line names no value, which docker would take from the environment.
    """
    return distinct(_docker(text, where), where)


def gitlab(text: str, where: str) -> list[Entry]:
    """Read a report of GitLab, ``artifacts:reports:dotenv``.

    Raises:
        DeliveryError: a line is blank or a remark, which GitLab refuses, or a value holds what it
            would change.
    """
    return distinct(_gitlab(text, where), where)


def github(text: str, where: str) -> list[Entry]:
    """Read what is appended to the file of ``$GITHUB_ENV``.

    Raises:
        DeliveryError: a line is of another form, or a delimiter does not come again.
    """
    return distinct(_github(text, where), where)


def _lines(text: str) -> list[str]:
    found = text.split("\n")
    return found[:-1] if found[-1] == "" else found


def _assigned(written: str, where: str, line: int) -> Entry:
    name, equals, value = written.partition("=")
    if not equals or not is_variable(name):
        raise refused(where, line, "it is not NAME=value", "no blanks around '='")
    return Entry(name, value, line)


def _docker(text: str, where: str) -> Iterator[Entry]:
    for line, written in enumerate(_lines(text), 1):
        bare = written.removesuffix("\r").lstrip()
        if bare and not bare.startswith("#"):
            yield _assigned(bare, where, line)


def _gitlab(text: str, where: str) -> Iterator[Entry]:
    for line, written in enumerate(_lines(text), 1):
        entry = _assigned(written, where, line)
        if "$" in written or any(map(str.isspace, written)):
            raise refused(where, line, "a value holds a blank or $, which GitLab would change")
        yield entry


def _github(text: str, where: str) -> Iterator[Entry]:
    rest = enumerate(_lines(text), 1)
    for line, written in rest:
        if not written:
            continue
        name, here, delimiter = written.partition(_HERE)
        if not here or "=" in name:
            entry = _assigned(written, where, line)
        elif is_variable(name) and delimiter:
            entry = Entry(name, _until(delimiter, rest, where, line), line)
        else:
            raise refused(where, line, "it is neither NAME=value nor NAME<<DELIMITER")
        if written.endswith("\r") or str(entry.value).endswith("\r"):
            raise refused(where, line, "a carriage return: it may be a line end or of the value")
        yield entry


def _until(delimiter: str, rest: Iterator[tuple[int, str]], where: str, line: int) -> str:
    held: list[str] = []
    for _, written in rest:
        if written == delimiter:
            return "\n".join(held)
        held.append(written)
    raise refused(where, line, "its delimiter does not come again")
