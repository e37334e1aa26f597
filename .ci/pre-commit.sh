#!/bin/sh
# Runs the hooks by pre-commit, as users get them: built from this repository, and from a wheel where there is no Rust.
# It needs the wheel that .ci/wheel.sh leaves.
set -eu
cd "$(dirname "$0")/.."
project=$(pwd)
wheel=$(echo "$project"/target/wheel/bucketlint-*.whl)
PATH="$(.ci/venv pre-commit pre-commit==4.7.0)/bin:$PATH"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GIT_AUTHOR_NAME=ci GIT_AUTHOR_EMAIL=ci@example.com GIT_COMMITTER_NAME=ci GIT_COMMITTER_EMAIL=ci@example.com
# what a tag of the project would be, with what is changed and not yet committed
mkdir "$work/hooks"
rev=$(git stash create)
git archive "${rev:-HEAD}" | tar -x -C "$work/hooks"
# from here on, the user's own settings have no say
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null GIT_TERMINAL_PROMPT=0 PRE_COMMIT_HOME="$work/home"
(cd "$work/hooks" && git init -q && git add -A && git commit -qm release && git tag v0)
export PRE_COMMIT_COLOR=never
# users get an optimised build; what is tried is how pre-commit installs and calls it
export CARGO_TARGET_DIR="$project/target" CARGO_INCREMENTAL=0 MATURIN_PEP517_ARGS="--profile dev"

fail() {
    echo "pre-commit.sh: $*" >&2
    cat "$work/report" >&2
    exit 1
}
# ends with STATUS: refused COMMAND… is a report of findings, passes COMMAND… is none
refused() {
    echo "-- refused: $*"
    if "$@" >"$work/report" 2>&1; then fail "passed: $*"; fi
}
passes() {
    echo "-- passes: $*"
    "$@" >"$work/report" 2>&1 || fail "refused: $*"
}
says() { grep -qF -- "$1" "$work/report" || fail "does not say: $1"; }
keeps_quiet_on() { if grep -qF -- "$1" "$work/report"; then fail "says: $1"; fi; }

# bucket and policy in two files, so that a change of one has to be judged by the other; and an older mistake
policy() {
    cat <<POLICY
Resources:
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: $1
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {AWS: "arn:aws:iam::$2:root"}
            Action:
              [s3:GetObject, s3:GetObjectVersion, s3:ListBucket, s3:ListBucketVersions, s3:PutObject,
               s3:DeleteObject, s3:DeleteObjectVersion, s3:GetBucketNotification, s3:PutBucketNotification]
            Resource: ["arn:aws:s3:::$1", "arn:aws:s3:::$1/*"]
POLICY
}
mkdir "$work/repo" "$work/repo/infra"
cd "$work/repo"
git init -q
printf 'control_accounts: ["123456789012"]\ntrail: elsewhere\n' >bucketlint.yaml
for bucket in lab-results lab-archive; do
    cat <<BUCKET >"infra/$bucket.yaml"
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: $bucket
      OwnershipControls: {Rules: [{ObjectOwnership: BucketOwnerEnforced}]}
BUCKET
done
policy lab-results 123456789012 >infra/results-policy.yaml
policy lab-archive 210987654321 >infra/archive-policy.yaml
git add -A
git commit -qm "all but the archive is right"

# a slip of the pen: both hooks refuse it, the second without the older mistake
policy lab-results 123456780912 >infra/results-policy.yaml
git add -A
refused pre-commit try-repo "$work/hooks"
sed -n '/^bucketlint, changed files/,$p' "$work/report" >"$work/changed"
says 'bucketlint...............................................................Failed'
says 'infra/archive-policy.yaml:10:30'
mv "$work/changed" "$work/report"
says 'bucketlint, changed files................................................Failed'
says 'infra/results-policy.yaml:10:30'
says 'digits 9 and 10 are swapped'
says 'infra/lab-results.yaml:2:3'
keeps_quiet_on 'archive'

# the same at git commit
use() {
    printf 'repos:\n  - repo: %s\n    rev: v0\n    hooks:\n      - id: %s\n' "$work/hooks" "$1" >.pre-commit-config.yaml
    git add .pre-commit-config.yaml
}
pre-commit install >/dev/null
use bucketlint-changed
head=$(git rev-parse HEAD)
refused git commit -m "swap digits"
says 'digits 9 and 10 are swapped'
keeps_quiet_on 'archive'
[ "$(git rev-parse HEAD)" = "$head" ]
policy lab-results 123456789012 | sed '1i # reads and writes' >infra/results-policy.yaml
git add -A
passes git commit -m "say what for"
says 'bucketlint, changed files................................................Passed'
echo 'Read me' >README.md
git add -A
passes git commit -m "explain"
says 'Skipped'

use bucketlint
refused git commit -m "check everything"
says 'infra/archive-policy.yaml:10:30'
policy lab-archive 123456789012 >infra/archive-policy.yaml
git add -A
passes git commit -m "let the archive be used"
says 'bucketlint...............................................................Passed'

# a repository without a bucket passes
(mkdir "$work/none" && cd "$work/none" && git init -q && echo 'name: none' >ci.yaml && git add -A)
for hook in bucketlint bucketlint-changed; do
    passes sh -c "cd '$work/none' && pre-commit try-repo '$work/hooks' $hook --all-files"
done

# without Rust: the hook of the user's own configuration, from a wheel
cat <<CONFIG >.pre-commit-config.yaml
repos:
  - repo: local
    hooks:
      - id: bucketlint
        name: bucketlint
        entry: bucketlint check
        language: python
        additional_dependencies: ["bucketlint @ file://$wheel"]
        files: \.(ya?ml|json|template|tf|tofu|tfvars)\$
        pass_filenames: false
CONFIG
mkdir "$work/bin"
for tool in git python3 pre-commit; do ln -s "$(command -v $tool)" "$work/bin/$tool"; done
git add -A
passes env PATH="$work/bin" pre-commit run
says 'bucketlint...............................................................Passed'
policy lab-archive 210987654321 >infra/archive-policy.yaml
git add -A
refused env PATH="$work/bin" pre-commit run
says 'infra/archive-policy.yaml:10:30'
