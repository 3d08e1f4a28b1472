//! SQLAlchemy, Flask-SQLAlchemy and SQLModel: declarative classes under the name that they give or that their bases
//! compute from the class, and `Table(…)`. What is only reflected from a database is not stated.

use tree_sitter::Node;

use super::{Program, sqlalchemy_core};
use crate::budget::{Budget, Limits};
use crate::extract::table::python::is_column;
use crate::extract::table::tables::Tables;
use crate::lang::case::{self, snake_of_class};
use crate::lang::python::index::{Meaning, PythonClass};
use crate::lang::python::{arguments, called, is_true};
use crate::syntax::literal::{Piece, pieces, text, whole};
use crate::syntax::node::NodeExt as _;

const PATTERNS: &[&str] = &[
    "__tablename__",
    "SQLModel",
    "db.Model",
    "DeclarativeBase",
    "declarative_base",
    "Column(",
    "mapped_column",
    "Table(",
];

/// Expressions within each other in the name of a table.
const NESTED: Limits = Limits::nested(16);

pub(super) fn read(program: &Program<'_>, tables: &mut Tables) {
    let modules = program.modules(PATTERNS, |class| base(program, class).is_some());
    for module in modules {
        for class in program.index.classes(&module) {
            model(program, &class, tables);
        }
    }
    sqlalchemy_core::read(program, tables);
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Base {
    Declarative,
    Flask,
    Model,
}

/// The kind of declarative base that a class comes from.
fn base<'c>(program: &Program<'c>, class: &PythonClass<'c>) -> Option<Base> {
    let mut found = None;
    for one in program.index.lineage(class) {
        let kind = match one {
            Meaning::External(name) => external(&name),
            Meaning::Value(module, value) => {
                let bytes = module.file.bytes();
                match called(value, bytes) {
                    Some("declarative_base" | "automap_base" | "make_declarative_base") => Some(Base::Declarative),
                    _ if text(value, bytes).contains("declarative_base") => Some(Base::Declarative),
                    _ => None,
                }
            }
            Meaning::Class(inner) => is_as_declarative(&inner).then_some(Base::Declarative),
            Meaning::Unknown => None,
        };
        found = found.or(kind);
    }
    found
}

fn external(name: &str) -> Option<Base> {
    let last = name.rsplit('.').next().unwrap_or(name);
    match last {
        "DeclarativeBase" | "DeclarativeBaseNoMeta" | "MappedAsDataclass" | "AsyncAttrs" => Some(Base::Declarative),
        "SQLModel" => Some(Base::Model),
        // `db.Model`, where `db` is a value of the program.
        "Model" if !name.starts_with("django") && !name.contains("models.Model") && !name.starts_with("peewee") => {
            let owner = name.rsplit('.').nth(1).unwrap_or_default();
            let is_database = owner == "db" || owner.ends_with("_db") || owner.ends_with("database") || owner == "DB";
            (is_database || name.starts_with("flask_sqlalchemy")).then_some(Base::Flask)
        }
        "UUIDBase" | "UUIDAuditBase" | "BigIntBase" | "BigIntAuditBase" if name.starts_with("advanced_alchemy") => {
            Some(Base::Declarative)
        }
        _ => None,
    }
}

/// `@as_declarative()` above the class.
fn is_as_declarative(class: &PythonClass<'_>) -> bool {
    let above = class.node.prev_sibling().filter(|above| above.kind() == "decorator");
    above.is_some_and(|above| text(above, class.bytes()).contains("as_declarative"))
}

fn model<'c>(program: &Program<'c>, class: &PythonClass<'c>, tables: &mut Tables) {
    if is_true(class.assigned("__abstract__")) {
        return;
    }
    let base = base(program, class);
    let mut evidence = vec![class.evidence()];
    let name = if let Some(value) = class.assigned("__tablename__") {
        evidence.insert(0, class.lines_of(value));
        match program.constants.value(class.module.file, value) {
            _ if value.kind() == "none" => return,
            Some(name) => name,
            None => {
                let shown = text(value, class.bytes());
                tables.unresolved(
                    format!("the table of {} has a computed name: `{shown}`", class.name),
                    class.lines_of(value),
                );
                return;
            }
        }
    } else {
        match (base, inherited(program, class)) {
            (None, _) => return,
            (Some(Base::Model), _) if !is_true(class.keyword("table")) => return,
            (_, Inherited::Computed(name, at)) => {
                evidence.push(at);
                name
            }
            (_, Inherited::Unknown(at)) => {
                if !is_bare(class) {
                    tables.unresolved(format!("the table of {} has a computed name", class.name), at);
                }
                return;
            }
            (Some(Base::Flask), Inherited::Single) if has_own_key(class) => snake_of_class(&class.name),
            (_, Inherited::Single) => return,
            (Some(Base::Model), Inherited::None) => class.name.to_lowercase(),
            (Some(Base::Flask), Inherited::None) if has_key(program, class) => snake_of_class(&class.name),
            _ => return,
        }
    };
    // A class below another one that brings no key shares its table, whatever it is called.
    if base == Some(Base::Flask) && !has_own_key(class) && has_mapped_parent(program, class) {
        return;
    }
    if base == Some(Base::Model) && !is_true(class.keyword("table")) && !has_column(class) {
        return;
    }
    let table = match schema(program, class) {
        Some((schema, at)) => {
            evidence.push(at);
            format!("{schema}.{name}")
        }
        None => name,
    };
    tables.add(&table, "sqlalchemy model", columns(class), evidence);
}

/// A mapped class without columns of its own is a base or a mixin.
fn is_bare(class: &PythonClass<'_>) -> bool {
    !has_column(class)
}

fn has_column(class: &PythonClass<'_>) -> bool {
    class.assignments().iter().any(|(_, value)| is_column(*value, class.bytes()))
}

/// The columns of the class itself; a literal first argument is their name.
fn columns(class: &PythonClass<'_>) -> Vec<String> {
    let bytes = class.bytes();
    let own = class.assignments().into_iter().filter(|(_, value)| is_column(*value, bytes));
    own.map(|(name, value)| {
        let (plain, named) = arguments(value, bytes);
        let first = named.get("name").or_else(|| plain.first()).filter(|first| first.kind() == "string");
        first.and_then(|first| whole(*first, bytes)).unwrap_or_else(|| name.to_owned())
    })
    .collect()
}

fn has_own_key(class: &PythonClass<'_>) -> bool {
    class.assignments().iter().any(|(_, value)| text(*value, class.bytes()).contains("primary_key=True"))
}

/// Whether Flask-SQLAlchemy makes a table: there is a primary key in the class or in what is mixed in.
fn has_key<'c>(program: &Program<'c>, class: &PythonClass<'c>) -> bool {
    let mut lineage = program.index.lineage(class).into_iter();
    lineage.any(|one| match one {
        Meaning::Class(owner) => {
            let is_mixed_in =
                owner.id() == class.id() || is_true(owner.assigned("__abstract__")) || base(program, &owner).is_none();
            is_mixed_in
                && owner.assignments().iter().any(|(_, value)| {
                    is_column(*value, owner.bytes())
                        && is_true(arguments(*value, owner.bytes()).1.get("primary_key").copied())
                        || text(*value, owner.bytes()).contains("primary_key=True")
                })
        }
        // `primary_key("x")` and its like of a package cannot be seen.
        _ => false,
    })
}

enum Inherited {
    /// No base says anything.
    None,
    /// A base that has a table of its own: the class shares it.
    Single,
    Computed(String, ci_feed_dossier::evidence::Evidence),
    Unknown(ci_feed_dossier::evidence::Evidence),
}

/// The name that the bases give.
fn inherited<'c>(program: &Program<'c>, class: &PythonClass<'c>) -> Inherited {
    for one in program.index.lineage(class) {
        let Meaning::Class(owner) = one else { continue };
        let is_own = owner.id() == class.id();
        if let Some(value) = owner.assigned("__tablename__").filter(|_| !is_own) {
            let is_base = is_true(owner.assigned("__abstract__"));
            // A name given to a mixin or an abstract class is the name of the one class below it.
            return match program.constants.value(owner.module.file, value) {
                Some(name) if is_base => Inherited::Computed(name, owner.lines_of(value)),
                _ => Inherited::Single,
            };
        }
        let Some(function) = owner.inner("function_definition", "__tablename__") else { continue };
        let Some(body) = function.field("body") else { continue };
        // The base itself has no table.
        if is_own && !has_column(class) {
            return Inherited::Single;
        }
        let shares = text(body, owner.bytes()).contains("has_inherited_table");
        if shares && has_mapped_parent(program, class) {
            return Inherited::Single;
        }
        let returned = last_return(body).and_then(|value| computed(value, owner.bytes(), &class.name, &NESTED.start()));
        return match returned {
            Some(name) => Inherited::Computed(name, owner.lines_of(function)),
            None => Inherited::Unknown(owner.lines_of(function)),
        };
    }
    Inherited::None
}

fn has_mapped_parent<'c>(program: &Program<'c>, class: &PythonClass<'c>) -> bool {
    program.index.lineage(class).iter().skip(1).any(|one| match one {
        Meaning::Class(owner) => {
            has_column(owner) && base(program, owner).is_some() && !is_true(owner.assigned("__abstract__"))
        }
        _ => false,
    })
}

fn last_return(body: Node<'_>) -> Option<Node<'_>> {
    let returns = body.inner().filter(|statement| statement.kind() == "return_statement");
    returns.last()?.named_child(0)
}

/// The text that an expression over the class's name gives.
fn computed(node: Node<'_>, bytes: &[u8], class: &str, budget: &Budget) -> Option<String> {
    let budget = &budget.deeper()?;
    let of = |node| computed(node, bytes, class, budget);
    match node.kind() {
        "attribute" => text(node, bytes).ends_with(".__name__").then(|| class.to_owned()),
        "string" => {
            let mut out = String::new();
            for piece in pieces(node, bytes) {
                match piece {
                    Piece::Text(plain) => out.push_str(&plain),
                    Piece::Hole(hole) => out.push_str(&of(hole)?),
                }
            }
            Some(out)
        }
        "binary_operator" => {
            let plus = node.field_is("operator", "+", bytes);
            let (left, right) = (node.field("left")?, node.field("right")?);
            plus.then(|| Some(of(left)? + &of(right)?))?
        }
        "parenthesized_expression" => of(node.named_child(0)?),
        "call" => {
            let function = node.field("function")?;
            let (plain, _) = arguments(node, bytes);
            if let (Some(on), Some(method)) = (function.field("object"), function.field("attribute")) {
                match text(method, bytes) {
                    "lower" => return Some(of(on)?.to_lowercase()),
                    // `re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__)`
                    "sub" if plain.len() == 3 && text(plain[0], bytes).contains("(?<!^)(?=[A-Z])") => {
                        return Some(case::words(&of(plain[2])?, case::each_capital).join("_"));
                    }
                    _ => {}
                }
            }
            let name = text(function, bytes).rsplit('.').next()?.to_lowercase();
            let of_first = || of(*plain.first()?);
            if name.contains("snake") || name.contains("underscore") {
                return Some(snake_of_class(&of_first()?));
            }
            // What such functions make of `HTTPLog` differs; what they make of other names does not.
            splits_at_capitals(function, bytes).then_some(())?;
            let given = of_first()?;
            Some(snake_of_class(&given)).filter(|name| *name == case::snake(&given, case::each_capital))
        }
        _ => None,
    }
}

/// Whether a function of the same file puts an underscore before each capital letter and writes all of it small.
fn splits_at_capitals(function: Node<'_>, bytes: &[u8]) -> bool {
    let name = text(function, bytes);
    let mut root = function;
    while let Some(above) = root.parent() {
        root = above;
    }
    root.inner().any(|child| {
        let is_it = child.kind() == "function_definition" && child.field_is("name", name, bytes);
        let body = if is_it { text(child, bytes) } else { "" };
        body.contains("[A-Z]") && body.contains("lower()") && (body.contains("\"_\"") || body.contains("'_'"))
    })
}

/// The schema in `__table_args__`, the class's own or an inherited one.
fn schema<'c>(program: &Program<'c>, class: &PythonClass<'c>) -> Option<(String, ci_feed_dossier::evidence::Evidence)> {
    for one in program.index.lineage(class) {
        let Meaning::Class(owner) = one else { continue };
        let Some(value) = owner.assigned("__table_args__") else { continue };
        let dictionary = match value.kind() {
            "dictionary" => Some(value),
            _ => value.inner().filter(|part| part.kind() == "dictionary").last(),
        };
        let dictionary = dictionary?;
        for pair in dictionary.inner().filter(|pair| pair.kind() == "pair") {
            let (Some(key), Some(said)) = (pair.field("key"), pair.field("value")) else { continue };
            if whole(key, owner.bytes()).as_deref() == Some("schema") {
                let schema = program.constants.value(owner.module.file, said)?;
                return Some((schema, owner.lines_of(pair))).filter(|(schema, _)| schema != "public");
            }
        }
        return None;
    }
    None
}
