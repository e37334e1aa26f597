#!/usr/bin/env bash
# The shared cases as a ratchet: exactly those named in tests/cases-open.txt may fail.
# usage: .ci/cases.sh CASES [BINARY]
set -euo pipefail
cd "$(dirname "$0")/.."
cases=$1
binary=${2:-target/debug/bucketlint}
[ -x "$binary" ] || cargo build --locked --bin bucketlint

report=$(mktemp)
trap 'rm -f "$report"' EXIT
# exits 1 as long as any case is open
"$cases/run" "$binary" >"$report" || [ $? -eq 1 ]
tail -n 1 "$report"
grep -Eq '^[0-9]+/[0-9]+ cases pass$' "$report" || { echo "the cases did not run to their end" >&2; exit 1; }

failing() { sed -n 's/^FAIL \([^:]*\):.*/\1/p' "$report" | LC_ALL=C sort; }
listed() { LC_ALL=C sort tests/cases-open.txt; }
broken=$(LC_ALL=C comm -23 <(failing) <(listed))
solved=$(LC_ALL=C comm -13 <(failing) <(listed))
if [ -n "$broken" ]; then
  printf 'these fail and are not in tests/cases-open.txt:\n%s\n' "$broken" >&2
  for name in $broken; do
    sed -n "\\|^FAIL $name:|,/^\\(FAIL\\|[0-9]*\\/[0-9]* cases\\)/p" "$report" | sed '$d' >&2
  done
fi
[ -z "$solved" ] || printf 'these pass, so take them out of tests/cases-open.txt:\n%s\n' "$solved" >&2
[ -z "$broken$solved" ]
