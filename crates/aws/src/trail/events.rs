//! S3's object events by class.

/// Whether an event reads an object or changes it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Class {
    /// `readOnly` is true.
    Read,
    /// `readOnly` is false.
    Write,
}

impl Class {
    /// Both, in the order of a pair indexed by class.
    pub(super) const ALL: [Class; 2] = [Class::Read, Class::Write];

    /// The event field `readOnly`.
    pub(super) fn read_only(self) -> &'static str {
        match self {
            Class::Read => "true",
            Class::Write => "false",
        }
    }

    /// The names of the class's events on one object, the best example first.
    ///
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html>
    pub(super) fn names(self) -> &'static [&'static str] {
        match self {
            Class::Read => &READ,
            Class::Write => &WRITE,
        }
    }
}

/// Whether `name` is an event of either class, or one that concerns a bucket as a whole.
pub(super) fn is_listed(name: &str) -> bool {
    READ.contains(&name) || WRITE.contains(&name) || WHOLE_BUCKET.contains(&name)
}

const READ: [&str; 11] = [
    "GetObject",
    "HeadObject",
    "GetObjectAcl",
    "GetObjectAttributes",
    "GetObjectTagging",
    "GetObjectLegalHold",
    "GetObjectRetention",
    "GetObjectTorrent",
    "ListParts",
    "SelectObjectContent",
    "GetObjectLockRetention",
];

const WRITE: [&str; 15] = [
    "PutObject",
    "DeleteObject",
    "CopyObject",
    "CreateMultipartUpload",
    "UploadPart",
    "UploadPartCopy",
    "CompleteMultipartUpload",
    "AbortMultipartUpload",
    "PutObjectAcl",
    "PutObjectTagging",
    "DeleteObjectTagging",
    "PutObjectLegalHold",
    "PutObjectRetention",
    "PutObjectLockRetention",
    "RestoreObject",
];

/// Data events that name no single object.
const WHOLE_BUCKET: [&str; 6] =
    ["DeleteObjects", "HeadBucket", "ListMultipartUploads", "ListObjectVersions", "ListObjects", "ListObjectsV2"];
