"""The store of ``pass``: a folder of files that gpg encrypted, each of them one entry.

* An entry is named by its path in the store, without ``.gpg``.
* One line is the value without its line end, which pass adds. Several lines are the value as they
  stand; where only the *first* is wanted, that one is: pass takes it for the password.
* What begins with a dot is none of it: ``.git``, ``.gpg-id``, which only says who may decrypt.
* A link to an entry of the store is an entry. One that leads out of it, or to a folder, is refused.

See: pass(1)
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator

from secretctl.delivery.line_ends import of_one_line
from secretctl.delivery.readers.entry import Entry, Run, refused, text_or_bytes
from secretctl.delivery.references import shown
from secretctl.errors import DeliveryError

_SUFFIX = ".gpg"
_RECIPIENTS = ".gpg-id"


def read(
    store: str, run: Run, options: list[str], tell: Callable[[int, int], None], *, first: bool
) -> list[Entry]:
    """Return the entries of a store, in the order of their names.

    Args:
        store: The folder.
        run: Runs gpg.
        options: For gpg besides.
        tell: Is told how many entries are decrypted, and how many there are.
        first: Take the first line of each.

    Raises:
        DeliveryError: it is no store, a link leads astray, or gpg cannot decrypt an entry.
    """
    found = list(_files(store))
    entries: list[Entry] = []
    for done, (name, path) in enumerate(found):
        tell(done, len(found))
        words = ["gpg", *options, "--quiet", "--batch", "--decrypt", "--", path]
        plain = run(words, f"'{shown(name)}'")
        entries.append(Entry(name, text_or_bytes(_wanted(plain, first=first))))
    return entries


def _wanted(plain: bytes, *, first: bool) -> bytes:
    return plain.partition(b"\n")[0] if first else of_one_line(plain)


def _files(store: str) -> Iterator[tuple[str, str]]:
    """Yield name and path of each entry.

    Raises:
        DeliveryError: it is no store, or something in it is neither file nor folder.
    """
    root = os.path.realpath(store)
    if not os.path.isfile(os.path.join(root, _RECIPIENTS)):
        raise refused(store, 0, f"it is no store of pass: there is no {_RECIPIENTS} in it")
    try:
        yield from _below(root, "", root)
    except OSError as error:
        raise refused(store, 0, f"it cannot be read: {error.strerror}") from None


def _below(root: str, folder: str, path: str) -> Iterator[tuple[str, str]]:
    for name in sorted(os.listdir(path)):
        inner, here = os.path.join(path, name), f"{folder}{name}"
        if name.startswith("."):
            continue
        mode = os.lstat(inner).st_mode
        if stat.S_ISDIR(mode):
            yield from _below(root, f"{here}/", inner)
        elif name.endswith(_SUFFIX):
            real = os.path.realpath(inner)
            if not real.startswith(f"{root}/"):
                raise _astray(here, "leads out of the store")
            if not os.path.isfile(real):
                raise _astray(here, "is no file")
            yield here.removesuffix(_SUFFIX), real
        elif stat.S_ISLNK(mode) and os.path.isdir(inner):
            raise _astray(here, "is a link to a folder: what is in it would be imported twice")


def _astray(name: str, why: str) -> DeliveryError:
    return DeliveryError(f"'{shown(name)}' in the store {why}", "remove it, or import a copy")
