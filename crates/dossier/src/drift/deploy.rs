//! The "before you deploy" list: the rows of a drift that somebody has to act on where the software runs.

use serde_json::Value;

use super::identity::NOT_DEPLOYED;
use super::images::{self, Replaced};
use super::v1::{Change, ChangedFact, FactDrift, Step, UnresolvedDrift};
use crate::evidence::Evidence;
use crate::fact::{FactKind, FactStatus};
use crate::v1::{Dossier, Fact, Unresolved, What};

/// Every rule of the list.
pub const RULES: [&str; 22] = [
    "changed-base-image",
    "changed-default",
    "changed-runtime",
    "changed-start-command",
    "edited-migration",
    "env-var-now-required",
    "guard-not-seen",
    "new-datastore",
    "new-env-var",
    "new-migration",
    "new-outbound-host",
    "new-port",
    "new-required-env-var",
    "new-start-command",
    "new-unread-framework",
    "new-unresolved-env-var",
    "new-unresolved-route",
    "removed-endpoint",
    "removed-port",
    "removed-start-command",
    "removed-table",
    "removed-unresolved-route",
];

/// The list, in the order of urgency: what stops a start first.
pub(super) fn steps(facts: &FactDrift, open: &UnresolvedDrift, base: &Dossier, head: &Dossier) -> Vec<Step> {
    let mut steps: Vec<(u8, Step)> = Vec::new();
    let is_another = |fact: &&Fact| !is_known_runtime(fact, facts, head);
    steps.extend(facts.added.iter().filter(is_another).filter_map(added));
    steps.extend(facts.removed.iter().filter_map(|fact| removed(fact, open)));
    steps.extend(facts.changed.iter().flat_map(|row| changed(row, head)));
    rebuilt(base, head, &mut steps);
    steps.extend(open.added.iter().filter_map(appeared));
    steps.extend(open.removed.iter().filter_map(|one| vanished(one, head)));
    steps.sort_by(|a, b| (a.0, &a.1.key).cmp(&(b.0, &b.1.key)));
    steps.into_iter().map(|(_, step)| step).collect()
}

/// Files that build on an image which another file had, one row for each image that is not one already.
fn rebuilt(base: &Dossier, head: &Dossier, steps: &mut Vec<(u8, Step)>) {
    for Replaced { image, before, line } in images::replaced(base, head) {
        let rule = "changed-base-image";
        if !is_not_deployed(image) && !steps.iter().any(|(_, step)| step.rule == rule && step.key == image.key) {
            let text = format!("Rebuild the image: {} instead of {}", image.key, before.key);
            steps.push((7, new_step(rule, text, image.kind, &image.key, "head", vec![line.clone()])));
        }
    }
}

fn added(fact: &Fact) -> Option<(u8, Step)> {
    let key = &fact.key;
    if is_not_deployed(fact) {
        return None;
    }
    let (order, rule, text) = match fact.kind {
        FactKind::EnvVar if fact.attrs.get("required") == Some(&Value::Bool(true)) => {
            (0, "new-required-env-var", format!("Set {key}: the code requires it and has no default"))
        }
        FactKind::EnvVar if has_no_default(fact) => {
            (2, "new-env-var", format!("Decide about {key}: it is read now, and no default stands beside it"))
        }
        FactKind::Endpoint if fact.status == FactStatus::Inferred => (1, "new-unresolved-route", path_not_known(key)),
        FactKind::Migration => (1, "new-migration", format!("Run the migrations: {key} is new")),
        FactKind::Datastore => (3, "new-datastore", format!("Provide {key}: it is used now")),
        FactKind::Port => (4, "new-port", format!("Open or map {key}: it is named now")),
        FactKind::Command if is_start(fact) => {
            (5, "new-start-command", format!("Look at how it is started: `{}` is new", command(fact)))
        }
        FactKind::OutboundHost => (6, "new-outbound-host", format!("Allow requests to {key}: the code names it now")),
        FactKind::Runtime => (7, "changed-runtime", format!("Check the runtime: {key} is asked for now")),
        _ => return None,
    };
    Some((order, step(rule, text, fact, "head")))
}

fn removed(fact: &Fact, open: &UnresolvedDrift) -> Option<(u8, Step)> {
    let key = &fact.key;
    if is_not_deployed(fact) {
        return None;
    }
    let (order, rule, text) = match fact.kind {
        FactKind::Table => (3, "removed-table", format!("Back up {key}: nothing defines this table any more")),
        FactKind::Port => (4, "removed-port", format!("Unmap {key}: nothing names it any more")),
        FactKind::Command if is_start(fact) => {
            (5, "removed-start-command", format!("Look at how it is started: `{}` is gone", command(fact)))
        }
        FactKind::Endpoint if is_lost(fact, open) => (
            8,
            "removed-endpoint",
            format!(
                "Look at {key}: it is gone, or its path is not known any more, as that of something new in its file"
            ),
        ),
        FactKind::Endpoint => (8, "removed-endpoint", format!("Tell its callers: {key} is gone")),
        _ => return None,
    };
    Some((order, step(rule, text, fact, "base")))
}

/// Whether a runtime of the same version was asked for before, by another part of the repository.
fn is_known_runtime(fact: &Fact, facts: &FactDrift, head: &Dossier) -> bool {
    let is_same = |one: &Fact| ["runtime", "version"].into_iter().all(|attr| one.attr(attr) == fact.attr(attr));
    let is_new = |one: &Fact| {
        let names = |id: &str| id == one.id;
        facts.added.iter().any(|fact| names(&fact.id)) || facts.changed.iter().any(|row| names(&row.id))
    };
    fact.kind == FactKind::Runtime && head.facts_of(FactKind::Runtime).any(|one| is_same(one) && !is_new(one))
}

/// Whether an endpoint may be there still: in its file something appeared whose path is not known.
fn is_lost(fact: &Fact, open: &UnresolvedDrift) -> bool {
    let place = fact.evidence.first().map(|evidence| &evidence.path);
    fact.kind == FactKind::Endpoint
        && open
            .added
            .iter()
            .any(|one| one.kind == FactKind::Endpoint && one.evidence.first().map(|evidence| &evidence.path) == place)
}

/// What came and could not be pinned down.
fn appeared(one: &Unresolved) -> Option<(u8, Step)> {
    let (order, rule, text) = match (one.what, one.kind) {
        (What::Framework, _) => (1, "new-unread-framework", format!("Look at what it serves: {}", one.reason)),
        (What::Route, _) => (1, "new-unresolved-route", path_not_known(&one.name)),
        (What::Construct, FactKind::Endpoint) => (
            1,
            "new-unresolved-route",
            format!("Look at what it serves: something appeared that is not known: {}", one.reason),
        ),
        (What::Construct, FactKind::EnvVar) => {
            (2, "new-unresolved-env-var", format!("Look at what it reads: {}", one.reason))
        }
        _ => return None,
    };
    Some((order, new_step(rule, text, one.kind, &one.name, "head", one.evidence.clone())))
}

/// A route that was not pinned down and is gone. One that is stated now is not gone.
fn vanished(one: &Unresolved, head: &Dossier) -> Option<(u8, Step)> {
    let at = |evidence: &Evidence| (evidence.path.clone(), evidence.sha256.clone());
    let place = one.evidence.first().map(at);
    let is_stated = head.facts_of(one.kind).any(|fact| fact.evidence.first().map(at) == place);
    if one.what != What::Route || is_stated {
        return None;
    }
    let text = format!("Tell its callers: the route `{}` is gone; its full path was not known", one.name);
    Some((8, new_step("removed-unresolved-route", text, one.kind, &one.name, "base", one.evidence.clone())))
}

fn path_not_known(route: &str) -> String {
    format!("a route `{route}` appeared; its full path is not known")
}

fn changed(row: &ChangedFact, head: &Dossier) -> Vec<(u8, Step)> {
    let fact = head.facts_of(row.kind).find(|fact| fact.id == row.id);
    let change = |attr: &str| row.changes.iter().find(|change| change.attr == attr);
    match (fact, row.kind) {
        (Some(fact), _) if is_not_deployed(fact) => Vec::new(),
        // It was there for developers only: for a deploy it is new.
        (Some(fact), _) if change(NOT_DEPLOYED).is_some() => added(fact).into_iter().collect(),
        (_, FactKind::Migration) => migrated(row, change("change_sets")),
        _ => changed_fact(row, fact).into_iter().collect(),
    }
}

/// A step that was edited, or a change log that has new ones, or both.
fn migrated(row: &ChangedFact, sets: Option<&Change>) -> Vec<(u8, Step)> {
    let row_of =
        |rule: &str, text: String| (1, new_step(rule, text, row.kind, &row.key, "head", row.head_evidence.clone()));
    let edited = |what: &str| format!("{what} was edited: a database that has run it already will not run it again");
    let Some(sets) = sets else { return vec![row_of("edited-migration", edited(&row.key))] };
    let name = |set: &str| set.rsplit_once(' ').map_or(set, |(name, _)| name).to_owned();
    let (before, after) = (texts(&sets.base), texts(&sets.head));
    let is_known = |set: &&&str| before.iter().any(|one| name(one) == name(set));
    let changed = after.iter().filter(|set| !before.contains(set));
    let (known, new): (Vec<&&str>, Vec<&&str>) = changed.partition(is_known);
    let listed = |sets: &[&&str]| sets.iter().map(|set| name(set)).collect::<Vec<_>>().join(", ");
    let mut out = Vec::new();
    if !new.is_empty() {
        out.push(row_of("new-migration", format!("Run the migrations: {} has {} now", row.key, listed(&new))));
    }
    if !known.is_empty() {
        out.push(row_of("edited-migration", edited(&format!("{} in {}", listed(&known), row.key))));
    }
    out
}

/// The texts of a detail that may be a list, one, or absent.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    }
}

fn changed_fact(row: &ChangedFact, fact: Option<&Fact>) -> Option<(u8, Step)> {
    let change = |attr: &str| row.changes.iter().find(|change| change.attr == attr);
    let (order, rule, text) = match row.kind {
        FactKind::EnvVar => environment(row, fact, change("required"), change("default"))?,
        FactKind::Command if fact.is_some_and(is_start) => {
            let change = change("runs").or_else(|| change("command")).or_else(|| row.changes.first())?;
            (5, "changed-start-command", format!("It is started differently: {}", told(change)))
        }
        FactKind::Runtime => {
            (7, "changed-runtime", format!("Check the runtime: {} instead of {}", row.key, row.base_key.as_ref()?))
        }
        FactKind::Container => {
            (7, "changed-base-image", format!("Rebuild the image: {} instead of {}", row.key, row.base_key.as_ref()?))
        }
        FactKind::Endpoint => {
            let guard = change("guard").filter(|guard| guard.base == "found")?;
            (1, "guard-not-seen", format!("Look at {}: a guard was seen in front of it, now {}", row.key, told(guard)))
        }
        _ => return None,
    };
    let evidence = row.head_evidence.clone();
    Some((order, new_step(rule, text, row.kind, &row.key, "head", evidence)))
}

fn environment(
    row: &ChangedFact,
    fact: Option<&Fact>,
    required: Option<&Change>,
    default: Option<&Change>,
) -> Option<(u8, &'static str, String)> {
    if required.is_some_and(|required| required.head == Value::Bool(true)) {
        return Some((0, "env-var-now-required", format!("Set {}: it had a default or was optional before", row.key)));
    }
    let is_empty = |value: &Value| value.as_str().is_none_or(str::is_empty);
    let default = default.filter(|change| !(is_empty(&change.base) && is_empty(&change.head)))?;
    // What a program sets for itself is nothing that a deploy decides about.
    if fact.is_some_and(|fact| {
        fact.attrs.contains_key("set_by_program") || is_only_read_again(row, fact) || went_with_a_reader(row, fact)
    }) {
        return None;
    }
    let rule = "changed-default";
    Some((2, rule, format!("{}: its default changed: {}", row.key, told(default))))
}

/// Whether every line that read the variable still does, and another one has a default of its own. The lines that differ
/// come first.
fn is_only_read_again(row: &ChangedFact, fact: &Fact) -> bool {
    let stands_in = |evidence: &[Evidence], line: Option<&Evidence>| {
        line.is_some_and(|line| evidence.iter().any(|one| one.sha256 == line.sha256))
    };
    stands_in(&fact.evidence, row.base_evidence.first()) && !stands_in(&row.base_evidence, row.head_evidence.first())
}

/// Whether the default is another one because a line that read the variable is gone, and none that reads it now is new.
fn went_with_a_reader(row: &ChangedFact, fact: &Fact) -> bool {
    let stood = |line: &Evidence| row.base_evidence.iter().any(|one| one.sha256 == line.sha256);
    row.base_evidence.len() > fact.evidence.len() && fact.evidence.iter().all(stood)
}

/// Whether a new variable is one to decide about: it has no default, or an empty one, with which a program starts and
/// does nothing. What is optional without a literal default has one that the program computes.
fn has_no_default(fact: &Fact) -> bool {
    match fact.attr("default") {
        Some(default) => default.is_empty(),
        // Nor is what the program or its framework sets for itself.
        None if fact.attrs.contains_key("set_by_program") => false,
        None => !fact.attrs.contains_key("default") && !fact.attrs.contains_key("required"),
    }
}

fn is_not_deployed(fact: &Fact) -> bool {
    fact.attrs.get(NOT_DEPLOYED) == Some(&Value::Bool(true))
}

/// Whether a command starts the product where it runs. `make run`, `just up`, `npm run preview` and `start:test` start it
/// where it is written.
fn is_start(fact: &Fact) -> bool {
    const OF_PRODUCTS: [&str; 5] = ["prod", "production", "serve", "server", "start"];
    let script = fact.attr("script").unwrap_or_default().to_ascii_lowercase();
    let of_product = |word: &str| word == "run" || OF_PRODUCTS.contains(&word);
    let mut words = script.split([':', '-', '_', '.', '/', ' ']);
    fact.attr("kind") == Some("start") && (script.is_empty() || (script != "run" && words.all(of_product)))
}

fn command(fact: &Fact) -> &str {
    fact.attr("command").unwrap_or(&fact.key)
}

/// A change in words.
fn told(change: &Change) -> String {
    let text = |value: &Value| match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => format!("`{text}`"),
        other => other.to_string(),
    };
    format!("{} instead of {}", text(&change.head), text(&change.base))
}

fn step(rule: &str, text: String, fact: &Fact, side: &str) -> Step {
    new_step(rule, text, fact.kind, &fact.key, side, fact.evidence.clone())
}

fn new_step(rule: &str, text: String, kind: FactKind, key: &str, side: &str, evidence: Vec<Evidence>) -> Step {
    Step { rule: rule.to_owned(), text, kind, key: key.to_owned(), side: side.to_owned(), service: None, evidence }
}
