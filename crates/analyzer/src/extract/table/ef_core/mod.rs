//! Tables of Entity Framework Core. The snapshot that its migrations keep is the whole truth of a context; a context
//! without one is read from its sets, attributes and configurations. Views and keyless types are no tables.

mod model;

use std::collections::{BTreeMap, BTreeSet};

use tree_sitter::Node;

use crate::extract::table::tables::{Table, Tables};
use crate::lang::csharp::CSharpProgram;
use crate::lang::csharp::lower::{CSharpType, flat};
use crate::lang::csharp::member::{self, argument, call_arguments};
use crate::lang::csharp::text::ExpressionPlace;
use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;
use crate::tree::corpus::Corpus;
use model::Model;

/// Calls in chains, blocks in blocks.
const MAX_CHAIN_DEPTH: usize = 300;
/// The framework's context for users without roles.
const USERS_ONLY: &str = "IdentityUserContext";

pub(super) fn read(corpus: &Corpus, tables: &mut Tables) {
    let Some(program) = CSharpProgram::with(corpus, &["ModelSnapshot", "DbContext", "DbSet<"]) else { return };
    let mut covered: BTreeSet<String> = BTreeSet::new();
    for snapshot in program.types_with(&["ModelSnapshot"]) {
        if snapshot.bases.iter().any(|base| base.rsplit('.').next() == Some("ModelSnapshot")) {
            covered.extend(self::snapshot(&program, snapshot, tables));
        }
    }
    let contexts = contexts(&program);
    // A context that a covered one extends is part of it.
    for (context, _) in &contexts {
        if covered.contains(context.name) {
            let (bases, _) = program.bases(&program.parts(context));
            covered.extend(bases.iter().flatten().map(|base| base.name.to_owned()));
        }
    }
    // So are the others that extend it: one for each database.
    let mut open: Vec<(&CSharpType<'_>, &str)> = Vec::new();
    for (context, outside) in &contexts {
        let (bases, _) = program.bases(&program.parts(context));
        let is_part = bases.iter().flatten().any(|base| covered.contains(base.name));
        if !is_part && !covered.contains(context.name) {
            open.push((context, outside));
        }
    }
    if !open.is_empty() {
        let model = Model::read(&program);
        for (context, outside) in open {
            model.context(context, outside, tables);
        }
    }
}

/// The classes that extend `DbContext` and its kin, with the name of the framework's class above them.
fn contexts<'p, 'c>(program: &'p CSharpProgram<'c>) -> Vec<(&'p CSharpType<'c>, &'c str)> {
    let mut out: Vec<(&CSharpType<'c>, &str)> = Vec::new();
    for one in program.types_with(&["DbSet<", "DbContext", USERS_ONLY]) {
        if one.node.kind() != "class_declaration" || one.bases.is_empty() {
            continue;
        }
        let parts = program.parts(one);
        if parts.first().is_none_or(|first| first.node.id() != one.node.id()) {
            continue;
        }
        if let (_, Some(outside)) = program.bases(&parts)
            && outside.split('<').next().is_some_and(|base| base.ends_with("DbContext") || base.ends_with(USERS_ONLY))
        {
            out.push((one, outside));
        }
    }
    out
}

/// The tables of a snapshot; gives the name of its context.
fn snapshot<'p, 'c>(program: &'p CSharpProgram<'c>, of: &'p CSharpType<'c>, tables: &mut Tables) -> Option<String> {
    let place = ExpressionPlace::within(program, of);
    let bytes = of.bytes();
    let mut schema = String::new();
    let methods = member::methods(of);
    let build = methods.iter().find(|method| method.name == "BuildModel")?;
    let body = build.node.field("body")?;
    visit(body, bytes, &mut |name, call, around| match name {
        "HasDefaultSchema" => {
            schema = call_arguments(call, bytes).first().and_then(|one| place.text(one.value)).unwrap_or_default();
        }
        "ToTable" => {
            let entity = around
                .iter()
                .rev()
                .find(|node| matches!(called(**node, bytes), Some("Entity" | "OwnsOne" | "OwnsMany" | "UsingEntity")));
            let columns = entity.map(|entity| columns(*entity, bytes, &place)).unwrap_or_default();
            push(of, call, &place, &schema, columns, "ef core snapshot", tables);
        }
        _ => {}
    });
    let context = of.attributes.iter().find(|attribute| attribute.name == "DbContext")?;
    let arguments = member::attribute_arguments(context, bytes);
    let named = text(arguments.first()?.value, bytes).strip_prefix("typeof(")?.strip_suffix(')')?;
    Some(named.rsplit('.').next().unwrap_or(named).trim().to_owned())
}

/// A table named by a call of `ToTable`; without a literal name there is none.
fn push<'c>(
    of: &CSharpType<'c>,
    call: Node<'c>,
    place: &ExpressionPlace<'_, 'c>,
    schema: &str,
    columns: Vec<String>,
    said_by: &'static str,
    tables: &mut Tables,
) -> bool {
    let bytes = of.bytes();
    let arguments = call_arguments(call, bytes);
    let Some(first) = argument(&arguments, "name", 0) else { return false };
    if matches!(first.kind(), "lambda_expression" | "null_literal") || text(first, bytes).ends_with("null") {
        return false;
    }
    let at = call.field("arguments").unwrap_or(call).byte_range();
    let evidence = of.file.lines(of.file.line_at(at.start), of.file.line_at(first.end_byte().saturating_sub(1)));
    let Some(name) = place.text(first) else {
        let shown: String = text(first, bytes).chars().take(60).collect();
        tables.unresolved(format!("a table has a computed name: `{shown}`"), evidence);
        return true;
    };
    let own = argument(&arguments, "schema", 1).filter(|one| one.kind() != "lambda_expression");
    let schema = match own {
        Some(own) if text(own, bytes).ends_with("null") => String::new(),
        Some(own) => place.text(own).unwrap_or_default(),
        None => schema.to_owned(),
    };
    tables.found.push(Table { name: qualified(&schema, &name), said_by, columns, evidence });
    true
}

fn qualified(schema: &str, name: &str) -> String {
    if matches!(schema, "" | "public" | "dbo") { name.to_owned() } else { format!("{schema}.{name}") }
}

/// The columns that a snapshot lists for an entity.
fn columns<'c>(entity: Node<'c>, bytes: &'c [u8], place: &ExpressionPlace<'_, 'c>) -> Vec<String> {
    let mut renamed: BTreeMap<usize, String> = BTreeMap::new();
    let mut out: Vec<(usize, String)> = Vec::new();
    let first = |call: Node<'c>| call_arguments(call, bytes).first().and_then(|one| place.text(one.value));
    visit(entity, bytes, &mut |name, call, around| match name {
        // What an owned type has stands in its own call.
        _ if around.iter().skip(1).any(|node| matches!(called(*node, bytes), Some("OwnsOne" | "OwnsMany"))) => {}
        "Property" => out.extend(first(call).map(|column| (call.start_byte(), column))),
        "HasColumnName" => {
            if let Some(column) = first(call) {
                renamed.insert(call.start_byte(), column);
            }
        }
        _ => {}
    });
    // A chain starts where its property does.
    out.into_iter().map(|(at, column)| renamed.get(&at).cloned().unwrap_or(column)).collect()
}

fn called<'c>(node: Node<'c>, bytes: &'c [u8]) -> Option<&'c str> {
    let function = node.field("function").filter(|_| node.kind() == "invocation_expression")?;
    let name = function.field("name").unwrap_or(function);
    text(name, bytes).split('<').next()
}

/// Every call below a node, outermost first, with what is around it.
fn visit<'c>(node: Node<'c>, bytes: &'c [u8], then: &mut dyn FnMut(&'c str, Node<'c>, &[Node<'c>])) {
    let mut around: Vec<Node<'c>> = Vec::new();
    let mut open = vec![(node, 0)];
    while let Some((node, depth)) = open.pop() {
        around.truncate(depth);
        if let Some(name) = called(node, bytes) {
            then(name, node, &around);
        }
        around.push(node);
        if depth < MAX_CHAIN_DEPTH {
            open.extend(flat(node).into_iter().rev().map(|child| (child, depth + 1)));
        }
    }
}
