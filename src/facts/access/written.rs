//! What to write so that the control account gets what a group of actions lacks.

use super::super::admit;
use super::super::origin::Elsewhere;
use super::Group;
use crate::edit::Edit;
use crate::iam::caller::{self, Reach};
use crate::iam::document::Statement;
use crate::iam::principal::{Principal, PrincipalKind};
use crate::iam::verdict::Verdict;
use crate::paste::{Addition, Style};
use serde_json::json;

impl Group<'_> {
    /// What to write, or to do.
    pub(super) fn paste(&self) -> Option<Addition> {
        let (policy, remedy) = (self.policy(), self.remedy());
        let style = policy.map_or_else(|| Style::of(remedy.scene.sources.get(remedy.bucket.span.file)), |one| remedy.style(one));
        let actions: Vec<String> = self.group.iter().map(|decision| decision.action.clone()).collect();
        let principal = || remedy.principal(policy);
        let write = |text: String, edit: Option<Edit>| Addition { how: "write".into(), text, edits: edit.into_iter().collect() };
        match (self.first().verdict, &self.first().cause) {
            (Verdict::Missing, Some(cause)) => {
                let items: Vec<_> = actions.iter().map(|action| json!(action)).collect();
                Some(style.extended("Action", &items, cause.span))
            }
            (Verdict::Missing, None) => {
                let joined = self.joined.iter().flat_map(|(_, actions)| actions);
                let actions: Vec<String> = actions.iter().chain(joined).cloned().collect();
                policy.map_or_else(|| Some(remedy.whole_policy(&actions)), |policy| remedy.beside(&actions, policy))
            }
            (Verdict::Conditional, Some(_)) if self.is_for_others() => {
                let beside = remedy.beside(&actions, policy?)?;
                Some(Addition { how: format!("leave the condition, which keeps others out, and {}", beside.how), ..beside })
            }
            (Verdict::Denied, Some(_)) if self.instead().is_some() => self.instead().map(Addition::words),
            (Verdict::Conditional | Verdict::Denied, Some(_)) => Some(remedy.lifted(self.statement()?, &style)),
            (Verdict::WrongPrincipal, Some(cause)) if self.statement()?.not_principal => {
                let named = json!({ "AWS": principal() });
                let text = format!("\n{}", style.member("Principal", &named, cause.span, 0));
                Some(Addition { how: "write in place of NotPrincipal".into(), text, edits: Vec::new() })
            }
            (Verdict::WrongPrincipal, Some(cause)) => {
                let statement = self.statement()?;
                if let Some(Elsewhere { place, value }) = self.elsewhere() {
                    let style = Style::of(self.scene.sources.get(place.file));
                    // others may use it too, so that it is for people to change
                    return Some(write(style.scalar(&value, place), None));
                }
                if let Some(test) = statement.conditions.iter().find(|test| test.span == cause.span) {
                    let value = admit::value(test, &remedy.bucket.target.partition, remedy.account);
                    let other = || format!("a value of {} that principals of {} have", test.key, remedy.account);
                    let Some(value) = value else { return Some(write(other(), None)) };
                    // whoever else the condition lets in would be shut out, so that it is for people to change
                    return Some(write(style.member(&test.key, &json!(value), cause.span, 0), None));
                }
                if let Some(misspelt) = self.misspelt() {
                    let edit = style.value_edit(&principal(), misspelt.span);
                    return Some(write(style.value(&principal(), misspelt.span), Some(edit)));
                }
                if !self.is_meant_for_us(statement) {
                    let apart = self.apart(&actions)?;
                    return Some(Addition { text: format!("\n{}", apart.text), ..apart });
                }
                // a value may stand alone in a list; only the whole element needs its key
                let scalar = !self.scene.sources.slice(cause.span).contains(':')
                    || statement.principals.iter().any(|p| p.span == cause.span);
                if scalar {
                    let edit = style.value_edit(&principal(), cause.span);
                    return Some(write(style.value(&principal(), cause.span), Some(edit)));
                }
                let edit = style
                    .member_edit("AWS", "AWS", &principal(), cause.span)
                    .unwrap_or_else(|| style.mapping_edit("AWS", &principal(), cause.span));
                Some(write(style.member("AWS", &principal(), cause.span, 0), Some(edit)))
            }
            (Verdict::WrongResource, Some(_)) if !remedy.is_only_for(self.statement()?) => self.apart(&actions),
            (Verdict::WrongResource, Some(cause)) => {
                let resources = json!(remedy.resources(policy));
                let old = if self.statement()?.resources.not { "NotResource" } else { "Resource" };
                let edit = style.member_edit(old, "Resource", &resources, cause.span);
                let text = style.member("Resource", &resources, cause.span, 0);
                Some(Addition { how: "name the bucket and all its objects".into(), ..write(text, edit) })
            }
            _ => None,
        }
    }

    /// A statement beside one that is for others, who keep what they have and get no more.
    fn apart(&self, actions: &[String]) -> Option<Addition> {
        let beside = self.remedy().beside(actions, self.policy()?)?;
        Some(Addition { how: format!("leave this statement, which is for others, and {}", beside.how), ..beside })
    }

    /// Whether an Allow that names somebody else was meant for the control account: whoever else it names keeps what it grants
    /// them, unless what is named is nobody, or one of the control account's own.
    fn is_meant_for_us(&self, statement: &Statement) -> bool {
        let nobody = |kind: &PrincipalKind| matches!(kind, PrincipalKind::Placeholder | PrincipalKind::Invalid(_));
        let ours = |one: &Principal| {
            nobody(&one.kind) || self.near_miss(one).is_some() || caller::reach(one, self.account) == Reach::Part
        };
        !statement.principals.is_empty() && statement.principals.iter().all(ours)
    }
}
