//! English plurals as the naming strategies of Go's object mappers make them: suffix rules, irregular words and
//! words without a plural. Knows nothing of other languages' inflectors.

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
/// Endings with a plural of their own.
const IRREGULAR: [(&str, &str); 9] = [
    ("person", "people"),
    ("man", "men"),
    ("child", "children"),
    ("sex", "sexes"),
    ("move", "moves"),
    ("ombie", "ombies"),
    ("goose", "geese"),
    ("foot", "feet"),
    ("tooth", "teeth"),
];

/// The plural of a name in lower case; only its last word changes.
pub(super) fn plural(name: &str) -> String {
    if UNCOUNTABLE.contains(&name) || IRREGULAR.iter().any(|(_, many)| name.ends_with(many)) {
        return name.to_owned();
    }
    if let Some((stem, many)) = IRREGULAR.iter().find_map(|(one, many)| Some((name.strip_suffix(one)?, many))) {
        return format!("{stem}{many}");
    }
    let swap = |end: &str, by: &str| name.strip_suffix(end).map(|stem| format!("{stem}{by}"));
    let letter = |from_end: usize| name.chars().rev().nth(from_end);
    let is_vowel = |letter: Option<char>| letter.is_none_or(|letter| "aeiouy".contains(letter));
    match name {
        _ if name.ends_with("quiz") => return format!("{name}zes"),
        "ox" => return "oxen".to_owned(),
        "oxen" | "mice" | "lice" => return name.to_owned(),
        "mouse" | "louse" => return name.replace("ouse", "ice"),
        "axis" | "testis" => return format!("{}es", &name[..name.len() - 2]),
        _ => {}
    }
    let stems = ["matr", "vert", "ind"];
    if let Some(stem) = name.strip_suffix("ix").or_else(|| name.strip_suffix("ex"))
        && stems.iter().any(|end| stem.ends_with(end))
    {
        return format!("{stem}ices");
    }
    if ["x", "ch", "ss", "sh"].iter().any(|end| name.ends_with(end)) {
        return format!("{name}es");
    }
    if name.ends_with('y') && (!is_vowel(letter(1)) || name.ends_with("quy")) {
        return format!("{}ies", &name[..name.len() - 1]);
    }
    if name.ends_with("fe") && letter(2).is_some_and(|before| before != 'f') {
        return format!("{}ves", &name[..name.len() - 2]);
    }
    if name.ends_with("lf") || name.ends_with("rf") {
        return format!("{}ves", &name[..name.len() - 1]);
    }
    if let Some(done) = swap("sis", "ses") {
        return done;
    }
    if name.ends_with("ta") || name.ends_with("ia") {
        return name.to_owned();
    }
    if name.ends_with("tum") || name.ends_with("ium") {
        return format!("{}a", &name[..name.len() - 2]);
    }
    if name.ends_with("buffalo") || name.ends_with("tomato") {
        return format!("{name}es");
    }
    if name.ends_with("bus") {
        return format!("{name}es");
    }
    if ["alias", "status", "campus"].iter().any(|end| name.ends_with(end)) {
        return format!("{name}es");
    }
    if name.ends_with("octopus") || name.ends_with("virus") {
        return format!("{}i", &name[..name.len() - 2]);
    }
    if name.ends_with("octopi") || name.ends_with("viri") || name.ends_with('s') {
        return name.to_owned();
    }
    match name.chars().last() {
        Some(last) if last.is_ascii_alphabetic() => format!("{name}s"),
        _ => name.to_owned(),
    }
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
