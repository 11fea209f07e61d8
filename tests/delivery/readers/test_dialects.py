"""What each dialect takes besides what ``export`` writes, and what is left open and refused."""

import pytest

from secretctl.delivery.readers import reader
from secretctl.errors import DeliveryError

CANARY = "canary"


def read(form: str, text: str) -> dict[str, str | bytes]:
    """Return the entries of a file by name."""
    return {entry.name: entry.value for entry in reader(form)(text, "file")}


@pytest.mark.parametrize(
    ("form", "text", "found"),
    [
        (
            "docker",
            "# a remark\n\n  A= x 'y' \nB=\nC=$x#y\r\n",
            {"A": " x 'y' ", "B": "", "C": "$x#y"},
        ),
        ("compose", "A='x\\\\${y}'\nB=\"it's\"\n", {"A": "x\\\\${y}", "B": "it's"}),
        (
            "shell",
            "# x\nexport A='x'\\''y'\"z w\"-1.2\n  B=\n\nC=\"it's\"\nD=a==:'='\nE='=x:=y'",
            {"A": "x'yz w-1.2", "B": "", "C": "it's", "D": "a==:=", "E": "=x:=y"},
        ),
        (
            "fish",
            "set -gx A 'it\\'s \\\\ \\n'\nset --global --export B x/y\n",
            {"A": "it's \\ \\n", "B": "x/y"},
        ),
        (
            "powershell",
            "# x\r\n$env:A = 'it''s'\r\n$env:B=\"a`$b$([char]0xd83d)$([char]0xde00)\"",
            {"A": "it's", "B": "a$b\U0001f600"},
        ),
        (
            "yaml",
            "# x\nA: plain text\n'B': |\n  two\n  lines\nC: \"0123\"\nD: _1\nE: 1.2.3\n",
            {"A": "plain text", "B": "two\nlines\n", "C": "0123", "D": "_1", "E": "1.2.3"},
        ),
        ("toml", 'A = \'x\\y\'\nB = """\ntwo\nlines"""\n', {"A": "x\\y", "B": "two\nlines"}),
        (
            "github",
            "A=x=<<y\nB<<E\nE2\n\nE\n\nC<<X\nX\n",
            {"A": "x=<<y", "B": "E2\n", "C": ""},
        ),
        ("gitlab", "A='x'\nB=", {"A": "'x'", "B": ""}),
        (
            "systemd",
            '; x\n# y\nA=x\nB=\'y "\'\nC="a\\"\\\\\nb"\n',
            {"A": "x", "B": 'y "', "C": 'a"\\\nb'},
        ),
        ("csv", 'name,value\r\nA,x\r\n"B","a ""b""\n c"', {"A": "x", "B": 'a "b"\n c'}),
        (
            "properties",
            "! x\n a.b : x\\\n   y\nc\\ d=\\u00e9\\:\\q\ne f\n\ng",
            {"a.b": "xy", "c d": "\u00e9:q", "e": "f", "g": ""},
        ),
    ],
)
def test_a_dialect_is_read_by_its_own_rules(form: str, text: str, found: dict[str, str]) -> None:
    """Remarks, blanks, quotes and escapes as its consumer takes them."""
    assert read(form, text) == found


@pytest.mark.parametrize(
    ("form", "text", "why"),
    [
        ("docker", "A=x\nCANARY\n", "line 2 of 'file': it is not NAME=value"),
        ("docker", "export A=canary\n", "line 1 of 'file': it is not NAME=value"),
        ("compose", "A='canary\\'\n", "a backslash stands in front of another, or of a quote"),
        ("shell", "A='x'\nB=$(canary)\n", "line 2 of 'file': it is not NAME='value'"),
        ("shell", 'A="$canary"\n', "other code is not run"),
        ("shell", "A='canary\n", "line 1 of 'file': it is not"),
        ("shell", "A=x; canary\n", "other code is not run"),
        ("shell", "A==canary\n", "other code is not run"),
        ("shell", "A=''\"\"=canary\n", "other code is not run"),
        ("shell", "A=x:=canary\n", "other code is not run"),
        ("shell", "A='x:'''=canary\n", "other code is not run"),
        ("shell", 'A=":"=canary\n', "other code is not run"),
        ("shell", "A=x\r\n", "line 1 of 'file': it is not"),
        ("shell", "A=x\n\nA=canary", "line 3 of 'file': 'A' stands in line 1 already"),
        ("fish", "set -gx A (canary)\n", "other code is not run"),
        ("fish", "set -gx A x canary\n", "other code is not run"),
        ("fish", "set -gx A %self\n", "other code is not run"),
        ("fish", "set -gx A\n", "other code is not run"),
        ("powershell", '$env:A = "$canary"\n', "other code is not run"),
        ("powershell", "$env:A = 'x\u2019canary'\n", "other code is not run"),
        ("powershell", "$env:A = 'x'\n$env:a = 'canary'", "takes no account of case"),
        ("powershell", '$env:A = "$([char]0xd83d)"', "half a surrogate pair"),
        ("yaml", "A: NO\n", "line 1 of 'file': the value of 'A' may be text or something else"),
        ("yaml", "A: x\nB: 0123\n", "line 2 of 'file': the value of 'B' may be text"),
        ("yaml", "A: 1e3\n", "the value of 'A' may be text or something else"),
        ("yaml", "A: 0o17\n", "the value of 'A' may be text or something else"),
        ("yaml", "A: 1_0e3\n", "the value of 'A' may be text or something else"),
        ("yaml", "A: -0O1_7\n", "the value of 'A' may be text or something else"),
        ("yaml", "A: 0X1F\n", "the value of 'A' may be text or something else"),
        ("yaml", "A: 1,000\n", "the value of 'A' may be text or something else"),
        ("yaml", "A: 2026-1-2\n", "the value of 'A' may be text or something else"),
        ("yaml", "A: Y\n", "the value of 'A' may be text or something else"),
        ("yaml", "x: canary\ny: canary\n", "line 2 of 'file': a key may be text"),
        ("yaml", "A: 01:30\n", "the value of 'A' may be text or something else"),
        ("yaml", "A: 12:30:45\n", "the value of 'A' may be text or something else"),
        ("yaml", "A: ~\n", "the value of 'A' may be text or something else"),
        ("yaml", "A: !x canary\n", "the value of 'A' may be text or something else"),
        ("yaml", "A: [canary]\n", "the value of 'A' is no text but a mapping or a list"),
        ("yaml", "A: &x canary\nB: *x\n", "line 1 of 'file': it has an anchor or an alias"),
        ("yaml", "A: x\nA: canary\n", "line 2 of 'file': 'A' stands twice"),
        ("yaml", "A: x\n---\nB: canary\n", "it is not one YAML document"),
        ("yaml", "- canary\n", "it is no mapping of names to values"),
        ("yaml", "A: 'canary\n", "it is not one YAML document"),
        ("yaml", "", "it is empty"),
        ("yaml", "A: \x01canary", "it holds characters that YAML cannot"),
        ("toml", "A = 'x'\nB = 1\n", "the value of 'B' is no string"),
        ("toml", "[A]\nB = 'canary'\n", "the value of 'A' is no string"),
        ("toml", "A = 'x'\nB = canary\n", "line 2 of 'file': it is not TOML"),
        ("github", "A<<E\ncanary\n", "line 1 of 'file': its delimiter does not come again"),
        ("github", "A<<E\r\ncanary\r\nE\r\n", "it may be a line end or of the value"),
        ("github", "A=canary\r\n", "it may be a line end or of the value"),
        ("github", "canary\n", "line 1 of 'file': it is not NAME=value"),
        ("github", "A B<<E\ncanary\nE\n", "neither NAME=value nor NAME<<DELIMITER"),
        ("gitlab", "A=x\n\nB=canary\n", "line 2 of 'file': it is not NAME=value"),
        ("gitlab", "A=x canary\n", "which GitLab would change"),
        ("systemd", 'A="canary\\q"\n', "line 1 of 'file': it is not NAME="),
        ("systemd", "A=x canary\n", "line 1 of 'file': it is not NAME="),
        ("systemd", "# x\\\nA=canary\n", "line 1 of 'file': it is not NAME="),
        ("csv", "A,canary\n", "line 1 of 'file': the first line is not name,value"),
        ("csv", "name,value\nA,x,canary\n", "line 2 of 'file': it is not two fields"),
        ("csv", 'name,value\nA,x\nB,"can"ary\n', "line 3 of 'file': it is not CSV"),
        ("csv", "name,value\nA,x\nA,canary\n", "line 3 of 'file': 'A' stands in line 2 already"),
        ("csv", "", ""),
        ("properties", "A=x\nB=\\u12\n", "line 2 of 'file': an escape is none"),
        ("properties", "A=x\n\\\n #B=canary\n", "line 3 of 'file': a backslash alone stands"),
        ("properties", "A=canaré\n", "line 1 of 'file': it is not ASCII"),
        ("properties", "A=\\ud800\n", "half a surrogate pair"),
        ("k8s", "kind: ConfigMap\ndata: {A: canary}\n", "it is no Secret of Kubernetes"),
        ("k8s", "kind: Secret\ndata: {A: 'canary!'}\n", "the value of 'A' is not base64"),
        ("k8s", "kind: Secret\nstringData: {A: 1_0e3}\n", "the value of 'A' may be text or"),
        ("k8s", "kind: Secret\nstringData:\n  n: canary\n", "line 3 of 'file': a key may be"),
        ("k8s", "kind: Secret\ndata: {A: eA==}\nstringData: {A: canary}\n", "'A' stands in line"),
    ],
)
def test_what_is_left_open_is_refused(form: str, text: str, why: str) -> None:
    """With line or name and reason, and nothing of a value."""
    if not why:
        assert read(form, text) == {}
        return
    with pytest.raises(DeliveryError) as caught:
        read(form, text)
    assert why in caught.value.message
    assert CANARY not in caught.value.message + "".join(caught.value.hints)


def test_a_secret_of_kubernetes_is_read_as_yaml_and_as_json() -> None:
    """Both members; bytes that are no text stay bytes, and lines of base64 are one."""
    text = (
        "apiVersion: v1\nkind: Secret\nmetadata: {name: x, generation: 1}\nimmutable: true\n"
        "data:\n  A: eHk=\n  B: /wA=\n  C: |\n    eHl6\n    eHl6\n  D: YQBi\n"
        "stringData:\n  E: plain\n"
    )
    found = {"A": "xy", "B": b"\xff\0", "C": "xyzxyz", "D": b"a\0b", "E": "plain"}
    assert read("k8s", text) == found
    as_json = '{\n    "data": {\n        "A": "eHk="\n    },\n    "kind": "Secret"\n}\n'
    assert read("k8s", as_json) == {"A": "xy"}
    assert read("k8s", "kind: Secret\n") == {}


def test_a_reader_is_not_slow_where_it_cannot_read() -> None:
    """What is almost right, and long, is refused in time that grows with its length."""
    long = "x" * 200_000
    for form, text in (
        ("shell", f"A={long}$"),
        ("shell", f"A={'x-' * 50_000}'"),
        ("fish", f"set -gx A '{long}"),
        ("powershell", f'$env:A = "{long}'),
        ("systemd", f'A="{long}'),
        ("properties", f"{long}\\u"),
    ):
        with pytest.raises(DeliveryError):
            read(form, text)
