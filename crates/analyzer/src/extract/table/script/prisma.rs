//! Prisma: the models of `*.prisma` files under their mapped names, and the tables of implicit many-to-many relations.
//! The files of one folder are one schema. Views are no tables, collections of MongoDB neither.

use std::collections::{BTreeMap, BTreeSet};

use ci_feed_dossier::evidence::Evidence;

use crate::extract::table::tables::Tables;
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;

/// A model as its block says it.
#[derive(Debug)]
struct Model {
    name: String,
    table: String,
    schema: Option<String>,
    columns: Vec<String>,
    lists: Vec<List>,
    /// Relations that have their keys in this model, by the name of the other one.
    evidence: Vec<Evidence>,
}

/// A field that is a list of another model.
#[derive(Debug)]
struct List {
    of: String,
    relation: Option<String>,
    evidence: Evidence,
}

pub(super) fn read(corpus: &Corpus, tables: &mut Tables) {
    let mut schemas: BTreeMap<&str, Vec<&SourceFile>> = BTreeMap::new();
    for file in corpus.application().filter(|file| file.path.ends_with(".prisma")) {
        // `prisma/schema/*.prisma` and folders within it are read as one.
        let folder = file.folder();
        let root = folder.find("/schema").map_or(folder, |at| &folder[..at]);
        schemas.entry(root).or_default().push(file);
    }
    for files in schemas.values() {
        let is_mongo = |file: &&SourceFile| {
            let text = file.text();
            text.lines().any(|line| {
                let line = line.trim();
                line.starts_with("provider") && line.contains("\"mongodb\"")
            })
        };
        if files.iter().any(is_mongo) {
            continue;
        }
        let models: Vec<Model> = files.iter().flat_map(|file| models(file)).collect();
        for model in &models {
            tables.add(&qualified(model), "prisma schema", model.columns.clone(), model.evidence.clone());
        }
        between(&models, tables);
    }
}

fn qualified(model: &Model) -> String {
    match model.schema.as_deref().filter(|schema| *schema != "public" && *schema != "dbo") {
        Some(schema) => format!("{schema}.{}", model.table),
        None => model.table.clone(),
    }
}

fn models(file: &SourceFile) -> Vec<Model> {
    let text = file.text();
    let mut out: Vec<Model> = Vec::new();
    let mut is_inside = false;
    for (row, line) in text.lines().enumerate() {
        let code = line.split("//").next().unwrap_or_default().trim();
        let code = if line.contains("://") { line.trim() } else { code };
        let at = u32::try_from(row + 1).unwrap_or(u32::MAX);
        if let Some(name) = code.strip_prefix("model ").and_then(|rest| rest.split_whitespace().next()) {
            let name = name.trim_end_matches('{').to_owned();
            is_inside = true;
            out.push(Model {
                table: name.clone(),
                name,
                schema: None,
                columns: Vec::new(),
                lists: Vec::new(),
                evidence: vec![file.lines(at, at)],
            });
            continue;
        }
        let Some(model) = out.last_mut().filter(|_| is_inside) else { continue };
        if code.starts_with('}') {
            is_inside = false;
        } else if let Some(mapped) = argument(code, "@@map(") {
            model.table = mapped;
            model.evidence.push(file.lines(at, at));
        } else if let Some(schema) = argument(code, "@@schema(") {
            model.schema = Some(schema);
            model.evidence.push(file.lines(at, at));
        } else if !code.starts_with("@@") && !line.trim_start().starts_with("//") {
            field(file, model, code, at);
        }
    }
    out
}

fn field(file: &SourceFile, model: &mut Model, code: &str, at: u32) {
    let mut words = code.split_whitespace();
    let (Some(name), Some(kind)) = (words.next(), words.next()) else { return };
    let base = kind.trim_end_matches(['?', ']', '[']).to_owned();
    let is_scalar =
        ["String", "Int", "BigInt", "Float", "Decimal", "Boolean", "DateTime", "Json", "Bytes", "Unsupported"]
            .iter()
            .any(|scalar| base.starts_with(scalar));
    if kind.ends_with("[]") && !is_scalar {
        let relation = argument(code, "@relation(");
        model.lists.push(List { of: base, relation, evidence: file.lines(at, at) });
    } else if is_scalar {
        model.columns.push(argument(code, "@map(").unwrap_or_else(|| name.to_owned()));
    }
}

/// The first string in the arguments of an attribute.
fn argument(code: &str, attribute: &str) -> Option<String> {
    let rest = &code[code.find(attribute)? + attribute.len()..];
    let rest = rest.trim_start();
    let rest = rest.strip_prefix("name:").map_or(rest, str::trim_start);
    let inner = rest.strip_prefix('"')?;
    Some(inner[..inner.find('"')?].to_owned())
}

/// Two models with lists of each other share a table `_AToB`, or `_Name` where the relation has a name.
fn between(models: &[Model], tables: &mut Tables) {
    let by_name: BTreeMap<&str, &Model> = models.iter().map(|model| (model.name.as_str(), model)).collect();
    let mut made: BTreeSet<String> = BTreeSet::new();
    for model in models {
        for (at, list) in model.lists.iter().enumerate() {
            let Some(other) = by_name.get(list.of.as_str()) else { continue };
            let is_self = other.name == model.name;
            let back = other.lists.iter().enumerate().find(|(place, back)| {
                back.of == model.name && back.relation == list.relation && !(is_self && *place == at)
            });
            let Some((_, back)) = back else { continue };
            let (first, second) = if model.name <= other.name { (model, *other) } else { (*other, model) };
            let name = match &list.relation {
                Some(relation) => format!("_{relation}"),
                None => format!("_{}To{}", first.name, second.name),
            };
            let name = match first.schema.as_deref().filter(|schema| *schema != "public") {
                Some(schema) => format!("{schema}.{name}"),
                None => name,
            };
            if made.insert(name.clone()) {
                let columns = vec!["A".to_owned(), "B".to_owned()];
                tables.add(&name, "prisma schema", columns, vec![list.evidence.clone(), back.evidence.clone()]);
            }
        }
    }
}
