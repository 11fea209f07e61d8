#!/bin/sh
# Install into .venv the package of Node that some tests use. Where that may not be done, say loudly
# what is left out: tests are chosen at collection by whether it is there.
[ -d .venv/node_modules/dotenv ] && exit 0
npm install --prefix .venv --no-audit --no-fund --ignore-scripts --silent dotenv@17.4.2 \
    >/dev/null 2>&1 || echo "WARNING: no dotenv of Node here: what uses it is LEFT OUT" >&2
exit 0
