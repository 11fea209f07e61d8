#!/bin/sh
# Install into .venv the packages of Node that some tests use. Where that may not be done, say loudly
# what is left out: tests are chosen at collection by whether they are there.
[ -d .venv/node_modules/dotenv ] && [ -d .venv/node_modules/@aws-sdk/client-secrets-manager ] && exit 0
npm install --prefix .venv --no-audit --no-fund --ignore-scripts --silent \
    dotenv@17.4.2 @aws-sdk/client-secrets-manager@3.1164.0 >/dev/null 2>&1 ||
    echo "WARNING: no dotenv or AWS SDK of Node here: what uses them is LEFT OUT" >&2
exit 0
