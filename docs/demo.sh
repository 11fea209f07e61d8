#!/bin/sh
# The main job on a throw-away vault. Each command is printed, then run.
set -eu
HOME=$(mktemp -d)
export HOME
trap 'rm -rf "$HOME"' EXIT
trap 'exit 130' INT TERM
for name in $(env | sed -n 's/^\(\(SECRETCTL\|XDG\|AWS\)_[A-Z_]*\)=.*/\1/p'); do
    unset "$name"
done

show() {
    printf '$ %s\n' "$1"
    eval "$1"
}

next() {
    printf '\n'
    show "$1"
}

show 'secretctl init'
next "secretctl create-secret --name prod/db \\
    --secret-string '{\"DB_USER\":\"app\",\"DB_PASSWORD\":\"first\"}'"
next 'secretctl get-secret-value --secret-id prod/db --query SecretString --output text'
next "secretctl put-secret-value --secret-id prod/db \\
    --secret-string '{\"DB_USER\":\"app\",\"DB_PASSWORD\":\"second\"}'"
next 'secretctl list-secret-version-ids --secret-id prod/db'
next "secretctl exec prod/db -- sh -c 'echo \$DB_USER logs in with \$DB_PASSWORD'"

printf '\n# Roll back: AWSCURRENT goes back to the version before.\n'
show 'current=$(secretctl get-secret-value --secret-id prod/db --query VersionId --output text)
previous=$(secretctl get-secret-value --secret-id prod/db --query VersionId --output text \
    --version-stage AWSPREVIOUS)
secretctl update-secret-version-stage --secret-id prod/db --version-stage AWSCURRENT \
    --remove-from-version-id "$current" --move-to-version-id "$previous"'
next "secretctl exec prod/db -- sh -c 'echo \$DB_USER logs in with \$DB_PASSWORD'"
next 'secretctl fsck'
