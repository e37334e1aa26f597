#!/usr/bin/env bash
# Checks, and shows what is found in the log, on the changed lines, in the job's summary and as SARIF.
set -euo pipefail
words=()
lines() { # every line that is not empty becomes a word, behind the flag if there is one
  local line
  while IFS= read -r line; do
    line=${line%$'\r'}
    if [ -n "$line" ]; then words+=(${2:+"$2"} "$line"); fi
  done <<<"$1"
}
if [ -n "$CONFIG" ]; then words+=(--config "$CONFIG"); fi
if [ -n "$PROFILE" ]; then words+=(--profile "$PROFILE"); fi
if [ -n "$FAIL_ON" ]; then words+=(--fail-on "$FAIL_ON"); fi
lines "$CONTROL_ACCOUNT" --control-account
lines "$ARGS"
commands=$RUNNER_TEMP/bucketlint.commands
report=$RUNNER_TEMP/bucketlint.report
words+=(--format pretty="$report")
if [ "$ANNOTATIONS" = true ]; then words+=(--format github="$commands"); fi
if [ "$SARIF" = true ]; then
  mkdir -p "$(dirname "$SARIF_FILE")"
  words+=(--format sarif="$SARIF_FILE")
fi
words+=(--)
lines "$PATHS"

status=0
bucketlint check "${words[@]}" || status=$?
if [ -f "$report" ]; then
  cat "$report"
  { echo '### bucketlint' && echo && echo '```text' && cat "$report" && echo '```'; } >>"$GITHUB_STEP_SUMMARY"
fi
if [ -f "$commands" ]; then cat "$commands"; fi
echo "status=$status" >>"$GITHUB_OUTPUT"
if [ "$SARIF" = true ] && [ -f "$SARIF_FILE" ]; then echo "sarif-file=$SARIF_FILE" >>"$GITHUB_OUTPUT"; fi
exit "$status"
