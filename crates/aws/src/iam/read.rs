//! From a tree to a policy [`Document`], with every grammar mistake noted on its own node.

use super::closest::closest;
use super::document::{Document, Effect, Fault, FaultKind, List, Statement, Test};
use super::principal::{self, Principal, PrincipalKind};
use super::size;
use bucketlint_text::resolve::{Followed, Resolve, Unknown};
use bucketlint_text::source::Span;
use bucketlint_text::syntax::node::{Entry, Node, Value};
use bucketlint_text::text::Text;
use smol_str::format_smolstr;

/// Reads a bucket policy. A mistake never stops the reading: what can be understood is.
pub fn document(node: &Node, resolve: &dyn Resolve) -> Document {
    let out = Document { span: node.span, size: size::compact(node, resolve), ..Document::default() };
    let mut reader = Reader { resolve, out, statement: None, variables: false };
    reader.document(node);
    reader.out
}

struct Reader<'r> {
    resolve: &'r dyn Resolve,
    out: Document,
    statement: Option<usize>,
    variables: bool,
}

const DOCUMENT_KEYS: [&str; 3] = ["Version", "Id", "Statement"];
const STATEMENT_KEYS: [&str; 9] =
    ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];
const PRINCIPAL_KEYS: [&str; 4] = ["AWS", "Service", "Federated", "CanonicalUser"];

impl<'r> Reader<'r> {
    fn fault(&mut self, span: Span, message: impl Into<String>, fix: impl Into<String>) {
        self.note(FaultKind::Grammar, span, message, fix);
    }

    /// A fault of a value for which another was meant.
    fn slip(&mut self, span: Span, message: String, meant: &'static str) {
        self.fault(span, message, format!("write `{meant}`"));
        if let Some(fault) = self.out.faults.last_mut() {
            fault.write = Some(meant);
        }
    }

    fn note(&mut self, kind: FaultKind, span: Span, message: impl Into<String>, fix: impl Into<String>) {
        self.out.faults.push(Fault { statement: self.statement, ..Fault::new(kind, span, message, fix) });
    }

    /// The node behind `node`, or `None` with the unknown noted where it belongs.
    fn known<'n>(&self, node: &'n Node, unknown: &mut Vec<Unknown>) -> Option<&'n Node>
    where
        'r: 'n,
    {
        match self.resolve.follow(node) {
            Followed::Node(node) => Some(node),
            Followed::Absent => None,
            Followed::Unknown(why) => {
                unknown.push(why);
                None
            }
        }
    }

    /// As [`Self::note`], of a value that may stand elsewhere than where it is used.
    fn note_of(&mut self, kind: FaultKind, text: &Text, message: String, fix: String) {
        self.note(kind, text.place(), message, fix);
        if let Some(fault) = self.out.faults.last_mut() {
            fault.used = (text.place() != text.span).then_some(text.span);
        }
    }

    fn document(&mut self, node: &Node) {
        let resolve = self.resolve;
        let node = match resolve.follow(node) {
            Followed::Node(node) => node,
            Followed::Absent => return,
            Followed::Unknown(why) => return self.out.unknown.push(why),
        };
        if !node.is_map() {
            return self.fault(
                node.span,
                format!("a policy document is a mapping, not {}", node.kind()),
                "write `Version` and `Statement`",
            );
        }
        let made = made_beside(node);
        self.out.unknown.extend(made.clone());
        self.unknown_keys(node, &DOCUMENT_KEYS, "policy");
        self.version(node);
        let Some(list) = element(node, "Statement", &DOCUMENT_KEYS).map(|entry| &entry.value) else {
            if made.is_some() {
                return;
            }
            return self.fault(node.span, "the policy has no `Statement`", "add a `Statement` list");
        };
        self.out.statement_span = Some(list.span);
        let nested = self.nested_lists(list, "Statement");
        for (at, item) in resolve.list(list).into_iter().enumerate() {
            match item {
                Followed::Node(item) if nested.iter().any(|list| list.contains(item.span)) => {}
                Followed::Node(item) => match made_within(item) {
                    Some(why) => self.out.unknown.push(why),
                    None => {
                        self.statement = Some(at + 1);
                        let statement = self.statement(item, at + 1);
                        self.out.statements.extend(statement);
                        self.statement = None;
                    }
                },
                Followed::Unknown(why) => self.out.unknown.push(why),
                Followed::Absent => {}
            }
        }
    }

    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html>
    fn version(&mut self, node: &Node) {
        let Some(version) = element(node, "Version", &DOCUMENT_KEYS).map(|entry| &entry.value) else { return };
        let text = self.resolve.text(version);
        match text.as_known() {
            Some("2012-10-17") => self.variables = true,
            Some("2008-10-17") | None => {}
            Some(other) => {
                let message = format!("`Version` is `{other}`, which is not a policy version");
                self.slip(version.span, message, "2012-10-17");
                self.variables = true;
            }
        }
    }

    /// Elements outside the grammar; S3 refuses the whole policy for one.
    fn unknown_keys(&mut self, node: &Node, known: &[&'static str], what: &str) {
        for entry in node.entries() {
            let key = entry.key.text.as_str();
            if known.contains(&key) || key.starts_with("Fn::") {
                continue;
            }
            let fix = meant(key, known).map_or_else(
                || format!("remove it; a {what} takes {}", known.join(", ")),
                |word| format!("did you mean `{word}`?"),
            );
            self.fault(entry.key.span, format!("`{key}` is not an element of a {what}"), fix);
        }
    }

    fn statement(&mut self, node: &Node, number: usize) -> Option<Statement> {
        if !node.is_map() {
            self.fault(
                node.span,
                format!("a statement is a mapping, not {}", node.kind()),
                "write Effect, Principal, Action and Resource",
            );
            return None;
        }
        let before = self.out.faults.len();
        let mut unknown = Vec::new();
        self.unknown_keys(node, &STATEMENT_KEYS, "statement");
        let effect = self.effect(node, &mut unknown);
        let element = |name| element(node, name, &STATEMENT_KEYS).map(|entry| &entry.value);
        let sid = element("Sid").and_then(|sid| self.resolve.text(sid).as_known().map(Into::into));
        let principal = self.exactly_one(node, "Principal", "NotPrincipal");
        let principals = principal.map(|(_, entry)| self.principals(entry)).unwrap_or_default();
        let actions = self.values(node, "Action", "NotAction");
        let resources = self.values(node, "Resource", "NotResource");
        let condition = element("Condition");
        let conditions = condition.map(|block| self.conditions(block, &mut unknown)).unwrap_or_default();
        Some(Statement {
            span: node.span,
            number,
            variables: self.variables,
            sid,
            effect,
            not_principal: principal.is_some_and(|(not, _)| not),
            principal_span: principal.map(|(_, entry)| entry.value.span),
            principals,
            actions,
            resources,
            conditions,
            condition_span: condition.map(|block| block.span),
            unknown,
            faulty: self.out.faults.len() > before,
        })
    }

    /// `Allow` or `Deny`, in exactly this case. Another case is a fault but is understood, so that it is reported once.
    fn effect(&mut self, node: &Node, unknown: &mut Vec<Unknown>) -> Option<Effect> {
        let Some(entry) = element(node, "Effect", &STATEMENT_KEYS) else {
            self.fault(node.span, "the statement has no `Effect`", "add `Effect: Allow` or `Effect: Deny`");
            return None;
        };
        let value = self.known(&entry.value, unknown)?;
        if is_nothing(value) {
            self.fault(value.span, "`Effect` is empty", "write `Allow` or `Deny`");
            return None;
        }
        let text = self.resolve.text(value);
        if let Some(symbol) = text.symbols().next() {
            unknown.push(Unknown { at: value.span, why: symbol.why.clone() });
            return None;
        }
        let shown = text.to_string();
        let effect =
            [("Allow", Effect::Allow), ("Deny", Effect::Deny)].into_iter().find(|(word, _)| word.eq_ignore_ascii_case(&shown));
        match effect {
            Some((word, _)) if word == shown => {}
            Some((word, _)) => self.slip(value.span, format!("`Effect` is `{shown}`; its case matters"), word),
            None => self.fault(value.span, format!("`Effect` is `{shown}`"), "write `Allow` or `Deny`"),
        }
        effect.map(|(_, effect)| effect)
    }

    /// The one of two exclusive elements that is there, and whether it is the second; both or neither is a fault.
    fn exactly_one<'n>(&mut self, node: &'n Node, plain: &str, not: &str) -> Option<(bool, &'n Entry)> {
        let exact = (node.entry(plain), node.entry(not));
        let found = match exact {
            (None, None) => (element(node, plain, &STATEMENT_KEYS), element(node, not, &STATEMENT_KEYS)),
            exact => exact,
        };
        match found {
            (Some(one), None) => Some((false, one)),
            (None, Some(one)) => Some((true, one)),
            (Some(one), Some(other)) => {
                self.fault(other.key.span, format!("the statement has both `{plain}` and `{not}`"), format!("remove `{not}`"));
                Some((false, one))
            }
            (None, None) => {
                self.fault(node.span, format!("the statement has no `{plain}`"), format!("add `{plain}`"));
                None
            }
        }
    }

    fn values(&mut self, node: &Node, plain: &str, not: &str) -> List {
        let Some((not, entry)) = self.exactly_one(node, plain, not) else { return List::default() };
        let items = self.texts(entry);
        if items.is_empty() {
            self.fault(
                entry.value.span,
                format!("`{}` is empty", entry.key.text),
                "list at least one value, or remove the statement",
            );
        }
        List { not, span: Some(entry.value.span), items }
    }

    fn principals(&mut self, entry: &Entry) -> Vec<Principal> {
        let resolve = self.resolve;
        let value = match resolve.follow(&entry.value) {
            Followed::Node(value) => value,
            Followed::Absent => return Vec::new(),
            Followed::Unknown(unknown) => return vec![principal::aws(unknown.text())],
        };
        if is_nothing(value) {
            let fix = "name whom it is for: {\"AWS\": \"arn:aws:iam::<12 digits>:root\"}";
            self.fault(value.span, format!("`{}` is empty", entry.key.text), fix);
            return Vec::new();
        }
        if !value.is_map() || is_function(value) {
            return self.bare_principal(value);
        }
        self.unknown_keys(value, &PRINCIPAL_KEYS, "principal");
        let mut out = Vec::new();
        for entry in value.entries() {
            let texts = self.texts(entry);
            if texts.is_empty() {
                self.fault(entry.value.span, format!("`{}` lists no principal", entry.key.text), "name the account to grant");
            }
            for text in texts {
                out.push(self.principal(meant(&entry.key.text, &PRINCIPAL_KEYS).unwrap_or("AWS"), text));
            }
        }
        out
    }

    /// The strings of a list or single value, less what has nothing written in it. What is not known may be any string, so
    /// that it neither drops out of a Deny nor fails an Allow.
    fn texts(&mut self, entry: &Entry) -> Vec<Text> {
        self.nested_lists(&entry.value, &entry.key.text);
        let (mut texts, unknown) = self.resolve.texts(&entry.value);
        let empty = |item: &Followed<'_>| match item {
            Followed::Node(item) if is_nothing(item) => Some(item.span),
            _ => None,
        };
        let empty: Vec<Span> = self.resolve.list(&entry.value).iter().filter_map(empty).collect();
        texts.retain(|text| !empty.contains(&text.span));
        texts.extend(unknown.iter().map(Unknown::text));
        if let Some(first) = empty.first().filter(|_| !texts.is_empty()) {
            self.fault(*first, format!("an item of `{}` is empty", entry.key.text), "fill it in, or remove it");
        }
        texts
    }

    /// Items that are lists, though a policy has no lists in lists: CloudFormation puts what `Fn::If` gives in its place, and does
    /// not join it to the list around it.
    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-conditions.html>
    fn nested_lists(&mut self, node: &Node, name: &str) -> Vec<Span> {
        let Followed::Node(list) = self.resolve.follow(node) else { return Vec::new() };
        let list_in_it = |item: &Node| match self.resolve.follow(item) {
            Followed::Node(made) if matches!(made.value, Value::Seq(_)) => Some(made.span),
            _ => None,
        };
        let nested: Vec<Span> = list.items().iter().filter_map(list_in_it).collect();
        for &span in &nested {
            let message = format!("an item of `{name}` is a list, and S3 takes no list within a list");
            let fix =
                "write its items without brackets of their own; of `Fn::If`, give each item one, or put it around the whole list";
            self.fault(span, message, fix);
        }
        nested
    }

    fn principal(&mut self, key: &str, text: Text) -> Principal {
        let kind = match key {
            "Service" => {
                if text.as_known().is_some_and(|known| known.contains(['*', '?'])) {
                    let message = format!("principal `{text}` is no service: `Service` takes no wildcard");
                    let fix = "name each service, such as `cloudtrail.amazonaws.com`";
                    self.note_of(FaultKind::Principal, &text, message, fix.into());
                }
                PrincipalKind::Service
            }
            "Federated" => PrincipalKind::Federated,
            "CanonicalUser" => PrincipalKind::CanonicalUser,
            _ => {
                let read = principal::aws(text);
                self.octal_account(&read);
                let why = match &read.kind {
                    PrincipalKind::Invalid(why) => why.as_str(),
                    PrincipalKind::UniqueId => "is the unique ID of a role or user that no longer exists",
                    _ => return read,
                };
                let account = principal::account_in(&read.text).filter(|account| account.place() != account.span);
                let fix = match &account {
                    Some(_) => "write the 12 digits of the account".to_owned(),
                    None => pattern_fix(&read.text).unwrap_or_else(|| {
                        "name an account as `arn:aws:iam::<12 digits>:root`, or a role or user by its full ARN".to_owned()
                    }),
                };
                let text = account.as_ref().unwrap_or(&read.text);
                self.note_of(FaultKind::Principal, text, format!("principal `{}` {why}", read.text), fix);
                return read;
            }
        };
        Principal { span: text.span, text, kind }
    }

    /// YAML reads unquoted digits 0–7 with a leading zero as an octal number, so the deployed account is another one:
    /// <https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/745>.
    fn octal_account(&mut self, read: &Principal) {
        let account = principal::account_in(&read.text).unwrap_or_else(|| read.text.clone());
        let Some(digits) = account.as_known().filter(|text| principal::is_account(text) && text.starts_with('0')) else {
            return;
        };
        let place = account.place();
        if account.is_scalar() && place.end - place.start == 12 && digits.bytes().all(|byte| byte < b'8') {
            let message = format!("account id {digits} is unquoted: YAML reads it as an octal number, another account");
            let fix = format!("quote it: '{digits}'");
            self.note_of(FaultKind::Principal, &account, message, fix);
        }
    }

    /// The only string a principal may be is `*`.
    fn bare_principal(&mut self, value: &Node) -> Vec<Principal> {
        let (mut texts, unknown) = self.resolve.texts(value);
        texts.extend(unknown.iter().map(Unknown::text));
        let everyone = texts.len() == 1 && texts[0].as_known() == Some("*") && !matches!(value.value, Value::Seq(_));
        if !everyone {
            let shown: Vec<String> = texts.iter().map(|text| format!("\"{text}\"")).collect();
            let message = "`Principal` is a bare value; only `\"*\"` may be one";
            self.note(FaultKind::Principal, value.span, message, format!("write {{\"AWS\": {}}}", shown.join(", ")));
        }
        texts.into_iter().map(principal::aws).collect()
    }

    fn conditions(&mut self, block: &Node, unknown: &mut Vec<Unknown>) -> Vec<Test> {
        let Some(block) = self.known(block, unknown) else { return Vec::new() };
        if !block.is_map() {
            self.fault(
                block.span,
                format!("`Condition` is {}, not a mapping of operators", block.kind()),
                "write {\"StringEquals\": {key: value}}",
            );
        }
        let mut tests = Vec::new();
        for operator in block.entries() {
            let Some(keys) = self.known(&operator.value, unknown) else { continue };
            if super::operator::Operator::parse(&operator.key.text).is_none() {
                let suggestion = super::operator::Operator::suggest(&operator.key.text);
                let fix = suggestion
                    .map_or_else(|| "use one of IAM's condition operators".into(), |word| format!("did you mean `{word}`?"));
                self.fault(operator.key.span, format!("`{}` is not a condition operator", operator.key.text), fix);
            }
            if !keys.is_map() {
                let message = format!("`{}` is {}, not a mapping of condition keys", operator.key.text, keys.kind());
                self.fault(keys.span, message, "write {key: value}, or remove the operator");
            }
            for test in keys.entries() {
                let values = self.texts(test);
                if values.is_empty() && is_nothing(&test.value) {
                    self.fault(test.value.span, format!("`{}` is empty", test.key.text), "give it a value, or remove it");
                }
                let span = Span { end: test.value.span.end.max(test.key.span.end), ..test.key.span };
                tests.push(Test {
                    span,
                    operator: operator.key.text.clone(),
                    key: test.key.text.clone(),
                    values,
                    values_span: test.value.span,
                });
            }
        }
        tests
    }
}

/// What to write for a principal that is an ARN with a wildcard, of a known account: roles of IAM Identity Center end in letters
/// that change when they are made anew.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>
fn pattern_fix(principal: &Text) -> Option<String> {
    let pattern = principal.as_known().filter(|known| known.contains(['*', '?']))?;
    let fields: Vec<&str> = pattern.splitn(6, ':').collect();
    let [_, partition, "iam", _, account, _] = fields[..] else { return None };
    let condition = format!("ArnLike: {{aws:PrincipalArn: \"{pattern}\"}}");
    principal::is_account(account).then(|| {
        format!("name the account, `arn:{partition}:iam::{account}:root`, and put the pattern into its Condition: `{condition}`")
    })
}

/// The element of this name, or else the one that is misspelt for it, which is a fault but is understood.
fn element<'n>(node: &'n Node, name: &str, known: &[&'static str]) -> Option<&'n Entry> {
    node.entry(name).or_else(|| node.entries().iter().find(|entry| meant(&entry.key.text, known) == Some(name)))
}

/// The word of `known` that a key is, or was meant to be.
fn meant(key: &str, known: &[&'static str]) -> Option<&'static str> {
    known.iter().copied().find(|word| *word == key).or_else(|| closest(key, known.iter().copied()))
}

/// A key with nothing behind it.
fn is_nothing(node: &Node) -> bool {
    matches!(node.value, Value::Null)
}

/// Why the members of a mapping are not known which has a function beside them: a macro gets them to rewrite, and a file that
/// is included adds to them.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-macros-author.html>
pub fn made_beside(node: &Node) -> Option<Unknown> {
    let entry = node.entries().iter().find(|entry| entry.key.text.starts_with("Fn::"))?;
    let why = match entry.key.text.as_str() {
        "Fn::Transform" => "a macro may change it when the template is deployed".into(),
        function => format_smolstr!("`{function}` stands beside other keys"),
    };
    let at = entry.value.path(&["Parameters", "Location"]).unwrap_or(&entry.value).span;
    Some(Unknown { at, why })
}

/// As [`made_beside`], of `node` or of anything in it.
fn made_within(node: &Node) -> Option<Unknown> {
    let here = if node.entries().len() > 1 { made_beside(node) } else { None };
    let within = || node.items().iter().chain(node.entries().iter().map(|entry| &entry.value)).find_map(made_within);
    here.or_else(within)
}

/// A long-form intrinsic function: one member called `Ref`, `Condition` or `Fn::…`.
pub(crate) fn is_function(node: &Node) -> bool {
    matches!(node.entries(), [only] if only.key.text == "Ref" || only.key.text.starts_with("Fn::"))
}

#[cfg(test)]
mod tests;
