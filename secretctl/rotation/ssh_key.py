"""``builtin/ssh-key``: key pairs (Ed25519) of an account that is reached by SSH.

The new key is added to the ``authorized_keys`` of the account, by the key that opens it until then,
and the one before that goes in the last step: so whoever still holds the key that was current is
let in for another period. Without a host the pair is only made.
"""

from __future__ import annotations

from secretctl.crypto import ssh_keys
from secretctl.rotation import authorized_keys, members, ssh_account, versions
from secretctl.rotation.logins import RefusedError
from secretctl.rotation.ssh_account import KeyValue
from secretctl.rotation.ssh_login import login
from secretctl.rotation.steps import Function, Step, StepError

_SECRET_BYTES = 32
_FAILURES = {
    authorized_keys.ABSENT: "the key that opens the account is not in its ~/.ssh/authorized_keys",
    authorized_keys.REFUSED: "the account may not replace its ~/.ssh/authorized_keys",
}
_BUSY = "the authorized_keys of the account are being changed by somebody else"
_BUSY_HINT = "if nobody is, a change was cut off: remove ~/.ssh/authorized_keys.secretctl there"


def _create(step: Step) -> None:
    value = ssh_account.read(versions.current(step))
    private, public = ssh_keys.new_pair(step.random(_SECRET_BYTES))
    versions.fill(step, members.written(value.members, PrivateKey=private, PublicKey=public))


def _set(step: Step) -> None:
    """Add the new key on each host, by whichever one opens it.

    The new one is tried last: it opens nothing yet where nothing was cut off, and sshd shuts out an
    address for a while from which it was offered a few keys that open nothing (PerSourcePenalties,
    from OpenSSH 9.8 on).
    """
    wanted = ssh_account.read(versions.pending(step))
    if not wanted.account.hosts:
        return
    found = [ssh_account.read(versions.current(step)), _previous(step)]
    before = [each for each in found if each and each.account == wanted.account]
    for host in wanted.account.hosts:
        if not _added(wanted, before, host) and not _opens(wanted, host):
            raise RefusedError("the account takes neither the new key nor the ones before it")


def _previous(step: Step) -> KeyValue | None:
    """Return the version before the current one, if it opens an account: it may be anything."""
    try:
        text = versions.previous(step)
        found = None if text is None else ssh_account.read(text)
        if found is None or not found.account.hosts:
            return None
        _public(found)
    except StepError:
        return None
    return found


def _added(wanted: KeyValue, before: list[KeyValue], host: str) -> bool:
    for found in before:
        script = authorized_keys.adding(_public(wanted), _public(found))
        try:
            _run(found, host, script)
        except RefusedError:
            continue
        return True
    return False


def _try(step: Step) -> None:
    wanted = ssh_account.read(versions.pending(step))
    for host in wanted.account.hosts:
        _run(wanted, host, authorized_keys.HELLO)


def _remove(step: Step) -> None:
    """Remove the key before the current one: it was kept for a period."""
    wanted, old = ssh_account.read(versions.pending(step)), _previous(step)
    if not wanted.account.hosts or old is None:
        return
    kept = (_public(wanted), _public(ssh_account.read(versions.current(step))))
    if _public(old) not in kept:
        for host in wanted.account.hosts:
            _run(wanted, host, authorized_keys.removing(_public(old)), authorized_keys.ABSENT)


def _check(step: Step) -> None:
    value = ssh_account.read(versions.current(step))
    for host in value.account.hosts:
        _run(value, host, authorized_keys.checking(_public(value)))


def _run(value: KeyValue, host: str, script: str, *also_good: str) -> None:
    """Run a script that tells whether it succeeded; raises StepError where it did not."""
    _public(value)
    with login(value.account, value.private) as logged_in:
        outcome = logged_in.run(host, script)
    if outcome == authorized_keys.BUSY:
        raise StepError(_BUSY, _BUSY_HINT)
    if outcome in _FAILURES and outcome not in also_good:
        raise StepError(_FAILURES[outcome])


def _opens(value: KeyValue, host: str) -> bool:
    try:
        _run(value, host, authorized_keys.HELLO)
    except RefusedError:
        return False
    return True


def _public(value: KeyValue) -> str:
    try:
        return ssh_keys.public_of(value.private)
    except ValueError:
        raise StepError(
            "the PrivateKey of the value is no private key, or has a passphrase",
            "ssh-keygen -t ed25519 -N '' -f FILE makes one that can be rotated",
        ) from None


_RUN = versions.in_steps(_create, _set, _try, _remove)
FUNCTION = Function("builtin/ssh-key", _RUN, check=_check)
