"""Scripts that change the ``authorized_keys`` of an account, for the shell of the account (POSIX).

A new file takes the place of the old one in one step (rename(2)), with its owner and mode; it is
also what keeps two from changing it at once. A key is added behind the line of the one that it
follows, with the options and the comment of that line. All other lines stay as they are. The script
is read as a whole before it does anything, so that a connection that breaks off does nothing.

See: https://man.openbsd.org/sshd#AUTHORIZED_KEYS_FILE_FORMAT
"""

from __future__ import annotations

DONE, ABSENT, BUSY, REFUSED = "done", "absent", "busy", "refused"
HELLO = f"echo secretctl:{DONE}\n"
"""The script that only tells that it runs."""

_COMMON = """
umask 077
tab=$(printf '\\t')
file=${HOME:?}/.ssh/authorized_keys
if [ -L "$file" ]; then file=$(readlink -f "$file"); fi
fresh=$file.secretctl

is_of() {
    case $2 in "#"*) return 1 ;; esac
    case " $2 " in *[" $tab"]"$1"[" $tab"]*) return 0 ;; esac
    return 1
}

has() {
    while IFS= read -r line || [ -n "$line" ]; do
        if is_of "$1" "$line"; then return 0; fi
    done <"$file"
    return 1
}

add() {
    while IFS= read -r line || [ -n "$line" ]; do
        printf '%s\\n' "$line" || return 1
        if [ -z "$added" ] && is_of "$old" "$line"; then
            before=${line%%"$old"*}
            printf '%s%s%s\\n' "${before%"$kind"*}" "$new" "${line#*"$old"}" || return 1
            added=1
        fi
    done <"$file"
}

remove() {
    while IFS= read -r line || [ -n "$line" ]; do
        is_of "$old" "$line" || printf '%s\\n' "$line" || return 1
    done <"$file"
}

take() {
    for try in 1 2 3 4 5 6 7 8 9 10; do
        if (set -C && : >"$fresh") 2>/dev/null; then return 0; fi
        if ! [ -e "$fresh" ]; then echo secretctl:refused; return 1; fi
        sleep 1
    done
    echo secretctl:busy
    return 1
}

change() {
    take || return 1
    if ! has "$old"; then
        rm -f "$fresh"
        echo secretctl:absent
    elif cp -p "$file" "$fresh" && "$1" >"$fresh" && mv -f "$fresh" "$file"; then
        echo secretctl:done
    else
        rm -f "$fresh"
        echo secretctl:refused
    fi
}

check() {
    if ! [ -r "$file" ] || ! has "$old"; then echo secretctl:absent
    elif [ -w "${file%/*}" ]; then echo secretctl:done
    else echo secretctl:refused
    fi
}
"""


def adding(new: str, after: str) -> str:
    """Return the script that adds a public key, ``TYPE BASE64``, behind another, once only.

    It tells `DONE`; `ABSENT` where that other is not in the file, `BUSY` where it is being changed
    by somebody else, `REFUSED` where it cannot be written.
    """
    kind, _, old = after.partition(" ")
    act = 'if [ -r "$file" ] && has "${new#* }"; then echo secretctl:done; else change add; fi'
    return _script(f"new='{new}' kind='{kind}' old='{old}' added=\n", act)


def removing(key: str) -> str:
    """Return the script that removes a public key; it tells what `adding` does."""
    return _script(f"old='{key.partition(' ')[2]}'\n", "change remove")


def checking(key: str) -> str:
    """Return the script that changes nothing: DONE where `adding` behind this key would work."""
    return _script(f"old='{key.partition(' ')[2]}'\n", "check")


def _script(variables: str, act: str) -> str:
    return f"main() {{\n{variables}{_COMMON}\n{act}\n}}\nmain </dev/null\n"
