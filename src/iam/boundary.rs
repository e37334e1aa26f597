//! Values on both sides of every edge of an ordered test, so that each outcome has a value that shows it.

use super::instant::Instant;
use super::operator::Base;
use std::net::IpAddr;

/// Values of a key that an ordered, boolean or address test with this policy value can tell apart.
pub(super) fn values(base: Base, wanted: &str) -> Vec<String> {
    match base {
        Base::Numeric(_) => around(wanted.parse().ok()),
        Base::Date(_) => around(Instant::parse(wanted).map(|instant| instant.seconds())),
        Base::Bool => vec!["true".into(), "false".into()],
        Base::IpAddress => addresses(wanted),
        _ => Vec::new(),
    }
}

fn around(value: Option<i64>) -> Vec<String> {
    let Some(value) = value else { return Vec::new() };
    [Some(value), value.checked_add(1), value.checked_sub(1)].into_iter().flatten().map(|value| value.to_string()).collect()
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
        assert_eq!(values(Base::IpAddress, "elsewhere"), Vec::<String>::new());
        assert_eq!(
            values(Base::Date(super::super::operator::Relation::Less), "1970-01-02T00:00:00Z"),
            ["86400", "86401", "86399"]
        );
    }
}
