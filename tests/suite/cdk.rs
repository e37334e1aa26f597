//! What `cdk synth` writes, given by its folder though git ignores it.

use serde_json::{Value, json};
use std::fs;
use std::process::Command;

#[test]
fn a_cloud_assembly_is_read_and_its_constructs_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("cdk.out");
    fs::create_dir_all(out.join("asset.0123")).unwrap();
    let path = |id: &str| json!({ "aws:cdk:path": format!("Lab/{id}/Resource") });
    let template = json!({ "Resources": {
        "Data4C1A2B3D": { "Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain", "Metadata": path("Data") },
        "CDKMetadata": { "Type": "AWS::CDK::Metadata", "Properties": { "Analytics": "v2:deflate64:H4s" }, "Metadata": path("CDK") },
    }, "Parameters": { "BootstrapVersion": { "Type": "AWS::SSM::Parameter::Value<String>", "Default": "/cdk-bootstrap/v" } } });
    let tree = json!({ "version": "tree-0.1", "tree": { "id": "App", "path": "", "children": { "Lab": {
        "attributes": { "aws:cdk:cloudformation:type": "AWS::S3::Bucket", "aws:cdk:cloudformation:props": {} } } } } });
    let manifest = json!({ "version": "48.0.0", "artifacts": { "Lab": { "type": "aws:cloudformation:stack", "metadata": {
        "/Lab/Data/Resource": [{ "type": "aws:cdk:logicalId", "data": "Data4C1A2B3D" }] } } } });
    let assets =
        json!({ "version": "48.0.0", "files": { "ab": { "source": { "path": "Lab.template.json", "packaging": "file" } } } });
    let files = [
        (".gitignore", json!(null), "cdk.out\n"),
        ("cdk.out/Lab.template.json", template, ""),
        ("cdk.out/tree.json", tree, ""),
        ("cdk.out/manifest.json", manifest, ""),
        ("cdk.out/Lab.assets.json", assets, ""),
        ("cdk.out/cdk.out", json!({ "version": "48.0.0" }), ""),
        ("cdk.out/asset.0123/package.json", json!({ "name": "handler", "Statement": "none" }), ""),
    ];
    for (name, value, text) in files {
        let text = if value.is_null() { text.to_owned() } else { serde_json::to_string_pretty(&value).unwrap() };
        fs::write(dir.path().join(name), text).unwrap();
    }
    let check = |path: &str| -> Value {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bucketlint"));
        let flags = ["check", "--no-config", "--format", "json", "--control-account", "123456789012", path];
        let done = command.current_dir(dir.path()).args(flags).output().unwrap();
        serde_json::from_slice(&done.stdout).unwrap()
    };
    assert_eq!(check(".")["summary"]["files"], 0);
    let report = check("cdk.out");
    assert_eq!((&report["summary"]["files"], &report["summary"]["buckets"]), (&json!(1), &json!(1)));
    let findings = report["findings"].as_array().unwrap();
    let rules: Vec<&str> = findings.iter().map(|one| one["rule"].as_str().unwrap()).collect();
    assert_eq!(rules, ["ownership/missing-controls", "policy/missing", "trail/uncovered-bucket"]);
    let message = "bucket Data4C1A2B3D (CDK construct Lab/Data/Resource) does not declare OwnershipControls";
    assert_eq!(findings[0]["message"], message);
}
