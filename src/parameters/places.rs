//! Where each template is deployed, by the settings and by samconfig files.

use super::Group;
use super::assign::{Problems, has_templates, templates_of};
use crate::cfn::place::Places;
use crate::load::Loaded;
use crate::scope::Scope;
use crate::source::Source;
use crate::syntax::node::Node;
use smol_str::SmolStr;

/// The accounts or Regions that some templates are deployed to.
#[derive(Clone, Debug)]
pub struct Placed {
    /// The text that says so.
    pub source: Source,
    /// Those templates.
    pub scope: Scope,
    /// What it says.
    pub to: Target,
}

/// One of the two things that make a place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Target {
    /// Account IDs.
    Accounts(Vec<SmolStr>),
    /// Names of Regions.
    Regions(Vec<SmolStr>),
}

/// The place of every template: that of the CDK's manifest, or the Region of the samconfig file that gives its parameters,
/// unless `placed`, the weakest first, says otherwise. A pattern that matches no template becomes a problem of the run.
pub fn places(groups: &[Group], placed: &[Placed], loaded: &mut Loaded) -> Places {
    let mut out = Places::new();
    for one in &loaded.assembled {
        let place = out.entry(one.template.clone()).or_default();
        place.accounts.extend(one.account.clone());
        place.regions.extend(one.region.clone());
    }
    let mut problems = Problems::new(loaded);
    for group in groups {
        let Some(region) = &group.region else { continue };
        for file in templates_of(group.scope.as_ref(), problems.loaded) {
            let path = problems.loaded.sources.get(file).path.to_string();
            out.entry(path).or_default().regions = [region.clone()].into();
        }
    }
    for one in placed {
        let templates = templates_of(Some(&one.scope), problems.loaded);
        if templates.is_empty() && has_templates(problems.loaded) {
            let unused = match one.to {
                Target::Accounts(_) => "what it says of accounts is",
                Target::Regions(_) => "what it says of Regions is",
            };
            problems.unmatched(&one.source, &one.scope, unused);
        }
        for file in templates {
            let path = problems.loaded.sources.get(file).path.to_string();
            let place = out.entry(path).or_default();
            match &one.to {
                Target::Accounts(accounts) => place.accounts = accounts.iter().cloned().collect(),
                Target::Regions(regions) => place.regions = regions.iter().cloned().collect(),
            }
        }
    }
    problems.report();
    out
}

/// The Region that a samconfig file with this `root` deploys to, in the `environment` named or the default one.
/// <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-config.html>
pub fn region(root: &Node, environment: Option<&str>) -> Option<SmolStr> {
    let environment = root.get(environment.unwrap_or("default"))?;
    let said = |command: &&str| environment.path(&[command, "parameters", "region"])?.as_str();
    ["deploy", "global"].iter().find_map(said).map(SmolStr::from)
}
