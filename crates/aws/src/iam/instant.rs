//! Points in time as IAM policies write them.

use bucketlint_text::date::{date_of, days_since_1970, digits, is_real};

/// A point in time, ordered exactly.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Instant<'a> {
    /// Seconds since 1970-01-01T00:00:00Z.
    seconds: i64,
    /// The digits of the fraction of a second, without trailing zeros.
    fraction: &'a str,
}

impl<'a> Instant<'a> {
    /// Whole seconds since 1970, fractions left aside.
    pub(super) fn seconds(&self) -> i64 {
        self.seconds
    }

    /// Reads one of the W3C forms of ISO 8601 (`2026`, `2026-09`, `2026-09-30`, `2026-09-30T08:15Z`,
    /// `2026-09-30T08:15:30.25+02:00`) or seconds since 1970; four digits are a year. None if it is neither.
    ///
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html> and
    /// <http://www.w3.org/TR/NOTE-datetime>, which asks for a zone wherever there is a time.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let all_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if all_digits && text.len() != 4 {
            return Some(Self { seconds: text.parse().ok()?, fraction: "" });
        }
        let (date, time) = text.split_once('T').map_or((text, None), |(date, time)| (date, Some(time)));
        let (year, month, day) = date_parts(date, time.is_some())?;
        let midnight = days_since_1970(year, month, day) * 86_400;
        let (seconds, fraction) = time.map_or(Some((0, "")), seconds_of_day)?;
        Some(Self { seconds: midnight + seconds, fraction })
    }
}

/// Seconds since 1970 as `2026-09-30T08:15:30Z`, or as the bare number in years that are not four digits.
pub(super) fn written(seconds: i64) -> String {
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = date_of(days);
    if !(0..=9999).contains(&year) {
        return seconds.to_string();
    }
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", second / 3600, second / 60 % 60, second % 60)
}

/// Year, month and day; the last two may be missing unless the date must be `complete`.
fn date_parts(date: &str, complete: bool) -> Option<(i64, i64, i64)> {
    let mut parts = date.split('-');
    let year = digits(parts.next()?, 4)?;
    let (month, day) = (parts.next(), parts.next());
    if parts.next().is_some() || (complete && day.is_none()) {
        return None;
    }
    let month = month.map_or(Some(1), |text| digits(text, 2))?;
    let day = day.map_or(Some(1), |text| digits(text, 2))?;
    is_real(year, month, day).then_some((year, month, day))
}

/// Seconds since midnight UTC, and the digits of the fraction, for `hh:mm[:ss[.s]]` with its zone.
fn seconds_of_day(time: &str) -> Option<(i64, &str)> {
    let zone_at = time.find(['Z', '+', '-'])?;
    let (clock, zone) = time.split_at(zone_at);
    let (clock, fraction) = match clock.split_once('.') {
        Some((clock, fraction)) => {
            let valid = clock.len() == 8 && !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
            valid.then_some((clock, fraction.trim_end_matches('0')))?
        }
        None => (clock, ""),
    };
    let (minutes, seconds) = match clock.len() {
        8 => (clock.get(..5)?, digits(clock.get(5..)?.strip_prefix(':')?, 2)?),
        _ => (clock, 0),
    };
    let in_range = (0..60).contains(&seconds);
    in_range.then_some((minute_of_day(minutes)? * 60 + seconds - offset(zone)?, fraction))
}

/// Minutes since midnight for `hh:mm`.
fn minute_of_day(text: &str) -> Option<i64> {
    let (hours, minutes) = text.split_once(':')?;
    let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
    (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
}

/// Seconds by which a zone (`Z`, `+hh:mm` or `-hh:mm`) is ahead of UTC.
fn offset(zone: &str) -> Option<i64> {
    match zone.split_at_checked(1)? {
        ("Z", "") => Some(0),
        ("+", ahead) => Some(minute_of_day(ahead)? * 60),
        ("-", behind) => Some(-minute_of_day(behind)? * 60),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(text: &str) -> Option<i64> {
        Instant::parse(text).map(|instant| instant.seconds)
    }

    #[test]
    fn what_is_written_is_read_again() {
        for text in [
            "1970-01-01T00:00:00Z",
            "2024-02-29T23:59:59Z",
            "2000-03-01T12:30:00Z",
            "1900-12-31T00:00:01Z",
            "0000-01-01T00:00:00Z",
        ] {
            assert_eq!(written(Instant::parse(text).unwrap().seconds()), text);
        }
        assert_eq!(written(i64::MAX / 2), (i64::MAX / 2).to_string());
    }

    #[test]
    fn every_form() {
        let cases = [
            ("1970-01-01T00:00:00Z", 0),
            ("1970", 0),
            ("2000-02-29", 951_782_400),
            ("2000-03", 951_868_800),
            ("2013-06-30T00:00:00Z", 1_372_550_400),
            ("2013-06-30T02:00+02:00", 1_372_550_400),
            ("2013-06-29T18:30:00-05:30", 1_372_550_400),
            ("1969-12-31T23:59:59Z", -1),
            ("0000-01-01", -62_167_219_200),
            ("9999-12-31T23:59:59Z", 253_402_300_799),
            ("1372550400", 1_372_550_400),
            ("0", 0),
            ("12345", 12_345),
        ];
        for (text, expected) in cases {
            assert_eq!(seconds(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn fractions_keep_every_digit() {
        let at = |text| Instant::parse(text).unwrap();
        assert!(at("2020-01-01T00:00:00.10000000001Z") > at("2020-01-01T00:00:00.1Z"));
        assert!(at("2020-01-01T00:00:00.05Z") < at("2020-01-01T00:00:00.1Z"));
        assert_eq!(at("2020-01-01T00:00:00.0Z"), at("2020-01-01T00:00:00Z"));
        assert!(at("1969-12-31T23:59:59.5Z") < at("1970"));
    }

    #[test]
    fn not_dates() {
        let broken = [
            "",
            "T",
            "Z",
            "2020-",
            "20-01-01",
            "2020-13",
            "2020-00-01",
            "2019-02-29",
            "1900-02-29",
            "2020-1-1",
            "2020-01-01T",
            "2020-01-01T00:00:00",
            "2020-01T00:00Z",
            "2020-01-01T24:00Z",
            "2020-01-01T00:60Z",
            "2020-01-01T00:00:60Z",
            "2020-01-01T00:00.5Z",
            "2020-01-01T00:00:00.Z",
            "2020-01-01T00:00:00Zx",
            "2020-01-01T00:00:00+2:00",
            "2020-01-01T0Z",
            "2020-01-01T00:00:00+02",
            "2020-01-01-01",
            "2020-01-*",
            "20200101T000000Z",
            "99999999999999999999",
            "-5",
            "２０２０",
        ];
        for text in broken {
            assert_eq!(Instant::parse(text), None, "{text}");
        }
    }
}
