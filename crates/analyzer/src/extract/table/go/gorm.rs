//! GORM: the structs that `AutoMigrate` is given, or where that cannot be read those with GORM's tags. Names are the
//! plural in snake case unless a `TableName` method or the naming strategy says otherwise.

use std::collections::BTreeSet;

use super::{Key, Models, Named, push, tag};
use crate::extract::table::tables::Tables;
use crate::lang::case;
use crate::lang::inflect::go::plural;
use crate::syntax::grammar::Family;
use crate::syntax::prefilter;
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;

const SAID_BY: &str = "gorm model";
/// Abbreviations that GORM takes for one word.
const INITIALISMS: [&str; 33] = [
    "API", "ASCII", "CPU", "CSS", "DNS", "EOF", "GUID", "HTML", "HTTP", "HTTPS", "ID", "IP", "JSON", "LHS", "QPS",
    "RAM", "RHS", "RPC", "SLA", "SMTP", "SSH", "TLS", "TTL", "UID", "UI", "UUID", "URI", "URL", "UTF8", "VM", "XML",
    "XSRF", "XSS",
];
/// Parts of a tag that only a column has.
const COLUMN: [&str; 8] = ["primaryKey", "primary_key", "column:", "not null", "index", "type:", "unique", "size:"];

pub(super) fn read(corpus: &Corpus, models: &Models, files: &[&SourceFile], tables: &mut Tables) {
    let is_used = files.iter().any(|file| {
        let text = file.text();
        text.contains("gorm.io/gorm") || text.contains("jinzhu/gorm")
    });
    if !is_used {
        return;
    }
    let strategy = Strategy::of(files, &prefilter::files_with(corpus, Family::Go, &["TablePrefix:"]));
    for key in chosen(models) {
        let Some(of) = models.structs.get(&key) else { continue };
        match models.named.get(&key) {
            Some(Named::Known(name, evidence)) => {
                push(tables, name.clone(), SAID_BY, evidence.clone());
            }
            Some(Named::Computed(evidence)) => {
                let reason = format!("the name of the table of `{}` is computed", key.1);
                tables.unresolved(reason, evidence.clone());
            }
            None if strategy.is_computed => {
                let reason = format!("the table of `{}` has a prefix that is computed", key.1);
                tables.unresolved(reason, of.evidence.clone());
            }
            None => push(tables, strategy.table(&key.1), SAID_BY, of.evidence.clone()),
        }
        for join in of.fields.iter().filter_map(|field| tag(&field.tag, "gorm")) {
            let join = join.split(';').find_map(|part| part.trim().strip_prefix("many2many:"));
            if let Some(join) = join {
                push(tables, join.to_owned(), SAID_BY, of.evidence.clone());
            }
        }
    }
}

/// The structs that have a table.
fn chosen(models: &Models) -> BTreeSet<Key> {
    let is_tagged = |key: &Key| {
        models.structs.get(key).is_some_and(|of| {
            of.fields.iter().any(|field| {
                (field.is_embedded && field.name == "gorm.Model")
                    || tag(&field.tag, "gorm").is_some_and(|tag| COLUMN.iter().any(|part| tag.contains(part)))
            })
        })
    };
    if !models.migrated.is_empty() && !models.is_open {
        return models.migrated.clone();
    }
    // Lists that are walked or handed over: the models in them, and what is migrated one by one.
    let listed: BTreeSet<Key> = models.listed.iter().filter(|key| is_tagged(key)).cloned().collect();
    let mut all: BTreeSet<Key> = models.migrated.union(&listed).cloned().collect();
    if all.len() < 2 {
        // Parts of other structs have no table of their own.
        let parts: BTreeSet<&str> = models
            .structs
            .values()
            .flat_map(|of| &of.fields)
            .filter(|field| field.is_embedded || tag(&field.tag, "gorm").is_some_and(|tag| tag.contains("embedded")))
            .map(|field| field.of.as_str())
            .collect();
        all.extend(models.structs.keys().filter(|key| is_tagged(key) && !parts.contains(key.1.as_str())).cloned());
    }
    all
}

/// How names are made.
struct Strategy {
    prefix: String,
    is_singular: bool,
    /// Only the running program knows the prefix.
    is_computed: bool,
}

impl Strategy {
    fn of(files: &[&SourceFile], defaults: &[&SourceFile]) -> Self {
        let (mut prefix, mut is_singular, mut is_computed) = (String::new(), false, false);
        for file in files {
            let text = file.text();
            is_singular |= text.contains("SingularTable(true)");
            for body in text.split("NamingStrategy{").skip(1) {
                let body = body.split('}').next().unwrap_or_default();
                let value = |key: &str| body.split(key).nth(1).map(|rest| rest.trim_start_matches([':', ' ', '\t']));
                is_singular |= value("SingularTable").is_some_and(|value| value.starts_with("true"));
                if let Some(given) = value("TablePrefix").and_then(|value| value.strip_prefix('"')) {
                    prefix = given.split('"').next().unwrap_or_default().to_owned();
                } else {
                    is_computed |= value("TablePrefix").is_some();
                }
            }
        }
        // A setting with one literal default.
        let given = |file: &SourceFile| -> Vec<String> {
            let text = file.text();
            let after = text.split("TablePrefix:").skip(1);
            after.filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next().map(str::to_owned)).collect()
        };
        let defaults: BTreeSet<String> = defaults.iter().flat_map(|file| given(file)).collect();
        if let (true, Some(only), 1) = (is_computed, defaults.first(), defaults.len()) {
            prefix.clone_from(only);
            is_computed = false;
        }
        Self { prefix, is_singular, is_computed }
    }

    fn table(&self, name: &str) -> String {
        let snake = snake(name);
        format!("{}{}", self.prefix, if self.is_singular { snake } else { plural(&snake) })
    }
}

/// Abbreviations written as words, from left to right; the first in the list wins.
fn titled(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(letter) = rest.chars().next() {
        match INITIALISMS.iter().find(|short| rest.starts_with(**short)) {
            Some(short) => {
                out.push_str(&short[..1]);
                out.push_str(&short[1..].to_lowercase());
                rest = &rest[short.len()..];
            }
            None => {
                out.push(letter);
                rest = &rest[letter.len_utf8()..];
            }
        }
    }
    out
}

/// A struct's name in snake case, abbreviations kept together.
fn snake(name: &str) -> String {
    let is_end = |next: Option<char>| next.is_none_or(|next| next.is_uppercase() || next.is_ascii_digit());
    case::snake(&titled(name), |before, next| before != '_' && !(before.is_uppercase() && is_end(next)))
}

#[cfg(test)]
mod tests {
    use super::{Strategy, snake};

    #[test]
    fn names_are_the_plural_in_snake_case() {
        let plain = Strategy { prefix: String::new(), is_singular: false, is_computed: false };
        for (name, table) in [
            ("User", "users"),
            ("UserSetting", "user_settings"),
            ("OAuthID", "o_auth_ids"),
            ("APIKey", "api_keys"),
            ("HTTPServer", "http_servers"),
            ("PluginConf", "plugin_confs"),
            ("Category", "categories"),
            ("S3File", "s3_files"),
        ] {
            assert_eq!(plain.table(name), table);
        }
        assert_eq!(snake("UserURL"), "user_url");
    }
}
