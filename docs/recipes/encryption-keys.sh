#!/bin/sh
# encryption-keys.md on a throw-away vault: sh encryption-keys.sh, with secretctl and openssl 3 in PATH.
. "$(dirname "$0")/throw-away.sh"

part 'A key in the vault'
show <<'SHOWN'
export SECRETCTL_VAULT="$HOME/vaults/backups"
SHOWN
show <<'SHOWN'
secretctl init
SHOWN
show <<'SHOWN'
secretctl create-secret --name backups/key --query Name
SHOWN
show <<'SHOWN'
cat > new-key <<'END'
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -days 3650 \
    -keyout /dev/stdout -out "$1.crt" 2> /dev/null |
    secretctl put-secret-value --secret-id backups/key --secret-string file:///dev/stdin \
        --version-stages AWSCURRENT "$1" --query VersionStages --output text
END
SHOWN
show <<'SHOWN'
sh new-key key-1
SHOWN

part 'Encrypt a file'
show <<'SHOWN'
echo 'everything of May' > may.sql
SHOWN
show <<'SHOWN'
openssl cms -encrypt -aes-256-gcm -binary -outform DER -in may.sql -out may.cms key-1.crt && rm may.sql
SHOWN

part 'Decrypt it'
show <<'SHOWN'
cat > decrypt <<'END'
secretctl exec --file "KEY=backups/key?stage=$1" -- sh -c \
    'openssl cms -decrypt -inform DER -in "$0" -inkey "$KEY" -out "$1.new" 2> /dev/null' "$2" "$3" &&
    mv "$3.new" "$3" || { rm -f "$3.new"; echo "not decrypted: $2"; exit 1; }
END
SHOWN
show <<'SHOWN'
sh decrypt key-1 may.cms may.sql && cat may.sql
SHOWN
show <<'SHOWN'
cp may.cms changed.cms; printf xxx | \
    dd of=changed.cms bs=1 seek=$(($(wc -c < may.cms) - 30)) conv=notrunc 2> /dev/null
SHOWN
fails <<'SHOWN'
sh decrypt key-1 changed.cms changed.sql
SHOWN

part 'Another key each year'
show <<'SHOWN'
sh new-key key-2
SHOWN
show <<'SHOWN'
echo 'everything of June' | openssl cms -encrypt -aes-256-gcm -binary -outform DER -out june.cms key-2.crt
SHOWN
show <<'SHOWN'
sh decrypt key-2 june.cms june.sql && cat june.sql
SHOWN
fails <<'SHOWN'
sh decrypt key-2 may.cms may.sql
SHOWN
show <<'SHOWN'
secretctl list-secret-version-ids --secret-id backups/key --output text --query 'Versions[].VersionStages'
SHOWN

part 'Destroy a key'
show <<'SHOWN'
old=$(secretctl list-secret-version-ids --secret-id backups/key --output text \
    --query "Versions[?contains(VersionStages, 'key-1')].VersionId")
SHOWN
show <<'SHOWN'
for label in key-1 AWSPREVIOUS; do
    secretctl update-secret-version-stage --secret-id backups/key --version-stage $label \
        --remove-from-version-id "$old" --query Name
done
SHOWN
show <<'SHOWN'
secretctl delete-secret-version --secret-id backups/key --version-id "$old" --query Name
SHOWN
fails <<'SHOWN'
sh decrypt key-1 may.cms again.sql
SHOWN
