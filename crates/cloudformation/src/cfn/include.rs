//! `AWS::Include`: files that are inserted into a template.

use super::function;
use super::judged;
use bucketlint_text::resolve::Unknown;
use bucketlint_text::syntax::node::{Entry, Node, Value};
use smol_str::SmolStr;

/// What reads the file at a location.
///
/// # Errors
/// Tells why it cannot be had, as the end of a sentence.
pub type Read<'r> = &'r mut dyn FnMut(&str) -> Result<Node, SmolStr>;

/// The sections files may be inserted into.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/create-reusable-transform-function-snippets-and-add-to-your-template-with-aws-include-transform.html>
const SECTIONS: [&str; 4] = ["Conditions", "Mappings", "Outputs", "Resources"];

/// Puts the files that the template `root` includes in their places, and tells which resources cannot be seen for those
/// that cannot be read; these stay as they are. Files inserted by inserted files are left alone. What is written beside
/// an inclusion wins over what it inserts.
pub fn include(root: &mut Node, read: Read<'_>) -> Vec<Unknown> {
    let mut filler = Filler { read, unknown: Vec::new() };
    for name in SECTIONS {
        if let Some(section) = members(root).iter_mut().find(|entry| entry.key.text == name) {
            let level = if name == "Resources" { 1 } else { Filler::QUIET };
            filler.fill(&mut section.value, level);
        }
    }
    filler.top(root);
    filler.unknown
}

fn members(node: &mut Node) -> &mut [Entry] {
    match &mut node.value {
        Value::Map(entries) => entries,
        _ => &mut [],
    }
}

struct Filler<'r> {
    read: Read<'r>,
    unknown: Vec<Unknown>,
}

impl Filler<'_> {
    /// Below this level what is missing is told where it is used.
    const QUIET: usize = 4;

    /// `Transform` at the top inserts whole sections.
    fn top(&mut self, root: &mut Node) {
        let Some(entry) = root.entry("Transform") else { return };
        let mut transforms = entry.value.one_or_many().to_vec();
        let mut inserted = Vec::new();
        transforms.retain(|transform| match self.content(transform, 0) {
            Some(Node { value: Value::Map(entries), .. }) => {
                inserted.extend(entries);
                false
            }
            _ => true,
        });
        if inserted.is_empty() {
            return;
        }
        if let Value::Map(entries) = &mut root.value {
            if let Some(own) = entries.iter_mut().find(|own| own.key.text == "Transform") {
                own.value.value = Value::Seq(transforms);
            }
            for entry in inserted {
                match entries.iter_mut().find(|own| own.key.text == entry.key.text) {
                    Some(own) => add(&mut own.value, entry.value),
                    None => entries.push(entry),
                }
            }
        }
    }

    fn fill(&mut self, node: &mut Node, level: usize) {
        match &mut node.value {
            Value::Seq(items) => items.iter_mut().for_each(|item| self.fill(item, level + 1)),
            Value::Map(entries) => entries.iter_mut().for_each(|entry| {
                let kind = entry.value.get("Type").and_then(Node::as_str);
                let quiet = level == 1 && kind.is_some_and(|kind| !judged::is_judged(kind));
                self.fill(&mut entry.value, if quiet { Self::QUIET } else { level + 1 });
            }),
            _ => return,
        }
        let Some(content) = node.get("Fn::Transform").and_then(|transform| self.content(transform, level)) else { return };
        if function::call(node).is_some() {
            node.value = content.value;
        } else if content.is_map() {
            if let Value::Map(entries) = &mut node.value {
                entries.retain(|entry| entry.key.text != "Fn::Transform");
            }
            add(node, content);
        }
    }

    /// The file a transform inserts.
    fn content(&mut self, transform: &Node, level: usize) -> Option<Node> {
        let include = transform.get("Name").and_then(Node::as_str) == Some("AWS::Include");
        let location = transform.path(&["Parameters", "Location"]).filter(|_| include);
        let content = match location.and_then(Node::as_str) {
            Some(path) => (self.read)(path),
            None if include => Err("the location of the file it includes is not known".into()),
            None if level > 0 => Err("a macro writes it when the template is deployed".into()),
            None => return None,
        };
        content
            .map_err(|why| {
                if level < Self::QUIET {
                    self.unknown.push(Unknown { at: location.unwrap_or(transform).span, why });
                }
            })
            .ok()
    }
}

/// Adds the members of `more` that `node` does not have.
fn add(node: &mut Node, more: Node) {
    if let (Value::Map(entries), Value::Map(more)) = (&mut node.value, more.value) {
        let new: Vec<Entry> = more.into_iter().filter(|entry| entries.iter().all(|own| own.key.text != entry.key.text)).collect();
        entries.extend(new);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bucketlint_text::syntax::testing::tree;

    fn included(text: &str) -> (Node, Vec<String>) {
        let mut root = tree(text);
        let mut read = |path: &str| match path {
            "map.yaml" => Ok(tree("A: 1\nB: 2\n")),
            "list.yaml" => Ok(tree("[x, y]")),
            "sections.yaml" => Ok(tree("Resources: {A: 1, New: 3}\nOutputs: {O: 4}\n")),
            _ => Err("it is not there".into()),
        };
        let unknown = include(&mut root, &mut read);
        (root, unknown.iter().map(|unknown| format!("{}: {}", &text[unknown.at.range()], unknown.why)).collect())
    }

    fn transform(location: &str) -> String {
        format!("Fn::Transform: {{Name: 'AWS::Include', Parameters: {{Location: {location}}}}}")
    }

    #[test]
    fn files_take_the_place_of_the_transform() {
        let (map, list) = (transform("map.yaml"), transform("list.yaml"));
        let cases = [
            (format!("Resources: {{A: own, {map}, C: 3}}\n"), "Resources: {A: own, C: 3, B: 2}\n"),
            (format!("Resources: {{X: {{P: {{{map}}}, Q: {{{list}}}}}}}\n"), "Resources: {X: {P: {A: 1, B: 2}, Q: [x, y]}}\n"),
            (format!("Metadata: {{{map}}}\n"), &format!("Metadata: {{{map}}}\n")),
            (
                "Transform: [Other, {Name: 'AWS::Include', Parameters: {Location: sections.yaml}}]\nResources: {A: 0}\n".into(),
                "Transform: [Other]\nResources: {A: 0, New: 3}\nOutputs: {O: 4}\n",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(included(&text), (tree(expected), Vec::new()), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_stays_and_is_told_where_resources_may_hide() {
        let gone = transform("'s3://b/k'");
        let text = format!(
            "Resources: {{{gone}, X: {{Type: A::B, P: {{{gone}}}}}, Y: {{{gone}}}, Z: {{P: {{{gone}, Q: {{R: {{{gone}}}}}}}}}}}\n"
        );
        let (root, unknown) = included(&text);
        assert_eq!(root, tree(&text));
        assert_eq!(unknown, ["'s3://b/k': it is not there"; 3]);
        let (_, unknown) =
            included("Transform: [{Name: AWS::Include}, Mine, {Name: Mine}]\nResources: {Fn::Transform: {Name: Mine}}\n");
        let macros = "{Name: Mine}: a macro writes it when the template is deployed";
        assert_eq!(unknown, [macros, "{Name: AWS::Include}: the location of the file it includes is not known"]);
    }
}
