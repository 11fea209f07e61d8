#!/bin/sh
# api-keys.md on a throw-away vault: sh api-keys.sh, with secretctl and python3 in PATH.
. "$(dirname "$0")/throw-away.sh"

part 'The keys'
show <<'SHOWN'
export SECRETCTL_VAULT="$HOME/vaults/keys"
SHOWN
show <<'SHOWN'
secretctl init
SHOWN
show <<'SHOWN'
secretctl kms create-key --query KeyMetadata.KeyId --output text > ci.key-id
SHOWN
show <<'SHOWN'
secretctl kms create-alias --alias-name alias/ci --target-key-id "$(cat ci.key-id)"
SHOWN
show <<'SHOWN'
printf sk-test-1 | secretctl create-secret --name ci/payments --kms-key-id alias/ci \
    --secret-string file:///dev/stdin --query Name
SHOWN
show <<'SHOWN'
printf sk-live-1 | secretctl create-secret --name prod/payments \
    --secret-string file:///dev/stdin --query Name
SHOWN

part 'A user for the job'
show <<'SHOWN'
cat > ci.json <<'END'
{"Version": "2012-10-17", "Statement": {
  "Effect": "Allow", "Action": "secretsmanager:GetSecretValue",
  "Resource": "arn:aws:secretsmanager:us-east-1:000000000000:secret:ci/*"}}
END
SHOWN
show <<'SHOWN'
secretctl policy lint ci.json
SHOWN
show <<'SHOWN'
secretctl iam create-user --user-name ci --query User.Arn
SHOWN
show <<'SHOWN'
secretctl iam put-user-policy --user-name ci --policy-name reads --policy-document file://ci.json
SHOWN
show <<'SHOWN'
secretctl kms create-grant --key-id "$(cat ci.key-id)" --operations Decrypt \
    --grantee-principal arn:aws:iam::000000000000:user/ci > /dev/null
SHOWN
show <<'SHOWN'
secretctl kms revoke-grant --key-id alias/aws/secretsmanager --grant-id "$(secretctl kms list-grants \
    --key-id alias/aws/secretsmanager --grantee-principal arn:aws:iam::000000000000:user/ci \
    --query 'Grants[].GrantId' --output text)"
SHOWN
show <<'SHOWN'
umask 077; secretctl iam create-access-key --user-name ci --output text \
    --query 'AccessKey.[AccessKeyId,SecretAccessKey]' > ci.credential
SHOWN

part 'The job'
show <<'SHOWN'
cat > as-ci <<'END'
read -r SECRETCTL_ACCESS_KEY_ID SECRETCTL_SECRET_ACCESS_KEY < ci.credential
export CI=true SECRETCTL_ACCESS_KEY_ID SECRETCTL_SECRET_ACCESS_KEY
exec secretctl "$@"
END
SHOWN
show <<'SHOWN'
cat > pay.sh <<'END'
echo "paying with $API_KEY"
printenv SECRETCTL_SECRET_ACCESS_KEY || echo 'and nothing that opens the vault'
END
SHOWN
show <<'SHOWN'
sh as-ci exec API_KEY=ci/payments -- sh pay.sh
SHOWN
fails <<'SHOWN'
sh as-ci exec API_KEY=prod/payments -- sh pay.sh
SHOWN

part 'For a step that only reads the environment'
show <<'SHOWN'
GITHUB_ENV=$HOME/github.env; export GITHUB_ENV; : > "$GITHUB_ENV"
SHOWN
show <<'SHOWN'
sh as-ci export API_KEY=ci/payments --format github
SHOWN
show <<'SHOWN'
sed 's/secretctl_.*/DELIMITER/' "$GITHUB_ENV"
SHOWN

part 'A new key'
show <<'SHOWN'
printf sk-test-2 | secretctl put-secret-value --secret-id ci/payments \
    --secret-string file:///dev/stdin --query VersionStages --output text
SHOWN
show <<'SHOWN'
sh as-ci get ci/payments && echo && sh as-ci get 'ci/payments?stage=AWSPREVIOUS' && echo
SHOWN

# What stands for the provider of the keys.
python3 - 2> /dev/null <<'END' &
import http.server
import json

keys = {"1": "sk-shop-1"}


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self):
        key = self.headers.get("Authorization", "").removeprefix("Bearer ")
        name = self.path.rpartition("/")[2]
        status, said = 200, {}
        if key not in keys.values():
            status = 401
        elif self.command == "POST":
            name = str(max(map(int, keys)) + 1)
            keys[name] = f"sk-shop-{name}"
            said = {"id": name, "secret": keys[name]}
        elif self.command == "DELETE":
            keys.pop(name, None)
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(said).encode())

    do_GET = do_POST = do_DELETE = answer


server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
with open("provider.new", "w") as file:
    file.write(f"http://127.0.0.1:{server.server_port}\n")
__import__("os").rename("provider.new", "provider")
server.serve_forever()
END
until [ -s provider ]; do sleep 0.1; done
PROVIDER=$(cat provider)

part 'A new key every month'
show <<'SHOWN'
cat > shop.toml <<END
[create]
url = "$PROVIDER/v1/keys"
headers = { Authorization = "Bearer {key}" }
key = "/secret"
id = "/id"

[test]
url = "$PROVIDER/v1/me"
headers = { Authorization = "Bearer {key}" }

[delete]
url = "$PROVIDER/v1/keys/{old_id}"
headers = { Authorization = "Bearer {key}" }
END
SHOWN
show <<'SHOWN'
secretctl rotation settings 'prod/shop-*' --builtin builtin/http-api-key --file shop.toml
SHOWN
show <<'SHOWN'
printf '{"key": "sk-shop-1", "id": "1"}' | secretctl create-secret --name prod/shop-web \
    --secret-string file:///dev/stdin --query Name
SHOWN
show <<'SHOWN'
secretctl rotation test prod/shop-web --function builtin/http-api-key
SHOWN
show <<'SHOWN'
secretctl rotate-secret --secret-id prod/shop-web --rotation-lambda-arn builtin/http-api-key \
    --rotation-rules AutomaticallyAfterDays=30 --query Name
SHOWN
show <<'SHOWN'
secretctl get prod/shop-web#key && echo
SHOWN

part 'Who asked for what'
show <<'SHOWN'
secretctl audit exposure --principal ci --query 'Exposures[].[Name,IsCurrent,Times]' --output text
SHOWN
show <<'SHOWN'
secretctl audit lookup-events --principal ci --errors-only --output text \
    --query 'Events[].[EventName,Resources[0].ResourceName]'
SHOWN
