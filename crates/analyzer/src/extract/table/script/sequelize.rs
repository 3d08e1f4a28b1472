//! Sequelize: `define`, `init` and `@Table`, under the name that is given or the plural of the model's name; the
//! tables that `belongsToMany` names. Objection's `tableName` is read here too.

use std::collections::BTreeSet;

use tree_sitter::Node;

use crate::extract::table::tables::Tables;
use crate::extract::table::tables::qualified;
use crate::lang::case::snake_of_class;
use crate::lang::constant::Constants;
use crate::lang::inflect::sequelize::plural;
use crate::lang::script::{classes, decorated, field, last, nodes};
use crate::syntax::grammar::Family;
use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;
use crate::syntax::prefilter;
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;

/// Texts one of which stands in every file that uses a mapper, and those one of which stands in what is read of it: most
/// files of a program name its mapper, and few declare a model.
const NAMES: &[&str] = &["sequelize", "Sequelize", "DataTypes", "objection"];
const MARKS: &[&str] = &[
    ".define",
    "define:",
    "define :",
    "define\"",
    "define'",
    ".init",
    "belongsToMany",
    "@Table",
    ".Table",
    "tableName",
];

/// What is said for all models.
#[derive(Debug, Clone, Copy, Default)]
struct Defaults {
    is_frozen: bool,
    is_underscored: bool,
}

pub(super) fn read(corpus: &Corpus, constants: &Constants<'_>, tables: &mut Tables) {
    let (names, marks) = (prefilter::automaton(NAMES), prefilter::automaton(MARKS));
    let files = prefilter::files_where(corpus, Family::Script, |bytes| names.is_match(bytes) && marks.is_match(bytes));
    let mut defaults = Defaults::default();
    for file in files.iter().filter(|file| file.holds("define")) {
        nodes(file, |node| {
            let is_define = node.kind() == "pair" && node.field_is("key", "define", file.bytes());
            if let Some(object) = node.field("value").filter(|_| is_define) {
                defaults = with(defaults, object, file.bytes());
            }
        });
    }
    let mut models: BTreeSet<String> = BTreeSet::new();
    let mut through: Vec<(&SourceFile, Node<'_>, String)> = Vec::new();
    for file in files {
        nodes(file, |node| {
            if node.kind() == "call_expression" {
                call(file, constants, defaults, node, tables, &mut models);
                if let Some(name) = joined(file, constants, node) {
                    through.push((file, node, name));
                }
            }
        });
        for class in classes(file) {
            let bytes = file.bytes();
            let table = class.decorators.iter().find(|decorator| decorated(**decorator, bytes).0 == "Table");
            if let Some(table) = table.filter(|_| file.holds("sequelize")) {
                let (_, given) = decorated(*table, bytes);
                let options = given.first().copied().filter(|first| first.kind() == "object");
                models.insert(class.name.clone());
                let at = vec![file.lines_of(*table), file.first_line_of(class.node)];
                state(file, constants, defaults, options, &class.name, at, tables);
            } else if file.holds("objection") {
                objection(file, constants, class.node, tables);
            }
        }
    }
    // A name that is a model's means that model; any other is a table of its own.
    for (file, node, name) in through {
        if !models.contains(&name) {
            tables.add(&name, "sequelize model", Vec::new(), vec![file.lines_of(node)]);
        }
    }
}

fn with(defaults: Defaults, object: Node<'_>, bytes: &[u8]) -> Defaults {
    let says = |name: &str, before: bool| match field(object, name, bytes).map(|value| value.kind()) {
        Some("true") => true,
        Some("false") => false,
        _ => before,
    };
    Defaults {
        is_frozen: says("freezeTableName", defaults.is_frozen),
        is_underscored: says("underscored", defaults.is_underscored),
    }
}

/// `sequelize.define("user", {…}, {…})` and `User.init({…}, {…})`.
fn call(
    file: &SourceFile,
    constants: &Constants<'_>,
    defaults: Defaults,
    node: Node<'_>,
    tables: &mut Tables,
    models: &mut BTreeSet<String>,
) {
    let bytes = file.bytes();
    let Some(function) = node.field("function").filter(|node| node.kind() == "member_expression") else {
        return;
    };
    let method = function.field_text("property", bytes);
    let given = node.arguments();
    let object = |at: usize| given.get(at).copied().filter(|argument| argument.kind() == "object");
    match method {
        "define" => {
            let [first, attributes, ..] = given.as_slice() else { return };
            let on = function.field_text("object", bytes).to_lowercase();
            let is_database =
                on.contains("sequelize") || on.ends_with("db") || on.contains("connection") || on.contains("database");
            if !matches!(attributes.kind(), "object" | "identifier" | "call_expression") || !is_database {
                return;
            }
            let Some(model) = constants.value(file, *first) else {
                let shown = text(*first, bytes);
                tables.unresolved(
                    format!("a model is defined under a computed name: `{shown}`"),
                    file.first_line_of(node),
                );
                return;
            };
            models.insert(model.clone());
            state(file, constants, defaults, object(2), &model, vec![file.first_line_of(node)], tables);
        }
        "init" => {
            let Some(options) = object(1) else { return };
            let is_model =
                ["sequelize", "tableName", "modelName"].iter().any(|key| field(options, key, bytes).is_some());
            if !is_model {
                return;
            }
            let on = function.field("object").map_or("", |on| last(text(on, bytes)));
            let model = field(options, "modelName", bytes);
            let model = match model {
                Some(model) => constants.value(file, model),
                None if matches!(on, "super" | "this") => class_around(file, node),
                None => Some(on.to_owned()),
            };
            let Some(model) = model else {
                tables.unresolved("a model has a computed name".to_owned(), file.first_line_of(node));
                return;
            };
            models.extend([model.clone(), on.to_owned()]);
            let mut at = vec![file.first_line_of(node)];
            at.extend(
                ["tableName", "modelName"]
                    .iter()
                    .find_map(|key| field(options, key, bytes))
                    .map(|value| file.lines_of(value)),
            );
            state(file, constants, defaults, Some(options), &model, at, tables);
        }
        _ => {}
    }
}

/// The class that a node stands in.
fn class_around(file: &SourceFile, node: Node<'_>) -> Option<String> {
    let around = |class: &crate::lang::script::DecoratedClass<'_>| {
        class.node.start_byte() <= node.start_byte() && node.end_byte() <= class.node.end_byte()
    };
    classes(file).into_iter().rfind(around).map(|class| class.name)
}

/// State the table of a model.
fn state(
    file: &SourceFile,
    constants: &Constants<'_>,
    defaults: Defaults,
    options: Option<Node<'_>>,
    model: &str,
    evidence: Vec<ci_feed_dossier::evidence::Evidence>,
    tables: &mut Tables,
) {
    let bytes = file.bytes();
    let option = |name: &str| options.and_then(|options| field(options, name, bytes));
    let name = match option("tableName") {
        Some(value) => match constants.value(file, value) {
            Some(name) => name,
            None => {
                let shown = text(value, bytes);
                tables.unresolved(format!("model {model} has a computed table: `{shown}`"), file.lines_of(value));
                return;
            }
        },
        None => {
            let own = options.map_or(defaults, |options| with(defaults, options, bytes));
            let model =
                option("modelName").and_then(|name| constants.value(file, name)).unwrap_or_else(|| model.to_owned());
            let name = if own.is_frozen { model } else { plural(&model) };
            if own.is_underscored { snake_of_class(&name) } else { name }
        }
    };
    let schema = option("schema").and_then(|value| constants.value(file, value)).filter(|schema| schema != "public");
    let table = qualified(schema, &name);
    tables.add(&table, "sequelize model", Vec::new(), evidence);
}

/// The name in `belongsToMany(Other, { through: "x" })`.
fn joined(file: &SourceFile, constants: &Constants<'_>, node: Node<'_>) -> Option<String> {
    let bytes = file.bytes();
    let function = node.field("function").filter(|node| node.kind() == "member_expression")?;
    let method = function.field("property")?;
    if text(method, bytes) != "belongsToMany" {
        return None;
    }
    let options = node.arguments().get(1).copied().filter(|options| options.kind() == "object")?;
    let through = field(options, "through", bytes).filter(|through| through.kind() == "string")?;
    constants.value(file, through)
}

/// `static tableName = "x"` and `static get tableName() { return "x" }`.
fn objection(file: &SourceFile, constants: &Constants<'_>, class: Node<'_>, tables: &mut Tables) {
    let bytes = file.bytes();
    let Some(body) = class.field("body") else { return };
    for member in body.inner() {
        let name = member.field("name").or_else(|| member.field("property"));
        if name.is_none_or(|name| text(name, bytes) != "tableName") || !text(member, bytes).starts_with("static") {
            continue;
        }
        let value = member.field("value").or_else(|| {
            let statement = member.field("body")?.named_child(0)?;
            statement.named_child(0).filter(|_| statement.kind() == "return_statement")
        });
        if let Some(table) = value.and_then(|value| constants.value(file, value)) {
            tables.add(&table, "objection model", Vec::new(), vec![file.lines_of(member)]);
        }
    }
}
