//! What an attribute means for routing: verbs, templates, authorization. The program's own attributes mean what the
//! framework's attribute means that they are made of, with the values that their constructors hand on.

use crate::lang::csharp::lower::{CSharpAttribute, CSharpType, flat};
use crate::lang::csharp::member::{self, CSharpArgument};
use crate::lang::csharp::text::ExpressionPlace;
use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;

/// Attributes made of attributes.
const MAX_ATTRIBUTE_DEPTH: usize = 6;
/// Words in an attribute that let strangers in after all, in lower case.
const DOUBTS: [&str; 9] =
    ["anonymous", "optional", "public", "skip", "setup", "firsttime", "unauth", "ignore", "localaccess"];

/// A template: its text, or why it is not known.
pub(super) type Template = Result<String, String>;

/// What one attribute means.
#[derive(Debug, Clone, Default)]
pub(super) struct AttributeMeaning {
    /// The framework's attribute that it is, or is made of.
    pub(super) name: String,
    /// The verbs that it allows, if it says any.
    pub(super) verbs: Option<Vec<String>>,
    pub(super) template: Option<Template>,
    /// The first argument as text (`[Area("x")]`, `[ActionName("x")]`).
    pub(super) value: Option<String>,
    pub(super) is_guard: bool,
    pub(super) is_anonymous: bool,
}

impl AttributeMeaning {
    /// Whether it takes part in routing.
    pub(super) fn is_route(&self) -> bool {
        self.verbs.is_some() || self.template.is_some()
    }
}

/// A value handed to an attribute: its name, its text where it is known, and how it is written.
#[derive(Clone)]
struct Given {
    name: Option<String>,
    value: Option<String>,
    shown: String,
}

/// The meaning of an attribute as it stands in a type.
pub(super) fn meaning<'c>(attribute: &CSharpAttribute<'c>, place: &ExpressionPlace<'_, 'c>) -> AttributeMeaning {
    let arguments = member::attribute_arguments(attribute, place.bytes);
    let given = given(&arguments, place);
    let mut out = of(attribute.name, &given, place, 0);
    let written = text(attribute.node, place.bytes).to_ascii_lowercase();
    out.is_guard &= !DOUBTS.iter().any(|doubt| written.contains(doubt));
    out
}

fn given<'c>(arguments: &[CSharpArgument<'c>], place: &ExpressionPlace<'_, 'c>) -> Vec<Given> {
    let one = |argument: &CSharpArgument<'c>| Given {
        name: argument.name.map(str::to_owned),
        value: place.text(argument.value),
        shown: text(argument.value, place.bytes).chars().take(60).collect(),
    };
    arguments.iter().map(one).collect()
}

fn template(given: &[Given], name: &str, at: Option<usize>) -> Option<Template> {
    let named = given.iter().find(|one| one.name.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(name)));
    let found = named.or_else(|| given.iter().filter(|one| one.name.is_none()).nth(at?))?;
    if found.shown == "null" {
        return None;
    }
    Some(found.value.clone().ok_or_else(|| format!("`{}` is computed", found.shown)))
}

fn of<'c>(name: &str, given: &[Given], place: &ExpressionPlace<'_, 'c>, depth: usize) -> AttributeMeaning {
    let mut out = AttributeMeaning { name: name.to_owned(), ..AttributeMeaning::default() };
    if let Some(verb) = verb(name) {
        out.verbs = Some(vec![verb.to_owned()]);
        out.template = template(given, "template", Some(0));
        return out;
    }
    match name {
        "Route" => out.template = Some(template(given, "template", Some(0)).unwrap_or_else(|| Ok(String::new()))),
        "AcceptVerbs" => {
            let verbs = given.iter().filter(|one| one.name.is_none()).filter_map(|one| one.value.clone());
            out.verbs = Some(verbs.flat_map(|verbs| split(&verbs)).collect());
            out.template = template(given, "Route", None);
        }
        "Authorize" => out.is_guard = true,
        "AllowAnonymous" => out.is_anonymous = true,
        "Area" | "ActionName" => out.value = given.first().and_then(|one| one.value.clone()),
        "ApiController" | "Controller" | "NonAction" | "NonController" | "ApiVersion" => {}
        _ => {
            let Some(within) = place.within.filter(|_| depth < MAX_ATTRIBUTE_DEPTH) else { return out };
            let parts = place.program.resolve(&format!("{name}Attribute"), within);
            let parts = if parts.is_empty() { place.program.resolve(name, within) } else { parts };
            if let Some(first) = parts.first() {
                return own(first, given, place, depth);
            }
        }
    }
    out
}

fn verb(name: &str) -> Option<&'static str> {
    Some(match name {
        "HttpGet" => "GET",
        "HttpPost" => "POST",
        "HttpPut" => "PUT",
        "HttpDelete" => "DELETE",
        "HttpPatch" => "PATCH",
        "HttpHead" => "HEAD",
        "HttpOptions" => "OPTIONS",
        _ => return None,
    })
}

fn split(verbs: &str) -> Vec<String> {
    verbs.split(',').map(|verb| verb.trim().to_ascii_uppercase()).filter(|verb| !verb.is_empty()).collect()
}

/// An attribute that the program declares.
fn own<'c>(
    class: &CSharpType<'c>,
    given: &[Given],
    outside: &ExpressionPlace<'_, 'c>,
    depth: usize,
) -> AttributeMeaning {
    let program = outside.program;
    let bytes = class.bytes();
    let (constructor, mut place) = constructed(class, given, outside);
    let handed: Vec<CSharpArgument<'c>> = match constructor {
        Some(constructor) => {
            let initializer = flat(constructor).into_iter().find(|part| part.kind() == "constructor_initializer");
            let list = initializer.and_then(|one| flat(one).into_iter().find(|part| part.kind() == "argument_list"));
            list.map(|list| member::arguments(list, bytes)).unwrap_or_default()
        }
        None => {
            let bases = flat(class.node).into_iter().find(|part| part.kind() == "base_list");
            let lists = bases.map(flat).unwrap_or_default();
            let list = lists.into_iter().find_map(|base| match base.kind() {
                "argument_list" => Some(base),
                _ => flat(base).into_iter().find(|part| part.kind() == "argument_list"),
            });
            list.map(|list| member::arguments(list, bytes)).unwrap_or_default()
        }
    };
    place.within = program.named(class.name).into_iter().find(|same| same.node.id() == class.node.id());
    let mut handed_on = self::given(&handed, &place);
    if let Some(constructor) = constructor {
        bind_assigned(constructor, &mut place);
    }
    // `[Mine(Template = "x")]` sets a property of what it is made of.
    handed_on.extend(given.iter().filter(|one| one.name.is_some()).cloned());
    let base = class.bases.first().copied().unwrap_or_default();
    let base = base.split('<').next().unwrap_or(base).rsplit('.').next().unwrap_or(base);
    let base = base.strip_suffix("Attribute").filter(|short| !short.is_empty()).unwrap_or(base);
    let mut out = if base.is_empty() || base == class.name {
        AttributeMeaning::default()
    } else {
        of(base, &handed_on, &place, depth + 1)
    };
    let implements = |name: &str| class.bases.iter().any(|base| base.ends_with(name));
    if implements("IAllowAnonymous") {
        out.is_anonymous = true;
    }
    if implements("IRouteTemplateProvider") || out.is_route() {
        let assigned = constructor.and_then(|constructor| assigned(constructor, "Template", bytes));
        let said = assigned.or_else(|| member::constant(class, "Template"));
        if let Some(value) = said.filter(|value| value.kind() != "null_literal") {
            let shown = text(value, bytes);
            out.template = Some(place.text(value).ok_or_else(|| format!("`{shown}` is computed")));
        }
    }
    if implements("IActionHttpMethodProvider")
        && let Some(value) = member::constant(class, "HttpMethods")
    {
        out.verbs = Some(texts_in(value, &place).iter().flat_map(|verbs| split(verbs)).collect());
    }
    out
}

/// The constructor that fits the arguments, and the values of its parameters.
fn constructed<'p, 'c>(
    class: &CSharpType<'c>,
    given: &[Given],
    outside: &ExpressionPlace<'p, 'c>,
) -> (Option<tree_sitter::Node<'c>>, ExpressionPlace<'p, 'c>) {
    let bytes = class.bytes();
    let mut place =
        ExpressionPlace { program: outside.program, within: None, bytes, bound: std::collections::BTreeMap::new() };
    let positional: Vec<&Given> = given.iter().filter(|one| one.name.is_none()).collect();
    let parameters = |node: tree_sitter::Node<'c>| {
        let list = node.field("parameters");
        let list = list.or_else(|| flat(node).into_iter().find(|part| part.kind() == "parameter_list"));
        let all = list.map(flat).unwrap_or_default();
        all.into_iter().filter(|one| one.kind() == "parameter").collect::<Vec<_>>()
    };
    let constructors = class.members().into_iter().filter(|member| member.kind() == "constructor_declaration");
    let mut fitting: Vec<_> = constructors.map(|one| (Some(one), parameters(one))).collect();
    let primary = parameters(class.node);
    if fitting.is_empty() || !primary.is_empty() {
        fitting.push((None, primary));
    }
    // A parameter with a default has a third part.
    let needed = |parameters: &[tree_sitter::Node<'c>]| parameters.iter().filter(|one| default(one).is_none()).count();
    fitting.retain(|(_, parameters)| parameters.len() >= positional.len() && needed(parameters) <= given.len());
    fitting.sort_by_key(|(_, parameters)| parameters.len());
    let Some((constructor, parameters)) = fitting.into_iter().next() else { return (None, place) };
    for (at, parameter) in parameters.into_iter().enumerate() {
        let Some(name) = parameter.field("name").map(|name| text(name, bytes)) else { continue };
        let named = given.iter().find(|one| one.name.as_deref() == Some(name));
        let value = match named.or_else(|| positional.get(at).copied()) {
            Some(given) => given.value.clone(),
            None => {
                let default = default(&parameter);
                let within = outside.program.named(class.name).into_iter().find(|one| one.node.id() == class.node.id());
                let place = ExpressionPlace { within, ..place.clone() };
                default.and_then(|default| place.text(default))
            }
        };
        place.bound.insert(name.to_owned(), value);
    }
    (constructor, place)
}

/// The default of a parameter.
fn default<'c>(parameter: &tree_sitter::Node<'c>) -> Option<tree_sitter::Node<'c>> {
    let name = parameter.field("name")?;
    flat(*parameter).into_iter().find(|part| part.start_byte() > name.end_byte() && part.kind() != "comment")
}

/// What a constructor assigns to a property.
fn assigned<'c>(constructor: tree_sitter::Node<'c>, name: &str, bytes: &'c [u8]) -> Option<tree_sitter::Node<'c>> {
    let body = constructor.field("body")?;
    for statement in flat(body) {
        let Some(assignment) = statement.named_child(0).filter(|inner| inner.kind() == "assignment_expression") else {
            continue;
        };
        let left = assignment.field("left").map_or("", |left| text(left, bytes));
        if left.strip_prefix("this.").unwrap_or(left) == name {
            return assignment.field("right");
        }
    }
    None
}

/// Take in what a constructor assigns, so that one property may be made of another.
fn bind_assigned<'c>(constructor: tree_sitter::Node<'c>, place: &mut ExpressionPlace<'_, 'c>) {
    let body = constructor.field("body").map(flat).unwrap_or_default();
    for assignment in body.iter().filter_map(|statement| statement.named_child(0)) {
        if let (Some(left), Some(right)) = (assignment.field("left"), assignment.field("right")) {
            let name = text(left, place.bytes);
            let value = place.text(right);
            place.bound.insert(name.strip_prefix("this.").unwrap_or(name).to_owned(), value);
        }
    }
}

/// The texts of a list as written: `new[] { "GET" }`, `["GET"]`, `new List<string> { HttpMethods.Get }`.
pub(super) fn texts_in<'c>(node: tree_sitter::Node<'c>, place: &ExpressionPlace<'_, 'c>) -> Vec<String> {
    let mut out = Vec::new();
    let mut open = vec![(node, 0)];
    while let Some((node, depth)) = open.pop() {
        if let Some(text) = place.text(node) {
            out.push(text);
        } else if node.kind() == "member_access_expression" {
            // `HttpMethods.Get`, `HttpMethod.Get.Method`
            let written = text(node, place.bytes);
            let written = written.strip_suffix(".Method").unwrap_or(written);
            if let Some((class, verb)) = written.rsplit_once('.')
                && class
                    .rsplit('.')
                    .next()
                    .is_some_and(|class| matches!(class, "HttpMethods" | "HttpMethod" | "WebRequestMethods"))
            {
                out.push(verb.to_ascii_uppercase());
            }
        } else if depth < MAX_ATTRIBUTE_DEPTH {
            open.extend(flat(node).into_iter().rev().map(|child| (child, depth + 1)));
        }
    }
    out
}
