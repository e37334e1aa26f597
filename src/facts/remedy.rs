//! What to write into a policy so that a bucket grants an account what it does not grant yet.

use super::{Scene, admit, role};
use crate::cfn::function;
use crate::edit::Edit;
use crate::iam::caller::{self, Reach};
use crate::iam::decide::Question;
use crate::iam::document::{Document, Effect, List, Statement};
use crate::iam::principal::PrincipalKind;
use crate::iam::refusal::misfits;
use crate::iam::verdict::{Cause, Verdict};
use crate::inventory::{AbsentPolicy, Policy};
use crate::link::LinkedBucket;
use crate::paste::{self, Addition, Style};
use crate::source::{FileId, Span};
use crate::syntax::parse::parse;
use crate::text::Text;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// One bucket and the account it has to let in.
#[derive(Clone, Copy)]
pub(super) struct Remedy<'a> {
    pub(super) scene: &'a Scene<'a>,
    pub(super) bucket: &'a LinkedBucket,
    pub(super) account: &'a str,
}

impl<'a> Remedy<'a> {
    /// The account as the `AWS` of a principal.
    pub(super) fn principal(&self, policy: Option<&Policy>) -> Json {
        let partition = self.partition(policy);
        if partition.contains("${") && policy.is_some_and(|policy| policy.text.is_some_and(|text| !text.substituted)) {
            // no function has a place in a mere text, and S3 takes the number alone for the same
            return json!(self.account);
        }
        paste::substituted(format!("arn:{partition}:iam::{}:root", self.account))
    }

    /// The partition to write into ARNs: where a template asks for its Region or names other partitions, that is
    /// `AWS::Partition`; elsewhere it is the one that is assumed, which the summary tells.
    fn partition(&self, policy: Option<&Policy>) -> String {
        let file = policy.map_or(self.bucket.file, |policy| policy.file);
        let own = self.bucket.declared.and_then(|at| self.scene.inventory.buckets[at].partition.as_ref());
        let asked = own.or(policy.and_then(|policy| policy.partition.as_ref())).is_some();
        let is_template = policy.map_or(self.bucket.declared.is_some(), |policy| policy.logical_id.is_some());
        if is_template && (asked || self.scene.regional.contains(&file)) {
            "${AWS::Partition}".into()
        } else {
            self.bucket.target.partition.to_string()
        }
    }

    /// The ARNs of the bucket and of its objects, as they are written in `policy` or beside the bucket.
    pub(super) fn resources(&self, policy: Option<&Policy>) -> [Json; 2] {
        let functions = takes_functions(policy);
        match self.id_for(policy) {
            Some(_) if policy.is_some() && self.written_id().is_some() => {
                let arn = json!({ "Fn::GetAtt": [self.written_id(), "Arn"] });
                [arn.clone(), json!({ "Fn::Join": ["/", [arn, "*"]] })]
            }
            Some(id) => [json!({ "Fn::GetAtt": [id, "Arn"] }), json!({ "Fn::Sub": format!("${{{id}.Arn}}/*") })],
            None => {
                let partition = if functions { self.partition(policy) } else { self.bucket.target.partition.to_string() };
                let name = policy.and_then(|policy| self.written_name(policy)).filter(|_| functions);
                let name = name.unwrap_or_else(|| self.bucket.target.name.to_string());
                let arn = format!("arn:{partition}:s3:::{name}");
                [paste::substituted(arn.clone()), paste::substituted(format!("{arn}/*"))]
            }
        }
    }

    /// The bucket's logical ID, where what is written in `policy` or beside the bucket can refer to it.
    fn id_for(&self, policy: Option<&Policy>) -> Option<&str> {
        let here = policy.is_none_or(|policy| policy.file == self.bucket.file && policy.logical_id.is_some());
        let by_id = here && takes_functions(policy) && self.bucket.declared.is_some();
        self.bucket.reference.logical_id.as_deref().filter(|_| by_id)
    }

    /// Whether a statement for the bucket can be written as it has to be: the bucket has a name there, no loop makes it, and
    /// `policy` is no output of a command.
    pub(super) fn can_be_written(&self, policy: Option<&Policy>) -> bool {
        let by_name = self.bucket.target.name.as_known().is_some()
            || takes_functions(policy) && policy.and_then(|policy| self.written_name(policy)).is_some();
        let is_output = policy.is_some_and(Policy::is_output);
        (self.id_for(policy).is_some() || by_name) && self.written_id().is_none() && !is_output
    }

    /// The bucket's name as the `Bucket` of a template's policy has it, in the form that `Fn::Sub` takes.
    fn written_name(&self, policy: &Policy) -> Option<String> {
        policy.logical_id.as_ref()?;
        let written = self.scene.sources.slice(policy.bucket.as_ref()?.span);
        let root = parse(FileId::default(), written).root?;
        let call = function::call(&root)?;
        let text = call.argument.as_str()?;
        match call.name {
            "Ref" => Some(format!("${{{text}}}")),
            "Sub" => Some(text.to_owned()),
            _ => None,
        }
    }

    /// A statement that grants `actions`.
    pub(super) fn statement(&self, actions: &[String], policy: Option<&Policy>) -> Json {
        let mut statement = paste::statement(actions, &self.principal(policy), self.resources(policy));
        // IAM wants each Sid once in a policy
        let taken =
            |sid: &str| policy.is_some_and(|policy| policy.document.statements.iter().any(|one| one.sid.as_deref() == Some(sid)));
        let own = statement["Sid"].as_str().unwrap_or_default().to_owned();
        if let Some(free) = (2..).map(|number| format!("{own}{number}")).find(|sid| !taken(sid)).filter(|_| taken(&own)) {
            statement["Sid"] = json!(free);
        }
        statement
    }

    /// That statement, added to `policy`.
    pub(super) fn beside(&self, actions: &[String], policy: &Policy) -> Option<Addition> {
        let style = self.style(policy);
        Some(style.extended("Statement", &[self.statement(actions, Some(policy))], policy.document.statement_span?))
    }

    /// What to do about the condition of a statement that is the account's own, or of a Deny.
    pub(super) fn lifted(&self, statement: &Statement, style: &Style<'_>) -> Addition {
        if statement.effect == Some(Effect::Allow) {
            return Addition::words("remove the condition");
        }
        admit::spared(statement, &self.bucket.target.partition, self.account, style)
    }

    /// A bucket policy for a bucket that has none.
    pub(super) fn whole_policy(&self, actions: &[String]) -> Addition {
        let source = self.scene.sources.get(self.bucket.span.file);
        let style = Style::of(source);
        let declared = self.bucket.declared.map(|at| &self.scene.inventory.buckets[at]);
        if let Some(macros) = declared.and_then(|bucket| bucket.macros.as_ref()) {
            let how = format!(
                "macro {macros} may rename the bucket or make several of it, which is not seen here: give each a policy with this"
            );
            let text = style.alone(&json!({ "Statement": [self.statement(actions, None)] }));
            return Addition { how, text, edits: Vec::new() };
        }
        let name = &self.bucket.target.name;
        let absent = self.scene.inventory.absent_policies.iter().find(|one| one.file == self.bucket.file && one.bucket == *name);
        if let Some(AbsentPolicy { logical_id, condition, .. }) = absent {
            return Addition::words(format!(
                "{logical_id} is its policy, under the condition {condition}: remove that condition from it, or let it hold wherever the bucket is there"
            ));
        }
        let Some(template_loop) = self.written_id().and_then(|_| style.enclosing(self.bucket.span, "Fn::ForEach")) else {
            let (text, edit) = self.policy_resource(&style, actions, self.bucket.span);
            return Addition { how: "add a bucket policy beside the bucket".into(), text, edits: vec![edit] };
        };
        let alike =
            self.scene.buckets.iter().filter(|one| one.span == self.bucket.span && one.policies.is_empty() && one.in_scope);
        let each = alike.map(|bucket| Self { bucket, ..*self }.policy_resource(&style, actions, template_loop));
        let (texts, edits): (Vec<String>, _) = each.unzip();
        let how = "add a bucket policy beside the loop that makes the bucket, for each that it makes".into();
        Addition { how, text: texts.join("\n"), edits }
    }

    /// A bucket policy as a resource in front of the one at `at`, under the condition of its bucket.
    fn policy_resource(&self, style: &Style<'_>, actions: &[String], at: Span) -> (String, Edit) {
        let id = self.bucket.reference.logical_id.as_deref().unwrap_or("Bucket");
        let statement = self.statement(actions, None);
        let properties = json!({ "Bucket": { "Ref": id }, "PolicyDocument": paste::document(vec![statement]) });
        let mut resource = json!({ "Type": "AWS::S3::BucketPolicy" });
        let declared = self.bucket.declared.map(|at| &self.scene.inventory.buckets[at]);
        if let Some(condition) = declared.and_then(|bucket| bucket.condition.as_ref()) {
            resource["Condition"] = json!(condition.as_str());
        }
        resource["Properties"] = properties;
        let id = format!("{id}Policy");
        (style.added(&id, &resource, at, 0), style.beside_edit(&id, &resource, at))
    }

    /// The bucket's logical ID as a loop has it.
    fn written_id(&self) -> Option<&str> {
        let written = self.scene.sources.slice(self.bucket.span).trim_matches(['"', '\'']);
        Some(written).filter(|written| self.bucket.declared.is_some() && written.contains(['$', '&']))
    }

    /// How `policy` is written.
    pub(super) fn style(&self, policy: &Policy) -> Style<'a> {
        let style = Style::of(self.scene.sources.get(policy.document.statement_span.unwrap_or(policy.span).file));
        // a policy on its own is no template
        if policy.logical_id.is_some() || policy.text.is_some() { style.within(policy.text) } else { style.plain() }
    }

    /// For each of the missing `actions` the statement whose `Action` may name it, that of `cause` before others of its
    /// policy. Those that none can hold are left out.
    pub(super) fn places(&self, cause: &Cause, actions: &[String]) -> BTreeMap<String, Cause> {
        let mut out = BTreeMap::new();
        let documents = self.bucket.policies.iter().map(|&at| &self.scene.inventory.policies[at].document);
        let policies: Vec<&Document> = documents.collect();
        let Some(document) = policies.get(cause.policy) else { return out };
        let (first, others): (Vec<&Statement>, Vec<&Statement>) =
            document.statements.iter().partition(|statement| statement.number == cause.statement);
        for statement in first.into_iter().chain(others) {
            let left: Vec<String> = actions.iter().filter(|action| !out.contains_key(*action)).cloned().collect();
            let Some(span) = statement.actions.span.filter(|_| !left.is_empty()) else { continue };
            let place = Cause { statement: statement.number, span, ..*cause };
            for action in self.fitting(&policies, &place, statement, &left) {
                out.insert(action, place.clone());
            }
        }
        out
    }

    /// Which of `actions` a statement would grant if its `Action` named them: it is for the account alone, its resources
    /// are theirs, and nothing else stands in the way.
    fn fitting(&self, policies: &[&Document], place: &Cause, statement: &Statement, actions: &[String]) -> Vec<String> {
        let requester = self.scene.requesters.iter().find(|one| one.account == self.account);
        let Some(requester) = requester.filter(|_| self.is_only_for(statement) && !statement.actions.not) else {
            return Vec::new();
        };
        let named = |action: &String| Text::known(place.span, action.as_str());
        let fits = |action: &&String| {
            let alone = List { items: vec![named(action)], ..statement.actions.clone() };
            misfits(&Statement { actions: alone, ..statement.clone() }, Some(&self.bucket.target)).is_empty()
        };
        let fitting: Vec<String> = actions.iter().filter(fits).cloned().collect();
        let mut more = statement.clone();
        more.actions.items.extend(fitting.iter().map(named));
        let mut document = policies[place.policy].clone();
        document.statements.retain(|one| one.number != statement.number);
        document.statements.push(more);
        let mended = policies.iter().enumerate().map(|(at, old)| if at == place.policy { &document } else { *old });
        let mended: Vec<&Document> = mended.collect();
        let question = Question { policies: &mended, target: &self.bucket.target, requester };
        let profile = self.scene.profile;
        let decided = role::decide_as(profile.principal, &question, &fitting, &|action| profile.scope(action));
        decided.into_iter().filter(|one| one.verdict == Verdict::Granted).map(|one| one.action).collect()
    }

    /// Whether an Allow names nobody but the account.
    pub(super) fn is_only_for(&self, statement: &Statement) -> bool {
        is_only_for(statement, self.account)
    }
}

/// Whether functions are something in a policy, or beside the bucket where there is none.
fn takes_functions(policy: Option<&Policy>) -> bool {
    policy.is_none_or(|policy| policy.text.is_none_or(|text| text.substituted))
}

/// Whether an Allow names nobody but `account`.
pub(super) fn is_only_for(statement: &Statement, account: &str) -> bool {
    let own = |kind: &PrincipalKind, reach| *kind != PrincipalKind::Everyone && !matches!(reach, Reach::Other | Reach::Unknown);
    let mut principals = statement.principals.iter();
    statement.effect == Some(Effect::Allow)
        && !statement.not_principal
        && !statement.principals.is_empty()
        && principals.all(|one| own(&one.kind, caller::reach(one, account)))
}

/// Whether an Allow names nobody but one of the control accounts, so that more of it is more for them alone.
pub(super) fn is_for_us(scene: &Scene<'_>, statement: &Statement) -> bool {
    scene.requesters.iter().any(|requester| is_only_for(statement, &requester.account))
}
