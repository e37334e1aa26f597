//! The prefixes of AWS services, as actions begin with them and ARNs hold them.

use std::sync::LazyLock;

/// In alphabetical order.
static PREFIXES: LazyLock<Vec<&str>> =
    LazyLock::new(|| include_str!("services.txt").lines().filter(|line| !line.starts_with('#')).collect());

/// Whether a service has this prefix, in any case.
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>
pub fn is_service(prefix: &str) -> bool {
    PREFIXES.binary_search(&prefix.to_ascii_lowercase().as_str()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_holds_no_more_than_prefixes() {
        assert!(PREFIXES.is_sorted_by(|one, next| one < next));
        assert!(
            PREFIXES
                .iter()
                .all(|prefix| prefix.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'))
        );
        assert_eq!(PREFIXES.len(), 456);
        assert!(["s3", "KMS", "execute-api"].into_iter().all(is_service));
        assert!(!["s4", "", "s3*", "update"].into_iter().any(is_service));
    }
}
