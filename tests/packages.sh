#!/bin/sh
# Install the Debian packages that some tests use, or those named, each with the name of its program
# where that is another. Where that may not be done, say loudly what is left out: tests are chosen at
# collection by whether the program is there.
has() {
    case $1 in
        ensurepip) "${PYTHON:-python3}" -c 'import ensurepip' ;; # of python3-venv, which has no program
        *) command -v "$1" ;;
    esac >/dev/null 2>&1
}

missing=""
for each in ${*:-strace zsh fish faketime jq nodejs npm systemd:systemctl gnupg:gpg pass kubernetes-client:kubectl awscli:aws postgresql:pg_ctlcluster mariadb-server:mariadbd redis-server openssh-server:sshd}; do
    has "${each#*:}" || missing="$missing $each"
done
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    packages=$(for each in $missing; do echo "${each%:*}"; done)
    # shellcheck disable=SC2086 # one word for each package
    { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y $packages; } \
        >/dev/null 2>&1
fi
for each in $missing; do
    has "${each#*:}" ||
        echo "WARNING: no ${each#*:} here: what uses it is LEFT OUT" >&2
done
exit 0
