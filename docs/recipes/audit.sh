#!/bin/sh
# audit.md on a throw-away vault: sh audit.sh, with secretctl in PATH.
. "$(dirname "$0")/throw-away.sh"

part 'A vault with some traffic'
show <<'SHOWN'
export SECRETCTL_VAULT="$HOME/vaults/shop"
SHOWN
show <<'SHOWN'
secretctl init
SHOWN
show <<'SHOWN'
for name in db mail; do printf first | secretctl create-secret --name prod/$name \
    --secret-string file:///dev/stdin --query Name; done
SHOWN
show <<'SHOWN'
secretctl iam create-user --user-name alice --query User.Arn
SHOWN
show <<'SHOWN'
cat > reads.json <<'END'
{"Version": "2012-10-17", "Statement": {
  "Effect": "Allow", "Action": "secretsmanager:GetSecretValue",
  "Resource": "arn:aws:secretsmanager:*:*:secret:prod/db-??????"}}
END
SHOWN
show <<'SHOWN'
secretctl iam put-user-policy --user-name alice --policy-name reads --policy-document file://reads.json
SHOWN
show <<'SHOWN'
umask 077; secretctl iam create-access-key --user-name alice --output text \
    --query 'AccessKey.[AccessKeyId,SecretAccessKey]' > alice.credential
SHOWN
show <<'SHOWN'
cat > as-alice <<'END'
read -r SECRETCTL_ACCESS_KEY_ID SECRETCTL_SECRET_ACCESS_KEY < alice.credential
export SECRETCTL_ACCESS_KEY_ID SECRETCTL_SECRET_ACCESS_KEY
exec secretctl "$@"
END
SHOWN
show <<'SHOWN'
sh as-alice get prod/db > seen-by-alice
SHOWN
fails <<'SHOWN'
sh as-alice get prod/mail
SHOWN

part 'Who did what'
show <<'SHOWN'
secretctl audit lookup-events --principal alice --output text \
    --query 'Events[].[EventName,Resources[0].ResourceName]'
SHOWN
show <<'SHOWN'
secretctl audit lookup-events --secret-id prod/db --query 'Events[].[EventName,Username]' --output text
SHOWN
show <<'SHOWN'
secretctl audit lookup-events --errors-only --query 'Events[].[EventName,Username]' --output text
SHOWN
show <<'SHOWN'
secretctl policy who-can secretsmanager:GetSecretValue prod/db | grep '"Principal"'
SHOWN
show <<'SHOWN'
secretctl audit export --format ocsf --out journal.ocsf && wc -l < journal.ocsf
SHOWN

part 'Somebody leaves'
show <<'SHOWN'
secretctl iam delete-access-key --user-name alice --access-key-id "$(cut -f 1 alice.credential)"
SHOWN
fails <<'SHOWN'
sh as-alice get prod/db
SHOWN
show <<'SHOWN'
secretctl audit exposure --principal alice --query 'Exposures[].[Name,Times,IsCurrent]' --output text
SHOWN
show <<'SHOWN'
printf second | secretctl put-secret-value --secret-id prod/db \
    --secret-string file:///dev/stdin --query VersionStages --output text
SHOWN
show <<'SHOWN'
secretctl audit exposure --principal alice --query Exposures
SHOWN

part 'That nobody changed it'
show <<'SHOWN'
secretctl audit checkpoint --out head.txt
SHOWN
show <<'SHOWN'
secretctl audit verify --checkpoint head.txt
SHOWN
show <<'SHOWN'
journal="$SECRETCTL_VAULT/audit/00000001.jsonl"; cp "$journal" kept
SHOWN
show <<'SHOWN'
sed -i 's/"userName":"alice"/"userName":"carol"/' "$journal"
SHOWN
show <<'SHOWN'
secretctl audit verify || echo "exit status $?"
SHOWN
show <<'SHOWN'
head -n 20 kept > "$journal"
SHOWN
show <<'SHOWN'
secretctl audit verify --checkpoint head.txt || echo "exit status $?"
SHOWN
show <<'SHOWN'
cp kept "$journal"; secretctl audit verify --checkpoint head.txt
SHOWN
