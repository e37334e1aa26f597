//! What names stand for: parameters, pseudo parameters, resources and their attributes, exports.

use super::{Export, Resolver, wrong};
use crate::cfn::mention::{Mention, mentions};
use crate::cfn::opaque::opaque;
use crate::cfn::pseudo;
use crate::cfn::sam;
use crate::cfn::scenario::Setting;
use crate::cfn::template::{Resource, Template};
use bucketlint_text::resolve::{Followed, Resolve, Unknown};
use bucketlint_text::source::{Span, shared_folders};
use bucketlint_text::syntax::node::Node;
use bucketlint_text::text::{Part, SymbolKind, Text};
use smol_str::SmolStr;

impl Resolver<'_> {
    /// The name of the resource called `id`: its `property`, or a symbol for the one CloudFormation generates.
    pub fn physical_name(&self, id: &str, property: &str, at: Span) -> Text {
        if property == "BucketName"
            && let Some(name) = self.regional_name(id, at)
        {
            return name;
        }
        let declared = self.template.resource(id).and_then(|resource| self.member(resource.properties()?, property));
        match declared {
            Some(Followed::Node(name)) => match self.levels.enter() {
                Some(_level) => self.text(name).at(at),
                None => self.circle(at),
            },
            Some(Followed::Unknown(why)) => self.symbol(at, &format!("{id}.{property}"), &why.why, SymbolKind::Other),
            _ => {
                let why = format!("`{id}` has no `{property}`, so CloudFormation generates it");
                self.symbol(at, id, &why, SymbolKind::Generated)
            }
        }
    }

    /// The name of a bucket in its account's own namespace, which ends with the account and the Region.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/gpbucketnamespaces.html>
    fn regional_name(&self, id: &str, at: Span) -> Option<Text> {
        let resource = self.template.resource(id)?;
        let text = |property: &str| match self.member(resource.properties()?, property)? {
            Followed::Node(value) => Some(self.text(value)),
            _ => None,
        };
        let _level = self.levels.enter()?;
        let prefix = text("BucketNamePrefix")?;
        text("BucketNamespace").filter(|namespace| namespace.as_known() == Some("account-regional"))?;
        let mut name = prefix.at(at);
        for part in [self.reference("AWS::AccountId", at), self.reference("AWS::Region", at)] {
            name.push_str("-");
            name.push(&part);
        }
        name.push_str("-an");
        Some(name)
    }

    /// What `Ref` gives.
    pub fn reference(&self, name: &str, at: Span) -> Text {
        if let Some(parameter) = self.template.member("Parameters", name) {
            if let Some(bound) = self.bound(name).filter(|_| !is_list(parameter)) {
                return bound.clone().standing_at(bound.span).at(at);
            }
            return match self.parameter(name, parameter) {
                Ok(_) if is_list(parameter) => match self.list_parameter(name, at).map(|items| super::single(items?, at)) {
                    Some(Ok(only)) => only,
                    Some(Err(unknown)) => unknown.text(),
                    None => self.circle(at),
                },
                Ok(value) => self.dynamic(self.written(&value, name, parameter, at)),
                Err(why) => self.symbol(at, name, &why, SymbolKind::Parameter),
            };
        }
        if let Some(resource) = self.template.resource(name) {
            return match resource.kind() {
                Some("AWS::S3::Bucket") => self.physical_name(name, "BucketName", at),
                Some("AWS::CloudTrail::Trail") => self.physical_name(name, "TrailName", at),
                Some("AWS::KMS::Alias") => self.physical_name(name, "AliasName", at),
                Some("AWS::SNS::Topic") => self.topic_arn(name, at),
                kind => match identity(kind) {
                    Some(iam) => self.physical_name(name, iam.property, at),
                    None => {
                        let why = format!("the name of `{name}` is known only once it is deployed");
                        self.symbol(at, name, &why, SymbolKind::Other)
                    }
                },
            };
        }
        if let Some(maker) = sam::role_maker(&self.template, name) {
            let why = format!("it is the role of `{}`, whose name CloudFormation generates", maker.id.text);
            return self.symbol(at, name, &why, SymbolKind::Generated);
        }
        self.pseudo(name, at)
    }

    /// Whether a parameter is nothing unless it is given a value at deployment.
    pub fn is_empty_by_default(&self, name: &str) -> bool {
        let Some(parameter) = self.template.member("Parameters", name).filter(|parameter| !is_stored(parameter)) else {
            return false;
        };
        let default = parameter.get("Default").and_then(Node::scalar_text);
        let said = self.scenario.parameters.contains_key(name) || self.scenario.stack.parameters.contains_key(name);
        !said && default.is_some_and(|default| default.trim().is_empty())
    }

    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html>
    fn pseudo(&self, name: &str, at: Span) -> Text {
        if let (Some(Setting::Is(value)), true) = (self.scenario.parameters.get(name), name.starts_with("AWS::")) {
            return Text::known(at, value.clone());
        }
        if let Some(value) = self.implied(name) {
            return Text::known(at, value);
        }
        match name {
            "AWS::URLSuffix" if !self.scenario.parameters.contains_key(name) => Text::known(at, self.suffix()),
            "AWS::StackId" => self.stack_id(at),
            "AWS::AccountId" => self.own_account(at),
            "AWS::Region" if let Some(region) = self.place().region() => Text::known(at, region.clone()),
            "AWS::Partition" => self.symbol(at, name, "it is the partition the template is deployed to", SymbolKind::Partition),
            _ if name.starts_with("AWS::") => {
                self.symbol(at, name, "it is known only when the template is deployed", SymbolKind::Other)
            }
            _ if let Some(why) = self.of_module(name) => self.symbol(at, name, &why, SymbolKind::Other),
            _ => self.opaque(at, name, &format!("`{name}` is neither a parameter nor a resource of this template")),
        }
    }

    /// Why `name` is not known, if it may be one that a module makes: those begin with the module's own.
    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/module-ref-resources.html>
    fn of_module(&self, name: &str) -> Option<String> {
        let is_its = |resource: &Resource<'_>| name.starts_with(resource.id.text.as_str()) && opaque(resource.node).is_some();
        let module = self.template.resources().find(is_its)?;
        Some(format!("it comes from `{}`, of which it is not known what it is", module.id.text))
    }

    /// The account the template is deployed to. It is not the control account unless that was told.
    fn own_account(&self, at: Span) -> Text {
        let (name, place) = ("AWS::AccountId", self.place());
        match place.account() {
            Some(account) => Text::known(at, account.clone()),
            None if place.control => {
                let why = "it is one of several accounts the template is deployed to, and one of those is the control account";
                self.symbol(at, name, why, SymbolKind::Other)
            }
            None => self.symbol(at, name, "it is the account the template is deployed to", SymbolKind::OwnAccount),
        }
    }

    /// The key of mappings that the scenario has for a pseudo parameter.
    pub(super) fn key(&self, name: &str) -> Option<&str> {
        match self.scenario.parameters.get(name) {
            Some(Setting::Key(key)) => Some(key),
            None if name == "AWS::AccountId" => self.place().account().map(SmolStr::as_str),
            _ => None,
        }
    }

    /// What the scenario's Region or partition makes of another pseudo parameter.
    fn implied(&self, name: &str) -> Option<SmolStr> {
        let is = |name: &str| match self.scenario.parameters.get(name) {
            Some(Setting::Is(value)) => Some(value.clone()),
            _ => None,
        };
        // the Region of templates deployed together says nothing of one that is written for any partition, or for one
        let partitioned = || *self.partitioned.get_or_init(|| asks_where(&self.template));
        if !["AWS::Partition", "AWS::URLSuffix"].contains(&name) || !partitioned() {
            return None;
        }
        let partition = || is("AWS::Partition").or_else(|| is("AWS::Region").map(|region| pseudo::partition_of(&region).into()));
        match name {
            "AWS::Partition" => partition(),
            _ => partition().map(|partition| pseudo::suffix_of(&partition).into()),
        }
    }

    /// The suffix of domain names where nothing in the scenario tells it: that of the partition the template is told to be
    /// deployed to, or the one that its ARNs spell out; else that of `aws`, as everywhere.
    fn suffix(&self) -> &'static str {
        let told = self.place().values("AWS::Partition").filter(|told| told.len() == 1);
        let find = || match told.and_then(|mut told| told.pop_first()) {
            Some(partition) => pseudo::suffix_of(&partition),
            None => match pseudo::spelled(self.template.root).into_iter().collect::<Vec<_>>().as_slice() {
                [only] => pseudo::suffix_of(only),
                _ => pseudo::suffix_of("aws"),
            },
        };
        self.suffix.get_or_init(find)
    }

    /// `arn:<partition>:cloudformation:<Region>:<account>:stack/<name>/<GUID>`
    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html>
    fn stack_id(&self, at: Span) -> Text {
        let mut id = self.pseudo("AWS::StackName", at);
        id.push_str("/");
        // CloudFormation makes it, as it makes names
        let why = "it is known only when the template is deployed";
        id.push(&self.symbol(at, "GUID of AWS::StackId", why, SymbolKind::Generated));
        self.regional_arn("cloudformation", "stack/", &id, at)
    }

    /// The partition that the template is deployed to, where the scenario tells.
    pub fn partition(&self) -> Option<SmolStr> {
        self.implied("AWS::Partition")
    }

    /// The value that the template around this one passes, unless the scenario has another.
    fn bound(&self, name: &str) -> Option<&Text> {
        let parameter = self.template.member("Parameters", name).filter(|parameter| !is_stored(parameter));
        let passed = self.scenario.stack.parameters.get(name);
        passed.filter(|_| parameter.is_some() && !self.scenario.parameters.contains_key(name))
    }

    /// The value of a parameter: the scenario's, its default, or the only one it may have. An empty default is a hole that
    /// is filled when the template is deployed.
    ///
    /// # Errors
    /// Tells why it is not known.
    fn parameter(&self, name: &str, parameter: &Node) -> Result<SmolStr, SmolStr> {
        if is_hidden(parameter) {
            return Err(format!("parameter `{name}` has `NoEcho`, so its value is not looked at").into());
        }
        match self.scenario.parameters.get(name) {
            Some(Setting::Is(value)) => return Ok(value.clone()),
            Some(Setting::Not(others)) => {
                let empty = others.iter().any(|other| other.is_empty());
                let others: Vec<String> =
                    others.iter().filter(|other| !other.is_empty()).map(|other| format!("`{other}`")).collect();
                return Err(match (others.is_empty(), empty) {
                    (true, true) => format!("what parameter `{name}` is, if not empty, is not known here").into(),
                    (true, false) => format!("parameter `{name}` may be anything").into(),
                    (false, _) => format!("parameter `{name}` is taken not to be {}", others.join(" or ")).into(),
                });
            }
            Some(Setting::Key(_)) | None => {}
        }
        if let Some(bound) = self.bound(name) {
            return bound.as_known().map(SmolStr::from).ok_or_else(|| self.reason(bound).why);
        }
        if is_stored(parameter) {
            return Err(format!("parameter `{name}` is read from Parameter Store").into());
        }
        match (parameter.get("Default").and_then(Node::scalar_text), parameter.get("AllowedValues").map(Node::items)) {
            (Some(default), _) if !default.is_empty() => Ok(default),
            (Some(_), _) => Err(format!("parameter `{name}` is empty by default").into()),
            (None, Some([only])) => only.scalar_text().ok_or_else(|| format!("parameter `{name}` has no default").into()),
            _ => Err(format!("parameter `{name}` has no default").into()),
        }
    }

    /// The value of a parameter, with the place where it stands: where it was given or passed, or is the default.
    fn written(&self, value: &str, name: &str, parameter: &Node, at: Span) -> Text {
        let is_it = |text: &&Text| text.as_known() == Some(value);
        let passed = self.scenario.stack.parameters.get(name).or_else(|| self.scenario.given.get(name));
        if let Some(text) = passed.filter(is_it) {
            return text.clone().standing_at(text.span).at(at);
        }
        let text = Text::known(at, value);
        let allowed = parameter.get("AllowedValues").map(Node::items).filter(|allowed| allowed.len() == 1);
        let only = parameter.get("Default").or_else(|| allowed?.first());
        match only.filter(|only| only.scalar_text().as_deref() == Some(value)) {
            Some(only) => text.standing_at(only.span),
            None => text,
        }
    }

    /// A list parameter's value, cut at its commas; `None` if `name` is no list parameter.
    pub(super) fn list_parameter(&self, name: &str, at: Span) -> Option<Result<Vec<Text>, Unknown>> {
        let parameter = self.template.member("Parameters", name).filter(|parameter| is_list(parameter))?;
        Some(match self.parameter(name, parameter) {
            Ok(value) => {
                let items = self.written(&value, name, parameter, at).split(",");
                Ok(items.into_iter().map(Text::trim).collect())
            }
            Err(why) => Err(wrong(at, &why)),
        })
    }

    /// What `Fn::GetAtt` gives.
    pub fn attribute(&self, id: &str, attribute: &str, at: Span) -> Text {
        let kind = self.template.resource(id).and_then(|resource| resource.kind());
        let kind = kind.or_else(|| sam::role_maker(&self.template, id).map(|_| "AWS::IAM::Role"));
        if let Some(iam) = identity(kind).filter(|_| attribute == "Arn") {
            return self.iam_arn(id, iam, at);
        }
        let why = match (kind, attribute) {
            (Some("AWS::S3::Bucket"), "Arn") => {
                let mut arn = Text::known(at, "arn:");
                arn.push(&self.pseudo("AWS::Partition", at));
                arn.push_str(":s3:::");
                arn.push(&self.reference(id, at));
                return arn;
            }
            (Some("AWS::S3::Bucket"), "DomainName" | "RegionalDomainName") => {
                let mut domain = self.reference(id, at);
                domain.push_str(".s3.");
                if attribute == "RegionalDomainName" {
                    domain.push(&self.pseudo("AWS::Region", at));
                    domain.push_str(".");
                }
                domain.push_str("amazonaws.com");
                return domain;
            }
            (Some("AWS::KMS::Key" | "AWS::KMS::ReplicaKey"), "Arn") => {
                return self.regional_arn("kms", "key/", &self.reference(id, at), at);
            }
            (Some("AWS::SNS::Topic"), "TopicArn") => return self.topic_arn(id, at),
            (Some("AWS::SNS::Topic"), "TopicName") => return self.physical_name(id, "TopicName", at),
            (Some("AWS::IAM::Role"), "RoleId") => {
                let why = format!("`{id}.{attribute}` is known only once it is deployed");
                return self.symbol(at, &format!("{id}.{attribute}"), &why, SymbolKind::OwnIdentity);
            }
            (Some("AWS::CloudFormation::Stack" | "AWS::Serverless::Application"), _) if attribute.starts_with("Outputs.") => {
                if let Some(output) = self.scenario.stack.outputs.get(&*format!("{id}.{attribute}")) {
                    return output.clone().standing_at(output.span).at(at);
                }
                format!("`{id}.{attribute}` is an output of a nested stack")
            }
            (Some(_), _) => format!("`{id}.{attribute}` is known only once it is deployed"),
            (None, _) => self.of_module(id).unwrap_or_else(|| format!("`{id}` is not a resource of this template")),
        };
        self.symbol(at, &format!("{id}.{attribute}"), &why, SymbolKind::Other)
    }

    /// `Ref` of a topic: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-sns-topic.html>
    fn topic_arn(&self, id: &str, at: Span) -> Text {
        self.regional_arn("sns", "", &self.physical_name(id, "TopicName", at), at)
    }

    /// `arn:<partition>:<service>:<region>:<account>:<kind><name>`, as somebody would write it with `Fn::Sub`.
    fn regional_arn(&self, service: &str, kind: &str, name: &Text, at: Span) -> Text {
        let mut arn = Text::known(at, "arn:");
        arn.push(&self.pseudo("AWS::Partition", at));
        arn.push_str(&format!(":{service}:"));
        arn.push(&self.pseudo("AWS::Region", at));
        arn.push_str(":");
        arn.push(&self.pseudo("AWS::AccountId", at));
        arn.push_str(&format!(":{kind}"));
        arn.push(name);
        arn
    }

    /// `arn:<partition>:iam::<account>:<word><path><name>`: an identity of the account the template is deployed to.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns>
    fn iam_arn(&self, id: &str, iam: Iam, at: Span) -> Text {
        let mut arn = Text::known(at, "arn:");
        arn.push(&self.pseudo("AWS::Partition", at));
        arn.push_str(":iam::");
        arn.push(&self.pseudo("AWS::AccountId", at));
        arn.push_str(":");
        arn.push_str(iam.word);
        let path = self.template.resource(id).and_then(|resource| self.member(resource.properties()?, "Path"));
        match path {
            Some(Followed::Node(path)) => arn.push(&self.text(path)),
            Some(Followed::Unknown(unknown)) => arn.push(&unknown.text()),
            _ => arn.push_str("/"),
        }
        arn.push(&self.reference(id, at));
        arn
    }

    /// A value of the nearest templates that export it: those in the folder, then those in the folders around. What two of
    /// these export with different values is not known.
    pub(super) fn import(&self, argument: &Node, at: Span) -> Text {
        let name = self.text(argument);
        let exports = self.given().iter().filter(|_| !self.scenario.stack.apart);
        let same: Vec<&Export> = exports.filter(|export| export.name.as_ref() == Some(&name)).collect();
        let near = |export: &Export| shared_folders(&export.path, self.template.path);
        let nearest = same.iter().map(|export| near(export)).max();
        let mut nearest = same.into_iter().filter(|export| Some(near(export)) == nearest);
        match nearest.next() {
            Some(first) => match nearest.find(|other| other.value != first.value) {
                None => first.value.clone().standing_at(first.value.span).at(at),
                Some(other) => {
                    let why = match first.path == other.path {
                        true => format!("`{}` exports `{name}` twice", first.path),
                        false => format!("both `{}` and `{}` export `{name}`", first.path, other.path),
                    };
                    self.symbol(at, &format!("ImportValue {name}"), &why, SymbolKind::Other)
                }
            },
            None => {
                let mut why = format!("no linted template exports `{name}`");
                let mut names = self.given().iter().filter_map(|export| export.name.as_ref());
                if let Some(other) = names.find(|other| may_be(other, &name)) {
                    why += &format!("; one exports `{other}`, and the name of its stack is not known");
                }
                self.symbol(at, &format!("ImportValue {name}"), &why, SymbolKind::Other)
            }
        }
    }
}

/// A type of resource that is an identity of the account it is deployed to.
#[derive(Clone, Copy)]
struct Iam {
    /// The property that names it.
    property: &'static str,
    /// What its ARN calls it.
    word: &'static str,
}

fn identity(kind: Option<&str>) -> Option<Iam> {
    let (property, word) = match kind? {
        "AWS::IAM::Role" => ("RoleName", "role"),
        "AWS::IAM::User" => ("UserName", "user"),
        "AWS::IAM::Group" => ("GroupName", "group"),
        _ => return None,
    };
    Some(Iam { property, word })
}

/// Whether the name of an export that begins with the name of its stack may be `name`.
fn may_be(exported: &Text, name: &Text) -> bool {
    match (exported.parts(), name.parts().last()) {
        ([Part::Sym(stack), Part::Lit(rest)], Some(Part::Lit(end))) => {
            stack.shown == "${AWS::StackName}" && end.ends_with(rest.as_str())
        }
        _ => false,
    }
}

/// Whether conditions of a template ask for its Region or partition.
fn asks_where(template: &Template<'_>) -> bool {
    let mut asks = false;
    for condition in template.section("Conditions") {
        mentions(&condition.value, &mut |mention, _| {
            asks |= matches!(mention, Mention::Name("AWS::Partition" | "AWS::Region" | "AWS::URLSuffix"));
        });
    }
    asks
}

/// A parameter's type.
pub fn kind(parameter: &Node) -> &str {
    parameter.get("Type").and_then(Node::as_str).unwrap_or("String")
}

/// Whether a parameter's value is read from Parameter Store, so that its default is the name of the value.
pub fn is_stored(parameter: &Node) -> bool {
    kind(parameter).starts_with("AWS::SSM::Parameter::Value")
}

/// Whether CloudFormation shows a parameter's value to nobody.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html>
pub fn is_hidden(parameter: &Node) -> bool {
    parameter.get("NoEcho").and_then(Node::scalar_text).is_some_and(|text| text.eq_ignore_ascii_case("true"))
}

/// Whether a parameter's value is a list, written with commas.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html>
pub fn is_list(parameter: &Node) -> bool {
    let kind = kind(parameter);
    kind == "CommaDelimitedList" || kind.starts_with("List<")
}
