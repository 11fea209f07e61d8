#!/bin/sh
# database.md on a throw-away vault, with a PostgreSQL server to spare: roles and a table are made in it.
# sh database.sh, with PGHOST, PGPORT, PGUSER, PGPASSWORD and PGDATABASE of its superuser in the
# environment; secretctl, with its part for PostgreSQL, and psql in PATH.
for name in PGHOST PGPORT PGUSER PGPASSWORD PGDATABASE; do
    printenv "$name" > /dev/null || { echo "set $name, of a PostgreSQL server to spare" >&2; exit 1; }
done
. "$(dirname "$0")/throw-away.sh"

part 'A role and its table'
show <<'SHOWN'
psql -c "CREATE ROLE app LOGIN PASSWORD 'first'" -c 'CREATE TABLE orders (id int)' \
    -c 'ALTER TABLE orders OWNER TO app'
SHOWN

part 'Two secrets'
show <<'SHOWN'
export SECRETCTL_VAULT="$HOME/vaults/shop"
SHOWN
show <<'SHOWN'
secretctl init
SHOWN
show <<'SHOWN'
secretctl create-secret --name prod/master --query Name --secret-string file:///dev/stdin <<END
{"engine": "postgres", "host": "$PGHOST", "port": $PGPORT, "dbname": "$PGDATABASE",
 "username": "$PGUSER", "password": "$PGPASSWORD"}
END
SHOWN
show <<'SHOWN'
secretctl create-secret --name prod/orders --query Name --secret-string file:///dev/stdin <<END
{"engine": "postgres", "host": "$PGHOST", "port": $PGPORT, "dbname": "$PGDATABASE",
 "username": "app", "password": "first", "masterarn": "prod/master"}
END
SHOWN

part 'Run a program with it'
show <<'SHOWN'
cat > secretctl.toml <<'END'
[variables]
PGUSER = "prod/orders#username"
PGPASSWORD = "prod/orders#password"
END
SHOWN
show <<'SHOWN'
secretctl exec -- psql -Atc 'SELECT current_user, count(*) FROM orders'
SHOWN

part 'Change the password every week'
show <<'SHOWN'
secretctl rotation allow prod/orders --read prod/master
SHOWN
show <<'SHOWN'
held=$(secretctl get prod/orders#password)
SHOWN
show <<'SHOWN'
secretctl rotation test prod/orders --function builtin/postgres-alternating
SHOWN
show <<'SHOWN'
secretctl rotate-secret --secret-id prod/orders --rotation-rules AutomaticallyAfterDays=7 \
    --rotation-lambda-arn builtin/postgres-alternating --query Name
SHOWN
show <<'SHOWN'
secretctl exec -- psql -Atc 'SELECT current_user, count(*) FROM orders'
SHOWN
show <<'SHOWN'
PGUSER=app PGPASSWORD=$held psql -Atc 'SELECT current_user'
SHOWN

part 'After a leak'
show <<'SHOWN'
secretctl rotate-secret --secret-id prod/orders --query Name
SHOWN
show <<'SHOWN'
PGUSER=app PGPASSWORD=$held psql -Atc 'SELECT current_user' 2>&1 | grep -o 'FATAL.*'
SHOWN
show <<'SHOWN'
secretctl exec -- psql -Atc 'SELECT current_user, count(*) FROM orders'
SHOWN
