//! The `devise` lines of a model.

use crate::syntax::node::NodeExt as _;
use tree_sitter::Node;

use super::literal_names;
use crate::lang::inflect::rails::Inflector;
use crate::syntax::literal::text;
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;

/// A model has a few concerns, not hundreds.
const MAX_CONCERNS: usize = 64;

/// What a model's `devise` lines say.
#[derive(Debug, Default)]
pub(super) struct DeviseModel {
    pub(super) parts: Vec<String>,
    pub(super) providers: Vec<String>,
    /// A part of the list is computed.
    pub(super) is_open: bool,
}

/// The `devise` lines of a model and of the modules that it includes.
pub(super) fn model(corpus: &Corpus, root: &str, inflector: &Inflector, class: &str) -> Option<DeviseModel> {
    let end = format!("app/models/{class}.rb");
    let at_root = if root.is_empty() { end.clone() } else { format!("{root}/{end}") };
    let below = format!("/{end}");
    let file = corpus.file(&at_root).or_else(|| corpus.application().find(|file| file.path.ends_with(&below)))?;
    let mut model = DeviseModel::default();
    let mut open: Vec<&SourceFile> = vec![file];
    let mut seen: Vec<&str> = Vec::new();
    while let Some(file) = open.pop() {
        if seen.contains(&file.path.as_str()) || seen.len() > MAX_CONCERNS {
            continue;
        }
        seen.push(&file.path);
        let Some(parsed) = file.syntax() else { continue };
        let mut included = Vec::new();
        lines(parsed.tree.root_node(), file.bytes(), &mut model, &mut included, 0);
        for name in included {
            let name = inflector.underscore(&name);
            let folder = file.path.split("app/models/").next().unwrap_or_default();
            let own = format!("{folder}app/models/{class}/{name}.rb");
            let paths =
                [format!("{folder}app/models/concerns/{name}.rb"), format!("{folder}app/models/{name}.rb"), own];
            open.extend(paths.iter().find_map(|path| corpus.file(path)));
        }
    }
    Some(model)
}

fn lines(node: Node<'_>, bytes: &[u8], model: &mut DeviseModel, included: &mut Vec<String>, depth: usize) {
    if depth > 60 {
        return;
    }
    if node.kind() == "call" {
        let method = node.field("method").map_or("", |method| text(method, bytes));
        if let (true, Some(arguments)) = (matches!(method, "devise" | "include"), node.field("arguments")) {
            for argument in arguments.inner() {
                match (method, argument.kind()) {
                    ("include", "constant" | "scope_resolution") => included.push(text(argument, bytes).to_owned()),
                    ("devise", "simple_symbol") => {
                        model.parts.push(text(argument, bytes).trim_start_matches(':').to_owned());
                    }
                    ("devise", "splat_argument") if !text(argument, bytes).contains(['[', '%']) => {
                        model.is_open = true;
                    }
                    ("devise", "splat_argument") => {
                        model.parts.extend(literal_names(text(argument, bytes).trim_start_matches('*')));
                    }
                    ("devise", "pair") => {
                        let key = argument.field("key").map_or("", |key| text(key, bytes));
                        if let (true, Some(value)) = (key.contains("omniauth_providers"), argument.field("value"))
                            && matches!(value.kind(), "array" | "symbol_array" | "string_array")
                        {
                            let names = text(value, bytes).trim_start_matches("%w");
                            model.providers.extend(literal_names(&names.replace('\n', " ")));
                        }
                    }
                    _ => {}
                }
            }
            return;
        }
    }
    for child in node.inner() {
        lines(child, bytes, model, included, depth + 1);
    }
}
