//! Placeholders in the resources of standalone policies, such as `${ACCOUNT}`: values that are filled in before the policy is
//! deployed. No bucket's name can hold such characters, and what has no colon is no policy variable:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>.

use crate::iam::document::Document;
use crate::source::Span;
use crate::text::{Symbol, SymbolKind, Text};
use smol_str::format_smolstr;

/// Makes the placeholders of a document not known. One stands for the same value all over a folder.
pub(super) fn open(document: &mut Document, path: &str) {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    for resource in document.statements.iter_mut().flat_map(|statement| &mut statement.resources.items) {
        if let Some(opened) = resource.as_known().and_then(|text| opened(text, resource.span, folder)) {
            *resource = opened;
        }
    }
}

/// A text with its placeholders as symbols, if there is one.
fn opened(text: &str, at: Span, folder: &str) -> Option<Text> {
    let mut out = Text::empty(at);
    let mut rest = text;
    while let Some((before, shown, after)) = first(rest) {
        out.push_str(before);
        let id = format_smolstr!("{folder} placeholder {shown}");
        let why = format_smolstr!("`{shown}` is filled in before it is deployed");
        out.push(&Text::symbol(at, Symbol { id, shown: shown.into(), why, at, kind: SymbolKind::Other }));
        rest = after;
    }
    out.push_str(rest);
    out.as_known().is_none().then_some(out)
}

/// What stands before the first placeholder, itself, and what follows it.
fn first(text: &str) -> Option<(&str, &str, &str)> {
    let forms = [("${", "}"), ("{{", "}}")];
    let found = forms.into_iter().flat_map(|(open, close)| {
        text.match_indices(open).filter_map(move |(start, _)| {
            let inner = start + open.len();
            let end = inner + text[inner..].find(close)?;
            let name = text[inner..end].trim();
            let is_name = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.');
            (!name.is_empty() && name.chars().all(is_name)).then_some((start, end + close.len()))
        })
    });
    let (start, end) = found.min()?;
    Some((&text[..start], &text[start..end], &text[end..]))
}

/// The bucket that a resource of which not all is known names.
pub(super) fn bucket(resource: &Text) -> Option<Text> {
    let partition = resource.strip_prefix("arn:")?;
    let (_, rest) = partition.split_once(':')?;
    let path = rest.strip_prefix("s3:::")?;
    Some(path.split_once('/').map_or(path, |(bucket, _)| bucket))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Option<(Vec<String>, Option<String>)> {
        let opened = opened(text, Span::default(), "dev")?;
        let symbols = opened.symbols().map(|symbol| symbol.id.to_string()).collect();
        assert_eq!(opened.to_string(), text);
        Some((symbols, bucket(&opened).map(|name| name.to_string())))
    }

    #[test]
    fn placeholders_are_told_from_policy_variables() {
        let account = || vec!["dev placeholder ${ACCOUNT}".to_owned()];
        for (text, want) in [
            ("arn:aws:s3:::lab-${ACCOUNT}-logs/*", Some((account(), Some("lab-${ACCOUNT}-logs".to_owned())))),
            (
                "arn:aws:s3:::{{ env }}-${ACCOUNT}",
                Some((
                    vec!["dev placeholder {{ env }}".to_owned(), "dev placeholder ${ACCOUNT}".to_owned()],
                    Some("{{ env }}-${ACCOUNT}".to_owned()),
                )),
            ),
            ("arn:${PARTITION}:s3:::lab", Some((vec!["dev placeholder ${PARTITION}".to_owned()], Some("lab".to_owned())))),
            ("arn:aws:sqs:::${ACCOUNT}", Some((account(), None))),
            ("arn:aws:s3:::lab/${aws:username}/*", None),
            ("arn:aws:s3:::lab/${*}/${?}/${$}", None),
            ("arn:aws:s3:::lab/${", None),
            ("arn:aws:s3:::lab/{{}}", None),
        ] {
            assert_eq!(shown(text), want, "{text}");
        }
    }
}
