//! The comments of a YAML text.

use super::parse::MAX_DEPTH;
use granit_parser::{Event, Parser};
use std::ops::Range;

/// Every comment from its `#` to the end of its line, in text order. A text that cannot be read has those before the fault.
pub fn comments(text: &str) -> Vec<Range<usize>> {
    let mut options = granit_parser::options! {
        block_scalar_eof_without_line_feed: true,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
        // a text holds no more than that
        max_buffered_comment_events: text.len(),
    };
    options.set_emit_comments(true);
    let events = Parser::new_from_str_with_options(text, options).map_while(Result::ok);
    let comment = |(event, place): (Event<'_>, granit_parser::Span)| match event {
        Event::Comment(..) => place.byte_range(),
        _ => None,
    };
    let mut out: Vec<Range<usize>> = events.filter_map(comment).collect();
    out.sort_by_key(|range| range.start);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_nothing_that_looks_like_one() {
        let text = "# é top\r\na: 'x # no' # end\nb: | # header\n  # text\nc: x#y\nd: [1, # in\n  2]\n# last";
        let found: Vec<&str> = comments(text).into_iter().map(|range| &text[range]).collect();
        assert_eq!(found, ["# é top", "# end", "# header", "# in", "# last"]);
    }

    #[test]
    fn any_number_of_them() {
        let text = "# one\n".repeat(5_000) + "a:\n" + &"# two\n".repeat(5_000) + "  b: 1\n" + &"# three\n".repeat(500);
        assert_eq!(comments(&text).len(), 10_500);
        assert_eq!(comments("# a\nb: [\n# c\n"), [0..3, 9..12]);
    }
}
