//! English plurals and singulars as Laravel forms them (the rules of its inflector for English: uninflected words
//! first, then irregular ones, then endings), and `snake_case`.

mod endings;
mod words;

use endings::{PLURAL, Rule, SINGULAR};
use words::{IRREGULAR, SAME, SAME_PLURAL, SAME_SINGULAR};

/// Str::plural
pub(crate) fn plural(word: &str) -> String {
    let lower = word.to_ascii_lowercase();
    let is_same = |whole: &str| {
        SAME.contains(&whole) || SAME_PLURAL.contains(&whole) || whole.len() > 4 && whole.ends_with("ware")
    };
    if is_same(&lower) || longer(&lower, "media") {
        return word.to_owned();
    }
    let last = lower.as_str();
    if let Some((_, plural)) = IRREGULAR.iter().rev().find(|(singular, _)| *singular == last) {
        return replaced(word, last.len(), plural);
    }
    by_rule(word, &lower, PLURAL).unwrap_or_else(|| format!("{word}s"))
}

/// Str::singular
pub(crate) fn singular(word: &str) -> String {
    let lower = word.to_ascii_lowercase();
    let is_same = SAME.contains(&lower.as_str()) || SAME_SINGULAR.contains(&lower.as_str()) || lower.ends_with("ss");
    if is_same || longer(&lower, "media") {
        return word.to_owned();
    }
    let last = lower.as_str();
    if let Some((singular, _)) = IRREGULAR.iter().rev().find(|(_, plural)| *plural == last) {
        return replaced(word, last.len(), singular);
    }
    by_rule(word, &lower, SINGULAR).unwrap_or_else(|| word.to_owned())
}

fn longer(word: &str, ending: &str) -> bool {
    word.len() > ending.len() && word.ends_with(ending) && !word.contains('-')
}

fn by_rule(word: &str, lower: &str, rules: &[Rule]) -> Option<String> {
    for (before, ending, instead) in rules {
        let Some(stem) = lower.strip_suffix(ending) else { continue };
        let last = stem.chars().last();
        let fits = match (before.split_at_checked(1), last) {
            (None, _) => true,
            (Some(("=", set)), Some(last)) => set.contains(last),
            (Some((_, set)), Some(last)) => !set.contains(last),
            (Some(_), None) => false,
        };
        if fits {
            return Some(replaced(word, ending.len(), instead));
        }
    }
    None
}

/// A word with another ending; a capital letter at the start of what is replaced stays one.
fn replaced(word: &str, letters: usize, instead: &str) -> String {
    let (stem, ending) = word.split_at_checked(word.len() - letters).unwrap_or((word, ""));
    let mut new = instead.chars();
    match (ending.starts_with(|first: char| first.is_ascii_uppercase()), new.next()) {
        (true, Some(first)) => format!("{stem}{}{}", first.to_ascii_uppercase(), new.as_str()),
        _ => format!("{stem}{instead}"),
    }
}

/// `ApiToken` to `api_token`: every capital letter that is not the first starts a word.
pub(crate) fn snake(word: &str, delimiter: char) -> String {
    let mut out = String::with_capacity(word.len() + 4);
    let letters: Vec<char> = word.chars().filter(|letter| !letter.is_whitespace()).collect();
    for (at, letter) in letters.iter().enumerate() {
        if letter.is_uppercase() && at > 0 {
            out.push(delimiter);
        }
        out.extend(letter.to_lowercase());
    }
    out
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
        assert_eq!(snake("ApiToken", '_'), "api_token");
    }
}
