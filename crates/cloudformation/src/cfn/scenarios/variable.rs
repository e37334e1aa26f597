//! What the equalities of conditions compare: literals, parameters, and strings made of those.

use super::MAX_SCENARIOS;
use crate::cfn::admits::admits;
use crate::cfn::function;
use crate::cfn::mention::{Asked, Keys, Mention, mapping_keys, mentions};
use crate::cfn::place::Place;
use crate::cfn::pseudo;
use crate::cfn::resolve::{Exports, Resolver, is_list, is_stored};
use crate::cfn::scenario::{Scenario, Setting};
use crate::cfn::template::Template;
use bucketlint_text::resolve::Resolve;
use bucketlint_text::syntax::node::Node;
use bucketlint_text::text::Part;
use smol_str::{SmolStr, format_smolstr};
use std::collections::{BTreeMap, BTreeSet};

/// A value a variable may take.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Value {
    Is(SmolStr),
    /// Any value that is compared with nowhere; two of different numbers differ.
    Fresh(usize),
}

/// One of the values a variable is tried with.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    pub(super) value: Value,
    /// How it is told: the value, or `not X`.
    pub(super) label: SmolStr,
    setting: Setting,
}

/// A side of an equality.
#[derive(Clone, Debug)]
pub(super) enum Operand {
    Literal(SmolStr),
    Variable(usize),
}

/// Something whose value is not fixed by the template.
#[derive(Clone, Debug, Default)]
struct Variable<'n> {
    /// The parameter, or the string as it is written.
    name: SmolStr,
    /// Where it is no parameter but made of some.
    made: Option<&'n Node>,
    /// Whether it is chosen from mappings that may lack what is asked for.
    mapped: bool,
    /// The parameters it is made of.
    of: BTreeSet<SmolStr>,
    literals: BTreeSet<SmolStr>,
    partners: BTreeSet<usize>,
    /// Whether all its allowed values matter, because strings are made of it.
    whole: bool,
    /// Whether scenarios that differ in its value alone differ.
    asked: bool,
    /// Whether it is varied because it chooses from mappings alone, so that it is one of their keys.
    keyed: bool,
    /// Whether nothing but mappings is to know its value.
    hidden: bool,
    choices: Vec<Choice>,
}

impl Variable<'_> {
    fn is_pseudo(&self) -> bool {
        self.made.is_none() && self.name.starts_with("AWS::")
    }

    /// How it is told that another one has its value.
    fn shown(&self) -> SmolStr {
        if self.made.is_some() { self.name.clone() } else { format_smolstr!("${{{}}}", self.name) }
    }
}

/// All variables of some equalities.
#[derive(Clone, Debug)]
pub(super) struct Variables<'n> {
    template: Template<'n>,
    given: BTreeMap<SmolStr, SmolStr>,
    /// Where the template is deployed, as far as that is told.
    place: Place,
    places: BTreeMap<SmolStr, usize>,
    all: Vec<Variable<'n>>,
    operands: BTreeMap<usize, (Operand, Operand)>,
    /// Whether values that cannot be deployed are tried all the same.
    pub(super) lenient: bool,
}

static NO_EXPORTS: Exports = Exports::new();

impl<'n> Variables<'n> {
    pub(super) fn of(
        template: &Template<'n>,
        atoms: impl Iterator<Item = (usize, (&'n Node, &'n Node))>,
        asked: &Asked,
        given: &BTreeMap<SmolStr, SmolStr>,
        place: &Place,
    ) -> Self {
        let mut out = Self {
            template: *template,
            given: given.clone(),
            place: place.clone(),
            places: BTreeMap::new(),
            all: Vec::new(),
            operands: BTreeMap::new(),
            lenient: false,
        };
        let open = out.open();
        for (atom, (left, right)) in atoms {
            let pair = (out.operand(left, &open), out.operand(right, &open));
            out.relate(&pair);
            out.operands.insert(atom, pair);
        }
        out.whole_parameters();
        asked.parameters.iter().for_each(|name| out.ask(name));
        out.choose();
        let mut varied = out.clone();
        asked.keys.iter().for_each(|(name, keys)| varied.ask_keys(name, keys));
        varied.choose();
        // a value that is not known costs less than scenarios that are not looked at
        let all = varied.all.iter().try_fold(1_usize, |all, one| all.checked_mul(one.choices.len()));
        if all.is_some_and(|all| all <= MAX_SCENARIOS) { varied } else { out }
    }

    pub(super) fn count(&self) -> usize {
        self.all.len()
    }
    pub(super) fn choices(&self, at: usize) -> &[Choice] {
        &self.all[at].choices
    }
    pub(super) fn operands(&self, atom: usize) -> Option<&(Operand, Operand)> {
        self.operands.get(&atom)
    }
    pub(super) fn given(&self) -> BTreeMap<SmolStr, Setting> {
        Scenario::given(&self.given).parameters
    }

    /// Every parameter may be anything: a given value goes before the others, but they are looked at all the same.
    fn open(&self) -> Scenario {
        let names = self.template.section("Parameters").iter().map(|entry| entry.key.text.clone());
        let open = names.chain(["AWS::URLSuffix".into()]).map(|name| (name, Setting::Not(Vec::new())));
        Scenario { parameters: open.collect(), ..Scenario::open() }
    }

    fn resolver<'s>(&'s self, scenario: &'s Scenario) -> Resolver<'s> {
        Resolver::under(self.template, &NO_EXPORTS, scenario)
    }

    fn text(&self, node: &Node, scenario: &Scenario) -> bucketlint_text::text::Text {
        self.resolver(scenario).text(node)
    }

    fn operand(&mut self, node: &'n Node, open: &Scenario) -> Operand {
        let text = self.text(node, open);
        if let Some(known) = text.as_known() {
            return Operand::Literal(known.into());
        }
        let shown = text.to_string();
        let is_call = text.symbols().any(|symbol| symbol.shown.starts_with("${Fn::"));
        let written = function::call(node).filter(|_| is_call).and_then(|call| function::written(call.name, call.argument));
        let parameter = text.as_symbol().and_then(|_| self.parameter_named(shown.strip_prefix("${")?.strip_suffix('}')?));
        if let Some(name) = parameter {
            return Operand::Variable(self.variable(name.clone(), name, None));
        }
        // what is made of the same pieces has the same value
        let key = text.parts().iter().map(|part| match part {
            Part::Lit(text) => text.as_str(),
            Part::Sym(symbol) => symbol.id.as_str(),
        });
        Operand::Variable(self.variable(key.collect(), written.unwrap_or(shown).into(), Some(node)))
    }

    fn parameter_named(&self, name: &str) -> Option<SmolStr> {
        (name.starts_with("AWS::") || self.template.member("Parameters", name).is_some()).then(|| name.into())
    }

    fn variable(&mut self, key: SmolStr, name: SmolStr, made: Option<&'n Node>) -> usize {
        if let Some(&at) = self.places.get(&key) {
            return at;
        }
        let mut of = BTreeSet::new();
        if let Some(node) = made {
            mentions(node, &mut |mention, _| {
                if let Mention::Name(name) = mention {
                    of.extend(self.parameter_named(name));
                }
            });
        }
        self.places.insert(key, self.all.len());
        let mapped = made.is_some_and(asks_mappings);
        self.all.push(Variable { name, made, mapped, of, ..Variable::default() });
        self.all.len() - 1
    }

    /// Notes what each side is compared with.
    fn relate(&mut self, pair: &(Operand, Operand)) {
        match pair {
            (Operand::Variable(at), Operand::Literal(text)) | (Operand::Literal(text), Operand::Variable(at)) => {
                self.all[*at].literals.insert(text.clone());
            }
            (Operand::Variable(one), Operand::Variable(other)) if one != other => {
                self.all[*one].partners.insert(*other);
                self.all[*other].partners.insert(*one);
            }
            _ => {}
        }
    }

    /// Parameters with few values that strings are made of are varied too: over all their values, or the keys of the
    /// mapping they choose from.
    fn whole_parameters(&mut self) {
        for at in 0..self.all.len() {
            let Some(node) = self.all[at].made else { continue };
            let mut keys = BTreeMap::new();
            mapping_keys(&self.template, node, &mut keys);
            for name in self.all[at].of.clone() {
                let keys = keys.remove(&name).unwrap_or_default();
                if keys.all.is_empty() && self.allowed(&name).is_none() {
                    continue;
                }
                let keyed = keys.closed && !self.places.contains_key(&name);
                let at = self.variable(name.clone(), name, None);
                self.all[at].whole = true;
                self.all[at].keyed |= keyed;
                // the template's own account is told by that name wherever it stands
                self.all[at].hidden |= keyed && self.all[at].name == "AWS::AccountId";
                self.all[at].literals.extend(keys.all);
            }
        }
    }

    /// Varies a parameter for itself, if it may have one of several values.
    fn ask(&mut self, name: &SmolStr) {
        let is_list = self.template.member("Parameters", name).is_none_or(is_list);
        if !is_list && self.allowed(name).is_some_and(|values| values.len() > 1) {
            let at = self.variable(name.clone(), name.clone(), None);
            (self.all[at].whole, self.all[at].asked) = (true, true);
        }
    }

    /// Varies a parameter that chooses from mappings and has no allowed values over their keys; any other value fails to
    /// deploy, unless there is a default value for it.
    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-findinmap.html>
    fn ask_keys(&mut self, name: &SmolStr, keys: &Keys) {
        let open = match self.template.member("Parameters", name) {
            Some(parameter) => !is_list(parameter) && !is_stored(parameter) && self.allowed(name).is_none(),
            None => name.starts_with("AWS::"),
        };
        let possible = keys.all.iter().filter(|key| self.may_be(name, key)).cloned().collect::<Vec<_>>();
        if !open || possible.is_empty() {
            return;
        }
        let alone = !self.places.contains_key(name);
        let at = self.variable(name.clone(), name.clone(), None);
        self.all[at].literals.extend(possible);
        self.all[at].asked = true;
        self.all[at].keyed |= alone && keys.closed;
        self.all[at].hidden |= alone;
    }

    /// Whether a parameter or pseudo parameter may ever have a value.
    fn may_be(&self, name: &str, value: &str) -> bool {
        match self.template.member("Parameters", name) {
            Some(parameter) => admits(parameter, value),
            None => pseudo::may_be(name, value),
        }
    }

    /// Whether a variable is varied for itself.
    pub(super) fn is_asked(&self, at: usize) -> bool {
        self.all[at].asked
    }

    /// Whether the first value of a variable is none that it has unless it is set.
    pub(super) fn is_hole(&self, at: usize) -> bool {
        let variable = &self.all[at];
        let first = variable.choices.first().filter(|_| variable.asked);
        first.is_some_and(|first| {
            matches!(first.setting, Setting::Key(_)) || self.default(variable).map(Value::Is).as_ref() != Some(&first.value)
        })
    }

    fn allowed(&self, name: &str) -> Option<Vec<SmolStr>> {
        let Some(parameter) = self.template.member("Parameters", name) else {
            return Some(self.place.values(name)?.into_iter().collect());
        };
        let values = parameter.get("AllowedValues").filter(|_| !is_stored(parameter))?;
        let values: Vec<SmolStr> = values.items().iter().filter_map(Node::scalar_text).collect();
        // a list of no values is a mistake, not a parameter that can have none
        (!values.is_empty()).then_some(values)
    }

    fn default(&self, variable: &Variable<'n>) -> Option<SmolStr> {
        if let Some(node) = variable.made {
            return self.text(node, &self.defaults()).as_known().map(SmolStr::from);
        }
        if let Some(given) = self.given.get(&variable.name) {
            return Some(given.clone());
        }
        match self.template.member("Parameters", &variable.name) {
            Some(parameter) if is_stored(parameter) => None,
            Some(parameter) => parameter.get("Default")?.scalar_text(),
            None => match variable.name.as_str() {
                "AWS::Partition" => self.place.values("AWS::Partition").unwrap_or_else(|| ["aws".into()].into()).pop_first(),
                "AWS::URLSuffix" => Some(pseudo::suffix_of("aws").into()),
                name => self.place.values(name).filter(|told| told.len() == 1)?.pop_first(),
            },
        }
    }

    /// Every parameter at its default, be it empty.
    fn defaults(&self) -> Scenario {
        let mut scenario = Scenario::given(&self.given);
        for entry in self.template.section("Parameters").iter().filter(|entry| !is_stored(&entry.value)) {
            let default = entry.value.get("Default").and_then(Node::scalar_text);
            let setting = default.map_or(Setting::Not(Vec::new()), Setting::Is);
            scenario.parameters.entry(entry.key.text.clone()).or_insert(setting);
        }
        scenario
    }

    /// Gives every variable its choices, the default first.
    fn choose(&mut self) {
        for at in 0..self.all.len() {
            let group = self.group(at);
            let mut literals: BTreeSet<SmolStr> = group.iter().flat_map(|&at| self.all[at].literals.iter().cloned()).collect();
            if group.len() > 1 {
                literals.extend(group.iter().filter_map(|&at| self.default(&self.all[at])));
                literals.extend(group.iter().filter_map(|&at| self.given.get(&self.all[at].name).cloned()));
                literals.extend(group.iter().filter_map(|&at| self.allowed(&self.all[at].name)).flatten());
            }
            self.all[at].choices = self.choices_of(&self.all[at], &literals, group.len());
        }
    }

    /// The variables that are compared with each other, directly or not, in order.
    fn group(&self, at: usize) -> BTreeSet<usize> {
        let (mut group, mut left) = (BTreeSet::new(), vec![at]);
        while let Some(at) = left.pop() {
            if group.insert(at) {
                left.extend(&self.all[at].partners);
            }
        }
        group
    }

    fn choices_of(&self, variable: &Variable<'n>, literals: &BTreeSet<SmolStr>, fresh: usize) -> Vec<Choice> {
        let setting = if variable.hidden && variable.is_pseudo() { Setting::Key } else { Setting::Is };
        let is =
            |value: &SmolStr| Choice { value: Value::Is(value.clone()), label: value.clone(), setting: setting(value.clone()) };
        let literals = &literals.iter().filter(|value| self.may_be(&variable.name, value)).cloned().collect::<BTreeSet<_>>();
        let default = self.default(variable);
        let allowed = if variable.made.is_none() { self.allowed(&variable.name) } else { None };
        let (mut choices, mut rest): (Vec<Choice>, Vec<Choice>) = (Vec::new(), Vec::new());
        let label = not(literals.iter());
        let others = || Setting::Not(literals.iter().cloned().collect());
        match &allowed {
            Some(values) => {
                let (compared, alike): (Vec<&SmolStr>, Vec<&SmolStr>) =
                    values.iter().partition(|value| variable.whole || fresh > 1 || literals.contains(*value));
                choices.extend(compared.into_iter().map(is));
                match alike.as_slice() {
                    [] => {}
                    [only] => rest.push(is(only)),
                    [first, ..] => {
                        let value = default.as_ref().filter(|default| alike.contains(default)).unwrap_or(first);
                        rest.push(Choice { value: Value::Is(value.clone()), label, setting: others() });
                    }
                }
            }
            None => {
                choices.extend(literals.iter().map(is));
                let own = default.as_ref().filter(|default| !literals.contains(*default));
                let fresh =
                    if variable.keyed && !literals.is_empty() && own.is_none_or(|own| own.is_empty()) { 0 } else { fresh };
                rest.extend((0..fresh).map(|number| {
                    let value = own.map_or(Value::Fresh(number), |own| Value::Is(own.clone()));
                    Choice { value, label: label.clone(), setting: others() }
                }));
            }
        }
        let is_default = |choice: &Choice| default.as_ref().is_some_and(|default| choice.value == Value::Is(default.clone()));
        let first = choices.iter().position(is_default).map(|at| choices.remove(at));
        // a given value is tried though it may not be an allowed one
        let given = self.given.get(&variable.name).filter(|_| variable.made.is_none() && first.is_none());
        let first = first.or_else(|| given.filter(|_| !rest.iter().any(is_default)).map(is));
        let rest_first = first.is_none();
        let mut out: Vec<Choice> = first.into_iter().collect();
        if rest_first {
            out.append(&mut rest);
        }
        out.append(&mut choices);
        out.append(&mut rest);
        out
    }

    /// The value of every variable that is chosen; a string follows from the parameters it is made of once all are.
    /// `None` if it was chosen to be another one than that.
    pub(super) fn values(&self, kept: &[Option<usize>]) -> Option<Vec<Option<Value>>> {
        if !self.fit(kept) {
            return None;
        }
        let fails = |at: usize| self.settled(at, kept).is_some_and(|(node, scenario)| self.resolver(&scenario).fails(node));
        if !self.lenient && self.all.iter().enumerate().any(|(at, variable)| variable.mapped && fails(at)) {
            return None;
        }
        let mut out = Vec::with_capacity(kept.len());
        for (at, choice) in kept.iter().enumerate() {
            let chosen = choice.and_then(|choice| self.all[at].choices.get(choice)).map(|choice| choice.value.clone());
            out.push(match self.derived(at, kept) {
                Some(_) if choice.is_some_and(|choice| choice > 0) => return None,
                Some(derived) => Some(derived),
                None if self.could_be_derived(at) && choice.is_none_or(|choice| choice == 0) => None,
                None => chosen,
            });
        }
        Some(out)
    }

    /// Whether the partition that is chosen is the Region's.
    fn fit(&self, kept: &[Option<usize>]) -> bool {
        let chosen = |name: &str| {
            let at = *self.places.get(name)?;
            Some(&self.all[at].choices.get(kept[at]?)?.setting)
        };
        let Some(Setting::Is(region) | Setting::Key(region)) = chosen("AWS::Region") else { return true };
        let partition = pseudo::partition_of(region);
        match chosen("AWS::Partition") {
            Some(Setting::Is(value) | Setting::Key(value)) => value == partition,
            Some(Setting::Not(others)) => !others.iter().any(|other| other == partition),
            None => true,
        }
    }

    /// Whether a variable is chosen for itself rather than made of what else is chosen.
    pub(super) fn is_free(&self, at: usize, kept: &[Option<usize>]) -> bool {
        self.derived(at, kept).is_none() && self.all[at].choices.len() > 1
    }

    /// Whether all parameters it is made of are varied or given.
    fn could_be_derived(&self, at: usize) -> bool {
        let variable = &self.all[at];
        variable.made.is_some()
            && !variable.of.is_empty()
            && variable.of.iter().all(|name| self.given.contains_key(name) || self.places.contains_key(name))
    }

    fn derived(&self, at: usize, kept: &[Option<usize>]) -> Option<Value> {
        let (node, scenario) = self.settled(at, kept).filter(|_| self.could_be_derived(at))?;
        self.text(node, &scenario).as_known().map(|known| Value::Is(known.into()))
    }

    /// What a variable is made of, and the scenario that the choices make.
    fn settled(&self, at: usize, kept: &[Option<usize>]) -> Option<(&'n Node, Scenario)> {
        let node = self.all[at].made?;
        let mut scenario = self.open();
        for name in &self.all[at].of {
            let setting = match self.places.get(name) {
                Some(&place) => match &self.all[place].choices.get(kept[place]?)? {
                    Choice { value: Value::Is(value), .. } => Setting::Is(value.clone()),
                    other => other.setting.clone(),
                },
                None => match self.given.get(name) {
                    Some(value) => Setting::Is(value.clone()),
                    None => continue,
                },
            };
            scenario.parameters.insert(name.clone(), setting);
        }
        Some((node, scenario))
    }

    /// A variable and its value as they are told, if it is chosen for itself.
    pub(super) fn told(&self, at: usize, kept: &[Option<usize>]) -> Option<(SmolStr, SmolStr)> {
        let chosen = |at: usize| self.all[at].choices.get((*kept.get(at)?)?);
        let (variable, choice) = (&self.all[at], chosen(at).filter(|_| self.is_free(at, kept))?);
        let Value::Fresh(own) = choice.value else { return Some((variable.name.clone(), choice.label.clone())) };
        let fresh = |&other: &usize| match chosen(other)?.value {
            Value::Fresh(number) => Some((&self.all[other], number == own)),
            Value::Is(_) => None,
        };
        // of values that are compared with each other alone, it is told which are the same
        let free = choice.label == ANYTHING;
        match variable.partners.range(..at).find_map(fresh) {
            None => (!free).then(|| (variable.name.clone(), choice.label.clone())),
            Some((other, same)) => {
                let swapped = free && variable.is_pseudo() && !other.is_pseudo();
                let (name, other) = if swapped { (other, variable) } else { (variable, other) };
                let label = match (same, free) {
                    (true, _) => other.shown(),
                    (false, true) => format_smolstr!("not {}", other.shown()),
                    (false, false) => format_smolstr!("{} or {}", choice.label, other.shown()),
                };
                Some((name.name.clone(), label))
            }
        }
    }

    /// Notes a choice other than the default among `parameters`.
    pub(super) fn set(&self, at: usize, choice: usize, parameters: &mut BTreeMap<SmolStr, Setting>) {
        let variable = &self.all[at];
        if variable.made.is_none() {
            let setting = variable.choices.get(choice).map(|choice| choice.setting.clone());
            parameters.extend(setting.map(|setting| (variable.name.clone(), setting)));
            return;
        }
        for name in &variable.of {
            parameters.entry(name.clone()).or_insert(Setting::Not(Vec::new()));
        }
    }
}

fn asks_mappings(node: &Node) -> bool {
    node.entry("Fn::FindInMap").is_some()
        || node.items().iter().any(asks_mappings)
        || node.entries().iter().any(|entry| asks_mappings(&entry.value))
}

/// The label of a value that is compared with no literal.
const ANYTHING: &str = "anything";

fn not<'s>(literals: impl Iterator<Item = &'s SmolStr>) -> SmolStr {
    let literals: Vec<&str> = literals.map(|text| if text.is_empty() { "\"\"" } else { text.as_str() }).collect();
    if literals.is_empty() { ANYTHING.into() } else { format_smolstr!("not {}", literals.join(" or ")) }
}
