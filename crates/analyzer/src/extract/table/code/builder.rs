//! Calls that make, rename and drop tables in JavaScript and TypeScript: Knex, Kysely, Sequelize's query interface,
//! TypeORM's query runner, node-pg-migrate. All of them name the method alike and the table in its first argument.

use tree_sitter::Node;

use crate::extract::table::order;
use crate::extract::table::replay::Change;
use crate::extract::table::step::Step;
use crate::extract::table::tables::qualified;
use crate::lang::constant::Constants;
use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;
use crate::tree::file::SourceFile;

/// Calls in a chain that are looked through for its beginning.
const MAX_CHAIN: usize = 200;

/// The change that a call makes, if it is one of these.
pub(super) fn step(file: &SourceFile, constants: &Constants<'_>, call: Node<'_>) -> Option<Step> {
    let bytes = file.bytes();
    let function = call.field("function").filter(|node| node.kind() == "member_expression")?;
    let method = function.field("property")?;
    let name = text(method, bytes);
    let does = match name {
        "createTable" | "createTableIfNotExists" | "createTableLike" => Does::Create,
        "renameTable" | "renameTo" => Does::Rename,
        "dropTable" | "dropTableIfExists" => Does::Drop,
        _ => return None,
    };
    let arguments = call.field("arguments")?;
    let arguments: Vec<Node<'_>> = arguments.parts();
    let chain = chain(function, bytes);
    if !is_schema(file, &chain, bytes) {
        return None;
    }
    let schema = chain.schema.and_then(|argument| constants.value(file, argument));
    let table = |argument: Option<&Node<'_>>| -> Result<Option<String>, String> {
        let Some(argument) = argument else { return Ok(None) };
        let (own_schema, table) = named(file, constants, *argument)?;
        let schema = own_schema.or_else(|| schema.clone()).filter(|schema| schema != "public" && schema != "dbo");
        Ok(table.map(|table| qualified(schema, &table)))
    };
    let change = match does {
        Does::Create => {
            table(arguments.first()).map(|table| Some(Change::Create { table: table?, columns: Vec::new() }))
        }
        // What is dropped under a computed name was not known in the first place.
        Does::Drop => Ok(table(arguments.first()).ok().flatten().map(|table| Change::Drop { table })),
        Does::Rename if name == "renameTo" => {
            let from = chain.altered.map(|altered| table(Some(&altered))).transpose();
            let to = table(arguments.first());
            from.and_then(|from| to.map(|to| Some(Change::Rename { from: from??, to: to? })))
        }
        Does::Rename => {
            let (from, to) = (table(arguments.first()), table(arguments.get(1)));
            from.and_then(|from| to.map(|to| Some(Change::Rename { from: from?, to: to? })))
        }
    };
    let change = match change {
        Ok(change) => Ok(change?),
        Err(shown) => Err(format!("`{name}` is called with a computed name: `{shown}`")),
    };
    Some(Step { change, range: method.start_byte()..call.end_byte(), is_exact: true })
}

enum Does {
    Create,
    Rename,
    Drop,
}

/// What stands before the method.
struct Chain<'t> {
    root: Node<'t>,
    schema: Option<Node<'t>>,
    altered: Option<Node<'t>>,
    has_schema: bool,
}

fn chain<'t>(function: Node<'t>, bytes: &[u8]) -> Chain<'t> {
    let mut out = Chain { root: function, schema: None, altered: None, has_schema: false };
    let mut here = function.field("object");
    for _ in 0..MAX_CHAIN {
        let Some(node) = here else { break };
        out.root = node;
        match node.kind() {
            "call_expression" => {
                let inner = node.field("function");
                let method = inner.and_then(|inner| inner.field("property"));
                let first = node.first_argument();
                match method.map(|method| text(method, bytes)) {
                    Some("withSchema") => out.schema = out.schema.or(first),
                    Some("alterTable") => out.altered = out.altered.or(first),
                    _ => {}
                }
                here = inner;
            }
            "member_expression" => {
                let property = node.field_text("property", bytes);
                out.has_schema |= property.to_ascii_lowercase().contains("schema");
                here = node.field("object");
            }
            "await_expression" | "parenthesized_expression" | "non_null_expression" => here = node.named_child(0),
            _ => break,
        }
    }
    out
}

/// Whether the receiver is one of the tools: others (DynamoDB, documents) make tables as well.
fn is_schema(file: &SourceFile, chain: &Chain<'_>, bytes: &[u8]) -> bool {
    let root = text(chain.root, bytes).to_ascii_lowercase();
    let tools = ["knex", "schema", "queryinterface", "queryrunner", "pgm", "qi", "runner", "migrator", "migration"];
    chain.has_schema || tools.iter().any(|tool| root.contains(tool)) || order::root(&file.path).is_some()
}

/// Schema and name of the table that an argument names; the shown text when it is computed.
fn named(
    file: &SourceFile,
    constants: &Constants<'_>,
    argument: Node<'_>,
) -> Result<(Option<String>, Option<String>), String> {
    let bytes = file.bytes();
    let shown = || text(argument, bytes).chars().take(60).collect::<String>();
    let object = match argument.kind() {
        "object" => argument,
        // `new Table({ name: "x" })`
        "new_expression" => {
            let inner = argument.first_argument();
            inner.filter(|inner| inner.kind() == "object").ok_or_else(shown)?
        }
        _ => {
            let known = constants.value(file, argument).ok_or_else(shown)?;
            let known = known.trim_matches(['"', '`']).to_owned();
            return Ok(match known.split_once('.') {
                Some((schema, table)) => (Some(schema.to_owned()), Some(table.to_owned())),
                None => (None, Some(known)),
            });
        }
    };
    let field = |names: &[&str]| {
        let mut pairs = object.inner().filter(|pair| pair.kind() == "pair");
        pairs.find_map(|pair| {
            let key = pair.field_text("key", bytes);
            names.contains(&key).then(|| pair.field("value")).flatten()
        })
    };
    let Some(name) = field(&["name", "tableName"]) else { return Ok((None, None)) };
    let schema = field(&["schema"]).and_then(|schema| constants.value(file, schema));
    Ok((schema, Some(constants.value(file, name).ok_or_else(shown)?)))
}
