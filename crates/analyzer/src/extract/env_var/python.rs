//! Reads of the environment in Python, by whatever name the file knows it: `os.environ`, what is imported from `os`,
//! variables and parameters that hold it. WSGI hands each request a dictionary that is called `environ`, too: a name
//! that nothing in the file binds to the process's environment is none.

use tree_sitter::Node;

use super::alias::{KnownNames, NameMeaning, NamedRead};
use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;

/// Every place that reads, in the order of the text.
pub(super) fn reads<'t>(root: Node<'t>, bytes: &'t [u8]) -> Vec<NamedRead<'t>> {
    let mut names = KnownNames::default();
    // A walk over a large tree costs more than keeping what it met.
    let nodes: Vec<Node<'t>> = root.preorder(usize::MAX).collect();
    for node in &nodes {
        names.enter(*node, matches!(node.kind(), "function_definition" | "lambda"));
        bind(*node, &mut names, bytes);
    }
    nodes.into_iter().filter_map(|node| read(node, &names, bytes)).collect()
}

fn bind<'b>(node: Node<'_>, names: &mut KnownNames<'b>, bytes: &'b [u8]) {
    let bound = |value: Option<Node<'_>>, names: &KnownNames<'_>| {
        value.and_then(|value| meaning(value, names, bytes)).unwrap_or(NameMeaning::Other)
    };
    match node.kind() {
        "import_statement" => {
            for (name, local) in imported(node, bytes) {
                names.bind(local, if name == "os" { NameMeaning::Module } else { NameMeaning::Other });
            }
        }
        "import_from_statement" => {
            let is_os = node.field_is("module_name", "os", bytes);
            for (name, local) in imported(node, bytes) {
                let member = if is_os { of_module(name) } else { None };
                names.bind(local, member.unwrap_or(NameMeaning::Other));
            }
            if is_os && node.inner_of("wildcard_import").is_some() {
                names.bind("environ", NameMeaning::Environment);
                names.bind("getenv", NameMeaning::Getter);
            }
        }
        "assignment" | "named_expression" => {
            let target = node.field("left").or_else(|| node.field("name"));
            if let Some(target) = target.filter(|target| target.kind() == "identifier") {
                let value = node.field("right").or_else(|| node.field("value"));
                names.bind(text(target, bytes), bound(value, names));
            }
        }
        "for_statement" | "for_in_clause" => {
            if let Some(target) = node.field("left").filter(|target| target.kind() == "identifier") {
                names.bind(text(target, bytes), NameMeaning::Other);
            }
        }
        "parameters" | "lambda_parameters" => {
            for parameter in node.inner() {
                let name = parameter.field("name").or_else(|| parameter.named_child(0)).unwrap_or(parameter);
                names.bind(text(name, bytes), bound(parameter.field("value"), names));
            }
        }
        _ => {}
    }
}

/// What a statement imports, with the name that it gets.
fn imported<'b>(statement: Node<'_>, bytes: &'b [u8]) -> Vec<(&'b str, &'b str)> {
    let mut cursor = statement.walk();
    let names = statement.children_by_field_name("name", &mut cursor);
    names
        .map(|one| match one.field("alias") {
            Some(alias) => (one.field_text("name", bytes), text(alias, bytes)),
            None => (text(one, bytes), text(one, bytes)),
        })
        .collect()
}

/// A member of `os`.
fn of_module(name: &str) -> Option<NameMeaning> {
    match name {
        "environ" | "environb" => Some(NameMeaning::Environment),
        "getenv" | "getenvb" => Some(NameMeaning::Getter),
        _ => None,
    }
}

fn meaning(node: Node<'_>, names: &KnownNames<'_>, bytes: &[u8]) -> Option<NameMeaning> {
    match node.kind() {
        "identifier" => {
            let name = text(node, bytes);
            names.meaning(name, node.start_byte()).or_else(|| (name == "os").then_some(NameMeaning::Module))
        }
        "attribute" => {
            let member = node.field_text("attribute", bytes);
            match meaning(node.field("object")?, names, bytes)? {
                NameMeaning::Module => of_module(member),
                NameMeaning::Environment if member == "get" => Some(NameMeaning::Getter),
                _ => None,
            }
        }
        "parenthesized_expression" => meaning(node.named_child(0)?, names, bytes),
        // `env or os.environ`, `os.environ if env is None else env`
        "boolean_operator" | "conditional_expression" => {
            node.inner().filter_map(|one| meaning(one, names, bytes)).find(|one| one.is_environment())
        }
        _ => None,
    }
}

fn read<'t>(node: Node<'t>, names: &KnownNames<'_>, bytes: &[u8]) -> Option<NamedRead<'t>> {
    let is_environment = |node: Node<'_>| meaning(node, names, bytes) == Some(NameMeaning::Environment);
    let (name, is_required) = match node.kind() {
        "subscript" => {
            node.field("value").filter(|value| is_environment(*value))?;
            (node.field("subscript")?, true)
        }
        "call" => {
            let function = node.field("function")?;
            let sets = function.field_is("attribute", "setdefault", bytes)
                && function.field("object").is_some_and(is_environment);
            if !sets && meaning(function, names, bytes) != Some(NameMeaning::Getter) {
                return None;
            }
            let given = node.arguments();
            let key = given.iter().find(|one| one.kind() == "keyword_argument" && one.field_is("name", "key", bytes));
            let name = key.and_then(|key| key.field("value")).or_else(|| given.first().copied())?;
            (Some(name).filter(|name| !matches!(name.kind(), "keyword_argument" | "dictionary_splat"))?, false)
        }
        "comparison_operator" => {
            let (asked, list) = (node.named_child(0)?, node.named_child(1)?);
            let mut cursor = node.walk();
            let operator = node.children_by_field_name("operators", &mut cursor).next()?;
            (Some(asked).filter(|_| matches!(operator.kind(), "in" | "not in") && is_environment(list))?, false)
        }
        _ => return None,
    };
    // Whoever asks whether some name of many is set reads none in particular.
    let is_asked = node.kind() != "comparison_operator" || matches!(name.kind(), "string" | "identifier");
    is_asked.then_some(NamedRead { site: node, name, is_required, is_bundled: false })
}
