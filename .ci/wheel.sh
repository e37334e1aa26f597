#!/bin/sh
# Builds the wheel, installs it where there is no Rust, and checks the example with it. The wheel stays in target/wheels.
# BUCKETLINT_WHEEL names one that is there already. The profile is `dev`: what is tried is how it is packed.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
wheel=${BUCKETLINT_WHEEL:-}
if [ -z "$wheel" ]; then
    rm -rf target/wheels
    "$(.ci/venv maturin maturin==1.16.0)/bin/maturin" build --quiet --profile dev --out target/wheels
    wheel=$(echo target/wheels/bucketlint-*.whl)
fi
python3 -m venv "$work/venv"
# nothing but the environment's own programs: no cargo, no rustc
bare() { env -i PATH="$work/venv/bin" "$@"; }
bare pip install --quiet --disable-pip-version-check --no-index --no-deps "$wheel"
if bare /bin/sh -c 'command -v cargo || command -v rustc'; then
    echo "the wheel was tried where Rust is installed" >&2
    exit 1
fi
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
[ "$(bare bucketlint --version)" = "bucketlint $version" ]
status=0
bare bucketlint check --control-account 123456789012 --format short fixtures/example >"$work/report" || status=$?
[ "$status" = 1 ]
# what the README shows, and says the program that was not packed
grep -q '^fixtures/example/policies.yaml:14:20: error\[policy/wrong-principal\]: ' "$work/report"
cargo run --quiet --locked -- check --control-account 123456789012 --format short fixtures/example >"$work/expected" || [ $? = 1 ]
diff "$work/expected" "$work/report"
echo "installed and tried without Rust: $(basename "$wheel")"
