//! Days of the Gregorian calendar.

use std::fmt;

/// A day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Date {
    /// Days since 1970-01-01.
    days: i64,
}

impl Date {
    /// Reads `2027-01-31` and no other form.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '-');
        let (year, month, day) = (digits(parts.next()?, 4)?, digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
        is_real(year, month, day).then(|| Self { days: days_since_1970(year, month, day) })
    }

    /// The day, in UTC, of so many seconds after the beginning of 1970.
    pub fn of_seconds(seconds: u64) -> Self {
        Self { days: i64::try_from(seconds / 86_400).unwrap_or(i64::MAX) }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = date_of(self.days);
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

/// The inverse of [`days_since_1970`], in cycles of 400 years of 146,097 days.
pub fn date_of(days: i64) -> (i64, i64, i64) {
    let (cycle, within) = ((days + 719_468).div_euclid(146_097), (days + 719_468).rem_euclid(146_097));
    let year = (within - within / 1_460 + within / 36_524 - within / 146_096) / 365;
    let of_year = within - (365 * year + year / 4 - year / 100);
    let since_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * since_march + 2) / 5 + 1;
    let month = (since_march + 2) % 12 + 1;
    (year + cycle * 400 + i64::from(month <= 2), month, day)
}

/// Exactly `width` digits.
pub fn digits(text: &str, width: usize) -> Option<i64> {
    let plain = text.len() == width && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

/// Whether there is such a day.
pub fn is_real(year: i64, month: i64, day: i64) -> bool {
    (1..=12).contains(&month) && (1..=days_in_month(year, month)).contains(&day)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Counts in years that begin in March, so that a leap day is the last of its year.
pub fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let months_since_march = (month + 9) % 12;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + (153 * months_since_march + 2) / 5 + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_there_and_back() {
        for days in (-700_000..2_900_000).step_by(97) {
            let (year, month, day) = date_of(days);
            assert_eq!(days_since_1970(year, month, day), days);
        }
    }

    #[test]
    fn one_form_is_read() {
        for text in ["1970-01-01", "2024-02-29", "2027-01-31", "0000-01-01", "9999-12-31"] {
            assert_eq!(Date::parse(text).unwrap().to_string(), text);
        }
        assert!(Date::parse("2027-01-31") < Date::parse("2027-02-01"));
        for text in
            ["", "2027", "2027-01", "2027-1-31", "2027-02-29", "2027-13-01", "2027-01-31T00:00Z", " 2027-01-31", "31.01.2027"]
        {
            assert_eq!(Date::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_day_begins_at_midnight() {
        // 2000-02-29T00:00:00Z
        let at = |seconds| Date::of_seconds(seconds).to_string();
        assert_eq!(
            (at(951_782_399), at(951_782_400), at(951_868_799)),
            ("2000-02-28".into(), "2000-02-29".into(), "2000-02-29".into())
        );
    }
}
