//! What shows that another tool makes the templates, and how to have those checked.

use super::{STDIN, shown};
use ignore::{DirEntry, WalkBuilder};
use std::fs;
use std::path::{Path, PathBuf};

/// Something that makes templates, or stands in their place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Maker {
    /// Its path as shown.
    pub path: String,
    /// What it belongs to, with an article.
    pub what: &'static str,
    /// What to do: the commands to run.
    pub advice: String,
}

/// How a kind of them is known, what it is, and what to do in its directory, which stands for `{}`.
struct Kind {
    /// Names, or endings of names with a `*`.
    names: &'static [&'static str],
    what: &'static str,
    advice: &'static str,
    /// Words of which the file has one, if it is one of these.
    words: &'static [&'static str],
}

const KINDS: [Kind; 7] = [
    // <https://docs.aws.amazon.com/cdk/v2/guide/ref-cli-cmd-synth.html>
    Kind {
        names: &["cdk.json", "cdk.out"],
        what: "a CDK app",
        advice: "run `cdk synth` and check cdk.out: `cd {} && cdk synth --quiet && bucketlint check cdk.out`",
        words: &[],
    },
    // <https://www.serverless.com/framework/docs/providers/aws/cli-reference/package>
    Kind {
        names: &["serverless.yml", "serverless.yaml", "serverless.json", "serverless.js", "serverless.ts", ".serverless"],
        what: "a service of the Serverless Framework",
        advice: "package it and check .serverless: `cd {} && serverless package && bucketlint check .serverless`",
        words: &[],
    },
    // <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-cli-command-reference-sam-build.html>
    Kind {
        names: &["samconfig.toml", ".aws-sam"],
        what: "a SAM application",
        advice: "build it and check .aws-sam: `cd {} && sam build && bucketlint check .aws-sam/build`",
        words: &[],
    },
    Kind {
        names: &["*.tf.json"],
        what: "Terraform in JSON, which is not read",
        advice: "check the policies that are deployed: `aws s3api get-bucket-policy --bucket NAME | bucketlint check -`",
        words: &[],
    },
    Kind {
        names: &["Pulumi.yaml", "Pulumi.yml"],
        what: "a Pulumi program, which is not read",
        advice: "check the policies that are deployed: `aws s3api get-bucket-policy --bucket NAME | bucketlint check -`",
        words: &[],
    },
    Kind {
        names: &[
            "*.j2",
            "*.jinja",
            "*.jinja2",
            "*.tpl",
            "*.tftpl",
            "*.tmpl",
            "*.gotmpl",
            "*.erb",
            "*.ejs",
            "*.hbs",
            "*.mustache",
        ],
        what: "a template of an engine",
        advice: "have the engine fill it in, and check what it makes",
        words: &["AWS::", "arn:aws", "Statement"],
    },
    // <https://github.com/aws-cloudformation/rain>
    Kind {
        names: &["*.yaml", "*.yml", "*.json", "*.template"],
        what: "Rain, which puts modules into it",
        advice: "package it and check what that makes: `rain pkg TEMPLATE | bucketlint check -`",
        words: &["Rain::Module"],
    },
];

/// Directories that hold the work of others, or what the tools above make.
const NOT_ENTERED: [&str; 9] =
    [".git", "node_modules", ".venv", "venv", "vendor", "cdk.out", ".serverless", ".aws-sam", ".terraform"];

/// So deep, and past so many entries, is looked.
const DEPTH: usize = 6;
const ENTRIES: usize = 20_000;

/// The first of each kind of makers under `paths`, be they left out of a walk or not.
pub fn makers(paths: &[PathBuf]) -> Vec<Maker> {
    let mut found: [Option<Maker>; KINDS.len()] = Default::default();
    for root in paths.iter().filter(|path| path.as_os_str() != STDIN && path.is_dir()) {
        let entered = |entry: &DirEntry| {
            let parent = entry.path().parent().and_then(Path::file_name).and_then(|name| name.to_str());
            entry.depth() < 2 || parent.is_none_or(|parent| !NOT_ENTERED.contains(&parent))
        };
        let mut builder = WalkBuilder::new(root);
        builder.standard_filters(false).max_depth(Some(DEPTH)).sort_by_file_name(Ord::cmp).filter_entry(entered);
        for entry in builder.build().take(ENTRIES).flatten().filter(|entry| entry.depth() > 0) {
            let kind = KINDS.iter().position(|kind| kind.is_of(entry.path()));
            let Some((kind, slot)) = kind.and_then(|at| Some((&KINDS[at], found.get_mut(at)?))) else { continue };
            slot.get_or_insert_with(|| kind.maker(entry.path()));
        }
    }
    found.into_iter().flatten().collect()
}

impl Kind {
    fn is_of(&self, path: &Path) -> bool {
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return false };
        let is = |wanted: &&str| match wanted.strip_prefix('*') {
            Some(ending) => name.ends_with(ending) && path.is_file(),
            None => name == *wanted,
        };
        let holds = || fs::read_to_string(path).is_ok_and(|text| self.words.iter().any(|word| text.contains(word)));
        self.names.iter().any(is) && (self.words.is_empty() || holds())
    }

    fn maker(&self, path: &Path) -> Maker {
        let dir = shown(path.parent().unwrap_or(Path::new("")));
        let advice = match dir.as_str() {
            "." => self.advice.replace("cd {} && ", ""),
            dir => self.advice.replace("{}", dir),
        };
        Maker { path: shown(path), what: self.what, advice }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_each_kind_is_found_wherever_it_is_left_out() {
        let dir = tempfile::tempdir().unwrap();
        for (file, text) in [
            (".gitignore", "*\n"),
            ("b/cdk.json", "{}"),
            ("a/cdk.json", "{}"),
            ("a/cdk.out/serverless.yml", ""),
            ("node_modules/x/main.tf.json", ""),
            ("page.j2", "<p>{{ name }}</p>"),
            ("stack.yaml.j2", "Type: AWS::S3::Bucket"),
            ("samconfig.toml", ""),
        ] {
            let path = dir.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let root = shown(dir.path());
        let found = makers(&[dir.path().to_path_buf()]);
        let paths: Vec<&str> = found.iter().map(|maker| maker.path.strip_prefix(&root).unwrap()).collect();
        assert_eq!(paths, ["/a/cdk.json", "/samconfig.toml", "/stack.yaml.j2"]);
        assert!(
            found[0].advice.contains(&format!("`cd {root}/a && cdk synth --quiet && bucketlint check cdk.out`")),
            "{found:?}"
        );
    }

    #[test]
    fn no_directory_is_named_that_one_is_in() {
        let maker = KINDS[0].maker(Path::new("./cdk.json"));
        assert_eq!(
            (maker.path.as_str(), maker.advice.as_str()),
            ("cdk.json", "run `cdk synth` and check cdk.out: `cdk synth --quiet && bucketlint check cdk.out`")
        );
    }
}
