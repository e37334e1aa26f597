use super::*;
use crate::finding::BucketRef;
use crate::outcome::{BucketReport, Summary};
use crate::report::fixture::{finding, label, outcome};
use proptest::prelude::*;

const WIDE: Style = Style { width: 80, unicode: true, colour: false };
const NARROW: Style = Style { width: 40, unicode: false, colour: false };

const TEMPLATE: &str = "\
Resources:
  Data:
    Type: AWS::S3::Bucket
  Rules:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Data
      PolicyDocument:
        Statement:
          - Sid: für die Wägung
            Effect: Allow
            Principal: {AWS: arn:aws:iam::123456789012:root}
            Action: [s3:GetObject, s3:ListBucket]
            Resource: !Sub '${Data.Arn}/*'
";
const POLICY: &str = "{\"Statement\": [\r\n  {\"Sid\": \"é\", \"Effect\": \"Deny\", \"Action\": \"*\"}\r\n]}";

/// Where `words` stand in `text`.
fn at(text: &str, words: &str) -> std::ops::Range<usize> {
    let start = text.find(words).unwrap();
    start..start + words.len()
}

/// One error with labels near, far and in another file, and a bucket left out.
fn full() -> Outcome {
    let mut outcome = outcome(&[("a.yaml", TEMPLATE), ("policies/b.json", POLICY)]);
    let mut error = finding(label(0, at(TEMPLATE, "[s3:GetObject, s3:ListBucket]"), "s3:PutObject is not among these actions"));
    error.message = "the policy of lab-data does not let account 123456789012 write, so every push will fail".into();
    error.related = vec![
        label(0, at(TEMPLATE, "Data"), "this bucket"),
        label(1, at(POLICY, "\"Deny\""), "denied here too"),
        label(0, at(TEMPLATE, "arn:aws:iam::123456789012:root"), "the control account"),
    ];
    error.help = Some(
        "add the action to the statement, whose resource already covers every object:\n\n            \
         Action:\n              - s3:GetObject\n\n              - s3:PutObject # kept as it is, however long a line it may be in the end\n"
            .into(),
    );
    outcome.findings.push(error);
    outcome.summary = Summary { files: 2, templates: 1, buckets: 2, in_scope: 1, policies: 2, ..Summary::default() };
    outcome.summary.control_accounts = vec!["123456789012".into()];
    outcome.summary.profile = "quilt".into();
    let bucket = BucketRef { file: "a.yaml".into(), logical_id: Some("Logs".into()), name: None, construct: None, nested: None };
    outcome.buckets = vec![BucketReport { bucket, reason: "receives CloudTrail logs".into(), ..BucketReport::default() }];
    outcome
}

#[test]
fn a_finding_over_two_files() {
    let expected = r#"policy/missing-actions

  × error: the policy of lab-data does not let account 123456789012 write, so
  │ every push will fail
    ╭─[a.yaml:13:21]
 11 │             Effect: Allow
 12 │             Principal: {AWS: arn:aws:iam::123456789012:root}
    ·                              ───────────────┬──────────────
    ·                                             ╰── the control account
 13 │             Action: [s3:GetObject, s3:ListBucket]
    ·                     ──────────────┬──────────────
    ·                                   ╰─┤ s3:PutObject is not among these
    ·                                     │ actions
 14 │             Resource: !Sub '${Data.Arn}/*'
    ╰────
   ╭─[a.yaml:2:3]
 1 │ Resources:
 2 │   Data:
   ·   ──┬─
   ·     ╰── this bucket
 3 │     Type: AWS::S3::Bucket
   ╰────
  ╰─▶   ☞ see also
         ╭─[policies/b.json:2:26]
       1 │ {"Statement": [
       2 │   {"Sid": "é", "Effect": "Deny", "Action": "*"}
         ·                          ───┬──
         ·                             ╰── denied here too
       3 │ ]}
         ╰────
  help: add the action to the statement, whose resource already covers every
        object:

            Action:
              - s3:GetObject

              - s3:PutObject # kept as it is, however long a line it may be in the end

  more: bucketlint explain policy/missing-actions

1 error, 0 warnings, 0 notes
checked 2 files: 1 template, 2 policies, 0 trails; 2 buckets, 1 in scope
    (profile quilt, control account 123456789012)
  skipped Logs (a.yaml): receives CloudTrail logs
"#;
    assert_eq!(human(&full(), WIDE), expected);
}

#[test]
fn a_request_after_what_is_to_be_pasted_is_read_as_text() {
    let text = "Resource: a";
    let mut outcome = outcome(&[("b.yaml", text)]);
    let mut wrong = finding(label(0, at(text, "a"), "too little"));
    wrong.help = Some(
        "name the bucket:\n  Resource: b\nfor example s3:GetObject on arn:aws:s3:::lab-data/x is allowed by no statement\n"
            .into(),
    );
    outcome.findings.push(wrong);
    let want = "  help: name the bucket:

  Resource: b

        for example s3:GetObject on arn:aws:s3:::lab-data/x is allowed by no
        statement
  more: ";
    let said = human(&outcome, WIDE);
    assert!(said.contains(want), "{said}");
}

#[test]
fn a_warning_in_plain_ascii_on_a_narrow_terminal() {
    let text = "Ü: 'wört'\t# note\n";
    let mut outcome = outcome(&[("b.yaml", text)]);
    let mut warning = finding(label(0, at(text, "'wört'"), "not a name that S3 accepts"));
    warning.severity = Severity::Warning;
    warning.rule = "bucket/name".into();
    warning.message = "this bucket cannot be created under that name".into();
    warning.help = Some("use lower case".into());
    outcome.findings.push(warning);
    let expected = "\
bucket/name

  ! warning: this bucket cannot be
  | created under that name
   ,-[b.yaml:1:4]
 1 | Ü: 'wört'   # note
   :    ^^^|^^
   :       `-| not a name that S3
   :         | accepts
   `----
  help: use lower case
  more: bucketlint explain bucket/name

0 errors, 1 warning, 0 notes
checked 0 files: 0 templates, 0
    policies, 0 trails; 0 buckets, 0 in
    scope (profile , control account
    unknown)
nothing was checked: no template or
    policy was found
";
    assert_eq!(human(&outcome, NARROW), expected);
}

/// The lines that are ours: no quoted source, nothing to be pasted.
fn composed(text: &str) -> impl Iterator<Item = &str> {
    let quoted = |line: &str| line.trim_start().starts_with(|c: char| c.is_ascii_digit()) && line.contains(['│', '|']);
    text.lines().filter(move |line| !quoted(line) && !line.contains("kept as it is"))
}

#[test]
fn nothing_of_ours_is_wider_than_the_terminal() {
    for width in [80, 60, 40] {
        for unicode in [true, false] {
            let text = human(&full(), Style { width, unicode, colour: false });
            let words = |line: &str| line.split(' ').filter(|word| word.contains(char::is_alphanumeric)).count();
            let wide: Vec<_> = composed(&text).filter(|line| line.chars().count() > width && words(line) != 1).collect();
            assert!(wide.is_empty(), "at {width}: {wide:#?}");
        }
    }
}

#[test]
fn what_is_to_be_pasted_is_left_alone_at_any_width() {
    let paste = "\n            Action:\n              - s3:GetObject\n\n              - s3:PutObject # kept as it is, however long a line it may be in the end\n\n";
    for width in [0, 1, 20, 40, 200] {
        assert!(human(&full(), Style { width, ..WIDE }).contains(paste));
    }
}

#[test]
fn other_files_are_not_findings_of_their_own() {
    let text = human(&full(), WIDE);
    assert_eq!(text.matches("error:").count(), 1);
    assert!(!text.contains("Error:") && !text.contains("Advice:"));
}

#[test]
fn colour_only_if_asked() {
    let coloured = human(&full(), Style { colour: true, ..WIDE });
    assert!(coloured.contains("\u{1b}[31m×"));
    assert!(!human(&full(), WIDE).contains('\u{1b}'));
    let mut plain = coloured;
    while let Some(at) = plain.find('\u{1b}') {
        let end = at + plain[at..].find('m').unwrap();
        plain.replace_range(at..=end, "");
    }
    assert_eq!(plain, human(&full(), WIDE), "colour changes nothing else");
}

#[test]
fn no_escape_from_any_input_reaches_the_terminal() {
    let evil = "\u{1b}]0;x\u{7}\u{9b}31m\r\u{202e}";
    let text = format!("a: {evil} b: here\r\n{evil}");
    let mut outcome = outcome(&[(&format!("{evil}.yaml"), &text), (&format!("\n{evil}.json"), &text)]);
    let mut bad = finding(label(0, at(&text, "here"), evil));
    bad.related = vec![label(1, at(&text, "here"), evil)];
    (bad.rule, bad.message, bad.help) = (evil.into(), evil.into(), Some(format!("{evil}\n{evil}")));
    outcome.findings.push(bad);
    outcome.summary.profile = evil.into();
    outcome.summary.account_note = Some(evil.into());
    outcome.summary.control_accounts = vec![evil.into()];
    let bucket =
        BucketRef { file: evil.into(), logical_id: Some(evil.into()), name: Some(evil.into()), construct: None, nested: None };
    let assumptions = vec![evil.into()];
    outcome.buckets = vec![BucketReport { bucket, reason: evil.into(), assumptions, ..BucketReport::default() }];
    for unicode in [true, false] {
        let text = human(&outcome, Style { unicode, ..WIDE });
        let live: String = text.chars().filter(|&c| c != '\n' && (c.is_control() || c == '\u{202e}')).collect();
        assert_eq!(live, "", "{text}");
        // the label still stands under its word
        let mut lines = text.lines().skip_while(|line| !line.contains("b: here"));
        let column = |line: Option<&str>, what: &[char]| line.unwrap().chars().position(|c| what.contains(&c));
        let word = lines.next().map(|line| line.chars().collect::<String>());
        let word = word.map(|line| line.split("here").next().unwrap().chars().count());
        assert_eq!(column(lines.next(), &['─', '^']), word);
    }
}

#[test]
fn an_empty_label_at_the_top_of_a_later_block_is_drawn_there() {
    // the end of the file comes first, as it is primary: line 1 opens the block after it
    for (text, end) in [("\u{feff}\n\n\n\n", 7), ("\n\n\n\n", 4)] {
        for top in [0..0, 0..end - 4] {
            let mut outcome = outcome(&[("a.yaml", text)]);
            let mut found = finding(label(0, end..end, "at the end"));
            found.related.push(label(0, top, "at the top"));
            outcome.findings.push(found);
            let shown = human(&outcome, WIDE);
            let line_of = |what: &str| {
                let before = shown.lines().take_while(|line| !line.contains(what)).filter(|line| line.contains(" │"));
                before.last().and_then(|line| line.split_whitespace().next().map(str::to_owned))
            };
            assert_eq!((line_of("at the end"), line_of("at the top")), (Some("5".into()), Some("1".into())), "{shown}");
        }
    }
}

proptest! {
    /// Whatever the text, the spans and the width: no panic, no lost label, the same text again.
    #[test]
    fn any_spans_in_any_text(
        text in "([ -~]|é|日|\t|\r|\n|\u{1b}|\u{feff}|[a-z]{0,90}){0,40}",
        spans in proptest::collection::vec((0usize..300, 0usize..300), 1..6),
        width in 0usize..120,
    ) {
        let mut outcome = outcome(&[("a.yaml", &text), ("b.yaml", &text)]);
        let mut all: Vec<_> = spans.iter().enumerate().map(|(nth, &(start, end))| label((nth / 3) as u32, start..end, &format!("L{nth}"))).collect();
        let mut found = finding(all.remove(0));
        found.related = all;
        outcome.findings.push(found);
        let style = Style { width, ..WIDE };
        let shown = human(&outcome, style);
        for nth in 0..spans.len() {
            prop_assert!(shown.contains(&format!("L{nth}")), "{}", shown);
        }
        prop_assert_eq!(shown, human(&outcome, style));
    }
}
