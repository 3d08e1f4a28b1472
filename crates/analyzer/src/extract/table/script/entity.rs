//! TypeORM and MikroORM: classes with `@Entity`, entity schemas, and the tables between two entities. A naming
//! strategy of the program's own makes names that are not given unknown.

use std::collections::BTreeMap;

use ci_feed_dossier::evidence::Evidence;
use tree_sitter::Node;

use crate::extract::table::tables::Tables;
use crate::extract::table::tables::qualified;
use crate::lang::case::snake_of_class;
use crate::lang::constant::Constants;
use crate::lang::script::{DecoratedClass, classes, decorated, decorators, field, last, nodes};
use crate::syntax::grammar::Family;
use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;
use crate::syntax::prefilter;
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;

/// What is said for the whole program.
struct Options {
    /// Put before each name, by TypeORM's `entityPrefix`.
    prefix: String,
    /// A strategy that names tables by code.
    is_computed: bool,
}

/// A table between two entities, stated once all of them are known.
struct Between {
    owner: String,
    property: String,
    target: Option<String>,
    is_mikro: bool,
    evidence: Vec<Evidence>,
}

pub(super) fn read(corpus: &Corpus, constants: &Constants<'_>, tables: &mut Tables) {
    let files = prefilter::files_with(corpus, Family::Script, &["@Entity", "EntitySchema", "defineEntity("]);
    if files.is_empty() {
        return;
    }
    let options = options(corpus, constants);
    let mut by_class: BTreeMap<String, String> = BTreeMap::new();
    let mut between: Vec<Between> = Vec::new();
    for file in files {
        let is_mikro = file.holds("mikro-orm");
        if !is_mikro && !file.holds("typeorm") {
            continue;
        }
        for class in classes(file) {
            entity(file, constants, &options, &class, is_mikro, tables, &mut by_class, &mut between);
        }
        nodes(file, |node| schema(file, constants, &options, node, tables));
    }
    for one in between {
        let Some(owner) = by_class.get(&one.owner) else { continue };
        let name = if one.is_mikro {
            format!("{owner}_{}", snake_of_class(&one.property))
        } else {
            let Some(target) = one.target.as_ref().and_then(|target| by_class.get(target)) else {
                let reason = format!("the table between {} and another entity has no known name", one.owner);
                tables.unresolved(reason, one.evidence[0].clone());
                continue;
            };
            snake_of_class(&format!("{owner}_{}_{target}", one.property.replace('.', "_")))
        };
        tables.add(&name, "entity", Vec::new(), one.evidence);
    }
}

fn options(corpus: &Corpus, constants: &Constants<'_>) -> Options {
    let mut out = Options { prefix: String::new(), is_computed: false };
    for file in prefilter::files_with(corpus, Family::Script, &["entityPrefix", "NamingStrategy"]) {
        let bytes = file.bytes();
        for class in classes(file) {
            let heritage = class.node.named_child(1).map_or("", |heritage| text(heritage, bytes));
            let body = class.node.field("body");
            let names_tables = heritage.contains("NamingStrategy")
                && body.is_some_and(|body| {
                    body.inner().any(|member| {
                        let name = member.field_text("name", bytes);
                        matches!(name, "tableName" | "classToTableName") && !is_default(member, bytes)
                    })
                });
            out.is_computed |= names_tables;
        }
        nodes(file, |node| {
            if node.kind() == "pair" && node.field_is("key", "entityPrefix", bytes) {
                let value = node.field("value").and_then(|value| constants.value(file, value));
                out.prefix = value.unwrap_or_default();
            }
        });
    }
    out
}

/// A method that takes the given name or the class's name in snake case, as the default does.
fn is_default(method: Node<'_>, bytes: &[u8]) -> bool {
    let body = method.field_text("body", bytes);
    let code: String = body.chars().filter(|letter| !letter.is_whitespace()).collect();
    let takes = code.contains("snakeCase(") || code.contains("underscore(");
    takes && !code.contains('+') && !code.contains("plural") && !code.contains("${")
}

#[expect(clippy::too_many_arguments, reason = "one entity needs all of what is known and fills three lists")]
fn entity(
    file: &SourceFile,
    constants: &Constants<'_>,
    options: &Options,
    class: &DecoratedClass<'_>,
    is_mikro: bool,
    tables: &mut Tables,
    by_class: &mut BTreeMap<String, String>,
    between: &mut Vec<Between>,
) {
    let bytes = file.bytes();
    let found = class.decorators.iter().find(|decorator| decorated(**decorator, bytes).0 == "Entity");
    let Some(decorator) = found else { return };
    let (_, given) = decorated(*decorator, bytes);
    let object = given.iter().find(|argument| argument.kind() == "object").copied();
    let option = |name: &str| object.and_then(|object| field(object, name, bytes));
    let is_true = |name: &str| option(name).is_some_and(|value| value.kind() == "true");
    if is_true("abstract") || option("discriminatorValue").is_some() && is_mikro && option("tableName").is_none() {
        return;
    }
    // A virtual entity of MikroORM is a query.
    if is_mikro && option("expression").is_some() {
        return;
    }
    let evidence = vec![file.lines_of(*decorator), file.first_line_of(class.node)];
    let plain = given.first().filter(|first| first.kind() != "object").copied();
    let said = plain.or_else(|| option(if is_mikro { "tableName" } else { "name" })).or_else(|| option("tableName"));
    let name = match said {
        Some(value) => match constants.value(file, value) {
            Some(name) => name,
            None => {
                let shown = text(value, bytes);
                tables.unresolved(
                    format!("entity {} has a computed name: `{shown}`", class.name),
                    file.lines_of(*decorator),
                );
                return;
            }
        },
        None if options.is_computed => {
            let reason = format!("entity {} is named by a naming strategy of the program", class.name);
            tables.unresolved(reason, file.lines_of(*decorator));
            return;
        }
        None => snake_of_class(&class.name),
    };
    let name = format!("{}{name}", options.prefix);
    by_class.insert(class.name.clone(), name.clone());
    let schema = option("schema").and_then(|value| constants.value(file, value)).filter(|schema| schema != "public");
    let table = qualified(schema, &name);
    tables.add(&table, "entity", Vec::new(), evidence.clone());
    if class.decorators.iter().any(|decorator| {
        let (name, given) = decorated(*decorator, bytes);
        name == "Tree" && given.first().is_some_and(|kind| text(*kind, bytes).contains("closure-table"))
    }) {
        tables.add(&format!("{table}_closure"), "entity", Vec::new(), evidence);
    }
    members(file, constants, class, is_mikro, tables, between);
}

/// The members of the class that have a table between them and another entity.
fn members(
    file: &SourceFile,
    constants: &Constants<'_>,
    class: &DecoratedClass<'_>,
    is_mikro: bool,
    tables: &mut Tables,
    between: &mut Vec<Between>,
) {
    let bytes = file.bytes();
    let Some(body) = class.node.field("body") else { return };
    for member in body.inner() {
        let found = decorators(member);
        let named = |wanted: &str| found.iter().find(|decorator| decorated(**decorator, bytes).0 == wanted).copied();
        let Some(many) = named("ManyToMany") else { continue };
        let (_, given) = decorated(many, bytes);
        let property = member.field_text("name", bytes).to_owned();
        let join = named("JoinTable");
        let object = given.iter().find(|argument| argument.kind() == "object").copied();
        let (said, evidence) = if is_mikro {
            let option = |name: &str| object.and_then(|object| field(object, name, bytes));
            let inverse = given.get(1).is_some_and(|second| second.kind() != "object");
            let is_owner =
                option("owner").is_some_and(|owner| owner.kind() == "true") || option("inversedBy").is_some();
            if option("mappedBy").is_some() || option("pivotEntity").is_some() || (inverse && !is_owner) {
                continue;
            }
            (option("pivotTable"), file.lines_of(many))
        } else {
            let Some(join) = join else { continue };
            let (_, join_given) = decorated(join, bytes);
            let first = join_given.first().copied();
            let said = match first {
                Some(object) if object.kind() == "object" => field(object, "name", bytes),
                other => other,
            };
            (said, file.lines_of(join))
        };
        let at = vec![evidence, file.lines_of(many)];
        match said {
            Some(value) => match constants.value(file, value) {
                Some(name) => tables.add(&name, "entity", Vec::new(), at),
                None => {
                    let shown = text(value, bytes);
                    tables
                        .unresolved(format!("a table between entities has a computed name: `{shown}`"), at[0].clone());
                }
            },
            None => between.push(Between {
                owner: class.name.clone(),
                property,
                target: given.first().and_then(|first| target(*first, bytes)),
                is_mikro,
                evidence: at,
            }),
        }
    }
}

/// The class in `() => User`, `(type) => User`, `User` or `"User"`.
fn target(node: Node<'_>, bytes: &[u8]) -> Option<String> {
    match node.kind() {
        "arrow_function" => target(node.field("body")?, bytes),
        "identifier" | "member_expression" => Some(last(text(node, bytes)).to_owned()),
        "string" => crate::syntax::literal::whole(node, bytes),
        _ => None,
    }
}

/// `new EntitySchema({ name: "User", tableName: "users" })`.
fn schema(file: &SourceFile, constants: &Constants<'_>, options: &Options, node: Node<'_>, tables: &mut Tables) {
    let bytes = file.bytes();
    if node.kind() != "new_expression" {
        return;
    }
    let is_schema = node.field_is("constructor", "EntitySchema", bytes);
    let object = node.arguments().first().copied().filter(|first| first.kind() == "object" && is_schema);
    let Some(object) = object else { return };
    if field(object, "abstract", bytes).is_some_and(|value| value.kind() == "true") {
        return;
    }
    let said = field(object, "tableName", bytes);
    let class = field(object, "name", bytes).or_else(|| field(object, "class", bytes));
    let name = match said {
        Some(value) => constants.value(file, value),
        None if options.is_computed => None,
        None => class.and_then(|class| match class.kind() {
            "identifier" => Some(snake_of_class(text(class, bytes))),
            _ => constants.value(file, class).map(|class| snake_of_class(&class)),
        }),
    };
    match name {
        Some(name) => {
            tables.add(&format!("{}{name}", options.prefix), "entity", Vec::new(), vec![file.first_line_of(node)])
        }
        None => tables.unresolved("an entity schema has a computed name".to_owned(), file.first_line_of(node)),
    }
}
