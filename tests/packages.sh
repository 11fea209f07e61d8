#!/bin/sh
# Install the Debian packages that some tests use, or those named. Where that may not be done, say
# loudly what is left out: tests are chosen at collection by whether the program is there.
missing=""
for program in ${*:-strace zsh fish faketime}; do
    command -v "$program" >/dev/null 2>&1 || missing="$missing $program"
done
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    # shellcheck disable=SC2086 # one word for each package
    { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y $missing; } \
        >/dev/null 2>&1
fi
for program in $missing; do
    command -v "$program" >/dev/null 2>&1 ||
        echo "WARNING: no $program here: what uses it is LEFT OUT" >&2
done
exit 0
