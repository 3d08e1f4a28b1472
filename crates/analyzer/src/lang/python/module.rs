//! One module of a Python program: what it imports, its classes and the values of its names. Functions are not
//! looked into.

use std::collections::BTreeMap;

use tree_sitter::Node;

use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;
use crate::tree::file::SourceFile;

/// `from from import name` or `import from`.
#[derive(Debug)]
pub(crate) struct PythonImport {
    pub(crate) from: String,
    pub(crate) name: Option<String>,
}

/// A module as far as names go.
#[derive(Debug)]
pub(crate) struct PythonModule<'c> {
    pub(crate) file: &'c SourceFile,
    pub(crate) imports: BTreeMap<String, PythonImport>,
    pub(crate) globs: Vec<String>,
    pub(crate) classes: BTreeMap<String, Node<'c>>,
    pub(crate) values: BTreeMap<String, Node<'c>>,
}

/// A definition without its decorators.
pub(crate) fn undecorated(node: Node<'_>) -> Node<'_> {
    let inner = node.field("definition").filter(|_| node.kind() == "decorated_definition");
    inner.unwrap_or(node)
}

impl<'c> PythonModule<'c> {
    /// The names of a module, those in `if` and `try` included.
    pub(crate) fn read(file: &'c SourceFile) -> Option<Self> {
        let root = file.syntax()?.tree.root_node();
        let bytes = file.bytes();
        let mut out = PythonModule {
            file,
            imports: BTreeMap::new(),
            globs: Vec::new(),
            classes: BTreeMap::new(),
            values: BTreeMap::new(),
        };
        let mut open = vec![root];
        while let Some(block) = open.pop() {
            for statement in block.inner() {
                let statement = undecorated(statement);
                match statement.kind() {
                    "class_definition" => {
                        if let Some(name) = statement.field("name") {
                            out.classes.insert(text(name, bytes).to_owned(), statement);
                        }
                    }
                    "import_from_statement" => import_from(statement, bytes, &mut out),
                    "import_statement" => import(statement, bytes, &mut out),
                    "expression_statement" => {
                        let inner = statement.named_child(0).filter(|inner| inner.kind() == "assignment");
                        let target = inner.and_then(|inner| inner.field("left"));
                        let value = inner.and_then(|inner| inner.field("right"));
                        if let (Some(target), Some(value)) = (target, value) {
                            out.values.entry(text(target, bytes).to_owned()).or_insert(value);
                        }
                    }
                    "if_statement" | "try_statement" | "else_clause" | "elif_clause" | "except_clause" | "block"
                    | "finally_clause" | "with_statement" => open.push(statement),
                    _ => {}
                }
            }
        }
        Some(out)
    }
}

fn import_from(statement: Node<'_>, bytes: &[u8], out: &mut PythonModule<'_>) {
    let Some(from) = statement.field("module_name") else { return };
    let from = text(from, bytes).replace(char::is_whitespace, "");
    if statement.inner().any(|child| child.kind() == "wildcard_import") {
        out.globs.push(from);
        return;
    }
    let mut cursor = statement.walk();
    for name in statement.children_by_field_name("name", &mut cursor) {
        let (name, alias) = named(name, bytes);
        out.imports.insert(alias.to_owned(), PythonImport { from: from.clone(), name: Some(name.to_owned()) });
    }
}

fn import(statement: Node<'_>, bytes: &[u8], out: &mut PythonModule<'_>) {
    let mut cursor = statement.walk();
    for node in statement.children_by_field_name("name", &mut cursor) {
        let (name, alias) = named(node, bytes);
        if node.kind() == "aliased_import" {
            out.imports.insert(alias.to_owned(), PythonImport { from: name.to_owned(), name: None });
        } else {
            // `import a.b` binds `a`; the names that follow say the rest.
            let head = name.split('.').next().unwrap_or(name);
            out.imports.insert(head.to_owned(), PythonImport { from: head.to_owned(), name: None });
        }
    }
}

/// What is imported, and the name it has here.
fn named<'b>(node: Node<'_>, bytes: &'b [u8]) -> (&'b str, &'b str) {
    if node.kind() != "aliased_import" {
        return (text(node, bytes), text(node, bytes));
    }
    let part = |field| node.field_text(field, bytes);
    (part("name"), part("alias"))
}
