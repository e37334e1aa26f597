//! The manifests that the CDK writes beside the templates it makes: they tell where each is deployed.
//!
//! <https://github.com/aws/aws-cdk/blob/main/packages/%40aws-cdk/cloud-assembly-schema/README.md>

use crate::syntax::node::Node;
use smol_str::SmolStr;

/// A template of a manifest with the environment of its stack.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Assembled {
    /// Its path as reported.
    pub template: String,
    /// The account, where the manifest tells it.
    pub account: Option<SmolStr>,
    /// The Region, where the manifest tells it.
    pub region: Option<SmolStr>,
}

/// Whether the file shown as `path` may be such a manifest.
pub(super) fn may_be(path: &str, text: &str) -> bool {
    path.rsplit('/').next() == Some("manifest.json") && text.contains("\"aws:cloudformation:stack\"")
}

/// The templates of the manifest shown as `path`; those of assemblies within it have manifests of their own.
pub(super) fn read(path: &str, root: &Node) -> Vec<Assembled> {
    let folder = path.strip_suffix("manifest.json").unwrap_or_default();
    let artifacts = root.get("artifacts").map(Node::entries).unwrap_or_default();
    artifacts.iter().filter_map(|artifact| stack(folder, &artifact.value)).collect()
}

fn stack(folder: &str, artifact: &Node) -> Option<Assembled> {
    let text = |path: &[&str]| artifact.path(path).and_then(Node::as_str);
    text(&["type"]).filter(|kind| *kind == "aws:cloudformation:stack")?;
    let template = format!("{folder}{}", text(&["properties", "templateFile"])?);
    // aws://<account>/<Region>, or `unknown-account` and `unknown-region`
    let (account, region) = text(&["environment"])?.strip_prefix("aws://")?.split_once('/')?;
    let told = |value: &str| (!value.is_empty() && !value.starts_with("unknown-")).then(|| SmolStr::from(value));
    Some(Assembled { template, account: told(account), region: told(region) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::testing::tree;

    #[test]
    fn stacks_are_told_with_their_environments() {
        let root = tree(
            r#"{"version": "55.0.0", "artifacts": {
                "Store": {"type": "aws:cloudformation:stack", "environment": "aws://111122223333/eu-west-1",
                    "properties": {"templateFile": "Store.template.json"}},
                "Open": {"type": "aws:cloudformation:stack", "environment": "aws://unknown-account/unknown-region",
                    "properties": {"templateFile": "Open.template.json"}},
                "Store.assets": {"type": "cdk:asset-manifest", "properties": {"file": "Store.assets.json"}}}}"#,
        );
        let one = |name: &str, account: Option<&str>, region: Option<&str>| Assembled {
            template: format!("cdk.out/{name}.template.json"),
            account: account.map(SmolStr::from),
            region: region.map(SmolStr::from),
        };
        let expected = [one("Store", Some("111122223333"), Some("eu-west-1")), one("Open", None, None)];
        assert_eq!(read("cdk.out/manifest.json", &root), expected);
        assert!(may_be("cdk.out/manifest.json", r#"{"type": "aws:cloudformation:stack"}"#));
        assert!(!may_be("cdk.out/tree.json", r#"{"type": "aws:cloudformation:stack"}"#));
    }
}
