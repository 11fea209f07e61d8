"""Readers of formats whose consumers are not here, written from what their documents say."""

import re

_UTF16 = "utf-16-be"


def powershell(text: str) -> dict[str, str]:
    """Read assignments of strings (about_Quoting_Rules, about_Special_Characters)."""
    return {name: _powershell_string(given) for name, given in _assigned(text)}


def _assigned(text: str) -> list[tuple[str, str]]:
    lines = [re.fullmatch(r"\$env:(\w+) = (.*)", line) for line in text.splitlines()]
    return [(each[1], each[2]) for each in lines if each]


def _powershell_string(given: str) -> str:
    if given[0] == "'":
        assert re.fullmatch("'([^'\u2018-\u201b]|'')*'", given)
        return given[1:-1].replace("''", "'")
    units = b""
    pattern = r'\$\(\[char\]0x([0-9a-f]{4})\)|`(["`$])|([^"`$\u201c-\u201e])'
    place = 1
    while place < len(given) - 1:
        found = re.compile(pattern).match(given, place)
        assert found, "ended within"
        code, escaped, letter = found.groups()
        units += bytes.fromhex(code) if code else (escaped or letter).encode(_UTF16)
        place = found.end()
    assert given[-1] == '"'
    return units.decode(_UTF16)


def docker(text: str) -> dict[str, str]:
    """Read an ``--env-file``: a variable is a line, ``#`` begins a comment, nothing is unquoted."""
    found = {}
    for each in text.encode().split(b"\n"):
        assert len(each) < 64 * 1024, "longer than a line may be"
        line = each.removesuffix(b"\r").decode().lstrip()
        if line and not line.startswith("#"):
            name, equals, value = line.partition("=")
            assert equals
            found[name] = value
    return found


def gitlab(text: str) -> dict[str, str]:
    """Read a report: no comments, no empty lines, blanks around a value go, quotes stay."""
    assert len(text.encode()) < 5 * 1024
    found = {}
    for line in text.removesuffix("\n").split("\n") if text else ():
        name, equals, value = line.partition("=")
        assert equals
        assert "$" not in value, "would be expanded"
        found[name.strip()] = value.strip()
    return found


def compose(text: str) -> dict[str, str]:
    """Read an ``env_file``: single quotes are literal, double ones know escapes and variables.

    The closing quote is the next one that has no backslash before it.
    """
    found, rest = {}, text.replace("\r\n", "\n")
    while rest:
        name, _, rest = rest.partition("=")
        quote = rest[0]
        end = re.compile(rf"(?<!\\){quote}").search(rest, 1)
        assert end, "quotes are not closed"
        value, rest = rest[1 : end.start()], rest[end.end() :]
        assert rest[0] == "\n"
        rest = rest[1:]
        assert quote == "'" or not set(value) & set("\\$"), "would be expanded"
        found[name] = value
    return found


def systemd(text: str) -> dict[str, str]:
    r"""Read an ``EnvironmentFile=`` (systemd.exec(5)) of values in double quotes.

    In these a backslash keeps ``"``, ``\``, `````, ``$`` from their meaning, and takes a line end
    away.
    """
    found = {}
    for name, inner in re.findall(
        r'^(\w+)="((?:[^"\\`$]|\\.)*)"\n', text, re.DOTALL | re.MULTILINE
    ):
        assert set(re.findall(r"\\(.)", inner, re.DOTALL)) <= set('"\\`$')
        found[name] = re.sub(r"\\(.)", r"\1", inner)
    return found


def properties(text: str) -> dict[str, str]:
    """Read what java.util.Properties loads, of lines that are not continued."""
    assert text.isascii()
    found = {}
    for line in re.split("\r\n|[\r\n]", text.removesuffix("\n")) if text else ():
        name, _, value = line.partition("=")
        units = b""
        pattern = re.compile(r"\\u([0-9a-fA-F]{4})|\\(.)|(.)", re.DOTALL)
        for code, escaped, letter in pattern.findall(value.lstrip(" \t\f")):
            plain = {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}.get(escaped, escaped) or letter
            units += bytes.fromhex(code) if code else plain.encode(_UTF16)
        found[name] = units.decode(_UTF16)
    return found


def github(text: str, newline: str = "\n") -> dict[str, str]:
    """Read the file of ``$GITHUB_ENV`` as the runner does, whose lines end in *newline* too."""
    found = {}
    lines = re.split("\n" if newline == "\n" else "(\r?\n)", text)
    if newline == "\n":
        lines = [part for line in lines for part in (line, "\n")]
    rest = iter(zip(lines[::2], lines[1::2], strict=False))
    for line, _ in rest:
        if not line:
            continue
        name, mark, delimiter = line.partition("<<")
        assert mark
        value, end = "", ""
        for inner, ending in rest:
            if inner == delimiter:
                break
            value, end = value + end + inner, ending
        else:
            raise AssertionError("no delimiter")
        found[name] = value
    return found
