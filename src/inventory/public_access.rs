//! What a bucket's template says of public access:
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-s3-bucket-publicaccessblockconfiguration.html>.

use crate::cfn::resolve::Resolver;
use crate::cfn::template::Resource;
use crate::resolve::{Followed, Resolve};
use crate::trail::selector::{Ternary, ternary};

/// The two settings that concern policies.
#[derive(Clone, Debug)]
pub struct PublicAccess {
    /// `BlockPublicPolicy`.
    pub block: Ternary,
    /// `RestrictPublicBuckets`.
    pub restrict: Ternary,
}

/// What the resource declares; `None` where it leaves both to S3, which has them on for new buckets. In a configuration, a
/// setting that is left out is off.
pub(super) fn read(resolver: &Resolver<'_>, resource: Resource<'_>) -> Option<PublicAccess> {
    let settings = match resolver.member(resource.properties()?, "PublicAccessBlockConfiguration")? {
        Followed::Node(settings) => settings,
        Followed::Absent => return None,
        Followed::Unknown(unknown) => {
            let open = || Ternary::Unknown { why: unknown.why.to_string(), at: unknown.at };
            return Some(PublicAccess { block: open(), restrict: open() });
        }
    };
    let setting = |key: &str| {
        let off = Ternary::No(settings.span);
        match resolver.member(settings, key) {
            None | Some(Followed::Absent) => off,
            Some(Followed::Node(value)) => ternary(Some(value), off, resolver),
            Some(Followed::Unknown(unknown)) => Ternary::Unknown { why: unknown.why.to_string(), at: unknown.at },
        }
    };
    Some(PublicAccess { block: setting("BlockPublicPolicy"), restrict: setting("RestrictPublicBuckets") })
}
