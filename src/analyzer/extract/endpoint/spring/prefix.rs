//! What stands before every path of an application: context path, servlet path, and the prefixes that a
//! configuration adds for the controllers of a package or with an annotation.

use std::collections::BTreeSet;

use tree_sitter::Node;

use super::pattern::rooted;
use crate::analyzer::corpus::Corpus;
use crate::analyzer::evidence::Evidence;
use crate::analyzer::jvm::java::{expression, lines, named};
use crate::analyzer::jvm::model::{Annotation, Expr, TypeId, simple};
use crate::analyzer::jvm::modules::Modules;
use crate::analyzer::jvm::program::{Program, Scope};
use crate::analyzer::jvm::settings::{Settings, module_of};
use crate::analyzer::syntax::grammar::Family;
use crate::analyzer::syntax::literal::text;
use crate::analyzer::syntax::prefilter;

/// Settings whose paths stand before all others, outermost first; each line is one setting under its names.
const ABOVE: [&[&str]; 3] = [
    &["server.servlet.context-path", "server.context-path"],
    &["spring.mvc.servlet.path", "server.servlet.path", "server.servlet-path"],
    &["spring.webflux.base-path"],
];
/// Conditions inside of conditions.
const MAX_DEPTH: usize = 16;

/// A path and the lines that say it.
pub(super) type Prefix = (String, Vec<Evidence>);

/// The prefixes of all applications.
pub(super) struct Prefixes<'c> {
    pub(super) settings: Settings<'c>,
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
    condition: Condition,
}

/// Which controllers a prefix is for.
#[derive(Debug)]
enum Condition {
    /// Those with one of these annotations, by simple name.
    Annotated(Vec<String>),
    /// Those in one of these packages or below.
    Package(Vec<String>),
    /// Those that are of one of these types.
    Assignable(Vec<String>),
    Not(Box<Condition>),
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Unknown,
}

impl<'c> Prefixes<'c> {
    pub(super) fn read(program: &mut Program<'c>) -> Self {
        let corpus = program.corpus;
        let settings = Settings::read(corpus);
        let mut added = Vec::new();
        for file in prefilter::files_with(corpus, Family::Java, &["addPathPrefix"]) {
            let (Some(unit), Some(parsed)) = (program.load(file), file.syntax()) else { continue };
            let module = module_of(&file.path).to_owned();
            for call in calls(parsed.tree.root_node(), "addPathPrefix", file.bytes()) {
                let given = call.child_by_field_name("arguments").map(named).unwrap_or_default();
                let [prefix, condition] = given.as_slice() else { continue };
                let scope = Scope { unit, inside: program.types_of(unit).first().copied() };
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
    pub(super) fn added(&self, program: &mut Program<'_>, of: TypeId) -> Result<Prefix, String> {
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
pub(super) fn text_of(
    program: &mut Program<'_>,
    settings: &Settings<'_>,
    module: &str,
    scope: Scope,
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
        let is_call = node.kind() == "method_invocation"
            && node.child_by_field_name("name").is_some_and(|called| text(called, bytes) == name);
        if is_call {
            out.push(node);
        }
        open.extend(named(node));
    }
    out.sort_by_key(Node::start_byte);
    out
}

fn read_condition(node: Node<'_>, bytes: &[u8], program: &mut Program<'_>, scope: Scope, depth: usize) -> Condition {
    if depth > MAX_DEPTH {
        return Condition::Unknown;
    }
    let mut inner = |node: Node<'_>| read_condition(node, bytes, program, scope, depth + 1);
    match node.kind() {
        "lambda_expression" => node.child_by_field_name("body").map_or(Condition::Unknown, inner),
        "parenthesized_expression" | "return_statement" => node.named_child(0).map_or(Condition::Unknown, inner),
        "block" if node.named_child_count() == 1 => node.named_child(0).map_or(Condition::Unknown, inner),
        "true" => Condition::All(Vec::new()),
        "false" => Condition::Any(Vec::new()),
        "unary_expression" if text(node, bytes).starts_with('!') => node
            .child_by_field_name("operand")
            .map_or(Condition::Unknown, |operand| Condition::Not(Box::new(inner(operand)))),
        "binary_expression" => {
            let sides = (node.child_by_field_name("left"), node.child_by_field_name("right"));
            let operator = node.child_by_field_name("operator").map_or("", |operator| text(operator, bytes));
            let (Some(left), Some(right)) = sides else { return Condition::Unknown };
            match operator {
                "&&" => Condition::All(vec![inner(left), inner(right)]),
                "||" => Condition::Any(vec![inner(left), inner(right)]),
                _ => Condition::Unknown,
            }
        }
        "method_invocation" => {
            let name = node.child_by_field_name("name").map_or("", |name| text(name, bytes));
            let given = node.child_by_field_name("arguments").map(named).unwrap_or_default();
            let object = node.child_by_field_name("object");
            if let (Some(object), [other]) = (object.filter(|_| matches!(name, "and" | "or")), given.as_slice()) {
                let both = vec![inner(object), inner(*other)];
                return if name == "and" { Condition::All(both) } else { Condition::Any(both) };
            }
            if let Some(object) = object.filter(|_| name == "negate") {
                return Condition::Not(Box::new(inner(object)));
            }
            let values: Vec<Expr> = given.iter().map(|given| expression(*given, bytes, 0)).collect();
            let classes: Vec<String> = values
                .iter()
                .filter_map(|value| match value {
                    Expr::Class(name) => Some(name.clone()),
                    _ => None,
                })
                .collect();
            match name {
                "forAnnotation" | "isAnnotationPresent" | "hasAnnotation" | "isAnnotated" if !classes.is_empty() => {
                    Condition::Annotated(classes.iter().map(|name| simple(name).to_owned()).collect())
                }
                "forAnyHandlerType" => Condition::All(Vec::new()),
                "forAssignableType" if !classes.is_empty() => Condition::Assignable(classes),
                "forBasePackageClass" => {
                    let packages = classes.iter().filter_map(|name| {
                        let of = program.resolve(scope, name)?;
                        Some(program.package_of(of).to_owned())
                    });
                    Condition::Package(packages.collect())
                }
                "forBasePackage" | "startsWith" => {
                    // Only `c.getPackage().getName().startsWith(...)` and `c.getPackageName()...` speak of packages.
                    let on = object.map_or("", |object| text(object, bytes));
                    let is_package =
                        name == "forBasePackage" || on.contains("getPackage") || on.ends_with(".getName()");
                    let packages: Option<Vec<String>> =
                        values.iter().map(|value| program.constant(scope, value)).collect();
                    packages.filter(|_| is_package).map_or(Condition::Unknown, Condition::Package)
                }
                _ => Condition::Unknown,
            }
        }
        _ => Condition::Unknown,
    }
}

/// Whether a condition holds for a class; nothing when that is not known.
fn holds(condition: &Condition, program: &mut Program<'_>, of: TypeId, depth: usize) -> Option<bool> {
    match condition {
        Condition::Annotated(names) => {
            let (scope, annotations) = (program.scope(of), program.types[of].annotations.clone());
            Some(names.iter().any(|name| has_annotation(program, scope, &annotations, name, depth)))
        }
        Condition::Package(packages) => {
            let own = program.package_of(of);
            let is_below = |package: &String| {
                let package = package.trim_end_matches(['.', '*']);
                own == package || own.strip_prefix(package).is_some_and(|rest| rest.starts_with('.'))
            };
            Some(packages.iter().any(is_below))
        }
        Condition::Assignable(names) => {
            let lineage = program.lineage(of);
            Some(lineage.iter().any(|at| names.iter().any(|name| simple(name) == program.types[*at].name)))
        }
        Condition::Not(inner) => holds(inner, program, of, depth + 1).map(|holds| !holds),
        Condition::All(all) => {
            let all: Vec<_> = all.iter().map(|one| holds(one, program, of, depth + 1)).collect();
            if all.contains(&Some(false)) { Some(false) } else { (!all.contains(&None)).then_some(true) }
        }
        Condition::Any(any) => {
            let any: Vec<_> = any.iter().map(|one| holds(one, program, of, depth + 1)).collect();
            if any.contains(&Some(true)) { Some(true) } else { (!any.contains(&None)).then_some(false) }
        }
        Condition::Unknown => None,
    }
}

fn has_annotation(
    program: &mut Program<'_>,
    scope: Scope,
    annotations: &[Annotation],
    name: &str,
    depth: usize,
) -> bool {
    annotations.iter().any(|annotation| {
        let own = annotation.simple();
        if own == name || (own == "RestController" && matches!(name, "Controller" | "ResponseBody" | "Component")) {
            return true;
        }
        if depth > MAX_DEPTH {
            return false;
        }
        let Some(meta) = program.own_annotation(scope, annotation) else { return false };
        let (inside, on_type) = (program.scope(meta), program.types[meta].annotations.clone());
        has_annotation(program, inside, &on_type, name, depth + 1)
    })
}

/// The paths that `web.xml` gives to Spring's servlet; `/`, `/*` and `*.do` are no prefix.
fn servlets(corpus: &Corpus) -> Vec<(String, Prefix)> {
    let mut out = Vec::new();
    for file in corpus.application().filter(|file| file.name() == "web.xml") {
        let source = file.text();
        let options = roxmltree::ParsingOptions { allow_dtd: true, ..roxmltree::ParsingOptions::default() };
        let Ok(document) = roxmltree::Document::parse_with_options(&source, options) else { continue };
        let text_in = |node: roxmltree::Node<'_, '_>, name: &str| {
            let child = node.children().find(|child| child.tag_name().name() == name);
            child.and_then(|child| Some(child.text()?.trim().to_owned()))
        };
        let all = |name: &'static str| document.descendants().filter(move |node| node.tag_name().name() == name);
        for servlet in all("servlet") {
            let is_spring = text_in(servlet, "servlet-class").is_some_and(|class| class.ends_with("DispatcherServlet"));
            let Some(name) = text_in(servlet, "servlet-name").filter(|_| is_spring) else { continue };
            for mapping in
                all("servlet-mapping").filter(|mapping| text_in(*mapping, "servlet-name").as_ref() == Some(&name))
            {
                let Some(pattern) = text_in(mapping, "url-pattern") else { continue };
                let Some(prefix) = pattern.strip_suffix("/*").filter(|prefix| !prefix.is_empty()) else { continue };
                let line = document.text_pos_at(mapping.range().start).row;
                out.push((module_of(&file.path).to_owned(), (prefix.to_owned(), vec![file.lines(line, line)])));
            }
        }
    }
    out
}
