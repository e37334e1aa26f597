//! Buckets, policies, trails and exports in several files, each with parameters of its own.

use super::*;
use crate::finding::BucketRef;

/// One of the files of a small repository: the number of its kind, and which of its two conditions each of its two parts
/// hangs on.
type Piece = (usize, [Option<usize>; 2]);

/// A bucket, its policy in another file, a trail, or a bucket with a policy of its own; `conditions` come last.
fn piece((kind, [whole, part]): Piece, names: &[String], conditions: &[String]) -> String {
    let under = whole.map_or(String::new(), |condition| format!("    Condition: C{condition}\n"));
    let choice = |yes: &str, no: &str| part.map_or(yes.to_owned(), |condition| format!("!If [C{condition}, {yes}, {no}]"));
    let bucket = |name: &str, own: &str| {
        format!(
            "  B:\n    Type: AWS::S3::Bucket\n{under}    Properties:\n      BucketName: {name}\n      OwnershipControls: {{Rules: [{{ObjectOwnership: {own}}}]}}\n"
        )
    };
    let policy = |bucket: &str, name: &str, action: &str| {
        format!(
            "  P:\n    Type: AWS::S3::BucketPolicy\n{under}    Properties:\n      Bucket: {bucket}\n      PolicyDocument: {{Version: '2012-10-17', Statement: [{{Effect: Allow, Principal: {{AWS: '{ACCOUNT}'}}, Action: {action}, Resource: ['arn:aws:s3:::{name}', 'arn:aws:s3:::{name}/*']}}]}}\n"
        )
    };
    let resources = match kind {
        0 => bucket("lab-data", &choice("BucketOwnerEnforced", "ObjectWriter")),
        1 => policy("lab-data", "lab-data", &choice("'s3:*'", "'s3:Get*'")),
        2 => format!(
            "  T:\n    Type: AWS::CloudTrail::Trail\n{under}    Properties: {{IsLogging: true, S3BucketName: lab-logs, EventSelectors: [{{DataResources: [{{Type: 'AWS::S3::Object', Values: [{}]}}]}}]}}\n",
            choice("'arn:aws:s3'", "'arn:aws:s3:::lab-data/'")
        ),
        3 => bucket("lab-other", "BucketOwnerEnforced") + &policy("lab-other", "lab-other", &choice("'s3:*'", "'s3:Get*'")),
        4 => format!(
            "{}Outputs:\n  O:\n{under}    Value: {}\n    Export: {{Name: lab-export}}\n",
            bucket("lab-third", "BucketOwnerEnforced"),
            choice("lab-data", "lab-other")
        ),
        _ => policy("!ImportValue lab-export", "lab-data", &choice("'s3:*'", "'s3:Get*'")),
    };
    let parameters: String =
        names.iter().map(|name| format!("  {name}: {{Type: String, Default: a, AllowedValues: [a, b]}}\n")).collect();
    let conditions: String = conditions.iter().enumerate().map(|(at, condition)| format!("  C{at}: {condition}\n")).collect();
    format!("Parameters:\n{parameters}Resources:\n{resources}Conditions:\n{conditions}")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// What is found in several files as the parameters of one of them vary is what is found when the conditions of each are
    /// replaced by what they come to.
    #[test]
    fn files_that_share_buckets_vary_as_by_brute_force(
        pieces in prop::collection::vec((0..6_usize, prop::array::uniform2(prop::option::weighted(0.7, 0..2_usize))), 2..5),
        turned in prop::collection::vec(prop::array::uniform2(any::<bool>()), 4),
        shared in any::<bool>(),
    ) {
        // a policy whose bucket is not known is not linked to a bucket that has one by default, so that where this one is not
        // there by a parameter that both have, the two are not seen to go together
        let kinds: BTreeSet<usize> = pieces.iter().map(|(kind, _)| *kind).collect();
        prop_assume!(!shared || !kinds.contains(&5) || kinds.contains(&4));
        let plan = Plan { trail_elsewhere: false, ..plan() };
        // who shares a cause with whom hangs on the values
        let rules: Vec<Rule> = rules().into_iter().map(Rule::told_apart).collect();
        // what is said of a whole bucket is said where it is declared, or else named
        let one = |finding: &Finding, outcome: &Outcome| match outcome.sources.slice(finding.primary.span) {
            "B" | "lab-data" | "lab-other" | "!ImportValue lab-export" => (finding.rule.clone(), Span::default(), Vec::new()),
            _ => is(finding),
        };
        // the second parameter of all files may have one name, and then has one value
        let parameter = |at: usize, own: usize| if shared && own == 1 { "Shared".into() } else { format!("F{at}P{own}") };
        let names: Vec<String> = (0..pieces.len()).map(|at| format!("{at}.yaml")).collect();
        let check = |conditions: &dyn Fn(usize, usize) -> String| {
            let text = |at: usize| piece(pieces[at], &[0, 1].map(|own| parameter(at, own)), &[0, 1].map(|own| conditions(at, own)));
            let texts: Vec<String> = (0..pieces.len()).map(text).collect();
            let files: Vec<(&str, &str)> = names.iter().map(String::as_str).zip(texts.iter().map(String::as_str)).collect();
            check_files(&files, &plan, &rules)
        };
        let outcome = check(&|at, own| {
            format!("!Equals [!Ref {}, {}]", parameter(at, own), if turned[at][own] { "b" } else { "a" })
        });
        for varied in 0..pieces.len() {
            // templates vary one at a time: that two of them take what they do not share is not looked at
            for values in 0..if shared { 3 } else { 4_usize } {
                let is_varied = |at: usize, own: usize| at == varied || shared && own == 1;
                let value = |at: usize, own: usize| if is_varied(at, own) && values >> own & 1 == 1 { "b" } else { "a" };
                let fixed = check(&|at, own| {
                    let holds = (value(at, own) == "b") == turned[at][own];
                    format!("!Equals ['1', '{}']", u8::from(holds))
                });
                // a bucket that no template declares, and that another file's policy names under these values, is left out:
                // what is said of it by default does not always tell the values it takes
                let there = |bucket: &BucketRef| fixed.buckets.iter().any(|report| report.bucket == *bucket);
                // that a policy's bucket is not known is told where there is a bucket it may be for, or else by itself
                let named = |finding: &&Finding| finding.bucket.as_ref().is_none_or(|bucket| bucket.name.is_some());
                let found: Found = fixed.findings.iter().filter(named).map(|finding| one(finding, &fixed)).collect();
                let agrees = |finding: &&Finding| finding.when.iter().all(|(name, wanted)| {
                    let is = |at: usize, own: usize| parameter(at, own) == *name && value(at, own) == wanted;
                    (0..pieces.len()).any(|at| is(at, 0) || is(at, 1))
                });
                // a finding on a bucket that is not there says nothing of such values
                let counts = |finding: &&Finding| finding.bucket.as_ref().is_none_or(there);
                // of several ways to come to a finding, one is told
                let all: Found = outcome.findings.iter().map(|finding| one(finding, &outcome)).collect();
                let there: Found = outcome.findings.iter().filter(named).filter(agrees).filter(counts).map(|finding| one(finding, &outcome)).collect();
                let wrong: Vec<_> = found.difference(&all).chain(there.difference(&found)).map(|(rule, span, _)| (rule, span)).collect();
                prop_assert!(wrong.is_empty(), "file {varied} with {values:02b}: {wrong:?}");
            }
        }
    }
}
