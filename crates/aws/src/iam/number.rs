//! Decimal numbers compared digit by digit, so that no size or fraction is ever rounded.

use std::cmp::Ordering;

/// An integer or decimal number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Decimal<'a> {
    /// Never for zero.
    negative: bool,
    /// Digits before the point, without leading zeros.
    whole: &'a str,
    /// Digits after the point, without trailing zeros.
    fraction: &'a str,
}

impl<'a> Decimal<'a> {
    /// Reads `-12`, `+3.50` or `.5`; none if it is anything else, such as a number with an exponent.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if fraction.is_empty() || unsigned.is_empty() || !digits(whole) || !digits(fraction) {
            return None;
        }
        let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
        let zero = whole.is_empty() && fraction.is_empty();
        Some(Self { negative: text.starts_with('-') && !zero, whole, fraction })
    }

    fn size(&self) -> (usize, &str, &str) {
        (self.whole.len(), self.whole, self.fraction)
    }
}

impl Ord for Decimal<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, false) => self.size().cmp(&other.size()),
            (true, true) => other.size().cmp(&self.size()),
            (negative, _) => {
                if negative {
                    Ordering::Less
                } else {
                    Ordering::Greater
                }
            }
        }
    }
}

impl PartialOrd for Decimal<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order() {
        let rising = ["-10", "-9.5", "-9.49", "0", "0.1", "0.15", ".2", "1.2", "9", "10", "9007199254740993", "9007199254740994"];
        let parsed: Vec<_> = rising.map(|text| Decimal::parse(text).unwrap()).into();
        assert!(parsed.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn spellings_of_one_number() {
        for (a, b) in [("1", "01.0"), ("-0", "0"), ("+2.50", "2.5"), (".5", "0.5"), ("0", "000.000")] {
            assert_eq!(Decimal::parse(a), Decimal::parse(b), "{a} {b}");
        }
    }

    #[test]
    fn not_numbers() {
        for text in ["", "-", "+", ".", "1.", "1e3", "0x1", "1,5", " 1", "--1", "1.2.3", "NaN", "١"] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }
}
