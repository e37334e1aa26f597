//! IP addresses and CIDR ranges.

use std::net::IpAddr;

/// Whether `address` lies in `range`, which is `203.0.113.0/24`, `2001:db8::/32`, or one address without a prefix
/// length. Anything malformed lies nowhere, and an IPv4 address in no IPv6 range.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>
pub(super) fn contains(range: &str, address: &str) -> bool {
    within(range, address).unwrap_or(false)
}

/// Whether `text` is an address or a range.
pub(super) fn is_range(text: &str) -> bool {
    let address = text.split_once('/').map_or(text, |(address, _)| address);
    within(text, address).is_some()
}

fn within(range: &str, address: &str) -> Option<bool> {
    let (network, length) = range.split_once('/').map_or((range, None), |(network, length)| (network, Some(length)));
    let (network, network_bits) = bits(network.parse().ok()?);
    let (address, address_bits) = bits(address.parse().ok()?);
    let length = match length {
        Some(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok()?,
        Some(_) => return None,
        None => network_bits,
    };
    let host_bits = network_bits.checked_sub(length)?;
    let prefix = |number: u128| number.checked_shr(host_bits).unwrap_or(0);
    Some(network_bits == address_bits && prefix(network) == prefix(address))
}

/// An address as a number, and how many bits it has.
fn bits(address: IpAddr) -> (u128, u32) {
    match address {
        IpAddr::V4(v4) => (u128::from(v4.to_bits()), 32),
        IpAddr::V6(v6) => (v6.to_bits(), 128),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_range() {
        for text in ["203.0.113.0/24", "203.0.113.7", "2001:db8::/32", "0.0.0.0/0"] {
            assert!(is_range(text), "{text}");
        }
        for text in ["", "203.0.113", "203.0.113.0/33", "203.0.113.0/", "203.0.113.*", "office"] {
            assert!(!is_range(text), "{text}");
        }
    }

    #[test]
    fn ranges() {
        let cases = [
            ("203.0.113.0/24", "203.0.113.255", true),
            ("203.0.113.0/24", "203.0.114.0", false),
            ("203.0.113.77/24", "203.0.113.1", true),
            ("203.0.113.7", "203.0.113.7", true),
            ("203.0.113.7", "203.0.113.8", false),
            ("0.0.0.0/0", "255.255.255.255", true),
            ("203.0.113.6/31", "203.0.113.7", true),
            ("2001:DB8:1234:5678::/64", "2001:db8:1234:5678::1", true),
            ("2001:DB8:1234:5678::/64", "2001:db8:1234:5679::1", false),
            ("::/0", "2001:db8::1", true),
            ("::1", "::1", true),
            ("::1/128", "::2", false),
            ("::/0", "10.0.0.1", false),
            ("0.0.0.0/0", "::1", false),
            ("203.0.113.0/33", "203.0.113.0", false),
            ("203.0.113.0/", "203.0.113.0", false),
            ("203.0.113.0/+24", "203.0.113.0", false),
            ("203.0.113.0/24/8", "203.0.113.0", false),
            ("203.0.113.*", "203.0.113.0", false),
            ("203.0.113", "203.0.113.0", false),
            ("", "", false),
        ];
        for (range, address, expected) in cases {
            assert_eq!(contains(range, address), expected, "{range} {address}");
        }
    }
}
