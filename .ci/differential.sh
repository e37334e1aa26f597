#!/bin/sh
# Compares verdicts with an independent evaluator of IAM policies from npm, which is run and never linked or copied.
# BUCKETLINT_SEED and BUCKETLINT_POLICIES choose what is generated; the exit code is not 0 if anything differs.
set -eu
version=0.1.173
cd "$(dirname "$0")/.."
cache="${BUCKETLINT_CACHE:-${TMPDIR:-/tmp}/bucketlint-differential}/$version"
if [ ! -d "$cache/node_modules/@cloud-copilot/iam-simulate" ]; then
    mkdir -p "$cache"
    npm install --prefix "$cache" --no-save --no-audit --no-fund --ignore-scripts "@cloud-copilot/iam-simulate@$version"
fi
BUCKETLINT_SIMULATE="$cache/node_modules" cargo test --test differential -- --nocapture
