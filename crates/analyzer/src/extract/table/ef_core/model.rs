//! Contexts without a snapshot: the tables of their sets, under the names that attributes, configurations and the
//! naming package give them.

use std::collections::BTreeMap;

use tree_sitter::Node;

use super::{MAX_CHAIN_DEPTH, USERS_ONLY, push, qualified, visit};
use crate::extract::table::tables::{Table, Tables};
use crate::lang::case;
use crate::lang::csharp::CSharpProgram;
use crate::lang::csharp::lower::CSharpType;
use crate::lang::csharp::member;
use crate::lang::csharp::text::ExpressionPlace;
use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;

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

/// What configurations say about an entity type.
#[derive(Default)]
struct Said<'p, 'c> {
    /// The call of `ToTable` and the type that it stands in.
    table: Option<(&'p CSharpType<'c>, Node<'c>)>,
    is_no_table: bool,
}

pub(super) struct Model<'p, 'c> {
    program: &'p CSharpProgram<'c>,
    said: BTreeMap<String, Said<'p, 'c>>,
    is_snake_case: bool,
}

impl<'p, 'c> Model<'p, 'c> {
    pub(super) fn read(program: &'p CSharpProgram<'c>) -> Self {
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
                let Some(body) = method.node.field("body") else { continue };
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
        // Where only one of several databases is named so, the others keep the names as they are written.
        let snake = program.files_with(&["UseSnakeCaseNamingConvention("]);
        let providers = program.files_with(&["UseSqlServer(", "UseSqlite(", "UseMySql(", "UseMySQL("]);
        let is_snake_case =
            !snake.is_empty() && providers.iter().all(|provider| snake.iter().any(|file| file.path == provider.path));
        Self { program, said, is_snake_case }
    }

    pub(super) fn context(&self, context: &'p CSharpType<'c>, outside: &str, tables: &mut Tables) {
        let parts = self.program.parts(context);
        let (bases, _) = self.program.bases(&parts);
        let mut entities: BTreeMap<&'c str, (&'p CSharpType<'c>, Node<'c>, &'c str)> = BTreeMap::new();
        for part in parts.iter().chain(bases.iter().flatten()) {
            for member in part.members().into_iter().filter(|member| member.kind() == "property_declaration") {
                let bytes = part.bytes();
                let of = member.field_text("type", bytes).trim_end_matches('?');
                let entity = of.rsplit_once("DbSet<").and_then(|(_, rest)| rest.strip_suffix('>'));
                let name = member.field_text("name", bytes);
                if let Some(entity) = entity {
                    entities.entry(entity).or_insert((part, member, name));
                }
            }
        }
        for (entity, (part, member, name)) in &entities {
            self.set(part, *member, entity, name, &entities, tables);
        }
        if outside.contains("Identity") {
            let at = context.file.line_at(context.node.field("name").map_or(0, |name| name.start_byte()));
            let is_users_only = outside.split('<').next().is_some_and(|base| base.ends_with(USERS_ONLY));
            for name in IDENTITY.into_iter().filter(|name| !is_users_only || !name.contains("Role")) {
                let evidence = context.file.lines(at, at);
                let name = self.conventional(name);
                tables.found.push(Table { name, said_by: "ef core identity", columns: Vec::new(), evidence });
            }
        }
    }

    fn set(
        &self,
        part: &'p CSharpType<'c>,
        member: Node<'c>,
        entity: &str,
        name: &str,
        entities: &BTreeMap<&'c str, (&'p CSharpType<'c>, Node<'c>, &'c str)>,
        tables: &mut Tables,
    ) {
        let said = self.said.get(simple(entity));
        let classes = self.program.resolve(entity, part);
        if let Some((of, call)) = said.and_then(|said| said.table) {
            let place = ExpressionPlace::within(self.program, of);
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
            let place = ExpressionPlace::within(self.program, class);
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
        if self.is_snake_case { case::snake(name, case::around_abbreviations) } else { name.to_owned() }
    }
}

/// The entity that a call configures: `Entity<T>()` in its chain or around it.
fn entity<'c>(call: Node<'c>, around: &[Node<'c>], bytes: &'c [u8]) -> Option<&'c str> {
    let generic = |node: Node<'c>| {
        let function = node.field("function")?;
        let name = text(function.field("name").unwrap_or(function), bytes);
        name.strip_prefix("Entity<")?.strip_suffix('>')
    };
    let mut chain = Some(call);
    for _ in 0..MAX_CHAIN_DEPTH {
        let Some(here) = chain else { break };
        if let Some(found) = generic(here) {
            return Some(found);
        }
        let function = here.field("function");
        chain = function.and_then(|function| function.field("expression"));
    }
    around.iter().rev().find_map(|node| generic(*node))
}

fn simple(name: &str) -> &str {
    let name = name.split('<').next().unwrap_or(name);
    name.rsplit('.').next().unwrap_or(name)
}
