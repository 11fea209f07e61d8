#!/bin/sh
# configuration.md on a throw-away vault: sh configuration.sh, with secretctl in PATH, on Linux.
. "$(dirname "$0")/throw-away.sh"

part 'What each environment has'
show <<'SHOWN'
export SECRETCTL_VAULT="$HOME/vaults/app"
SHOWN
show <<'SHOWN'
secretctl init
SHOWN
show <<'SHOWN'
secretctl create-secret --name dev/app --query Name --secret-string file:///dev/stdin <<'END'
{"DB_URL": "postgres://app:dev@localhost/app", "SESSION_KEY": "0123456789abcdef", "WORKERS": "1"}
END
SHOWN
show <<'SHOWN'
secretctl create-secret --name prod/app --query Name --secret-string file:///dev/stdin <<'END'
{"DB_URL": "postgres://app:secret@db/app", "SESSION_KEY": "too short", "WORKERS": "four"}
END
SHOWN

part 'What the application needs'
show <<'SHOWN'
cat > secretctl.toml <<'END'
[variables]
DB_URL = {secret = "dev/app#DB_URL", type = "url", description = "PostgreSQL"}
SESSION_KEY = {secret = "dev/app#SESSION_KEY", pattern = '[0-9a-f]{16}'}
WORKERS = {secret = "dev/app#WORKERS", type = "integer"}
SENTRY_DSN = {secret = "dev/app#SENTRY_DSN", type = "url", required = false}

[environments.prod]
DB_URL = "prod/app#DB_URL"
SESSION_KEY = "prod/app#SESSION_KEY"
WORKERS = "prod/app#WORKERS"
SENTRY_DSN = {secret = "prod/app#SENTRY_DSN", required = true}
END
SHOWN
show <<'SHOWN'
secretctl check
SHOWN
show <<'SHOWN'
secretctl check --environment prod || echo "exit status $?"
SHOWN

part 'Run it'
show <<'SHOWN'
cat > app.sh <<'END'
echo "$WORKERS workers at ${DB_URL##*@}, errors to ${SENTRY_DSN:-nobody}"
END
SHOWN
show <<'SHOWN'
secretctl exec -- sh app.sh
SHOWN
fails <<'SHOWN'
secretctl exec --environment prod -- sh app.sh
SHOWN
show <<'SHOWN'
secretctl put-secret-value --secret-id prod/app --query VersionStages --output text \
    --secret-string file:///dev/stdin <<'END'
{"DB_URL": "postgres://app:secret@db/app", "SESSION_KEY": "fedcba9876543210", "WORKERS": "4",
 "SENTRY_DSN": "https://key@sentry.example.com/1"}
END
SHOWN
show <<'SHOWN'
secretctl exec --environment prod -- sh app.sh
SHOWN

part 'A program that wants a file'
show <<'SHOWN'
cat > app.json.tmpl <<'END'
{"database": "{{secretctl://dev/app#DB_URL}}", "workers": 1}
END
SHOWN
show <<'SHOWN'
secretctl inject app.json.tmpl --escape auto --out app.json && cat app.json && stat -c %a app.json
SHOWN
show <<'SHOWN'
secretctl exec --file CONFIG=dev/app -- sh -c 'wc -c < "$CONFIG"'
SHOWN

part 'A value changes'
show <<'SHOWN'
cat > server.sh <<'END'
echo "up with $WORKERS workers"
sleep 30 & wait
END
SHOWN
show <<'SHOWN'
secretctl exec --watch -- sh server.sh > server.log 2>&1 & server=$!
SHOWN
show <<'SHOWN'
timeout 20 sh -c 'until grep -q "up with 1" server.log; do sleep 0.1; done'
SHOWN
show <<'SHOWN'
printf 2 | secretctl set dev/app#WORKERS
SHOWN
show <<'SHOWN'
timeout 20 sh -c 'until grep -q "up with 2" server.log; do sleep 0.1; done'; kill $server; cat server.log
SHOWN
