"""What the owner vouches for: what decides to whom keys are sealed, as the owner wrote it.

Whoever holds the access keys, as every principal does, can write users, grants and all else that is
sealed under them; through this program only the owner does. So each such record must be exactly
the one that the owner wrote (`vouched`), or no key is sealed and nothing of them is changed, until
`dropping` took away what is not. Two things of them are the principals': the sessions of a role,
which are left out; and that a KMS key goes with its aliases once its waiting period is over. Of
grants and of keys that are sealed to somebody, what is missing is only a loss.

A change of the owner's begins with a look at what is there, and ends with the record renewed.
"""

from __future__ import annotations

from secretctl.domain import kms
from secretctl.errors import VaultDamagedError
from secretctl.record import TYPE_CHECKING, NamedTuple
from secretctl.vault import kms_keys, layout, principals, vouched
from secretctl.vault.vouched import Principal, Vouched

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from secretctl.vault.transaction import Transaction
    from secretctl.vault.view import View

_ROLE = b"r"
_GRANTED = (layout.GRANT, layout.KMS_GRANT)
_WORDS = {layout.GRANT: "a key sealed to somebody", layout.KMS_GRANT: "a grant"}
ADDED, CHANGED, GONE = "is not the owner's", "was changed", "is gone"


class Difference(NamedTuple):
    """A record that is not as the owner left it."""

    place: bytes
    """Its key in the store."""

    how: str
    """`ADDED`, `CHANGED` or `GONE`."""

    shown: str
    """What it is; of what somebody else wrote there is nothing in it but a name that can be one."""

    name: str = ""
    """Of a secret; empty if it can be none."""

    put_back: bytes = b""
    """What is put in its place where it is dropped; of a key that is made anew, where it lies."""

    @property
    def told(self) -> str:
        """The difference in words."""
        return self.told_as(self.name)

    def told_as(self, name: str) -> str:
        """Return the difference in words, with *name* for the secret's own."""
        words = " ".join(filter(None, (self.shown, self.how)))
        return f"{words}: {name}" if name else words


class Digests(NamedTuple):
    """What is there at one moment, of all that the owner vouches for."""

    directory: str | None
    """The directory of KMS keys, as text; None if there is none."""

    principals: dict[bytes, str]
    """Keyed hash of each record, by its key in the store."""

    granted: dict[bytes, str]
    """Likewise of grants, and of keys that are sealed to somebody."""


def read(view: View) -> Vouched:
    """Return what the owner vouches for; in the vault of an older program, what is there.

    Raises:
        VaultDamagedError: The record is missing, not what was written, or an older one.
    """
    found = vouched.opened(view)
    if found is None:
        from secretctl.vault import former_vouching

        return present(view, former_vouching.counter_of(view))
    vouched.check_counter(view, found.counter)
    return found


def digests(view: View) -> Digests:
    """Return what is there; the root key is needed for it."""
    digest = vouched.digester(view.keys)
    known = {
        where: digest(where, content_of(view, where, stored))
        for where, stored in view.stored_records(layout.PRINCIPAL)
    }
    granted = {
        where: digest(where, stored)
        for kind in _GRANTED
        for where, stored in view.stored_records(kind)
    }
    return Digests(vouched.directory_text(view), known, granted)


def present(view: View, counter: int) -> Vouched:
    """Return what is there, as if the owner had written it."""
    there = digests(view)
    known = {
        where.hex(): Principal(digest, principals.shown_at(view, where))
        for where, digest in there.principals.items()
    }
    return Vouched(counter, there.directory, known, frozenset(there.granted.values()))


def content_of(view: View, where: bytes, stored: bytes) -> bytes:
    """Return what of a principal's record the owner alone writes: of a role not its sessions."""
    if where[1:2] == _ROLE:
        return principals.without_sessions(view, where) or stored
    return stored


def differences(view: View, known: Vouched, there: Digests, now_ms: int) -> Iterator[Difference]:
    """Yield the records that are not as *known* has them at *now_ms* (ms since 1970)."""
    if not _is_swept(view, known.directory, there.directory, now_ms):
        yield _of_directory(there.directory, known.directory)
    for where, digest in there.principals.items():
        before = known.principals.get(where.hex())
        if before is None:
            yield Difference(where, ADDED, principals.shown_at(view, where))
        elif digest != before.digest:
            yield Difference(where, CHANGED, before.shown)
    for gone in known.principals:
        if bytes.fromhex(gone) not in there.principals:
            yield Difference(bytes.fromhex(gone), GONE, known.principals[gone].shown)
    for where, digest in there.granted.items():
        if digest not in known.granted:
            yield Difference(where, ADDED, _WORDS[where[:1]])


def gone(known: Vouched, there: Digests) -> int:
    """Return how many grants and sealed keys of the owner's are not there any more.

    They are a loss alone; but who removed one may have kept it, and put it back as the owner's.
    """
    return len(known.granted.difference(there.granted.values()))


def told_gone(number: int) -> str:
    """Return in words that *number* grants and sealed keys are gone."""
    what = "a grant or sealed key is" if number == 1 else f"{number} grants or sealed keys are"
    return f"{what} gone that the owner wrote; who kept it may put it back"


def _of_directory(there: str | None, known: str | None) -> Difference:
    how, left = GONE if there is None else CHANGED, (known or "").encode()
    shown = "the directory of KMS keys and aliases"
    return Difference(layout.KEY_DIRECTORY, how, shown, put_back=left)


def _is_swept(view: View, known: str | None, there: str | None, now_ms: int) -> bool:
    """Tell whether a key directory is the known one, but for keys whose waiting period is over.

    By *now_ms*, and by what the known one says of its end.

    Whoever writes next removes these, a principal as well.
    """
    if known == there:
        return True
    if not known or not there:
        return False
    try:
        now = kms_keys.decode(there.encode(), view.account)
    except VaultDamagedError:
        return False
    expected = kms_keys.decode(known.encode(), view.account)
    for key in list(expected.keys.values()):
        if key.id not in now.keys and kms.is_over(key, now_ms):
            expected = kms.without_key(expected, key)
    return kms_keys.encode(expected).decode() == there


def check(view: View, now_ms: int) -> None:
    """Refuse a vault in which there is what the owner does not vouch for.

    Raises:
        VaultDamagedError: The first such record, and the command that takes it away.
    """
    for each in differences(view, read(view), digests(view), now_ms):
        raise refusal(view, each)


def check_directory(view: View, now_ms: int) -> int:
    """See that the KMS keys, their material and aliases are the owner's at *now_ms* (since 1970).

    Returns:
        How often what the owner vouches for was renewed; 0 in the vault of an older program, which
        did not tell of the directory by itself.

    Raises:
        VaultDamagedError: They are not.
    """
    known = vouched.opened(view)
    if known is None:
        return 0
    vouched.check_counter(view, known.counter)
    there = vouched.directory_text(view)
    if not _is_swept(view, known.directory, there, now_ms):
        raise refusal(view, _of_directory(there, known.directory))
    return known.counter


def refusal(view: View, found: Difference) -> VaultDamagedError:
    """Return the error for a record that is not as the owner left it."""
    return VaultDamagedError(
        f"the owner does not vouch for what is there: {found.told}",
        vouched.command(view, "list"),
        vouched.command(view, "drop", found.place.hex()),
    )


class Watch:
    """What the owner vouches for, while a change of the owner's is made."""

    def __init__(self, transaction: Transaction, dropping: Collection[bytes] = ()) -> None:
        """Look at what is there, of which nothing has been touched yet.

        Args:
            transaction: Of the owner.
            dropping: Places of records that are about to be taken away; where there are some,
                others may be left as they are.

        Raises:
            VaultDamagedError: Something is not as the owner left it.
        """
        self._transaction = transaction
        self._is_former = vouched.opened(transaction) is None
        self._there = digests(transaction)
        self.known = read(transaction)
        self.touched = {*dropping}
        """Places of records that the change has written or removed."""

        now_ms = transaction.now_ms
        for each in () if dropping else differences(transaction, self.known, self._there, now_ms):
            raise refusal(transaction, each)
        transaction.proved = self.known.counter

    def renew(self) -> None:
        """Vouch for what the change made."""
        transaction, counter = self._transaction, self.known.counter
        made = self._made()
        if self._is_former:
            from secretctl.vault import former_vouching

            former_vouching.ended(transaction)
        if self._is_former or made != self.known:
            transaction.proved = counter + 1
            renew(transaction, made._replace(counter=counter + 1))

    def _made(self) -> Vouched:
        """Return what was vouched for, with what was touched as it is now."""
        view, touched = self._transaction, self.touched
        digest = vouched.digester(view.keys)
        known = dict(self.known.principals)
        granted = {
            where: each for where, each in self._there.granted.items() if where not in touched
        }
        kept = self.known.granted.intersection(granted.values())
        new = set[str]()
        for where in touched:
            known.pop(where.hex(), None)
            stored = view.stored_record(where)
            if stored is not None and where[:1] == layout.PRINCIPAL:
                content = content_of(view, where, stored)
                shown = principals.shown_at(view, where)
                known[where.hex()] = Principal(digest(where, content), shown)
            elif stored is not None and where[:1] in _GRANTED:
                new.add(digest(where, stored))
        is_same = layout.KEY_DIRECTORY not in touched
        text = self.known.directory if is_same else vouched.directory_text(view)
        return Vouched(self.known.counter, text, known, kept | new)


def renew(transaction: Transaction, known: Vouched) -> None:
    """Keep the record, and in the vault's state that it is the latest."""
    transaction.put_vouched(known.counter, vouched.sealed(transaction.keys, known))
