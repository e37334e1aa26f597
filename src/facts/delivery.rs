//! Facts about the delivery of trails' logs: whether the log bucket takes them, and whether that is logged again.

use super::Scene;
use super::fact::{Fact, title};
use super::grant::Grant;
use super::{log_key, reference, refusal, trail};
use crate::iam::cloudtrail::{self, CLOUDTRAIL};
use crate::iam::document::{Document, Statement};
use crate::iam::resource::Target;
use crate::iam::verdict::{self, Decision, Verdict};
use crate::inventory::{Delivery, FoundTrail, Policy};
use crate::link::LinkedBucket;
use crate::paste::{self, Style};
use crate::source::Span;
use crate::syntax::node::Node;
use crate::text::Text;
use crate::trail::coverage::logs_deliveries;
use crate::trail::selector::Ternary;
use serde_json::{Value as Json, json};
use smol_str::SmolStr;

/// `$.deliveries`: what the policies of each trail's log bucket, and of the key of its logs, allow CloudTrail.
pub(super) fn deliveries(scene: &Scene<'_>) -> Vec<Node> {
    let each = |end: End<'_>| delivery_facts(scene, &end).into_iter().chain(log_key::encrypting(scene, &end)).collect::<Vec<_>>();
    ends(scene).flat_map(each).collect()
}

/// `$.log_loops`: one for each trail whose log bucket is deployed with it.
pub(super) fn loops(scene: &Scene<'_>) -> Vec<Node> {
    let near = ends(scene).filter_map(|end| Some((end.found, end.delivery, end.bucket?)));
    let near = near.filter(|(found, _, bucket)| bucket.declared.is_some() && bucket.file == found.file);
    let each = near.map(|(found, delivery, bucket)| {
        let may_be = |name: &Text| scene.joins.may_be(name, bucket);
        let target = crate::trail::Target { name: &bucket.target.name, partition: &bucket.target.partition, may_be: &may_be };
        let logged = logs_deliveries(&found.trail, &target, delivery.prefix.as_ref());
        let style = Style::of(scene.sources.get(found.trail.span.file));
        let id = bucket.reference.logical_id.as_deref().unwrap_or_default();
        let except = json!({ "Field": "resources.ARN", "NotStartsWith": [{ "Fn::Sub": format!("${{{id}.Arn}}/") }] });
        Fact::at(found.trail.log_bucket.as_ref().map_or(found.trail.span, |name| name.span))
            .text("trail", trail::name(found))
            .text("log_bucket", title(&bucket.reference))
            .text(
                "logged",
                if logged == Some(true) {
                    "yes"
                } else if logged.is_none() {
                    "unknown"
                } else {
                    "no"
                },
            )
            .text("paste", style.item(&except, found.trail.span))
            .node()
    });
    each.collect()
}

/// `$.event_stores`: one for each event data store of CloudTrail Lake.
pub(super) fn stores(scene: &Scene<'_>) -> Vec<Node> {
    let each = scene.inventory.event_stores.iter().map(|(id, span)| {
        Fact::at(*span)
            .text("name", id.as_str())
            .flag("required", scene.profile.logged)
            .number("trail_count", scene.inventory.trails.len())
    });
    each.map(Fact::node).collect()
}

/// A trail and where its logs go.
#[derive(Clone)]
pub(super) struct End<'a> {
    pub(super) found: &'a FoundTrail,
    pub(super) delivery: &'a Delivery,
    /// The log bucket, where it is among the linted files.
    pub(super) bucket: Option<&'a LinkedBucket>,
    /// The log bucket in any case.
    pub(super) target: Target,
}

impl<'a> End<'a> {
    /// The delivery as a question to `policies`.
    pub(super) fn asked<'q>(&'q self, policies: &'q [&'q Document]) -> cloudtrail::Delivery<'q> {
        cloudtrail::Delivery {
            policies,
            bucket: &self.target,
            prefix: self.delivery.prefix.as_ref(),
            trail: &self.found.trail.name,
            account: &self.delivery.account,
            number: self.found.place.account().map(SmolStr::as_str),
        }
    }

    /// What `policies` make of it; without the prefix that nobody may give, if they allow it that way.
    fn decide(&self, policies: &[&Document]) -> Vec<Decision> {
        let plain = || cloudtrail::Delivery { prefix: None, ..self.asked(policies) }.decide();
        let granted = |all: &Vec<Decision>| all.iter().all(|decision| decision.verdict == Verdict::Granted);
        let plain = self.delivery.prefix_by_default.then(plain).filter(granted);
        plain.unwrap_or_else(|| self.asked(policies).decide())
    }

    /// The log bucket's policies; none where one that is not seen may be among them.
    pub(super) fn policies<'s>(&self, scene: &Scene<'s>) -> Option<Vec<&'s Policy>> {
        let bucket = self.bucket?;
        let policies: Vec<&Policy> = bucket.policies.iter().map(|&at| &scene.inventory.policies[at]).collect();
        let allows = |at: &usize| scene.inventory.policies[*at].document.statements.iter().any(verdict::allows);
        let unseen = policies.is_empty() && (bucket.possible.iter().any(allows) || reference::hides(scene, bucket));
        (!unseen).then_some(policies)
    }

    /// What these policies make of requests of `principal`, with `decisions` told at `place`.
    pub(super) fn grant<'s>(
        &self,
        scene: &Scene<'s>,
        policies: &[&'s Policy],
        principal: &str,
        decisions: Vec<Decision>,
        place: Span,
    ) -> Grant<'s> {
        let here = self.found.trail.span;
        let home = self.bucket.map_or(here, |bucket| bucket.span);
        Grant {
            home,
            told: |_| "this trail delivers to it".into(),
            sources: scene.sources,
            style: Style::of(scene.sources.get(home.file)),
            documents: policies.iter().map(|policy| &policy.document).collect(),
            unparsed: policies.iter().any(|policy| policy.unparsed),
            principal: principal.into(),
            decisions: decisions.into_iter().map(|decision| (self.title(), place, decision)).collect(),
        }
    }

    /// The log bucket in a sentence.
    pub(super) fn title(&self) -> String {
        self.bucket.map_or_else(|| self.target.name.to_string(), |bucket| title(&bucket.reference))
    }

    /// A policy for a log bucket that has none.
    pub(super) fn policy(&self, style: &Style<'_>, needed: &Json) -> String {
        let id = self.bucket.and_then(|bucket| bucket.reference.logical_id.as_deref()).unwrap_or("LogBucket");
        let properties = json!({ "Bucket": { "Ref": id }, "PolicyDocument": paste::document(vec![needed.clone()]) });
        let at = self.bucket.map_or(self.found.trail.span, |bucket| bucket.span);
        style.added(&format!("{id}Policy"), &json!({ "Type": "AWS::S3::BucketPolicy", "Properties": properties }), at, 0)
    }
}

/// Each trail with its log bucket.
pub(super) fn ends<'a>(scene: &Scene<'a>) -> impl Iterator<Item = End<'a>> {
    let index = scene.index;
    trail::asked(scene).filter_map(move |found| {
        let name = found.trail.log_bucket.as_ref()?;
        let bucket = index.named(name).next();
        let target =
            bucket.map_or_else(|| Target { name: name.clone(), partition: "aws".into() }, |bucket| bucket.target.clone());
        Some(End { found, delivery: found.delivery.as_ref()?, bucket, target })
    })
}

fn delivery_facts(scene: &Scene<'_>, end: &End<'_>) -> Vec<Node> {
    let End { found, delivery, .. } = end;
    let (Some(bucket), Some(policies)) = (end.bucket, end.policies(scene)) else { return Vec::new() };
    let documents: Vec<_> = policies.iter().map(|policy| &policy.document).collect();
    let mut decisions = end.decide(&documents);
    let delivered = decisions.iter().all(|decision| decision.verdict == Verdict::Granted);
    let organization = organization(end, &documents).filter(|_| delivered);
    decisions.retain(|decision| !is_refused(&policies, bucket, decision));
    let grant = end.grant(scene, &policies, CLOUDTRAIL, decisions, found.trail.span);
    let name = trail::name(found);
    let holder = format!("log bucket {}", end.title());
    let facts = grant.facts(
        |fact| fact.text("trail", name.as_str()).text("holder", holder.as_str()),
        |actions| statement(found, delivery, bucket, actions, "${AWS::AccountId}"),
        |needed| ("Resources", end.policy(&grant.style, needed)),
    );
    let mut out: Vec<Node> = facts.into_iter().map(|fact| fact.flag("waits", true).node()).collect();
    if let Some(decision) = organization {
        let grant = end.grant(scene, &policies, CLOUDTRAIL, vec![decision], found.trail.span);
        let place = ", which puts those of the organization's other accounts below AWSLogs/<organization id>/";
        let facts = grant.facts(
            |fact| fact.text("trail", name.as_str()).text("holder", holder.as_str()).text("organization", place),
            |actions| statement(found, delivery, bucket, actions, "<organization id>"),
            |needed| ("Resources", end.policy(&grant.style, needed)),
        );
        // the id is for people to fill in
        out.extend(facts.into_iter().map(|fact| fact.without("edits").flag("waits", true).node()));
    }
    let beside = policies.iter().filter(|policy| policy.file == found.file).find_map(|policy| policy.logical_id.as_ref());
    if let Some(id) = beside.filter(|id| !delivery.depends_on.contains(id)) {
        let mut all = delivery.depends_on.clone();
        all.push(id.clone());
        let value =
            if all.len() == 1 { json!(all[0].as_str()) } else { json!(all.iter().map(|id| id.as_str()).collect::<Vec<_>>()) };
        let style = Style::of(scene.sources.get(found.trail.span.file));
        let paste = style.member("DependsOn", &value, found.trail.span, 1);
        let order = Fact::at(found.trail.span).text("trail", name).text("verdict", "granted").flag("waits", false);
        let label = format!("does not wait for {id}");
        let order = order.text("buckets", end.title()).text("holder", holder).text("label", label);
        let order = order.text("advice", format!("add to {}:", trail::name(found)));
        out.push(order.text("paste", paste).flag("explained", false).number("policies", policies.len()).node());
    }
    out
}

/// What the policies make of the logs of an organization's other accounts, for a trail that has them.
fn organization(end: &End<'_>, policies: &[&Document]) -> Option<Decision> {
    matches!(end.found.trail.organization, Ternary::Yes(_)).then(|| end.asked(policies).organization())?
}

/// Whether S3 refuses a statement for CloudTrail because of what is asked, which is told of the policy itself.
fn is_refused(policies: &[&Policy], bucket: &LinkedBucket, decision: &Decision) -> bool {
    let open = decision.verdict != Verdict::Granted && !bucket.excluded;
    let is_for_it =
        |statement: &&Statement| statement.principals.iter().any(|principal| principal.text.as_known() == Some(CLOUDTRAIL));
    let spoilt = |policy: &&Policy| {
        let faults = refusal::of(policy, Some(bucket));
        let mut meant = policy.document.statements.iter().filter(is_for_it);
        meant.any(|statement| {
            faults.iter().any(|fault| refusal::spoils(fault, &policy.document, statement, bucket, &decision.action))
        })
    };
    open && policies.iter().any(spoilt)
}

/// Lets CloudTrail deliver below `AWSLogs/<owner>/`; the ACL's key is in requests to put log files alone.
fn statement(found: &FoundTrail, delivery: &Delivery, bucket: &LinkedBucket, actions: &[String], owner: &str) -> Json {
    let arn = bucket.target.arn();
    let prefix = delivery.prefix.as_ref().map(|prefix| format!("{prefix}/")).unwrap_or_default();
    let files = format!("{arn}/{prefix}AWSLogs/{owner}/*");
    let resource = |action: &String| {
        let text = if action.ends_with("PutObject") { &files } else { &arn };
        if text.contains("${") { json!({ "Fn::Sub": text }) } else { json!(text) }
    };
    let mut condition = json!({ "StringEqualsIfExists": { "s3:x-amz-acl": "bucket-owner-full-control" } });
    if let Some(name) = found.trail.name.as_known() {
        let arn = format!("arn:${{AWS::Partition}}:cloudtrail:${{AWS::Region}}:${{AWS::AccountId}}:trail/{name}");
        condition["StringEquals"] = json!({ "aws:SourceArn": { "Fn::Sub": arn } });
    }
    json!({
        "Sid": "CloudTrailDelivery",
        "Effect": "Allow",
        "Principal": { "Service": CLOUDTRAIL },
        "Action": actions,
        "Resource": actions.iter().map(resource).collect::<Vec<_>>(),
        "Condition": condition,
    })
}
