//! Reading what a policy or a request holds.

use std::net::IpAddr;

use serde_json::Value;

use super::truth::Truth;

/// The entries of an element that takes one of something or a list of it.
pub(super) fn list(element: Option<&Value>) -> &[Value] {
    match element {
        None => &[],
        Some(Value::Array(entries)) => entries,
        Some(one) => std::slice::from_ref(one),
    }
}

/// The strings of such an element.
pub(super) fn strings(element: &Value) -> impl Iterator<Item = &str> {
    list(Some(element)).iter().filter_map(Value::as_str)
}

/// A value of a condition as text. `reference_policies_grammar`: `<condition_value> = ("string" | "number" | "Boolean")`.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(yes.to_string()),
        _ => None,
    }
}

/// "an integer or decimal value".
pub(super) fn number(text: &str) -> Option<f64> {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|digit| digit.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let sound = unsigned.split_once('.').map_or(digits(unsigned), |(whole, part)| digits(whole) && digits(part));
    sound.then(|| text.parse().ok()).flatten()
}

/// "one of the W3C implementations of the ISO 8601 date formats or in epoch (UNIX) time", in milliseconds since 1970. A date
/// without a time is not read: the page does not say which instant it is.
pub(super) fn date(text: &str) -> Option<i64> {
    if text.len() > 4 && text.bytes().all(|digit| digit.is_ascii_digit()) {
        return text.parse::<i64>().ok()?.checked_mul(1000);
    }
    let (day, time) = text.split_once('T')?;
    let (clock, zone) = match time.strip_suffix('Z') {
        Some(clock) => (clock, 0),
        None => {
            let at = time.rfind(['+', '-'])?;
            let (hours, minutes) = time[at + 1..].split_once(':')?;
            let minutes = two(hours)? * 60 + two(minutes)?;
            (&time[..at], if time[at..].starts_with('-') { -minutes } else { minutes })
        }
    };
    let mut fields = day.split('-');
    let (year, month, day) = (fields.next()?, two(fields.next()?)?, two(fields.next()?)?);
    if year.len() != 4 || fields.next().is_some() {
        return None;
    }
    let mut fields = clock.split(':');
    let (hour, minute, second) = (two(fields.next()?)?, two(fields.next()?)?, fields.next().unwrap_or("00"));
    let (second, part) = second.split_once('.').unwrap_or((second, "0"));
    let part = format!("{part:0<3}").get(..3)?.parse::<i64>().ok()?;
    let minutes = days(year.parse().ok()?, month, day)? * 1440 + hour * 60 + minute - zone;
    Some((minutes * 60 + two(second)?) * 1000 + part)
}

fn two(text: &str) -> Option<i64> {
    (text.len() == 2).then(|| text.parse().ok()).flatten()
}

/// The days from 1970-01-01 to this one.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let lengths = [31, if leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let before = usize::try_from(month - 1).ok().filter(|&before| before < 12)?;
    if day < 1 || day > lengths[before] {
        return None;
    }
    let years: i64 = (1970..year).map(|year| if leap(year) { 366 } else { 365 }).sum();
    (year >= 1970).then(|| years + lengths[..before].iter().sum::<i64>() + day - 1)
}

/// Whether `range`, "in the standard CIDR format", holds `address`, open for `reason` where it is not in that format. "If you
/// specify an IP address without the associated routing prefix, IAM uses the default prefix value of /32", which for IPv6
/// would be far more than the address, so that both are tried.
pub(super) fn in_range(range: &str, address: IpAddr, reason: &'static str) -> Truth {
    let (base, length) = range.split_once('/').map_or((range, None), |(base, length)| (base, Some(length)));
    let Ok(base) = base.parse::<IpAddr>() else { return Truth::Open(reason) };
    let width = if base.is_ipv4() { 32 } else { 128 };
    let within = |length: u32| {
        let mask = if length == 0 { 0 } else { u128::MAX << (width - length) };
        base.is_ipv4() == address.is_ipv4() && bits(address) & mask == bits(base) & mask
    };
    match length.map(str::parse) {
        None => Truth::agreed(&[within(32), within(width)], reason),
        Some(Ok(length)) if length <= width => {
            // with bits set beyond its prefix it is no range of that format
            let host = if length == width { 0 } else { u128::MAX >> (128 - width + length) };
            Truth::agreed(&[within(length), within(length) && bits(base) & host == 0], reason)
        }
        Some(_) => Truth::Open(reason),
    }
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => u128::from(address),
    }
}
