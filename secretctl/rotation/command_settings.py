"""What may be set of ``builtin/exec``: a command for each step.

    [rotation.functions.app]
    builtin = "builtin/exec"
    create = ["openssl", "rand", "-hex", "24"]
    set = ["~/bin/set-password"]
    test = ["~/bin/log-in"]

Each is optional. What *create* prints is the new value; without it that is a random password, as
``builtin/password`` makes it. The others have it as JSON on standard input. No shell reads the
words.

They stand in the configuration file alone. Named by the secret or by a request, they would run
whatever its author likes, as the one who rotates.
"""

from __future__ import annotations

from secretctl.rotation.registry import SettingError
from secretctl.rotation.steps import Fields

CREATE, SET, TEST = "create", "set", "test"
COMMANDS = (CREATE, SET, TEST)
KEYS = (*COMMANDS, "timeout", "env")
"""What may be said of such a function."""


def check_settings(settings: Fields) -> None:
    """See that commands are given, as words; raises SettingError."""
    if not settings:
        raise SettingError(f"needs one of {', '.join(COMMANDS)}: a command")
    for name, words in settings.items():
        if not (isinstance(words, list) and words and all(map(_is_word, words))):
            raise SettingError(f'has no list of words as {name}: {name} = ["PROGRAM", "WORD"]')
        if "/" in words[0] and not words[0].startswith(("/", "~/")):
            raise SettingError(f"says of {name} what begins neither with / nor with ~/")


def _is_word(found: object) -> bool:
    return isinstance(found, str) and "\0" not in found
