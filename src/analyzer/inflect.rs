//! English plurals and singulars as Rails makes them (ActiveSupport's documented rules, its irregular and uncountable
//! words, and those that an application adds). Refuses to be clever: a word that the rules get wrong stays wrong, as
//! the framework gets it wrong too.

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

/// What an ending must have before it.
#[derive(Clone, Copy)]
enum Before {
    Anything,
    /// The beginning of the word.
    Nothing,
    /// One letter of these.
    One(&'static str),
    /// One letter that is none of these, or the letters `qu`.
    NoneOf(&'static str),
}

/// An ending, what must stand before it, and what replaces it.
type Rule = (&'static str, Before, &'static str);

use super::corpus::Corpus;
use super::file::SourceFile;
use Before::{Anything, NoneOf, Nothing, One};

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
    /// The rules with those of the Rails application at the root of the tree.
    pub(crate) fn of_rails(corpus: &Corpus) -> Self {
        let mut inflector = Self::default();
        let own = |file: &&SourceFile| file.path.starts_with("config/initializers/") && file.path.ends_with(".rb");
        for file in corpus.application().filter(own) {
            inflector.add_rails(file);
        }
        inflector
    }

    /// The words of an initializer: `inflect.irregular "foot", "feet"`, `inflect.uncountable %w(staff)`,
    /// `inflect.acronym "API"`. A rule for one word is an irregular word; other patterns are not read.
    pub(crate) fn add_rails(&mut self, file: &SourceFile) {
        let source = file.text();
        if !source.contains("inflect") {
            return;
        }
        for line in source.lines() {
            let Some((head, rest)) = line.trim_start().split_once(['(', ' ']) else { continue };
            if head.starts_with('#') || !head.contains('.') {
                continue;
            }
            let words = quoted(rest);
            match (head.rsplit('.').next().unwrap_or_default(), words.as_slice()) {
                ("irregular" | "plural", [singular, plural, ..]) => self.add_irregular(singular, plural),
                ("singular", [plural, singular, ..]) => self.add_irregular(singular, plural),
                ("uncountable", words) => words.iter().for_each(|word| self.add_uncountable(word)),
                ("acronym", [word, ..]) => self.add_acronym(word),
                _ => {}
            }
        }
    }

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
        for (ending, before, replacement) in rules {
            let Some(head) = lower.strip_suffix(ending) else { continue };
            let last = head.chars().next_back();
            let fits = match before {
                Anything => true,
                Nothing => head.is_empty(),
                One(letters) => last.is_some_and(|last| letters.contains(last)),
                NoneOf(letters) => last.is_some_and(|last| !letters.contains(last)) || head.ends_with("qu"),
            };
            if fits {
                return exchanged(word, head.len(), ending, replacement);
            }
        }
        word.to_owned()
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
            let follows_lower = at > 0 && (letters[at - 1].is_lowercase() || letters[at - 1].is_ascii_digit());
            let ends_capitals =
                at > 0 && letters[at - 1].is_uppercase() && letters.get(at + 1).is_some_and(|next| next.is_lowercase());
            if letter.is_uppercase() && (follows_lower || ends_capitals) && !out.ends_with('_') {
                out.push('_');
            }
            out.extend(if letter == '-' { '_' } else { letter }.to_lowercase());
            at += 1;
        }
        out
    }
}

/// The word with its ending exchanged; letters that both share keep their case.
fn exchanged(word: &str, head: usize, from: &str, to: &str) -> String {
    let shared = from.bytes().zip(to.bytes()).take_while(|(from, to)| from == to).count();
    match word.get(..head + shared) {
        Some(kept) => format!("{kept}{}", &to[shared..]),
        // Letters whose lower case is longer; nobody names a resource so.
        None => word.to_owned(),
    }
}

/// The words in quotes, in `%w` lists and in patterns of one word.
fn quoted(text: &str) -> Vec<String> {
    if let Some(list) = text.split_once("%w").map(|(_, list)| list.trim_start_matches(['(', '[', '{'])) {
        let list = list.split([')', ']', '}']).next().unwrap_or_default();
        return list.split_whitespace().map(str::to_owned).collect();
    }
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['"', '\'', '/', ':']) {
        let sign = rest[at..].chars().next().unwrap_or_default();
        let after = &rest[at + 1..];
        if sign == ':' {
            let word: String = after.chars().take_while(|c| is_word(*c)).collect();
            rest = &after[word.len()..];
            out.push(word);
            continue;
        }
        let Some(end) = after.find(sign) else { break };
        let word = after[..end].trim_start_matches('^').trim_end_matches('$');
        let word = word.strip_prefix('(').and_then(|word| word.strip_suffix(')')).unwrap_or(word);
        if !word.chars().all(is_word) {
            return Vec::new();
        }
        out.push(word.to_owned());
        rest = &after[end + 1..];
        rest = rest.strip_prefix('i').unwrap_or(rest);
    }
    out
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '-')
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
