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
rm -f "$commands" "$report" # of an earlier step
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
if [ -f "$commands" ]; then cat "$commands"; fi
if [ -f "$report" ]; then
  # the report quotes the files that are checked: between these two lines the runner takes no line for a command
  token=$(od -An -N 16 -t x1 /dev/urandom | tr -d ' \n')
  echo "::stop-commands::$token"
  cat "$report"
  echo "::$token::"
  # nor does any run of backticks in it close the block
  longest=$({ grep -o '`\+' "$report" || true; } | awk 'length > n { n = length } END { print n + 0 }')
  fence=$(printf '%*s' "$((longest < 3 ? 3 : longest + 1))" '' | tr ' ' '`')
  { echo '### bucketlint' && echo && echo "${fence}text" && cat "$report" && echo "$fence"; } >>"$GITHUB_STEP_SUMMARY"
fi
echo "status=$status" >>"$GITHUB_OUTPUT"
if [ "$SARIF" = true ] && [ -f "$SARIF_FILE" ]; then echo "sarif-file=$SARIF_FILE" >>"$GITHUB_OUTPUT"; fi
exit "$status"
