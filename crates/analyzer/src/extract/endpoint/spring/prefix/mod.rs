//! What stands before every path of an application: context path, servlet path, and the prefixes that a
//! configuration adds for the controllers of a package or with an annotation.

mod condition;
mod servlet;

use crate::syntax::node::NodeExt as _;
use std::collections::BTreeSet;

use ci_feed_dossier::evidence::Evidence;
use tree_sitter::Node;

use super::pattern::rooted;
use crate::lang::jvm::java::{expression, lines, named};
use crate::lang::jvm::model::{Expr, TypeId};
use crate::lang::jvm::modules::Modules;
use crate::lang::jvm::program::{JvmProgram, JvmScope};
use crate::lang::jvm::settings::{JvmSettings, module_of};
use crate::syntax::grammar::Family;
use crate::syntax::literal::text;
use crate::syntax::prefilter;
use condition::{PrefixCondition, holds, read_condition};
use servlet::servlets;

/// Settings whose paths stand before all others, outermost first; each line is one setting under its names.
const ABOVE: [&[&str]; 3] = [
    &["server.servlet.context-path", "server.context-path"],
    &["spring.mvc.servlet.path", "server.servlet.path", "server.servlet-path"],
    &["spring.webflux.base-path"],
];

/// A path and the lines that say it.
pub(super) type Prefix = (String, Vec<Evidence>);

/// The prefixes of all applications.
pub(super) struct Prefixes<'c> {
    pub(super) settings: JvmSettings<'c>,
    modules: Modules,
    /// What servlet descriptors say: module, path.
    servlets: Vec<(String, Prefix)>,
    added: Vec<Added>,
}

/// `configurer.addPathPrefix(prefix, condition)`
struct Added {
    module: String,
    prefix: Option<String>,
    evidence: Evidence,
    condition: PrefixCondition,
}

impl<'c> Prefixes<'c> {
    pub(super) fn read(program: &mut JvmProgram<'c>) -> Self {
        let corpus = program.corpus;
        let settings = JvmSettings::read(corpus);
        let mut added = Vec::new();
        for file in prefilter::files_with(corpus, Family::Java, &["addPathPrefix"]) {
            let (Some(unit), Some(parsed)) = (program.load(file), file.syntax()) else { continue };
            let module = module_of(&file.path).to_owned();
            for call in calls(parsed.tree.root_node(), "addPathPrefix", file.bytes()) {
                let given = call.field("arguments").map(named).unwrap_or_default();
                let [prefix, condition] = given.as_slice() else { continue };
                let scope = JvmScope { unit, inside: program.types_of(unit).first().copied() };
                let prefix = expression(*prefix, file.bytes(), 0);
                let prefix = text_of(program, &settings, &module, scope, &prefix);
                let condition = read_condition(*condition, file.bytes(), program, scope, 0);
                let (first, last) = lines(call);
                added.push(Added { module: module.clone(), prefix, evidence: file.lines(first, last), condition });
            }
        }
        Self { settings, modules: Modules::read(corpus), servlets: servlets(corpus), added }
    }

    /// The prefixes under which the handlers of a file are reached: one for each application with a prefix of its
    /// own. An error says what cannot be known.
    pub(super) fn of_file(&self, path: &str) -> Vec<Result<Prefix, String>> {
        let mut out: Vec<Result<Prefix, String>> = Vec::new();
        for application in self.modules.of(module_of(path)) {
            let one = self.of_application(application);
            let is_known = |known: &Result<Prefix, String>| match (known, &one) {
                (Ok((known, _)), Ok((one, _))) => known == one,
                (known, one) => known == one,
            };
            if !out.iter().any(is_known) {
                out.push(one);
            }
        }
        out
    }

    fn of_application(&self, application: &str) -> Result<Prefix, String> {
        let (mut path, mut evidence) = (String::new(), Vec::new());
        for names in ABOVE {
            let Some(setting) = names.iter().find_map(|name| self.settings.get(application, name)) else { continue };
            let Some(value) = self.settings.filled(application, &setting.value) else {
                return Err(format!("the setting `{}` has no literal value", setting.key));
            };
            let value = rooted(value.trim().trim_end_matches('/'));
            if !value.is_empty() {
                path.push_str(&value);
                evidence.push(setting.evidence());
            }
        }
        if let Some((_, (servlet, lines))) = self.servlets.iter().find(|(module, _)| module == application) {
            path.push_str(servlet);
            evidence.extend(lines.iter().cloned());
        }
        Ok((path, evidence))
    }

    /// The base path of Spring Data REST.
    pub(super) fn data_rest(&self, path: &str) -> Option<Prefix> {
        let modules = self.modules.of(module_of(path));
        let (module, setting) = modules
            .into_iter()
            .find_map(|module| Some((module, self.settings.get(module, "spring.data.rest.base-path")?)))?;
        Some((rooted(self.settings.filled(module, &setting.value)?.trim_end_matches('/')), vec![setting.evidence()]))
    }

    /// A text of an annotation with its placeholders filled in, as each application of a file would.
    pub(super) fn filled(&self, path: &str, text: &str) -> Option<String> {
        if !text.contains("${") {
            return Some(text.to_owned());
        }
        let own = module_of(path);
        let mut values = std::iter::once(own).chain(self.modules.of(own)).filter_map(|module| {
            let key = text.split("${").nth(1)?.split([':', '}']).next()?;
            self.settings.get(module, key)?;
            self.settings.filled(module, text)
        });
        values.next().or_else(|| self.settings.filled(own, text))
    }

    /// The lines of the settings that fill in the placeholders of a text.
    pub(super) fn cited(&self, path: &str, text: &str) -> Vec<Evidence> {
        let own = module_of(path);
        let keys = text.split("${").skip(1).filter_map(|part| part.split([':', '}']).next());
        let found = keys.filter_map(|key| {
            std::iter::once(own).chain(self.modules.of(own)).find_map(|module| self.settings.get(module, key))
        });
        found.map(|setting| setting.evidence()).collect()
    }

    /// The prefix that a configuration adds for the handlers of a class.
    pub(super) fn added(&self, program: &mut JvmProgram<'_>, of: TypeId) -> Result<Prefix, String> {
        let module = module_of(program.path_of(of)).to_owned();
        for one in &self.added {
            let mine: BTreeSet<&str> = self.modules.of(&module).into_iter().collect();
            if !self.modules.of(&one.module).iter().any(|application| mine.contains(application)) {
                continue;
            }
            match holds(&one.condition, program, of, 0) {
                Some(false) => {}
                None => return Err("a prefix is added under a condition that is not understood".to_owned()),
                Some(true) => {
                    return match &one.prefix {
                        Some(prefix) => Ok((rooted(prefix.trim_end_matches('/')), vec![one.evidence.clone()])),
                        None => Err("the prefix that the configuration adds is computed".to_owned()),
                    };
                }
            }
        }
        Ok((String::new(), Vec::new()))
    }
}

/// A constant, or a field that is filled in from the settings.
fn text_of(
    program: &mut JvmProgram<'_>,
    settings: &JvmSettings<'_>,
    module: &str,
    scope: JvmScope,
    expr: &Expr,
) -> Option<String> {
    if let Some(text) = program.constant(scope, expr) {
        return settings.filled(module, &text);
    }
    let Expr::Name(name) = expr else { return None };
    let holder = &program.types[scope.inside?];
    let field = holder.fields.iter().find(|field| field.name == *name)?;
    let filled = field.annotations.iter().find(|one| one.simple() == "Value")?;
    match filled.value("value")? {
        Expr::Text(text) => settings.filled(module, text),
        _ => None,
    }
}

/// Every call of a method of this name.
pub(super) fn calls<'t>(root: Node<'t>, name: &str, bytes: &[u8]) -> Vec<Node<'t>> {
    let mut out = Vec::new();
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        let is_call =
            node.kind() == "method_invocation" && node.field("name").is_some_and(|called| text(called, bytes) == name);
        if is_call {
            out.push(node);
        }
        open.extend(named(node));
    }
    out.sort_by_key(Node::start_byte);
    out
}
