//! Environment variables of Go programs: reads under literal names, constants of the program and its own helper
//! functions, flags that name a variable, struct tags, viper. Names that are put together from what only
//! the running program knows are unresolved.

mod defaults;
mod flags;
mod name;
mod process;
mod reads;
mod structs;
mod switched;
pub(in crate::extract) mod tags;
mod viper;

use std::collections::{BTreeMap, BTreeSet};

use ci_feed_dossier::evidence::Evidence;
use tree_sitter::Node;

use self::name::{GoConstants, GoName};
use crate::extract::env_var::mention::{Mention, MentionRole, Mentions, is_name};
use crate::lang::go::children;
use crate::syntax::node::NodeExt as _;
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;

/// Helpers that call helpers.
const MAX_HELPER_ROUNDS: usize = 4;

/// A place that reads a variable under some name.
struct Site {
    name: GoName,
    /// Folder of the file, for constants of its package.
    folder: String,
    required: Option<bool>,
    default: Option<String>,
    evidence: Evidence,
    /// The function around it.
    around: Option<Around>,
    /// A flag may only be one that names a variable.
    is_call: bool,
}

/// A function around a read.
#[derive(Debug, Clone)]
struct Around {
    name: String,
    parameters: Vec<String>,
    /// The parameter that it gives back, or sets in the place of what was read.
    falls_back_on: Option<usize>,
}

/// A function of the program that reads the variable it is given the name of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Helper {
    name: String,
    /// The package that it belongs to.
    folder: String,
    /// Which argument is the name, and what stands around it.
    at: usize,
    before: String,
    after: String,
    is_upper: bool,
    /// Which argument is given back where the variable is unset.
    falls_back_on: Option<usize>,
}

pub(super) fn read(corpus: &Corpus, mentions: &mut Mentions) {
    let is_processed = process::read(corpus, mentions);
    tags::read(corpus, mentions, is_processed);
    viper::read(corpus, mentions);
    switched::read(corpus, mentions);
    let mut sites = reads::sites(corpus, &BTreeSet::new());
    sites.extend(flags::sites(corpus));
    let mut constants = GoConstants::default();
    constants.learn(corpus, &sites);
    let mut helpers: BTreeSet<Helper> = BTreeSet::new();
    let mut fresh: BTreeSet<Helper> = state(&sites, &constants, mentions);
    for _ in 0..MAX_HELPER_ROUNDS {
        fresh = fresh.difference(&helpers).cloned().collect();
        if fresh.is_empty() {
            break;
        }
        let sites = reads::sites(corpus, &fresh);
        constants.learn(corpus, &sites);
        helpers.extend(fresh);
        fresh = state(&sites, &constants, mentions);
    }
}

/// Turn places into mentions; the functions whose parameter is the name are given back.
fn state(sites: &[Site], constants: &GoConstants, mentions: &mut Mentions) -> BTreeSet<Helper> {
    let mut helpers = BTreeSet::new();
    for site in sites {
        match site.name.resolve(&site.folder, constants) {
            Ok(name) if is_name(&name) && name != "_" => mentions.found.push(Mention {
                name,
                required: site.required,
                default: site.default.clone(),
                role: MentionRole::Reads("Go"),
                evidence: site.evidence.clone(),
            }),
            Ok(_) => {}
            Err(computed) => {
                let of = site.around.as_ref().filter(|_| site.is_call);
                if let Some(helper) = of.and_then(|around| computed.helper(around, site, constants)) {
                    helpers.insert(helper);
                } else if site.is_call {
                    let reason =
                        format!("an environment variable is read under a computed name: `{}`", computed.shown());
                    mentions.unresolved(reason, site.evidence.clone());
                }
            }
        }
    }
    helpers
}

/// Lines of a node as evidence.
fn lines(file: &SourceFile, node: Node<'_>) -> Evidence {
    file.lines_of_at_most(node, 8)
}

/// The fields of a keyed literal by name.
fn keyed<'t>(body: Node<'t>, bytes: &[u8]) -> BTreeMap<String, Node<'t>> {
    let mut out = BTreeMap::new();
    for element in children(body).into_iter().filter(|child| child.kind() == "keyed_element") {
        if let (Some(key), Some(value)) = (element.field("key"), element.field("value")) {
            let value = children(value).into_iter().next().unwrap_or(value);
            out.insert(crate::syntax::literal::text(key, bytes).to_owned(), value);
        }
    }
    out
}
