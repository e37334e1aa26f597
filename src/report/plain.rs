//! Text made safe for a terminal and broken into lines.

/// Appends `c` so that a terminal only shows it: control, line-separating and direction-changing characters become
/// a visible stand-in, a byte order mark nothing. Newlines and tabs are the caller's business and stay.
pub(super) fn push_clean(out: &mut String, c: char, unicode: bool) {
    match c {
        '\n' | '\t' => out.push(c),
        '\u{feff}' => {}
        '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => out.push(stand_in(c, unicode)),
        c if c.is_control() => out.push(stand_in(c, unicode)),
        c => out.push(c),
    }
}

/// The picture of a C0 control where Unicode has one.
fn stand_in(c: char, unicode: bool) -> char {
    match c as u32 {
        _ if !unicode => '?',
        code @ 0..0x20 => char::from_u32(0x2400 + code).unwrap_or('?'),
        0x7f => '\u{2421}',
        _ => char::REPLACEMENT_CHARACTER,
    }
}

/// `text` with every character as [`push_clean`] has it; CRLF becomes a newline.
pub(super) fn clean(text: &str, unicode: bool) -> String {
    let mut out = String::with_capacity(text.len());
    text.replace("\r\n", "\n").chars().for_each(|c| push_clean(&mut out, c, unicode));
    out
}

/// Columns `text` takes, East Asian characters and emoji counted as two.
pub(super) fn columns(text: &str) -> usize {
    let wide = |c| matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{ffe6}' | '\u{1f000}'..);
    text.chars().map(|c| if wide(c) { 2 } else { 1 }).sum()
}

/// Breaks `text` at blanks into lines of at most `first` columns, later ones of `rest`; longer words stay whole.
pub(super) fn wrap(text: &str, first: usize, rest: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            let room = if lines.is_empty() { first } else { rest };
            if !line.is_empty() && columns(&line) + 1 + columns(word) > room {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_character_steers_the_terminal() {
        let hostile = "\u{1b}[31m\u{7}\r\u{7f}\u{9b}\u{202e}\u{2028}é\t\u{feff}x\r\n";
        assert_eq!(clean(hostile, true), "\u{241b}[31m\u{2407}\u{240d}\u{2421}\u{fffd}\u{fffd}\u{fffd}é\tx\n");
        assert_eq!(clean(hostile, false), "?[31m??????é\tx\n");
    }

    #[test]
    fn words_stay_whole() {
        assert_eq!(wrap("one two three", 3, 9), ["one", "two three"]);
        assert_eq!(wrap("arn:aws:s3:::a-b is long", 4, 4), ["arn:aws:s3:::a-b", "is", "long"]);
        assert_eq!(wrap("a\n\nb", 9, 9), ["a", "", "b"]);
        assert_eq!(wrap("日本 日本", 8, 8), ["日本", "日本"]);
        assert!(wrap("", 9, 9).is_empty());
    }
}
