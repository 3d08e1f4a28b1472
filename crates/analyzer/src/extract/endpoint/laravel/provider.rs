//! Service providers: which of them the application registers, and what their methods load.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use tree_sitter::Node;

use super::group::Group;
use super::registry::Evaluator;
use super::router;
use crate::lang::php::call::PhpCall;
use crate::lang::php::machine::PhpFrame;
use crate::lang::php::text::whole;
use crate::lang::php::unit::{PhpClass, Unit};
use crate::lang::php::value::{PhpObject, PhpValue};
use crate::syntax::grammar::Family;
use crate::syntax::literal::text;
use crate::syntax::prefilter;
use crate::tree::file::SourceFile;
use crate::tree::path::is_below;

/// Run what the providers of the application do when they register and boot.
pub(super) fn boot(machine: &mut Evaluator<'_>) {
    let corpus = machine.corpus;
    let root = machine.project.root.clone();
    let files = prefilter::files_with(corpus, Family::Php, &["ServiceProvider"]);
    let files: Vec<&SourceFile> = files.into_iter().filter(|file| is_below(&file.path, &root)).collect();
    let named = named(machine, &files);
    let mut objects = Vec::new();
    for file in files {
        for class in machine.classes(file) {
            let is_named = named.iter().any(|(name, by)| *name == class.name && by != &file.path);
            if is_named && is_provider(machine, &class) {
                machine.ran.insert(&file.path);
                objects.push(machine.instance(&class, vec![PhpValue::native("app", 0)]));
            }
        }
    }
    for step in ["register", "boot"] {
        for object in &objects {
            machine.call_named(object, step);
        }
    }
    // The base of route providers calls these when all have booted.
    for object in &objects {
        let PhpValue::Object(instance) = object else { continue };
        let lineage = machine.lineage(&instance.class.clone());
        let last = lineage.last().and_then(|last| last.parent.clone()).unwrap_or_default();
        if last.ends_with("RouteServiceProvider") {
            machine.call_named(object, "map");
        }
    }
}

fn is_provider<'c>(machine: &mut Evaluator<'c>, class: &Rc<PhpClass<'c>>) -> bool {
    let is_abstract = (0..class.node.child_count())
        .filter_map(|at| class.node.child(at))
        .any(|child| child.kind() == "abstract_modifier");
    let lineage = machine.lineage(class);
    let last = lineage.last().and_then(|last| last.parent.clone()).unwrap_or_default();
    !is_abstract && last.ends_with("ServiceProvider")
}

/// Full names of classes that configuration, manifests and providers name, with the file that does.
fn named<'c>(machine: &mut Evaluator<'c>, providers: &[&'c SourceFile]) -> BTreeSet<(String, &'c str)> {
    let mut out = BTreeSet::new();
    let root = machine.project.root.clone();
    let corpus = machine.corpus;
    for file in corpus.application().filter(|file| is_below(&file.path, &root)) {
        match file.name() {
            "composer.json" | "module.json" | "plugin.json" => {
                let source = file.text().replace("\\\\", "\\");
                let words =
                    source.split(|letter: char| !(letter.is_ascii_alphanumeric() || matches!(letter, '_' | '\\')));
                out.extend(words.filter(|word| word.contains('\\')).map(|word| (word.to_owned(), file.path.as_str())));
            }
            name if name.ends_with(".php") => {
                let folder = file.folder().rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
                if (matches!(folder.as_str(), "config" | "bootstrap")
                    || providers.iter().any(|one| one.path == file.path))
                    && let Some(parsed) = file.syntax()
                {
                    let unit = machine.unit(file);
                    names(parsed.tree.root_node(), file, &unit, &mut out);
                }
            }
            _ => {}
        }
    }
    out
}

/// The classes that a file names by `Name::class` or in a literal; comments and imports say nothing.
fn names<'c>(root: Node<'c>, file: &'c SourceFile, unit: &Unit, out: &mut BTreeSet<(String, &'c str)>) {
    let bytes = file.bytes();
    let mut cursor = root.walk();
    loop {
        let node = cursor.node();
        match node.kind() {
            "class_constant_access_expression" => {
                if let Some(name) = node.named_child(0) {
                    out.insert((unit.resolve(text(name, bytes)), &file.path));
                }
            }
            "string" => {
                if let Some(name) = whole(node, bytes).filter(|name| name.contains('\\')) {
                    out.insert((name.trim_start_matches('\\').to_owned(), &file.path));
                }
            }
            _ => {}
        }
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return;
            }
        }
    }
}

/// Calls of a provider on itself that its base class answers.
pub(super) fn call<'c>(
    machine: &mut Evaluator<'c>,
    frame: &mut PhpFrame<'c>,
    object: &Rc<PhpObject<'c>>,
    call: &PhpCall<'c>,
) -> Option<PhpValue<'c>> {
    match call.name.as_ref() {
        "loadRoutesFrom" => {
            let evidence = call.evidence(None);
            let mut inner = Group::clone(&machine.host.group());
            inner.from(&evidence);
            machine.host.groups.push(Rc::new(inner));
            let path = call.value(0, "path").cloned().unwrap_or(PhpValue::Null);
            router::load(machine, frame, &path, &evidence);
            machine.host.groups.pop();
            Some(PhpValue::Null)
        }
        // The program may have a method of its own under these names.
        "routes" | "booted" | "booting" | "callAfterResolving" | "mergeConfigFrom" | "loadCachedRoutes"
            if machine.method(&object.class.clone(), &call.name).is_some() =>
        {
            None
        }
        "routes" | "booted" | "booting" => {
            machine.host.defer(call.value(0, "callback"), call);
            Some(PhpValue::Null)
        }
        "mergeConfigFrom" => {
            let path = call.value(0, "path").and_then(PhpValue::as_text)?.to_owned();
            let key = call.value(1, "key").and_then(PhpValue::as_text)?.to_owned();
            if let Some(file) = machine.place(frame, &path) {
                machine.merged.entry(key).or_default().push(file);
            }
            Some(PhpValue::Null)
        }
        "publishes"
        | "loadViewsFrom"
        | "loadTranslationsFrom"
        | "loadMigrationsFrom"
        | "commands"
        | "loadFactoriesFrom" => Some(PhpValue::Null),
        _ => None,
    }
}

/// Calls on the application: `booted`, `register`.
pub(super) fn container<'c>(
    machine: &mut Evaluator<'c>,
    frame: &mut PhpFrame<'c>,
    call: &PhpCall<'c>,
) -> Option<PhpValue<'c>> {
    match call.name.as_ref() {
        "booted" | "booting" => {
            machine.host.defer(call.value(0, "callback"), call);
            Some(PhpValue::Null)
        }
        "routesAreCached" | "runningUnitTests" => Some(PhpValue::Bool(false)),
        // Lumen's application is a router itself in its first versions.
        "get" | "post" | "put" | "patch" | "delete" | "group" if call.arguments.len() > 1 => {
            router::call(machine, frame, &BTreeMap::new(), call)
        }
        _ => None,
    }
}
