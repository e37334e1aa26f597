//! Attributes of resources and data sources that AWS or the provider makes, as far as they follow from what is written.
//! <https://registry.terraform.io/providers/hashicorp/aws/latest/docs>

use crate::eval::{Evaluator, Scope};
use crate::syntax::{Block, Syntax};
use crate::value::{Absence, Made, Value, ValueKind};
use bucketlint_text::source::Span;
use bucketlint_text::text::{Symbol, SymbolKind, Text};
use smol_str::{SmolStr, format_smolstr};
use std::sync::Arc;

/// The types whose name says what they are called in AWS, with the attributes that give it and its beginning.
const NAMES: [(&str, &str, &str); 9] = [
    ("aws_s3_bucket", "bucket", "bucket_prefix"),
    ("aws_sns_topic", "name", "name_prefix"),
    ("aws_iam_role", "name", "name_prefix"),
    ("aws_iam_user", "name", ""),
    ("aws_kms_alias", "name", "name_prefix"),
    ("aws_cloudtrail", "name", ""),
    ("aws_sqs_queue", "name", "name_prefix"),
    ("aws_lambda_function", "function_name", ""),
    ("aws_s3_access_point", "name", ""),
];

/// Where something is deployed.
#[derive(Clone, Debug)]
pub struct Provider {
    /// Its name in the root module, such as `aws.audit`.
    pub name: SmolStr,
    /// The account.
    pub account: Text,
    /// The Region.
    pub region: Text,
}

impl<'w> Evaluator<'w> {
    pub(crate) fn block_of(&self, made: &Made) -> Option<&'w Block> {
        self.instance(made.module).module.blocks.get(made.block)
    }

    pub(crate) fn scope_of(&self, made: &Made) -> Scope {
        Scope { instance: made.module, each: Arc::clone(&made.each), names: None }
    }

    /// An argument as it is written; `None` where it is left out or null.
    pub(crate) fn argument(&self, made: &Made, name: &str) -> Option<Value> {
        let expr = self.block_of(made)?.body.get(name)?;
        let key = format!("{} argument {name}", made.address);
        // what an instance of unknown number is asked for hangs on how it was indexed
        let value = match made.open {
            Some(_) => self.eval(expr, &self.scope_of(made)),
            None => self.once(made.module, &key, expr.span, || self.eval(expr, &self.scope_of(made))),
        };
        (!matches!(value.kind, ValueKind::Null)).then_some(value)
    }

    /// An attribute of what a block makes.
    pub(crate) fn attribute(&self, made: &Made, name: &str, at: Span) -> Value {
        let Some(block) = self.block_of(made) else { return Value::unknown(at, "it is not declared") };
        if block.kind.text == "module" {
            return self.output(made, name, at);
        }
        let is_data = block.kind.text == "data";
        let known =
            if is_data { self.data(made, block.label(0), name, at) } else { self.computed(made, block.label(0), name, at) };
        if let Some(value) = known.or_else(|| self.argument(made, name)) {
            return value;
        }
        let what = format!("{}.{name}", made.address);
        let why = match is_data {
            true => format_smolstr!("`{what}` is looked up when it is deployed"),
            false => format_smolstr!("`{what}` is known only once it is deployed"),
        };
        let lack = self.of_root(&what, at, why);
        // lists have names in the plural
        let many = name.ends_with('s') || matches!(name, "outputs" | "result" | "output" | "body");
        if many { Value::lacking(lack) } else { Value::text(Text::symbol(at, lack.symbol)) }
    }

    /// Something of the whole configuration that is not known, such as what an address stands for.
    fn of_root(&self, what: &str, at: Span, why: impl Into<SmolStr>) -> Absence {
        self.lack(0, what, at, why)
    }

    fn output(&self, made: &Made, name: &str, at: Span) -> Value {
        let what = format!("{}.{name}", made.address);
        let Some(child) = made.child else {
            let why = format_smolstr!("module `{}` comes from elsewhere and is not read", made.address);
            return Value::lacking(self.of_root(&what, at, why));
        };
        let module = self.instance(child).module;
        let output = module.find("output", name, "").and_then(|output| module.blocks.get(output)?.body.get("value"));
        match output {
            Some(expr) => self.once(child, &format!("output.{name}"), at, || self.eval(expr, &self.top(child))),
            None => Value::lacking(self.of_root(&what, at, format_smolstr!("the module has no output `{name}`"))),
        }
    }

    /// What a resource is called in AWS.
    pub(crate) fn name_of(&self, made: &Made, at: Span) -> Option<Text> {
        let kind = self.block_of(made)?.label(0);
        let (_, name, prefix) = NAMES.iter().find(|(known, ..)| *known == kind)?;
        if let Some(value) = self.argument(made, name) {
            return Some(as_text(&value));
        }
        let lack = self.of_root(&format!("{}.{name}", made.address), at, "the name is made when it is deployed");
        let made_up = Text::symbol(at, Symbol { kind: SymbolKind::Generated, ..lack.symbol });
        match self.argument(made, prefix).filter(|_| !prefix.is_empty()) {
            Some(prefix) => {
                let mut out = as_text(&prefix);
                out.push(&made_up);
                Some(out)
            }
            None => Some(made_up),
        }
    }

    /// The ARN of a resource.
    pub(crate) fn arn_of(&self, made: &Made, at: Span) -> Option<Text> {
        let kind = self.block_of(made)?.label(0);
        let provider = self.provider(made, at);
        let mut out = Text::known(at, "arn:");
        out.push(&self.partition(&provider, at));
        let mut add = |service: &str, regional: bool, owned: bool, end: &str, name: &Text| {
            out.push_str(&format!(":{service}:"));
            if regional {
                out.push(&provider.region);
            }
            out.push_str(":");
            if owned {
                out.push(&provider.account);
            }
            out.push_str(&format!(":{end}"));
            let place = name.span;
            out.push(&name.clone().standing_at(place));
        };
        let name = self.name_of(made, at);
        match (kind, name) {
            ("aws_s3_bucket", Some(name)) => add("s3", false, false, "", &name),
            ("aws_sns_topic", Some(name)) => add("sns", true, true, "", &name),
            ("aws_sqs_queue", Some(name)) => add("sqs", true, true, "", &name),
            ("aws_lambda_function", Some(name)) => add("lambda", true, true, "function:", &name),
            ("aws_kms_alias", Some(name)) => add("kms", true, true, "", &name),
            ("aws_cloudtrail", Some(name)) => add("cloudtrail", true, true, "trail/", &name),
            ("aws_s3_access_point", Some(name)) => add("s3", true, true, "accesspoint/", &name),
            ("aws_iam_role", Some(name)) => self.identity(made, "role", &name, at, &mut add),
            ("aws_iam_user", Some(name)) => self.identity(made, "user", &name, at, &mut add),
            ("aws_kms_key" | "aws_kms_replica_key" | "aws_kms_external_key", None) => {
                add("kms", true, true, "key/", &self.key_id(made, at))
            }
            _ => return None,
        }
        Some(out)
    }

    fn identity(&self, made: &Made, kind: &str, name: &Text, at: Span, add: &mut dyn FnMut(&str, bool, bool, &str, &Text)) {
        let mut whole = Text::empty(at);
        match self.argument(made, "path") {
            Some(path) => whole.push(&as_text(&path)),
            None => whole.push_str("/"),
        }
        whole.push(name);
        add("iam", false, true, kind, &whole);
    }

    fn key_id(&self, made: &Made, at: Span) -> Text {
        let what = format!("{}.key_id", made.address);
        let why = format_smolstr!("`{what}` is known only once it is deployed");
        Text::symbol(at, Symbol { kind: SymbolKind::Generated, ..self.of_root(&what, at, why).symbol })
    }

    fn computed(&self, made: &Made, kind: &str, name: &str, at: Span) -> Option<Value> {
        let text = match (kind, name) {
            ("aws_s3_bucket", "id" | "bucket")
            | ("aws_iam_role" | "aws_iam_user", "name" | "id")
            | ("aws_cloudtrail", "name") => self.name_of(made, at)?,
            ("aws_sns_topic", "id" | "arn") | ("aws_cloudtrail", "id" | "arn") => self.arn_of(made, at)?,
            ("aws_kms_key" | "aws_kms_replica_key" | "aws_kms_external_key", "id" | "key_id") => self.key_id(made, at),
            ("aws_kms_alias", "name") => self.name_of(made, at)?,
            (_, "arn") => self.arn_of(made, at)?,
            // one of these settings has the name of its bucket for its id
            ("aws_s3_bucket_policy" | "aws_s3_bucket_ownership_controls" | "aws_s3_bucket_public_access_block", "id") => {
                as_text(&self.argument(made, "bucket")?)
            }
            _ => return None,
        };
        Some(Value::text(text))
    }

    fn data(&self, made: &Made, kind: &str, name: &str, at: Span) -> Option<Value> {
        let provider = || self.provider(made, at);
        let text = match (kind, name) {
            ("aws_caller_identity", "account_id" | "id") => provider().account,
            ("aws_partition", "partition" | "id") => self.partition(&provider(), at),
            ("aws_region", "name" | "region" | "id") => match self.argument(made, "region") {
                Some(region) => as_text(&region),
                None => provider().region,
            },
            ("aws_s3_bucket", "id") => as_text(&self.argument(made, "bucket")?),
            ("aws_s3_bucket", "arn") => {
                let mut out = Text::known(at, "arn:");
                out.push(&self.partition(&provider(), at));
                out.push_str(":s3:::");
                out.push(&as_text(&self.argument(made, "bucket")?));
                out
            }
            ("aws_iam_policy_document", "json" | "minified_json") => return Some(self.policy_document(made, at)),
            _ => return None,
        };
        Some(Value::text(text.at(at)))
    }

    /// The partition of a provider: that of its Region, where that is known.
    pub(crate) fn partition(&self, provider: &Provider, at: Span) -> Text {
        let of_region = provider.region.as_known().map(|region| match region {
            region if region.starts_with("cn-") => "aws-cn",
            region if region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        });
        match of_region {
            Some(partition) => Text::known(at, partition),
            None => Text::symbol(
                at,
                Symbol {
                    // the same for all that is deployed together
                    id: "AWS::Partition".into(),
                    shown: "${data.aws_partition.current.partition}".into(),
                    why: "the partition is known only once it is deployed".into(),
                    at,
                    kind: SymbolKind::Partition,
                },
            ),
        }
    }

    /// The provider that a resource or data source is deployed by.
    /// <https://developer.hashicorp.com/terraform/language/meta-arguments/providers>
    pub(crate) fn provider(&self, made: &Made, at: Span) -> Provider {
        let written = self.block_of(made).and_then(|block| provider_name(&block.body.get("provider")?.kind));
        let mut name = written.unwrap_or_else(|| "aws".into());
        let mut instance = made.module;
        while let Some((caller, call, _)) = self.instance(instance).caller.clone() {
            let module = self.instance(caller).module;
            let passed = module.blocks.get(call).and_then(|call| call.body.get("providers"));
            if let Some(Syntax::Object(members)) = passed.map(|passed| &passed.kind) {
                let own = members.iter().find(|(key, _)| provider_name(&key.kind).as_ref() == Some(&name));
                name = own.and_then(|(_, outer)| provider_name(&outer.kind)).unwrap_or(name);
            }
            instance = caller;
        }
        let (account, region) = (self.account(&name, at), self.region(&name, at));
        Provider { name, account, region }
    }

    /// The block that configures a provider of the root module.
    fn provider_block(&self, name: &str) -> Option<&'w Block> {
        let (kind, alias) = name.split_once('.').map_or((name, None), |(kind, alias)| (kind, Some(alias)));
        let is_it = |block: &&'w Block| {
            let own = block.body.get("alias").and_then(|alias| match &alias.kind {
                Syntax::Str(text) => Some(text.text.as_str()),
                _ => None,
            });
            block.kind.text == "provider" && block.label(0) == kind && own == alias
        };
        self.instance(0).module.blocks.iter().find(is_it)
    }

    fn account(&self, name: &str, at: Span) -> Text {
        let root = self.top(0);
        let is_account = |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
        let told = self.provider_block(name).and_then(|block| {
            let role = block.body.blocks("assume_role").next().and_then(|role| role.body.get("role_arn"));
            let of_role =
                role.map(|role| self.eval(role, &root)).and_then(|role| Some(SmolStr::from(role.as_known()?.split(':').nth(4)?)));
            let allowed = block.body.get("allowed_account_ids").map(|allowed| self.eval(allowed, &root));
            let only = allowed.and_then(|allowed| match allowed.items() {
                [only] => crate::eval::key(only),
                _ => None,
            });
            of_role.or(only).filter(|account| is_account(account))
        });
        match told {
            Some(account) => Text::known(at, account),
            None => {
                let shown = if name == "aws" { "current".to_owned() } else { name.trim_start_matches("aws.").replace('.', "_") };
                let what = format!("data.aws_caller_identity.{shown}.account_id");
                let lack = self.of_root(&what, at, "the account is known only once it is deployed");
                Text::symbol(at, Symbol { kind: SymbolKind::OwnAccount, ..lack.symbol })
            }
        }
    }

    fn region(&self, name: &str, at: Span) -> Text {
        let written = self.provider_block(name).and_then(|block| block.body.get("region"));
        let told = written.map(|region| as_text(&self.eval(region, &self.top(0)))).filter(|region| region.as_known().is_some());
        told.map(|region| region.at(at)).unwrap_or_else(|| {
            let shown = if name == "aws" { "current" } else { name.trim_start_matches("aws.") };
            let what = format!("data.aws_region.{shown}.region");
            Text::symbol(at, self.of_root(&what, at, "the Region is known only once it is deployed").symbol)
        })
    }
}

fn provider_name(written: &Syntax) -> Option<SmolStr> {
    match written {
        Syntax::Name(name) => Some(name.clone()),
        Syntax::Str(text) => Some(text.text.clone()),
        Syntax::Attr(base, name) => match &base.kind {
            Syntax::Name(kind) => Some(format_smolstr!("{kind}.{}", name.text)),
            _ => None,
        },
        _ => None,
    }
}

/// A value as a text; of what is none, that it is not known.
pub(crate) fn as_text(value: &Value) -> Text {
    crate::eval::text_of(value).unwrap_or_else(|other| match other.lack() {
        Some(lack) => Text::symbol(value.span, Symbol { at: value.span, ..lack.symbol.clone() }),
        None => Text::empty(value.span),
    })
}
