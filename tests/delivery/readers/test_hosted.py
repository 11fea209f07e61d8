"""What chamber and the command lines of hosted managers print, in the shapes they have."""

import json

import pytest

from secretctl.delivery.readers import reader
from secretctl.errors import DeliveryError

CANARY = "canary-7c2a"
ITEM = {
    "id": "abcdefghijklmnopqrstuvwxyz",
    "title": "Database",
    "version": 1,
    "vault": {"id": "v", "name": "Private"},
    "category": "LOGIN",
    "sections": [{"id": "s", "label": "Server"}],
    "fields": [
        {"id": "username", "type": "STRING", "purpose": "USERNAME", "label": "username"},
        {
            "id": "password",
            "type": "CONCEALED",
            "purpose": "PASSWORD",
            "label": "password",
            "value": "p'w",
            "reference": "op://Private/Database/password",
        },
        {"id": "notesPlain", "type": "STRING", "purpose": "NOTES", "label": "notesPlain"},
        {
            "id": "h",
            "section": {"id": "s", "label": "Server"},
            "type": "STRING",
            "label": "host",
            "value": "db.example.com",
        },
    ],
}


def read(form: str, document: object) -> dict[str, str | bytes]:
    """Return the entries of a document by name."""
    text = document if isinstance(document, str) else json.dumps(document)
    return {entry.name: entry.value for entry in reader(form)(text, "file")}


def test_an_item_of_1password_gives_its_fields_that_have_values() -> None:
    """By their labels and those of their sections; several items by their titles too."""
    assert read("1password", ITEM) == {"password": "p'w", "Server/host": "db.example.com"}
    other = {"title": "Token", "fields": [{"id": "credential", "label": "", "value": "t"}]}
    assert read("1password", [ITEM, other]) == {
        "Database/password": "p'w",
        "Database/Server/host": "db.example.com",
        "Token/credential": "t",
    }


def test_doppler_gives_its_values_in_both_forms() -> None:
    """Without the three names that tell of the configuration itself."""
    about = {"DOPPLER_PROJECT": "p", "DOPPLER_CONFIG": "dev", "DOPPLER_ENVIRONMENT": "dev"}
    found = {"A": "x", "B": "y\nz"}
    assert read("doppler", {**about, **found}) == found
    assert read("doppler", {name: {"computed": value} for name, value in found.items()}) == found
    assert read("doppler", {"A": {"computed": "x", "raw": "${B}", "note": ""}}) == {"A": "x"}


def test_infisical_gives_its_values_in_both_forms() -> None:
    """A backslash is one, and a value may have several lines."""
    secrets = [
        {"key": "A", "workspace": "w", "value": "it's", "type": "shared", "_id": "1"},
        {"key": "B", "workspace": "w", "value": "", "type": "shared", "_id": "2"},
    ]
    assert read("infisical", secrets) == {"A": "it's", "B": ""}
    text = "A='x\\n\ny'\nexport B='$z'\n"
    assert read("infisical", text) == {"A": "x\\n\ny", "B": "$z"}


def test_chamber_gives_its_values_in_both_forms() -> None:
    """JSON with the keys as they are; its dotenv with its own escapes."""
    assert read("chamber", '{"db.host":"x","db-pass":"a\\u0026b"}\n') == {
        "db.host": "x",
        "db-pass": "a&b",
    }
    text = 'A="a\\n\\r\\\\n\\"\\!\\$\\`\'"\nDB_PASS=""\n'
    assert read("chamber", text) == {"A": "a\n\r\\n\"!$`'", "DB_PASS": ""}


@pytest.mark.parametrize(
    ("form", "document", "why"),
    [
        ("1password", {"x": CANARY}, "not what 'op item get --format json' prints"),
        ("1password", [{"fields": [{"label": "a", "value": "v"}]}], "an item has no title"),
        (
            "1password",
            {"fields": [{"label": "a", "value": "[use 'op item get x --reveal' to reveal]"}]},
            "the value of 'a' is hidden",
        ),
        ("1password", {"fields": [{"label": "a", "value": {"x": CANARY}}]}, "'a' is no text"),
        (
            "1password",
            {"fields": [{"label": "a", "value": "x"}, {"label": "a", "value": CANARY}]},
            "'a' stands twice",
        ),
        ("doppler", {"A": {}}, "'A' has no value there"),
        ("doppler", {"A": {"computed": None}}, "'A' has no value there"),
        ("doppler", [CANARY], "no object with names and values"),
        ("infisical", {"A": CANARY}, "not what 'infisical export --format json' prints"),
        ("infisical", [{"key": "A"}], "not what 'infisical export --format json' prints"),
        ("infisical", f"A='x'\nB='it's {CANARY}'\n", "line 2 of 'file': it is not NAME='value'"),
        ("infisical", f"A={CANARY}\n", "line 1 of 'file': it is not NAME='value'"),
        ("chamber", f'A="x"\nB="{CANARY}\n', "line 2 of 'file': it is not NAME="),
        ("chamber", f'A="{CANARY} $HOME"\n', "line 1 of 'file': it is not NAME="),
        ("chamber", f"a,{CANARY}\n", "line 1 of 'file': it is not NAME="),
    ],
)
def test_what_holds_no_values_or_leaves_them_open_is_refused(
    form: str, document: object, why: str
) -> None:
    """Nothing is left out in silence."""
    with pytest.raises(DeliveryError) as caught:
        read(form, document)
    assert why in caught.value.message
    assert CANARY not in caught.value.message + "".join(caught.value.hints)
