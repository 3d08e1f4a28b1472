//! What a program says about all of its controllers at once: a prefix before every route, another way of writing the
//! names that tokens stand for, lower-case paths. A convention that computes routes makes them unknown.

use crate::syntax::node::NodeExt as _;
use std::collections::BTreeSet;

use ci_feed_dossier::evidence::Evidence;

use super::attribute::Template;
use super::template;
use crate::lang::csharp::CSharpProgram;
use crate::lang::csharp::calls;
use crate::lang::csharp::lower::{CSharpType, flat};
use crate::lang::csharp::member::call_arguments;
use crate::lang::csharp::text::ExpressionPlace;
use crate::syntax::literal::text;

/// Expressions below one that is searched.
const MAX_SEARCHED_NODES: usize = 50_000;
const CONVENTIONS: [&str; 3] = ["IApplicationModelConvention", "IControllerModelConvention", "IActionModelConvention"];
const COMBINES: [&str; 2] = ["CombineAttributeRouteModel", "new AttributeRouteModel"];

/// How a name is written where it stands for a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    /// `OrderItems` as `order-items`.
    Slug,
    Unknown,
}

/// What is said in one project.
struct Said<'c> {
    project: &'c str,
    what: What,
    evidence: Vec<Evidence>,
}

enum What {
    Prefix(Template),
    Style(Style),
    LowerCase,
}

/// The conventions of all projects.
pub(super) struct Conventions<'c> {
    said: Vec<Said<'c>>,
}

/// What counts for the controllers of some projects.
#[derive(Default)]
pub(super) struct Applied {
    prefix: Option<(Template, Vec<Evidence>)>,
    style: Option<Style>,
    is_lower: bool,
}

impl<'c> Conventions<'c> {
    pub(super) fn read(program: &CSharpProgram<'c>) -> Self {
        let mut said = Vec::new();
        for one in program.types_with(&COMBINES) {
            let written = text(one.node, one.bytes());
            let is_convention = one.bases.iter().any(|base| CONVENTIONS.contains(base));
            if is_convention && COMBINES.iter().any(|combines| written.contains(combines)) {
                said.extend(prefix(program, one));
            }
        }
        for (file, types) in program.declarations_with(&["RouteTokenTransformerConvention("]) {
            let Some(within) = types.first() else { continue };
            let all = text_of(file.bytes());
            let made = all.split_once("RouteTokenTransformerConvention(").and_then(|(_, rest)| rest.split_once("new "));
            let name = made.map_or("", |(_, rest)| rest.split(['(', ')', '{']).next().unwrap_or_default().trim());
            let slug = program.resolve(name, within).iter().any(|class| {
                let body = text(class.node, class.bytes());
                body.contains("([a-z])([A-Z])") && body.contains("$1-$2") && body.contains("ToLower")
            });
            let style = if slug { Style::Slug } else { Style::Unknown };
            let project = program.projects.folder_of(file);
            said.push(Said { project, what: What::Style(style), evidence: Vec::new() });
        }
        for file in program.files_with(&["LowercaseUrls"]) {
            let says = |line: &str| {
                let line = line.trim_start();
                !line.starts_with("//") && line.replace(' ', "").contains("LowercaseUrls=true")
            };
            if text_of(file.bytes()).lines().any(says) {
                let project = program.projects.folder_of(file);
                said.push(Said { project, what: What::LowerCase, evidence: Vec::new() });
            }
        }
        Self { said }
    }

    /// What is said in one of these projects.
    pub(super) fn within(&self, projects: &BTreeSet<&str>) -> Applied {
        let mut out = Applied::default();
        for one in self.said.iter().filter(|one| projects.contains(one.project)) {
            match &one.what {
                What::Prefix(prefix) => out.prefix = Some((prefix.clone(), one.evidence.clone())),
                What::Style(style) => out.style = Some(*style),
                What::LowerCase => out.is_lower = true,
            }
        }
        out
    }
}

impl Applied {
    /// The lines that say the prefix.
    pub(super) fn evidence(&self) -> &[Evidence] {
        self.prefix.as_ref().map_or(&[], |(_, evidence)| evidence)
    }

    /// The template of a controller below the prefix; `None` where there is neither.
    pub(super) fn above(&self, own: Option<&Template>) -> Option<Template> {
        match (&self.prefix, own) {
            (None, own) => own.cloned(),
            (Some((prefix, _)), None) => Some(prefix.clone()),
            (Some((prefix, _)), Some(own)) => Some(match (prefix, own) {
                (Ok(prefix), Ok(own)) => Ok(template::combine(prefix, own)),
                (Err(reason), _) | (_, Err(reason)) => Err(reason.clone()),
            }),
        }
    }

    /// A name as it stands for a token; `None` when that is computed.
    pub(super) fn token(&self, name: String) -> Option<String> {
        match self.style {
            None => Some(name),
            Some(Style::Slug) => Some(slug(&name)),
            Some(Style::Unknown) => None,
        }
    }

    /// The template as the program writes its addresses; parameters keep their names.
    pub(super) fn cased(&self, path: Template) -> Template {
        if !self.is_lower {
            return path;
        }
        let mut depth = 0_i32;
        let lower = |letter: char| {
            depth += i32::from(letter == '{') - i32::from(letter == '}');
            if depth > 0 { letter } else { letter.to_ascii_lowercase() }
        };
        path.map(|path| path.chars().map(lower).collect())
    }
}

fn text_of(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}

/// The prefix that a convention is made with, or holds itself.
fn prefix<'c>(program: &CSharpProgram<'c>, class: &CSharpType<'c>) -> Option<Said<'c>> {
    let mut found: BTreeSet<Option<String>> = BTreeSet::new();
    let mut evidence = Vec::new();
    let mut project = None;
    for (file, types) in program.declarations_with(&[class.name]) {
        for within in types {
            let place = ExpressionPlace::within(program, within);
            for made in made_of(within, class.name) {
                let given = call_arguments(made, file.bytes());
                project.get_or_insert(program.projects.folder_of(file));
                evidence.push(file.lines(file.line_at(made.start_byte()), file.line_at(made.end_byte())));
                match given.first() {
                    None => found.insert(own_route(program, class)),
                    Some(first) => {
                        let known = route_text(first.value, &place);
                        let known = known.or_else(|| handed_in(program, within, made, text(first.value, file.bytes())));
                        found.insert(known)
                    }
                };
            }
        }
    }
    let project = project?;
    let mut all = found.into_iter();
    let prefix = match (all.next().flatten(), all.next()) {
        (Some(one), None) => Ok(one),
        _ => Err(format!("the convention `{}` computes it", class.name)),
    };
    evidence.dedup();
    Some(Said { project, what: What::Prefix(prefix), evidence })
}

/// Every `new Name(...)` in a type, without the types inside it.
fn made_of<'c>(within: &CSharpType<'c>, name: &str) -> Vec<tree_sitter::Node<'c>> {
    let mut out = Vec::new();
    let mut open = vec![within.node];
    let mut seen = 0;
    while let Some(node) = open.pop().filter(|_| seen < MAX_SEARCHED_NODES) {
        seen += 1;
        let of = node.field("type").map_or("", |of| text(of, within.bytes()));
        if node.kind() == "object_creation_expression" && of.rsplit('.').next() == Some(name) {
            out.push(node);
        }
        open.extend(flat(node).into_iter().filter(|child| !child.kind().ends_with("class_declaration")));
    }
    out
}

/// The text of `"api"` and of `new RouteAttribute("api")`.
fn route_text<'c>(node: tree_sitter::Node<'c>, place: &ExpressionPlace<'_, 'c>) -> Option<String> {
    let arguments = (node.kind() == "object_creation_expression").then(|| call_arguments(node, place.bytes));
    match arguments {
        Some(arguments) => arguments.first().and_then(|first| place.text(first.value)),
        None => place.text(node),
    }
}

/// The one template that the convention's own text holds.
fn own_route<'c>(program: &CSharpProgram<'c>, class: &CSharpType<'c>) -> Option<String> {
    let within = program.named(class.name).into_iter().find(|same| same.node.id() == class.node.id())?;
    let place = ExpressionPlace::within(program, within);
    let mut all = made_of(within, "RouteAttribute").into_iter().map(|made| route_text(made, &place));
    let first = all.next()??;
    all.all(|other| other.as_deref() == Some(&first)).then_some(first)
}

/// What the calls of the method around hand in for its parameter of this name.
fn handed_in<'c>(
    program: &CSharpProgram<'c>,
    within: &CSharpType<'c>,
    made: tree_sitter::Node<'c>,
    parameter: &str,
) -> Option<String> {
    let bytes = within.bytes();
    let holds = |member: &tree_sitter::Node<'c>| member.byte_range().contains(&made.start_byte());
    let method = within.members().into_iter().find(|member| member.kind() == "method_declaration" && holds(member))?;
    let name = method.field("name").map(|name| text(name, bytes))?;
    let list = method.field("parameters").map(flat)?;
    let parameters = list.into_iter().filter(|one| one.kind() == "parameter");
    let at = parameters
        .map(|one| one.field("name").map_or("", |name| text(name, bytes)))
        .position(|own| own == parameter)?;
    let mut found: BTreeSet<Option<String>> = BTreeSet::new();
    calls::each(
        program,
        &[name],
        |called| called == name,
        |call| {
            let given = call_arguments(call.node, call.file.bytes());
            // Called on its first parameter, or with it.
            let at = if given.len() > at { at } else { at.saturating_sub(1) };
            if let Some(one) = given.get(at) {
                found.insert(route_text(one.value, &call.place));
            }
        },
    );
    let mut all = found.into_iter();
    all.next().flatten().filter(|_| all.next().is_none())
}

/// `OrderItems` as `order-items`.
fn slug(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    let mut before = ' ';
    for letter in name.chars() {
        if before.is_ascii_lowercase() && letter.is_ascii_uppercase() {
            out.push('-');
        }
        out.extend(letter.to_lowercase());
        before = letter;
    }
    out
}
