//! What AWS makes of resource policies and of CloudTrail's event selectors: a library that knows neither templates nor
//! reports.

pub mod bucket_policy;
pub mod iam;
pub mod trail;
