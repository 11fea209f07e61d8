"""What ``import`` has other programs decrypt: files of sops, stores of pass."""

import shlex

from secretctl.cli.progress import bar
from secretctl.context import Context
from secretctl.delivery import decrypting
from secretctl.delivery.readers import passwords, sops
from secretctl.delivery.readers.entry import Entry
from secretctl.errors import UsageError

_LARGEST_FILE = 64 * 1024 * 1024
_LARGEST_ENTRY = 1024 * 1024
_OPTIONS = "PASSWORD_STORE_GPG_OPTS"
_INSTEAD = "sops --decrypt --output-type json FILE | secretctl import - --format json, where it is"


def of_sops(path: str, context: Context) -> list[Entry]:
    """Return the entries of a file that sops encrypted.

    Raises:
        DeliveryError: It cannot be decrypted or read.
    """
    environ = decrypting.surroundings(context.environ)

    def run(words: list[str], what: str) -> bytes:
        return decrypting.output(words, what, environ, _LARGEST_FILE, _INSTEAD)

    return sops.read(path, run)


def of_pass(store: str, context: Context, *, first: bool) -> list[Entry]:
    """Return the entries of a store of pass; raises as `of_sops`, and UsageError.

    Args:
        store: The folder.
        context: Gives the environment, and shows how far it has come.
        first: Take the first line of each entry.
    """
    try:
        options = shlex.split(context.environ.get(_OPTIONS, ""))
    except ValueError:
        raise UsageError(f"{_OPTIONS} has a quote without its other half") from None
    environ = decrypting.surroundings(context.environ)

    def run(words: list[str], what: str) -> bytes:
        return decrypting.output(words, what, environ, _LARGEST_ENTRY, "install gnupg")

    with bar(context, "decrypting") as progress:
        return passwords.read(store, run, options, progress, first=first)
