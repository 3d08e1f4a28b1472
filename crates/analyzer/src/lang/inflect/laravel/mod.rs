//! Plurals and singulars as Laravel forms them (the rules of its inflector for English: uninflected words first, then
//! irregular ones, then endings), and `snake_case`.

mod endings;
mod words;

use super::{by_rule, exchanged};
use crate::lang::case;
use endings::{PLURAL, SINGULAR};
use words::{IRREGULAR, SAME, SAME_PLURAL, SAME_SINGULAR};

/// `Str::plural`
pub(crate) fn plural(word: &str) -> String {
    let lower = word.to_ascii_lowercase();
    let is_same =
        SAME_PLURAL.contains(&&*lower) || lower.len() > 4 && lower.ends_with("ware") || is_uninflected(&lower);
    let irregular = IRREGULAR.iter().rev().find(|(one, _)| *one == lower);
    match irregular {
        _ if is_same => word.to_owned(),
        Some((one, many)) => exchanged(word, 0, one, many),
        None => by_rule(word, PLURAL).unwrap_or_else(|| format!("{word}s")),
    }
}

/// `Str::singular`
pub(crate) fn singular(word: &str) -> String {
    let lower = word.to_ascii_lowercase();
    let is_same = SAME_SINGULAR.contains(&&*lower) || lower.ends_with("ss") || is_uninflected(&lower);
    let irregular = IRREGULAR.iter().rev().find(|(_, many)| *many == lower);
    match irregular {
        _ if is_same => word.to_owned(),
        Some((one, many)) => exchanged(word, 0, many, one),
        None => by_rule(word, SINGULAR).unwrap_or_else(|| word.to_owned()),
    }
}

fn is_uninflected(lower: &str) -> bool {
    SAME.contains(&lower) || lower.len() > 5 && lower.ends_with("media") && !lower.contains('-')
}

/// `ApiToken` to `api_token`: every capital letter that is not the first starts a word.
pub(crate) fn snake(word: &str, delimiter: &str) -> String {
    let letters: String = word.split_whitespace().collect();
    case::words(&letters, case::each_capital).join(delimiter).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::{plural, singular, snake};

    #[test]
    fn words_are_inflected_as_the_framework_does() {
        let pairs = [
            ("category", "categories"),
            ("box", "boxes"),
            ("status", "statuses"),
            ("person", "people"),
            ("key", "keys"),
            ("address", "addresses"),
            ("news", "news"),
            ("child", "children"),
            ("hero", "heroes"),
            ("movie", "movies"),
            ("user", "users"),
            ("analysis", "analyses"),
            ("tax", "taxes"),
            ("bus", "buses"),
            ("photo", "photos"),
            ("invoice", "invoices"),
            ("branch", "branches"),
            ("AccountType", "AccountTypes"),
            ("leaf", "leaves"),
            ("api_token", "api_tokens"),
            ("index", "indices"),
            ("archive", "archives"),
            ("warehouse", "warehouses"),
            ("house", "houses"),
            ("expense", "expenses"),
            ("license", "licenses"),
            ("course", "courses"),
            ("purchase", "purchases"),
            ("response", "responses"),
            ("cache", "caches"),
            ("value", "values"),
        ];
        for (one, many) in pairs {
            assert_eq!(plural(one), many);
            assert_eq!(singular(many), one);
        }
        assert_eq!(singular("status"), "status");
        assert_eq!(singular("data"), "data");
        assert_eq!(singular("bases"), "base");
        assert_eq!(snake("ApiToken", "_"), "api_token");
    }
}
