//! `Fn::GetStackOutput`: an output of another stack, exported or not.

use super::{Export, Resolver, wrong};
use bucketlint_text::resolve::{Followed, Resolve, Unknown};
use bucketlint_text::source::{Span, shared_folders};
use bucketlint_text::syntax::node::Node;
use bucketlint_text::text::{Symbol, SymbolKind, Text};
use smol_str::format_smolstr;

impl Resolver<'_> {
    /// An output by the names of its stack and of itself. It may be of another Region or account, which makes no other
    /// value of it. The stack is the template whose file has its name; else an output that only one template has is
    /// taken, if its name holds one of the hashes that CDK puts there, or that of its stack holds the name of the file.
    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getstackoutput.html>
    pub(super) fn stack_output(&self, argument: &Node, at: Span) -> Result<Text, Unknown> {
        let part = |key: &str| match self.member(argument, key) {
            Some(Followed::Node(node)) => {
                let text = self.text(node);
                text.as_known().map(str::to_owned).ok_or_else(|| self.reason(&text))
            }
            Some(Followed::Unknown(unknown)) => Err(unknown),
            Some(Followed::Absent) | None => Err(wrong(at, "`Fn::GetStackOutput` takes a StackName and an OutputName")),
        };
        let (stack, output) = (part("StackName")?, part("OutputName")?);
        // a stack set's instance is in an account of its own
        let apart = self.scenario.stack.apart && argument.get("RoleArn").is_none();
        let found = if apart {
            Err(format!("no linted template is stack `{stack}` of its account"))
        } else {
            self.output_of(&stack, &output)
        };
        let why = match found {
            Ok(found) => return Ok(found.value.clone().standing_at(found.value.span)),
            Err(why) => why.into(),
        };
        // the same output is one value wherever it is asked for
        let (id, shown) = (format_smolstr!("output {output} of stack {stack}"), format_smolstr!("${{{stack}.{output}}}"));
        Ok(Text::symbol(at, Symbol { id, shown, why, at, kind: SymbolKind::Other }))
    }

    fn output_of(&self, stack: &str, output: &str) -> Result<&Export, String> {
        let named: Vec<&Export> = self.given().iter().filter(|export| stem(&export.path) == stack).collect();
        let near = |export: &Export| shared_folders(&export.path, self.template.path);
        let nearest = named.iter().map(|export| near(export)).max();
        let mut files: Vec<&Export> = named.into_iter().filter(|export| Some(near(export)) == nearest).collect();
        let first = files.first().map(|export| export.path.clone());
        if let (Some(first), Some(other)) = (&first, files.iter().find(|export| Some(&export.path) != first.as_ref())) {
            return Err(format!("both `{first}` and `{}` may be stack `{stack}`", other.path));
        }
        files.retain(|export| export.output == output);
        match (files.as_slice(), first) {
            ([found, ..], _) => return Ok(found),
            ([], Some(first)) => return Err(format!("`{first}`, which is stack `{stack}`, has no output `{output}`")),
            ([], None) => {}
        }
        let mut same = self.given().iter().filter(|export| export.output == output);
        match (same.next(), same.next()) {
            (Some(only), None) if is_hashed(output) || holds(stack, stem(&only.path)) => Ok(only),
            _ => Err(format!("no linted template is stack `{stack}`")),
        }
    }
}

/// A file's name up to its first dot.
fn stem(path: &str) -> &str {
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    name.split('.').next().unwrap_or_default()
}

/// Whether a name ends in the eight digits that CDK makes of a construct's path.
fn is_hashed(name: &str) -> bool {
    let end = name.len().checked_sub(8).and_then(|from| name.get(from..)).unwrap_or_default();
    end.len() == 8 && end.bytes().all(|byte| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte))
}

/// Whether a stack's name holds a file's, in any case.
fn holds(stack: &str, file: &str) -> bool {
    !file.is_empty() && stack.to_ascii_lowercase().contains(&file.to_ascii_lowercase())
}
