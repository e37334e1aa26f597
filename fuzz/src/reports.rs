//! Whether a report is what its format says, as another program reads it.

use bucketlint::report::Format;
use quick_xml::events::Event;
use serde_json::Value;

/// Reads a report.
///
/// # Errors
/// It is not of its format.
pub fn parse(format: Format, text: &str) -> Result<(), String> {
    match format {
        Format::Json => object(text, "findings"),
        Format::Sarif => object(text, "runs"),
        Format::Gitlab => serde_json::from_str::<Vec<Value>>(text).map(drop).map_err(|error| error.to_string()),
        Format::Rdjsonl => text.lines().try_for_each(|line| object(line, "message")),
        Format::Junit | Format::Checkstyle => xml(text),
        Format::Github => text.lines().try_for_each(command),
        Format::Pretty | Format::Short => plain(text),
    }
}

fn object(text: &str, member: &str) -> Result<(), String> {
    let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if value.get(member).is_some() { Ok(()) } else { Err(format!("no `{member}`")) }
}

/// Well formed, of characters that XML 1.0 has, and of nothing but elements and text:
/// <https://www.w3.org/TR/xml/#charsets>.
fn xml(text: &str) -> Result<(), String> {
    let foreign = |letter: char| matches!(letter, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    if let Some(letter) = text.chars().find(|letter| foreign(*letter)) {
        return Err(format!("the character {letter:?}"));
    }
    let mut reader = quick_xml::Reader::from_str(text);
    let mut depth = 0_i64;
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(element) => {
                depth += 1;
                attributes(&element)?;
            }
            Event::Empty(element) => attributes(&element)?,
            Event::End(_) => depth -= 1,
            Event::Text(_) | Event::GeneralRef(_) | Event::Decl(_) => {}
            Event::Eof if depth == 0 => return Ok(()),
            other => return Err(format!("{other:?} at depth {depth}")),
        }
    }
}

fn attributes(element: &quick_xml::events::BytesStart<'_>) -> Result<(), String> {
    element.attributes().try_for_each(|attribute| attribute.map(drop).map_err(|error| error.to_string()))
}

/// One workflow command a line, and nothing that is another.
fn command(line: &str) -> Result<(), String> {
    plain(line)?;
    let known = ["error ", "warning ", "notice "].iter().any(|word| line.strip_prefix("::").is_some_and(|rest| rest.starts_with(word)));
    if known && line.matches("::").count() >= 2 { Ok(()) } else { Err(format!("the line {line:?}")) }
}

/// Nothing that a terminal takes for more than text.
fn plain(text: &str) -> Result<(), String> {
    let hostile = |letter: &char| {
        letter.is_control() && *letter != '\n' || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().find(hostile).map_or(Ok(()), |letter| Err(format!("the character {letter:?}")))
}
