//! Plurals as the naming strategies of Go's object mappers make them.

use super::Before::{Anything, NoneOf, Nothing, One};
use super::{Rule, by_rule};

/// Words that stay as they are when they are the whole name.
const UNCOUNTABLE: [&str; 29] = [
    "equipment",
    "information",
    "rice",
    "money",
    "species",
    "series",
    "fish",
    "sheep",
    "jeans",
    "police",
    "milk",
    "salt",
    "time",
    "water",
    "paper",
    "food",
    "art",
    "cash",
    "music",
    "help",
    "luck",
    "oil",
    "progress",
    "rain",
    "research",
    "shopping",
    "software",
    "traffic",
    "moose",
];
/// The first that fits counts.
const PLURALS: &[Rule] = &[
    ("people", Anything, "people"),
    ("person", Anything, "people"),
    ("men", Anything, "men"),
    ("man", Anything, "men"),
    ("children", Anything, "children"),
    ("child", Anything, "children"),
    ("sexes", Anything, "sexes"),
    ("sex", Anything, "sexes"),
    ("moves", Anything, "moves"),
    ("move", Anything, "moves"),
    ("ombies", Anything, "ombies"),
    ("ombie", Anything, "ombies"),
    ("geese", Anything, "geese"),
    ("goose", Anything, "geese"),
    ("feet", Anything, "feet"),
    ("foot", Anything, "feet"),
    ("teeth", Anything, "teeth"),
    ("tooth", Anything, "teeth"),
    ("quiz", Anything, "quizzes"),
    ("ox", Nothing, "oxen"),
    ("oxen", Nothing, "oxen"),
    ("mice", Nothing, "mice"),
    ("lice", Nothing, "lice"),
    ("mouse", Nothing, "mice"),
    ("louse", Nothing, "lice"),
    ("axis", Nothing, "axes"),
    ("testis", Nothing, "testes"),
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
    ("campus", Anything, "campuses"),
    ("octopus", Anything, "octopi"),
    ("virus", Anything, "viri"),
    ("octopi", Anything, "octopi"),
    ("viri", Anything, "viri"),
    ("s", Anything, "s"),
    ("", One("abcdefghijklmnopqrstuvwxyz"), "s"),
];

/// The plural of a name in lower case; only its last word changes.
pub(crate) fn plural(name: &str) -> String {
    by_rule(name, PLURALS).filter(|_| !UNCOUNTABLE.contains(&name)).unwrap_or_else(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::plural;

    #[test]
    fn names_of_tables_get_the_plural_that_the_mapper_gives_them() {
        for (one, many) in [
            ("user", "users"),
            ("category", "categories"),
            ("user_key", "user_keys"),
            ("box", "boxes"),
            ("status", "statuses"),
            ("person", "people"),
            ("child", "children"),
            ("news", "news"),
            ("alias", "aliases"),
            ("bus", "buses"),
            ("index", "indices"),
            ("analysis", "analyses"),
            ("leaf", "leafs"),
            ("shelf", "shelves"),
            ("knife", "knives"),
            ("metadata", "metadata"),
            ("series", "series"),
            ("media", "media"),
            ("settings", "settings"),
            ("match", "matches"),
            ("oauth2", "oauth2"),
            ("quiz", "quizzes"),
            ("address", "addresses"),
            ("human", "humen"),
        ] {
            assert_eq!(plural(one), many, "{one}");
        }
    }
}
