#!/bin/sh
# The main job on a throw-away vault. Each command is printed, then run.
set -eu
HOME=$(mktemp -d)
export HOME
trap 'rm -rf "$HOME"' EXIT INT TERM
unset XDG_DATA_HOME XDG_CONFIG_HOME SECRETCTL_VAULT SECRETCTL_PROFILE SECRETCTL_KEY_FILE \
    SECRETCTL_CONFIG AWS_REGION AWS_DEFAULT_REGION

show() {
    printf '$ %s\n' "$1"
    sh -eu -c "$1"
    printf '\n'
}

show 'secretctl init'
show "secretctl create-secret --name prod/db --secret-string '{\"DB_USER\":\"app\",\"DB_PASSWORD\":\"first\"}'"
show 'secretctl get-secret-value --secret-id prod/db --query SecretString --output text'
show "secretctl put-secret-value --secret-id prod/db --secret-string '{\"DB_USER\":\"app\",\"DB_PASSWORD\":\"second\"}'"
show 'secretctl list-secret-version-ids --secret-id prod/db'
show "secretctl exec prod/db -- sh -c 'echo \$DB_USER logs in with \$DB_PASSWORD'"

current=$(secretctl get-secret-value --secret-id prod/db --query VersionId --output text)
previous=$(secretctl get-secret-value --secret-id prod/db --version-stage AWSPREVIOUS \
    --query VersionId --output text)
echo '# roll back: AWSCURRENT goes back to the version before'
show "secretctl update-secret-version-stage --secret-id prod/db --version-stage AWSCURRENT \\
    --remove-from-version-id $current --move-to-version-id $previous"
show "secretctl exec prod/db -- sh -c 'echo \$DB_USER logs in with \$DB_PASSWORD'"
show 'secretctl fsck'
