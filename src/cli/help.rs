//! What stands below the flags in the help of each command: examples, and what the exit status says.

pub(super) const PROGRAM: &str = "\
Example: bucketlint check --control-account 123456789012 infra/
All flags: bucketlint help check";

pub(super) const CHECK: &str = "\
Examples:
  bucketlint check --control-account 123456789012 infra/
  cdk synth -q && bucketlint check --control-account 123456789012 cdk.out

More flags: bucketlint help check";

pub(super) const CHECK_LONG: &str = "\
Examples:
  bucketlint check --control-account 123456789012 infra/
  cdk synth -q && bucketlint check --control-account 123456789012 cdk.out
  bucketlint check --format sarif=bucketlint.sarif --format pretty
  bucketlint check --watch infra/

Exit status: 0 nothing found, 1 findings, 2 the check could not be done.
Settings are read from bucketlint.yaml, searched upwards from the first PATH; flags take precedence.";

pub(super) const CONFIG: &str = "\
Examples:
  bucketlint config
  bucketlint config --profile quilt-8 infra/
  bucketlint config --format json | jq -r .settings.profile.value";

pub(super) const INIT: &str = "\
Examples:
  bucketlint init
  bucketlint init --control-account 123456789012
  bucketlint init --stdout";

pub(super) const DECIDE: &str = "\
Example:
  bucketlint decide --policy policy.json --bucket lab-data \\
    --principal arn:aws:iam::123456789012:role/Catalogue --action s3:GetObject

Exit status: 0 allow, 1 deny: denied, or not always allowed, 2 the question could not be answered.";

pub(super) const FACTS: &str = "\
Examples:
  bucketlint facts --control-account 123456789012 stack.yaml
  bucketlint facts --each '$.resources[?@.type == \"AWS::S3::Bucket\"]' infra/

Shown is the default deployment. Exit status 2: they could not be worked out.";

pub(super) const RULES: &str = "\
Examples:
  bucketlint rules | grep trail/
  bucketlint rules --pack aws-s3 --format json";

pub(super) const TEST: &str = "\
Example:
  bucketlint test lint-rules

Exit status: 0 every case passed, 1 one did not, 2 the tests could not be run.";

pub(super) const EXPLAIN: &str = "\
Example:
  bucketlint explain policy/missing-actions";

pub(super) const SCHEMA: &str = "\
Examples:
  bucketlint schema > bucketlint.schema.json
  bucketlint schema profile";

pub(super) const COMPLETIONS: &str = "\
Examples:
  bucketlint completions bash > ~/.local/share/bash-completion/completions/bucketlint
  bucketlint completions fish > ~/.config/fish/completions/bucketlint.fish";

pub(super) const MAN: &str = "\
Examples:
  bucketlint man > bucketlint.1
  bucketlint man check | man -l -";
