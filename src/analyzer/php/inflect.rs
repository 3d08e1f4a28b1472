//! English plurals and singulars as Laravel forms them (the rules of its inflector for English: uninflected words
//! first, then irregular ones, then endings), and `snake_case`.

/// Words whose plural is the word.
const SAME: &[&str] = &[
    "advice",
    "aircraft",
    "amoyese",
    "art",
    "audio",
    "baggage",
    "bison",
    "borghese",
    "bream",
    "breeches",
    "britches",
    "buffalo",
    "butter",
    "cantus",
    "carp",
    "cattle",
    "chassis",
    "clippers",
    "clothing",
    "coal",
    "cod",
    "coitus",
    "compensation",
    "congoese",
    "contretemps",
    "coreopsis",
    "corps",
    "cotton",
    "data",
    "debris",
    "deer",
    "diabetes",
    "djinn",
    "education",
    "eland",
    "elk",
    "emoji",
    "equipment",
    "evidence",
    "faroese",
    "feedback",
    "fish",
    "flounder",
    "flour",
    "foochowese",
    "food",
    "furniture",
    "gallows",
    "genevese",
    "genoese",
    "gilbertese",
    "gold",
    "headquarters",
    "herpes",
    "hijinks",
    "homework",
    "hottentotese",
    "impatience",
    "information",
    "innings",
    "jackanapes",
    "jeans",
    "jedi",
    "kin",
    "kiplingese",
    "knowledge",
    "kongoese",
    "leather",
    "love",
    "lucchese",
    "luggage",
    "mackerel",
    "maltese",
    "management",
    "metadata",
    "mews",
    "money",
    "moose",
    "mumps",
    "music",
    "nankingese",
    "news",
    "nexus",
    "niasese",
    "nutrition",
    "offspring",
    "oil",
    "patience",
    "pekingese",
    "piedmontese",
    "pincers",
    "pistoiese",
    "plankton",
    "pliers",
    "pokemon",
    "police",
    "polish",
    "portuguese",
    "proceedings",
    "progress",
    "rabies",
    "rain",
    "research",
    "rhinoceros",
    "rice",
    "salmon",
    "sand",
    "sarawakese",
    "scissors",
    "series",
    "shavese",
    "shears",
    "sheep",
    "siemens",
    "silk",
    "sms",
    "soap",
    "social media",
    "spam",
    "species",
    "staff",
    "sugar",
    "swine",
    "talent",
    "toothpaste",
    "traffic",
    "travel",
    "trousers",
    "trout",
    "tuna",
    "us",
    "vermontese",
    "vinegar",
    "weather",
    "wenchowese",
    "wheat",
    "whiting",
    "wildebeest",
    "wood",
    "wool",
    "yengeese",
];

/// More of them that are no plural either.
const SAME_SINGULAR: &[&str] = &[
    "clothes",
    "data",
    "fascia",
    "fuchsia",
    "galleria",
    "mafia",
    "militia",
    "pants",
    "petunia",
    "sepia",
    "trivia",
    "utopia",
    "recommended",
    "related",
];

/// And more that take no plural.
const SAME_PLURAL: &[&str] = &["people", "trivia", "media", "recommended", "related"];

/// Singular and plural of whole words.
const IRREGULAR: &[(&str, &str)] = &[
    ("atlas", "atlases"),
    ("axis", "axes"),
    ("axe", "axes"),
    ("beef", "beefs"),
    ("blouse", "blouses"),
    ("brother", "brothers"),
    ("cafe", "cafes"),
    ("cave", "caves"),
    ("chateau", "chateaux"),
    ("niveau", "niveaux"),
    ("child", "children"),
    ("canvas", "canvases"),
    ("cookie", "cookies"),
    ("brownie", "brownies"),
    ("corpus", "corpuses"),
    ("cow", "cows"),
    ("criterion", "criteria"),
    ("curriculum", "curricula"),
    ("demo", "demos"),
    ("domino", "dominoes"),
    ("echo", "echoes"),
    ("epoch", "epochs"),
    ("foot", "feet"),
    ("fungus", "fungi"),
    ("ganglion", "ganglions"),
    ("gas", "gases"),
    ("genie", "genies"),
    ("genus", "genera"),
    ("goose", "geese"),
    ("graffito", "graffiti"),
    ("hippopotamus", "hippopotami"),
    ("hoof", "hoofs"),
    ("human", "humans"),
    ("iris", "irises"),
    ("larva", "larvae"),
    ("leaf", "leaves"),
    ("lens", "lenses"),
    ("loaf", "loaves"),
    ("man", "men"),
    ("medium", "media"),
    ("memorandum", "memoranda"),
    ("money", "monies"),
    ("mongoose", "mongooses"),
    ("motto", "mottoes"),
    ("move", "moves"),
    ("mythos", "mythoi"),
    ("niche", "niches"),
    ("nucleus", "nuclei"),
    ("numen", "numina"),
    ("occiput", "occiputs"),
    ("octopus", "octopuses"),
    ("opus", "opuses"),
    ("ox", "oxen"),
    ("passerby", "passersby"),
    ("penis", "penises"),
    ("person", "people"),
    ("plateau", "plateaux"),
    ("runner-up", "runners-up"),
    ("safe", "safes"),
    ("sex", "sexes"),
    ("sieve", "sieves"),
    ("soliloquy", "soliloquies"),
    ("son-in-law", "sons-in-law"),
    ("syllabus", "syllabi"),
    ("testis", "testes"),
    ("thief", "thieves"),
    ("tooth", "teeth"),
    ("tornado", "tornadoes"),
    ("trilby", "trilbys"),
    ("turf", "turfs"),
    ("valve", "valves"),
    ("volcano", "volcanoes"),
    ("abuse", "abuses"),
    ("avalanche", "avalanches"),
    ("cache", "caches"),
    ("curve", "curves"),
    ("emphasis", "emphases"),
    ("foe", "foes"),
    ("grave", "graves"),
    ("hoax", "hoaxes"),
    ("neurosis", "neuroses"),
    ("save", "saves"),
    ("wave", "waves"),
    ("oasis", "oases"),
    ("zombie", "zombies"),
];

/// Letters before the ending (`=` one of these, `!` none of these), ending, what takes its place; the first that fits.
const PLURAL: &[Rule] = &[
    ("", "status", "statuses"),
    ("", "quiz", "quizzes"),
    ("", "mouse", "mice"),
    ("", "louse", "lice"),
    ("", "matrix", "matrices"),
    ("", "matrex", "matrices"),
    ("", "vertix", "vertices"),
    ("", "vertex", "vertices"),
    ("", "indix", "indices"),
    ("", "index", "indices"),
    ("", "x", "xes"),
    ("", "ch", "ches"),
    ("", "ss", "sses"),
    ("", "sh", "shes"),
    ("", "quy", "quies"),
    ("!aeiouy", "y", "ies"),
    ("", "hive", "hives"),
    ("", "gulf", "gulfs"),
    ("!f", "fe", "ves"),
    ("=lr", "f", "ves"),
    ("", "sis", "ses"),
    ("=ti", "um", "a"),
    ("", "taxon", "taxa"),
    ("", "criterion", "criteria"),
    ("", "person", "people"),
    ("", "man", "men"),
    ("", "child", "children"),
    ("", "foot", "feet"),
    ("", "buffalo", "buffaloes"),
    ("", "hero", "heroes"),
    ("", "potato", "potatoes"),
    ("", "tomato", "tomatoes"),
    ("", "volcano", "volcanoes"),
    ("", "alumnus", "alumni"),
    ("", "bacillus", "bacilli"),
    ("", "cactus", "cacti"),
    ("", "focus", "foci"),
    ("", "fungus", "fungi"),
    ("", "nucleus", "nuclei"),
    ("", "radius", "radii"),
    ("", "stimulus", "stimuli"),
    ("", "syllabus", "syllabi"),
    ("", "terminus", "termini"),
    ("", "virus", "viri"),
    ("", "us", "uses"),
    ("", "alias", "aliases"),
    ("", "analysis", "analyses"),
    ("", "axis", "axes"),
    ("", "crisis", "crises"),
    ("", "testis", "testes"),
    ("", "thesis", "theses"),
    ("", "s", "s"),
];

/// The same the other way round.
const SINGULAR: &[Rule] = &[
    ("", "statuses", "status"),
    ("", "status", "status"),
    ("", "campus", "campus"),
    ("", "menus", "menu"),
    ("", "quizzes", "quiz"),
    ("", "matrices", "matrix"),
    ("", "vertices", "vertex"),
    ("", "indices", "index"),
    ("", "aliases", "alias"),
    ("", "alias", "alias"),
    ("", "buffaloes", "buffalo"),
    ("", "heroes", "hero"),
    ("", "potatoes", "potato"),
    ("", "tomatoes", "tomato"),
    ("", "volcanoes", "volcano"),
    ("", "alumni", "alumnus"),
    ("", "bacilli", "bacillus"),
    ("", "cacti", "cactus"),
    ("", "foci", "focus"),
    ("", "fungi", "fungus"),
    ("", "nuclei", "nucleus"),
    ("", "radii", "radius"),
    ("", "stimuli", "stimulus"),
    ("", "syllabi", "syllabus"),
    ("", "termini", "terminus"),
    ("", "viri", "virus"),
    ("", "virii", "virius"),
    ("", "faxes", "fax"),
    ("", "taxes", "tax"),
    ("", "waxes", "wax"),
    ("", "analyses", "analysis"),
    ("", "axes", "axis"),
    ("", "crises", "crisis"),
    ("", "testes", "testis"),
    ("", "theses", "thesis"),
    ("", "shoes", "shoe"),
    ("", "slaves", "slave"),
    ("", "oes", "o"),
    ("", "ouses", "ouse"),
    ("!a", "uses", "us"),
    ("", "mice", "mouse"),
    ("", "lice", "louse"),
    ("", "xes", "x"),
    ("", "ches", "ch"),
    ("", "sses", "ss"),
    ("", "shes", "sh"),
    ("", "movies", "movie"),
    ("", "series", "series"),
    ("", "quies", "quy"),
    ("!aeiouy", "ies", "y"),
    ("=lr", "ves", "f"),
    ("", "tives", "tive"),
    ("", "hives", "hive"),
    ("", "drives", "drive"),
    ("", "dives", "dive"),
    ("", "olives", "olive"),
    ("!fo", "ves", "fe"),
    ("", "analyses", "analysis"),
    ("", "diagnoses", "diagnosis"),
    ("", "parentheses", "parenthesis"),
    ("", "prognoses", "prognosis"),
    ("", "synopses", "synopsis"),
    ("", "theses", "thesis"),
    ("", "taxa", "taxon"),
    ("", "criteria", "criterion"),
    ("", "regatta", "regatta"),
    ("=ti", "a", "um"),
    ("", "people", "person"),
    ("", "men", "man"),
    ("", "children", "child"),
    ("", "feet", "foot"),
    ("", "news", "news"),
    ("", "eaus", "eau"),
    ("", "tights", "tights"),
    ("", "shorts", "shorts"),
    ("", "s", ""),
];

type Rule = (&'static str, &'static str, &'static str);

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
