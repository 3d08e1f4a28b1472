//! Tables of Entity Framework Core. The snapshot that its migrations keep is the whole truth of a context; a context
//! without one is read from its sets, attributes and configurations. Views and keyless types are no tables.

use std::collections::{BTreeMap, BTreeSet};

use tree_sitter::Node;

use super::{Table, Tables};
use crate::analyzer::corpus::Corpus;
use crate::analyzer::extract::csharp::Program;
use crate::analyzer::extract::csharp::lower::{Type, flat};
use crate::analyzer::extract::csharp::member::{self, argument, call_arguments};
use crate::analyzer::extract::csharp::text::Place;
use crate::analyzer::syntax::literal::text;

/// Calls in chains, blocks in blocks.
const MAX_DEPTH: usize = 300;
/// What the framework's own identity context maps.
const IDENTITY: [&str; 7] = [
    "AspNetUsers",
    "AspNetRoles",
    "AspNetUserRoles",
    "AspNetUserClaims",
    "AspNetUserLogins",
    "AspNetUserTokens",
    "AspNetRoleClaims",
];

pub(super) fn read(corpus: &Corpus, tables: &mut Tables) {
    let Some(program) = Program::with(corpus, &["ModelSnapshot", "DbContext", "DbSet<"]) else {
        return;
    };
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
    let mut open: Vec<(&Type<'_>, &str)> = Vec::new();
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
fn contexts<'p, 'c>(program: &'p Program<'c>) -> Vec<(&'p Type<'c>, &'c str)> {
    let mut out: Vec<(&Type<'c>, &str)> = Vec::new();
    for one in program.types_with(&["DbSet<", "DbContext"]) {
        if one.node.kind() != "class_declaration" || one.bases.is_empty() {
            continue;
        }
        let parts = program.parts(one);
        if parts.first().is_none_or(|first| first.node.id() != one.node.id()) {
            continue;
        }
        if let (_, Some(outside)) = program.bases(&parts)
            && outside.split('<').next().is_some_and(|base| base.ends_with("DbContext"))
        {
            out.push((one, outside));
        }
    }
    out
}

/// The tables of a snapshot; gives the name of its context.
fn snapshot<'p, 'c>(program: &'p Program<'c>, of: &'p Type<'c>, tables: &mut Tables) -> Option<String> {
    let place = Place::within(program, of);
    let bytes = of.bytes();
    let mut schema = String::new();
    let methods = member::methods(of);
    let build = methods.iter().find(|method| method.name == "BuildModel")?;
    let body = build.node.child_by_field_name("body")?;
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
    of: &Type<'c>,
    call: Node<'c>,
    place: &Place<'_, 'c>,
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
    let at = call.child_by_field_name("arguments").unwrap_or(call).byte_range();
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
fn columns<'c>(entity: Node<'c>, bytes: &'c [u8], place: &Place<'_, 'c>) -> Vec<String> {
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
    let function = node.child_by_field_name("function").filter(|_| node.kind() == "invocation_expression")?;
    let name = function.child_by_field_name("name").unwrap_or(function);
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
        if depth < MAX_DEPTH {
            open.extend(flat(node).into_iter().rev().map(|child| (child, depth + 1)));
        }
    }
}

/// What configurations say about an entity type.
#[derive(Default)]
struct Said<'p, 'c> {
    /// The call of `ToTable` and the type that it stands in.
    table: Option<(&'p Type<'c>, Node<'c>)>,
    is_no_table: bool,
}

struct Model<'p, 'c> {
    program: &'p Program<'c>,
    said: BTreeMap<String, Said<'p, 'c>>,
    is_snake_case: bool,
}

impl<'p, 'c> Model<'p, 'c> {
    fn read(program: &'p Program<'c>) -> Self {
        let mut said: BTreeMap<String, Said<'p, 'c>> = BTreeMap::new();
        for one in program.types_with(&["ToTable(", "IEntityTypeConfiguration", "ToView(", "HasNoKey("]) {
            if one.bases.iter().any(|base| base.ends_with("ModelSnapshot")) {
                continue;
            }
            let bytes = one.bytes();
            let configured = one.bases.iter().find_map(|base| {
                base.rsplit('.').next().unwrap_or(base).strip_prefix("IEntityTypeConfiguration<")?.strip_suffix('>')
            });
            for method in member::methods(one) {
                let Some(body) = method.node.child_by_field_name("body") else { continue };
                visit(body, bytes, &mut |name, call, around| {
                    if !matches!(name, "ToTable" | "ToView" | "HasNoKey" | "ToSqlQuery") {
                        return;
                    }
                    let Some(entity) = entity(call, around, bytes).or(configured) else { return };
                    let entry = said.entry(simple(entity).to_owned()).or_default();
                    match name {
                        "ToTable" => entry.table = Some((one, call)),
                        _ => entry.is_no_table = true,
                    }
                });
            }
        }
        let is_snake_case = !program.files_with(&["UseSnakeCaseNamingConvention("]).is_empty();
        Self { program, said, is_snake_case }
    }

    fn context(&self, context: &'p Type<'c>, outside: &str, tables: &mut Tables) {
        let parts = self.program.parts(context);
        let (bases, _) = self.program.bases(&parts);
        let mut entities: BTreeMap<&'c str, (&'p Type<'c>, Node<'c>, &'c str)> = BTreeMap::new();
        for part in parts.iter().chain(bases.iter().flatten()) {
            for member in part.members().into_iter().filter(|member| member.kind() == "property_declaration") {
                let bytes = part.bytes();
                let of = member.child_by_field_name("type").map_or("", |of| text(of, bytes)).trim_end_matches('?');
                let entity = of.rsplit_once("DbSet<").and_then(|(_, rest)| rest.strip_suffix('>'));
                let name = member.child_by_field_name("name").map_or("", |name| text(name, bytes));
                if let Some(entity) = entity {
                    entities.entry(entity).or_insert((part, member, name));
                }
            }
        }
        for (entity, (part, member, name)) in &entities {
            self.set(part, *member, entity, name, &entities, tables);
        }
        if outside.contains("Identity") && outside.split('<').next().is_some_and(|base| base.ends_with("DbContext")) {
            let at = context.file.line_at(context.node.child_by_field_name("name").map_or(0, |name| name.start_byte()));
            for name in IDENTITY {
                let evidence = context.file.lines(at, at);
                let name = self.conventional(name);
                tables.found.push(Table { name, said_by: "ef core identity", columns: Vec::new(), evidence });
            }
        }
    }

    fn set(
        &self,
        part: &'p Type<'c>,
        member: Node<'c>,
        entity: &str,
        name: &str,
        entities: &BTreeMap<&'c str, (&'p Type<'c>, Node<'c>, &'c str)>,
        tables: &mut Tables,
    ) {
        let said = self.said.get(simple(entity));
        let classes = self.program.resolve(entity, part);
        if let Some((of, call)) = said.and_then(|said| said.table) {
            let place = Place::within(self.program, of);
            if push(of, call, &place, "", Vec::new(), "ef core model", tables) {
                return;
            }
        }
        let is_keyless = classes.iter().any(|class| class.attributes.iter().any(|one| one.name == "Keyless"));
        if said.is_some_and(|said| said.is_no_table) || is_keyless {
            return;
        }
        // Classes of one hierarchy share the table of the topmost.
        let (bases, _) = self.program.bases(&classes);
        let is_set = |name: &str| entities.keys().any(|entity| simple(entity) == name);
        if bases.iter().flatten().any(|base| is_set(base.name)) {
            return;
        }
        let at = (part.file.line_at(member.start_byte()), part.file.line_at(member.end_byte().saturating_sub(1)));
        let evidence = part.file.lines(at.0, at.1);
        for class in &classes {
            let Some(attribute) = class.attributes.iter().find(|one| one.name == "Table") else { continue };
            let arguments = member::attribute_arguments(attribute, class.bytes());
            let place = Place::within(self.program, class);
            let schema = arguments.iter().find(|one| one.name == Some("Schema")).and_then(|one| place.text(one.value));
            if let Some(name) = arguments.first().and_then(|one| place.text(one.value)) {
                let line = class.file.line_at(attribute.node.start_byte());
                let evidence = class.file.lines(line, line);
                let name = qualified(&schema.unwrap_or_default(), &name);
                tables.found.push(Table { name, said_by: "ef core model", columns: Vec::new(), evidence });
                return;
            }
        }
        let name = self.conventional(name);
        tables.found.push(Table { name, said_by: "ef core model", columns: Vec::new(), evidence });
    }

    fn conventional(&self, name: &str) -> String {
        if self.is_snake_case { snake_case(name) } else { name.to_owned() }
    }
}

/// The entity that a call configures: `Entity<T>()` in its chain or around it.
fn entity<'c>(call: Node<'c>, around: &[Node<'c>], bytes: &'c [u8]) -> Option<&'c str> {
    let generic = |node: Node<'c>| {
        let function = node.child_by_field_name("function")?;
        let name = text(function.child_by_field_name("name").unwrap_or(function), bytes);
        name.strip_prefix("Entity<")?.strip_suffix('>')
    };
    let mut chain = Some(call);
    for _ in 0..MAX_DEPTH {
        let Some(here) = chain else { break };
        if let Some(found) = generic(here) {
            return Some(found);
        }
        let function = here.child_by_field_name("function");
        chain = function.and_then(|function| function.child_by_field_name("expression"));
    }
    around.iter().rev().find_map(|node| generic(*node))
}

fn simple(name: &str) -> &str {
    let name = name.split('<').next().unwrap_or(name);
    name.rsplit('.').next().unwrap_or(name)
}

/// `OrderItems` as `order_items`, the way the naming package does it.
fn snake_case(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut out = String::with_capacity(name.len() + 4);
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| letters.get(at));
        let starts = letter.is_uppercase()
            && before.is_some_and(|before| {
                before.is_lowercase()
                    || before.is_ascii_digit()
                    || (before.is_uppercase() && letters.get(at + 1).is_some_and(|next| next.is_lowercase()))
            });
        if starts {
            out.push('_');
        }
        out.extend(letter.to_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::snake_case;

    #[test]
    fn names_become_snake_case_as_the_naming_package_does_it() {
        assert_eq!(snake_case("OrderItems"), "order_items");
        assert_eq!(snake_case("HTTPRequests"), "http_requests");
        assert_eq!(snake_case("users"), "users");
    }
}
