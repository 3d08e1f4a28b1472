//! The words and endings that Rails ships with.

use Before::{Anything, NoneOf, Nothing, One};

/// A word without a plural counts only where it stands alone (`news_fish` has one).
pub(super) const UNCOUNTABLE: [&str; 10] =
    ["equipment", "information", "rice", "money", "species", "series", "fish", "sheep", "jeans", "police"];
pub(super) const IRREGULAR: [(&str, &str); 6] = [
    ("person", "people"),
    ("man", "men"),
    ("child", "children"),
    ("sex", "sexes"),
    ("move", "moves"),
    ("zombie", "zombies"),
];

/// What an ending must have before it.
#[derive(Clone, Copy)]
pub(super) enum Before {
    Anything,
    /// The beginning of the word.
    Nothing,
    /// One letter of these.
    One(&'static str),
    /// One letter that is none of these, or the letters `qu`.
    NoneOf(&'static str),
}

/// An ending, what must stand before it, and what replaces it.
pub(super) type Rule = (&'static str, Before, &'static str);

/// The first that fits counts.
pub(super) const PLURALS: &[Rule] = &[
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
pub(super) const SINGULARS: &[Rule] = &[
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
