//! How mappers make the name of a table from the name of a class.

/// `HTTPRequestLog` is `http_request_log`: Flask-SQLAlchemy, MikroORM and most others.
pub(super) fn snake(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut out = String::with_capacity(name.len() + 4);
    for (at, letter) in letters.iter().enumerate() {
        let after_small = at > 0 && (letters[at - 1].is_lowercase() || letters[at - 1].is_ascii_digit());
        let before_small = at > 0 && letters.get(at + 1).is_some_and(|next| next.is_lowercase());
        if letter.is_uppercase() && (after_small || before_small) {
            out.push('_');
        }
        out.extend(letter.to_lowercase());
    }
    out.trim_start_matches('_').to_owned()
}

/// An underscore before each capital but the first; the case stays.
pub(super) fn snake_each(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    for (at, letter) in name.chars().enumerate() {
        if at > 0 && letter.is_ascii_uppercase() {
            out.push('_');
        }
        out.push(letter);
    }
    out
}

/// Words that have no plural, as Sequelize's package `inflection` lists them.
const UNCOUNTABLE: &[&str] = &[
    "accommodation",
    "adulthood",
    "advertising",
    "advice",
    "aid",
    "air",
    "aircraft",
    "alcohol",
    "baggage",
    "cash",
    "chaos",
    "deer",
    "dust",
    "economics",
    "education",
    "electricity",
    "engineering",
    "equipment",
    "ethics",
    "evidence",
    "evolution",
    "fame",
    "fiction",
    "food",
    "fuel",
    "fun",
    "furniture",
    "genetics",
    "gold",
    "gossip",
    "hardware",
    "harm",
    "health",
    "heat",
    "help",
    "homework",
    "importance",
    "inflation",
    "information",
    "knowledge",
    "lack",
    "leisure",
    "literature",
    "litter",
    "livestock",
    "logic",
    "luck",
    "luggage",
    "machinery",
    "magic",
    "management",
    "mathematics",
    "milk",
    "money",
    "mud",
    "music",
    "nature",
    "news",
    "nutrition",
    "pasta",
    "physics",
    "poetry",
    "pollution",
    "poverty",
    "psychology",
    "publicity",
    "reliability",
    "research",
    "respect",
    "rice",
    "safety",
    "scenery",
    "series",
    "sheep",
    "shopping",
    "sleep",
    "software",
    "soil",
    "species",
    "stuff",
    "traffic",
    "transportation",
    "trust",
    "unemployment",
    "unity",
    "validity",
    "violence",
    "wealth",
    "weather",
    "welfare",
    "wildlife",
    "wisdom",
    "yoga",
];

/// Endings that are plural already.
const PLURAL: &[&str] = &[
    "people",
    "children",
    "ta",
    "ia",
    "analyses",
    "bases",
    "diagnoses",
    "theses",
    "synopses",
    "databases",
    "drives",
    "hives",
    "tives",
    "curves",
    "lves",
    "rves",
    "series",
    "movies",
    "xes",
    "ches",
    "sses",
    "shes",
    "mice",
    "lice",
    "buses",
    "oes",
    "shoes",
    "crises",
    "axes",
    "testes",
    "viruses",
    "aliases",
    "canvases",
    "statuses",
    "campuses",
    "matrices",
    "quizzes",
];

/// Singular endings and what takes their place; the first that fits counts.
const ENDINGS: &[(&str, &str)] = &[
    ("person", "people"),
    ("child", "children"),
    ("drive", "drives"),
    ("axis", "axes"),
    ("testis", "testes"),
    ("octopus", "octopuses"),
    ("virus", "viruses"),
    ("alias", "aliases"),
    ("status", "statuses"),
    ("canvas", "canvases"),
    ("campus", "campuses"),
    ("bus", "buses"),
    ("buffalo", "buffaloes"),
    ("tomato", "tomatoes"),
    ("potato", "potatoes"),
    ("tum", "ta"),
    ("ium", "ia"),
    ("sis", "ses"),
    ("lf", "lves"),
    ("rf", "rves"),
    ("hive", "hives"),
    ("tive", "tives"),
    ("quy", "quies"),
    ("matrix", "matrices"),
    ("vertex", "vertices"),
    ("index", "indices"),
    ("x", "xes"),
    ("ch", "ches"),
    ("ss", "sses"),
    ("sh", "shes"),
    ("mouse", "mice"),
    ("louse", "lice"),
    ("quiz", "quizzes"),
    ("s", "s"),
];

/// The plural as Sequelize makes it; the letters before the ending keep their case.
pub(super) fn plural(word: &str) -> String {
    let lower = word.to_ascii_lowercase();
    let exact =
        [("man", "men"), ("woman", "women"), ("ox", "oxen"), ("foot", "feet"), ("tooth", "teeth"), ("goose", "geese")];
    if let Some((one, many)) = exact.iter().find(|(one, _)| *one == lower) {
        let kept = one.bytes().zip(many.bytes()).take_while(|(a, b)| a == b).count();
        return word[..kept].to_owned() + &many[kept..];
    }
    let is_plural = PLURAL.iter().any(|end| lower.ends_with(end));
    let before = |end: usize| lower.len().checked_sub(end).and_then(|at| lower.as_bytes().get(at)).copied();
    let is_vowel = |letter: u8| matches!(letter, b'a' | b'e' | b'i' | b'o' | b'u' | b'y');
    let ends_ies = lower.ends_with("ies") && before(4).is_some_and(|letter| !is_vowel(letter));
    let ends_ves = lower.ends_with("ves") && before(4).is_some_and(|letter| !matches!(letter, b'f' | b'o'));
    if is_plural || ends_ies || ends_ves || UNCOUNTABLE.contains(&&*lower) {
        return word.to_owned();
    }
    for (one, many) in ENDINGS {
        if lower.ends_with(one) {
            let kept = one.bytes().zip(many.bytes()).take_while(|(a, b)| a == b).count();
            let stem = &word[..word.len() - one.len() + kept];
            return stem.to_owned() + &many[kept..];
        }
    }
    if lower.ends_with("fe") && before(3).is_some_and(|letter| letter != b'f') {
        return format!("{}ves", &word[..word.len() - 2]);
    }
    if lower.ends_with('y') && before(2).is_some_and(|letter| !is_vowel(letter)) {
        return format!("{}ies", &word[..word.len() - 1]);
    }
    format!("{word}s")
}
