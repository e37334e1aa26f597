//! Values on both sides of every edge of an ordered test, so that each outcome has a value that shows it.

use super::instant::{self, Instant};
use super::operator::Base;
use std::net::IpAddr;

/// Values of a key that an ordered, boolean or address test with this policy value can tell apart.
pub(super) fn values(base: Base, wanted: &str) -> Vec<String> {
    match base {
        Base::Numeric(_) => numbers(wanted),
        Base::Date(_) => dates(wanted),
        Base::Bool => vec!["true".into(), "false".into()],
        Base::IpAddress => addresses(wanted),
        _ => Vec::new(),
    }
}

/// The value itself and whole numbers on both sides.
fn numbers(wanted: &str) -> Vec<String> {
    let whole = wanted.split_once('.').map_or(wanted, |(whole, _)| whole);
    let mut out = vec![wanted.to_owned()];
    out.extend(whole.parse().ok().into_iter().flat_map(around).map(|value| value.to_string()));
    out
}

/// The instant itself and the seconds on both sides, written as the policy writes it.
fn dates(wanted: &str) -> Vec<String> {
    let Some(instant) = Instant::parse(wanted) else { return Vec::new() };
    let bare = wanted.len() != 4 && wanted.bytes().all(|byte| byte.is_ascii_digit());
    let shown = |seconds: i64| if bare { seconds.to_string() } else { instant::written(seconds) };
    std::iter::once(wanted.to_owned()).chain(around(instant.seconds()).into_iter().map(shown)).collect()
}

fn around(value: i64) -> Vec<i64> {
    [Some(value), value.checked_add(1), value.checked_sub(1)].into_iter().flatten().collect()
}

/// First and last address of a range, and the neighbours just outside.
fn addresses(range: &str) -> Vec<String> {
    let (address, bits) = range.split_once('/').map_or((range, None), |(address, bits)| (address, bits.parse::<u32>().ok()));
    match address.parse() {
        Ok(IpAddr::V4(address)) => {
            let host = u32::MAX.checked_shr(bits.unwrap_or(32)).unwrap_or(0);
            let (low, high) = (u32::from(address) & !host, u32::from(address) | host);
            let all = [Some(low), low.checked_sub(1), high.checked_add(1), Some(high)];
            all.into_iter().flatten().map(|bits| std::net::Ipv4Addr::from(bits).to_string()).collect()
        }
        Ok(IpAddr::V6(address)) => {
            let host = u128::MAX.checked_shr(bits.unwrap_or(128)).unwrap_or(0);
            let (low, high) = (u128::from(address) & !host, u128::from(address) | host);
            let all = [Some(low), low.checked_sub(1), high.checked_add(1), Some(high)];
            all.into_iter().flatten().map(|bits| std::net::Ipv6Addr::from(bits).to_string()).collect()
        }
        Err(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_of_an_edge_are_tried() {
        assert_eq!(values(Base::IpAddress, "10.0.0.0/8"), ["10.0.0.0", "9.255.255.255", "11.0.0.0", "10.255.255.255"]);
        assert_eq!(values(Base::IpAddress, "0.0.0.0/0"), ["0.0.0.0", "255.255.255.255"]);
        assert_eq!(values(Base::IpAddress, "::1"), ["::1", "::", "::2", "::1"]);
        assert_eq!(values(Base::Numeric(super::super::operator::Relation::Less), "1.5"), ["1.5", "1", "2", "0"]);
        assert_eq!(values(Base::IpAddress, "elsewhere"), Vec::<String>::new());
        assert_eq!(
            values(Base::Date(super::super::operator::Relation::Less), "1970-01-02T00:00:00Z"),
            ["1970-01-02T00:00:00Z", "1970-01-02T00:00:00Z", "1970-01-02T00:00:01Z", "1970-01-01T23:59:59Z"]
        );
    }
}
