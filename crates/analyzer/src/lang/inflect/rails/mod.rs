//! Plurals and singulars as Rails makes them (ActiveSupport's documented rules, its irregular and uncountable words, and
//! those that an application adds), and the names of its classes.

mod initializer;

use super::Before::{Anything, NoneOf, Nothing, One};
use super::{Rule, by_rule, exchanged};
use crate::lang::case;

/// A word without a plural counts only where it stands alone (`news_fish` has one).
const UNCOUNTABLE: [&str; 10] =
    ["equipment", "information", "rice", "money", "species", "series", "fish", "sheep", "jeans", "police"];
const IRREGULAR: [(&str, &str); 6] = [
    ("person", "people"),
    ("man", "men"),
    ("child", "children"),
    ("sex", "sexes"),
    ("move", "moves"),
    ("zombie", "zombies"),
];

/// The first that fits counts.
const PLURALS: &[Rule] = &[
    ("quiz", Anything, "quizzes"),
    ("oxen", Nothing, "oxen"),
    ("ox", Nothing, "oxen"),
    ("mice", Nothing, "mice"),
    ("lice", Nothing, "lice"),
    ("mouse", Nothing, "mice"),
    ("louse", Nothing, "lice"),
    ("matrix", Anything, "matrices"),
    ("matrex", Anything, "matrices"),
    ("vertix", Anything, "vertices"),
    ("vertex", Anything, "vertices"),
    ("indix", Anything, "indices"),
    ("index", Anything, "indices"),
    ("x", Anything, "xes"),
    ("ch", Anything, "ches"),
    ("ss", Anything, "sses"),
    ("sh", Anything, "shes"),
    ("y", NoneOf("aeiouy"), "ies"),
    ("hive", Anything, "hives"),
    ("fe", NoneOf("f"), "ves"),
    ("f", One("lr"), "ves"),
    ("sis", Anything, "ses"),
    ("a", One("ti"), "a"),
    ("um", One("ti"), "a"),
    ("buffalo", Anything, "buffaloes"),
    ("tomato", Anything, "tomatoes"),
    ("bus", Anything, "buses"),
    ("alias", Anything, "aliases"),
    ("status", Anything, "statuses"),
    ("octopi", Anything, "octopi"),
    ("viri", Anything, "viri"),
    ("octopus", Anything, "octopi"),
    ("virus", Anything, "viri"),
    ("axis", Nothing, "axes"),
    ("testis", Nothing, "testes"),
    ("s", Anything, "s"),
    ("", Anything, "s"),
];

/// The first that fits counts.
const SINGULARS: &[Rule] = &[
    ("databases", Anything, "database"),
    ("quizzes", Anything, "quiz"),
    ("matrices", Anything, "matrix"),
    ("vertices", Anything, "vertex"),
    ("indices", Anything, "index"),
    ("oxen", Nothing, "ox"),
    ("aliases", Anything, "alias"),
    ("alias", Anything, "alias"),
    ("statuses", Anything, "status"),
    ("status", Anything, "status"),
    ("octopus", Anything, "octopus"),
    ("octopi", Anything, "octopus"),
    ("virus", Anything, "virus"),
    ("viri", Anything, "virus"),
    ("axis", Nothing, "axis"),
    ("axes", Nothing, "axis"),
    ("crisis", Anything, "crisis"),
    ("crises", Anything, "crisis"),
    ("testis", Anything, "testis"),
    ("testes", Anything, "testis"),
    ("shoes", Anything, "shoe"),
    ("oes", Anything, "o"),
    ("buses", Anything, "bus"),
    ("bus", Anything, "bus"),
    ("mice", Nothing, "mouse"),
    ("lice", Nothing, "louse"),
    ("xes", Anything, "x"),
    ("ches", Anything, "ch"),
    ("sses", Anything, "ss"),
    ("shes", Anything, "sh"),
    ("movies", Anything, "movie"),
    ("series", Anything, "series"),
    ("ies", NoneOf("aeiouy"), "y"),
    ("lves", Anything, "lf"),
    ("rves", Anything, "rf"),
    ("tives", Anything, "tive"),
    ("hives", Anything, "hive"),
    ("ves", NoneOf("f"), "fe"),
    ("analysis", Anything, "analysis"),
    ("analyses", Anything, "analysis"),
    ("basis", Anything, "basis"),
    ("bases", Anything, "basis"),
    ("diagnosis", Anything, "diagnosis"),
    ("diagnoses", Anything, "diagnosis"),
    ("parenthesis", Anything, "parenthesis"),
    ("parentheses", Anything, "parenthesis"),
    ("prognosis", Anything, "prognosis"),
    ("prognoses", Anything, "prognosis"),
    ("synopsis", Anything, "synopsis"),
    ("synopses", Anything, "synopsis"),
    ("thesis", Anything, "thesis"),
    ("theses", Anything, "thesis"),
    ("a", One("ti"), "um"),
    ("news", Anything, "news"),
    ("ss", Anything, "ss"),
    ("s", Anything, ""),
];

/// The rules with what an application adds to them.
#[derive(Debug, Default, Clone)]
pub(crate) struct Inflector {
    uncountable: Vec<String>,
    /// Singular and plural.
    irregular: Vec<(String, String)>,
    acronyms: Vec<String>,
}

impl Inflector {
    /// A word without a plural.
    pub(crate) fn add_uncountable(&mut self, word: &str) {
        self.uncountable.push(word.to_lowercase());
    }

    /// A word with a plural of its own.
    pub(crate) fn add_irregular(&mut self, singular: &str, plural: &str) {
        self.irregular.push((singular.to_lowercase(), plural.to_lowercase()));
    }

    /// A word that is written in capitals inside a class name (`API`, `OAuth`).
    pub(crate) fn add_acronym(&mut self, word: &str) {
        self.acronyms.push(word.to_owned());
    }

    /// `post` is `posts`.
    pub(crate) fn pluralize(&self, word: &str) -> String {
        self.inflect(word, PLURALS, |singular, plural| [(singular, plural), (plural, plural)])
    }

    /// `posts` is `post`.
    pub(crate) fn singularize(&self, word: &str) -> String {
        self.inflect(word, SINGULARS, |singular, plural| [(singular, singular), (plural, singular)])
    }

    /// `Admin::BlogPost` is `admin/blog_post`.
    pub(crate) fn underscore(&self, class: &str) -> String {
        let parts = class.split("::").filter(|part| !part.is_empty()).map(|part| self.snake(part));
        parts.collect::<Vec<_>>().join("/")
    }

    /// `admin/blog_post` is `Admin::BlogPost`.
    pub(crate) fn camelize(&self, path: &str) -> String {
        let word = |word: &str| {
            let acronym = self.acronyms.iter().find(|acronym| acronym.eq_ignore_ascii_case(word));
            acronym.cloned().unwrap_or_else(|| {
                let mut letters = word.chars();
                letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
            })
        };
        let part = |part: &str| part.split('_').map(word).collect::<String>();
        path.split('/').map(part).collect::<Vec<_>>().join("::")
    }

    fn inflect<'r>(
        &'r self,
        word: &str,
        rules: &[Rule],
        pairs: fn(&'r str, &'r str) -> [(&'r str, &'r str); 2],
    ) -> String {
        let lower = word.to_lowercase();
        let is_uncountable = |entry: &str| {
            lower.strip_suffix(entry).is_some_and(|head| {
                head.chars().next_back().is_none_or(|before| !before.is_alphanumeric() && before != '_')
            })
        };
        let own = self.uncountable.iter().map(String::as_str);
        if word.is_empty() || own.chain(UNCOUNTABLE).any(is_uncountable) {
            return word.to_owned();
        }
        let own = self.irregular.iter().rev().map(|(singular, plural)| (singular.as_str(), plural.as_str()));
        for (singular, plural) in own.chain(IRREGULAR.iter().rev().copied()) {
            // The plural's rule was added later, so it is asked first.
            for (from, to) in pairs(singular, plural).into_iter().rev() {
                if let Some(head) = lower.strip_suffix(from) {
                    return exchanged(word, head.len(), from, to);
                }
            }
        }
        by_rule(word, rules).unwrap_or_else(|| word.to_owned())
    }

    fn snake(&self, name: &str) -> String {
        let mut out = String::new();
        let letters: Vec<char> = name.chars().collect();
        let mut at = 0;
        while at < letters.len() {
            let rest: String = letters[at..].iter().collect();
            let acronym = self.acronyms.iter().find(|acronym| {
                rest.strip_prefix(acronym.as_str()).is_some_and(|after| !after.starts_with(char::is_lowercase))
            });
            if let Some(acronym) = acronym {
                if at > 0 && !out.ends_with('_') {
                    out.push('_');
                }
                out.push_str(&acronym.to_lowercase());
                at += acronym.chars().count();
                continue;
            }
            let letter = letters[at];
            let next = letters.get(at + 1).copied();
            let begins = at > 0 && case::around_abbreviations(letters[at - 1], next);
            if letter.is_uppercase() && begins && !out.ends_with('_') {
                out.push('_');
            }
            out.extend(if letter == '-' { '_' } else { letter }.to_lowercase());
            at += 1;
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::Inflector;

    #[test]
    fn words_are_inflected_as_the_framework_does() {
        let inflector = Inflector::default();
        for (singular, plural) in [
            ("post", "posts"),
            ("category", "categories"),
            ("status", "statuses"),
            ("address", "addresses"),
            ("person", "people"),
            ("news", "news"),
            ("series", "series"),
            ("analysis", "analyses"),
            ("day", "days"),
            ("wife", "wives"),
            ("shelf", "shelves"),
            ("query", "queries"),
            ("index", "indices"),
            ("child", "children"),
            ("information", "information"),
            ("user_information", "user_informations"),
            ("datum", "data"),
            ("bus", "buses"),
            ("move", "moves"),
            ("movie", "movies"),
            ("box", "boxes"),
            ("hero", "heros"),
            ("database", "databases"),
            ("archive", "archives"),
        ] {
            assert_eq!(inflector.pluralize(singular), plural);
            assert_eq!(inflector.singularize(plural), if plural == "archives" { "archive" } else { singular });
        }
    }

    #[test]
    fn an_application_may_add_words() {
        let mut inflector = Inflector::default();
        inflector.add_uncountable("staff");
        inflector.add_irregular("foot", "feet");
        inflector.add_acronym("OAuth");
        assert_eq!(inflector.pluralize("staff"), "staff");
        assert_eq!(inflector.singularize("feet"), "foot");
        assert_eq!(inflector.underscore("Admin::OAuthApp"), "admin/oauth_app");
        assert_eq!(inflector.underscore("HTMLPage"), "html_page");
        assert_eq!(inflector.camelize("admin/oauth_app"), "Admin::OAuthApp");
    }
}
