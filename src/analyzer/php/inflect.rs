//! English plurals and singulars as Laravel forms them (the rules of its inflector for English: uninflected words
//! first, then irregular ones, then endings), and `snake_case`.

/// Words whose plural is the word.
const SAME: &[&str] = &[
    "aircraft",
    "art",
    "audio",
    "advice",
    "bison",
    "chassis",
    "clothing",
    "coal",
    "compensation",
    "coreopsis",
    "cotton",
    "data",
    "deer",
    "education",
    "emoji",
    "energy",
    "equipment",
    "evidence",
    "feedback",
    "firmware",
    "fish",
    "flour",
    "food",
    "furniture",
    "gold",
    "hardware",
    "headquarters",
    "help",
    "information",
    "jedi",
    "kin",
    "knowledge",
    "leather",
    "love",
    "luggage",
    "management",
    "metadata",
    "money",
    "moose",
    "music",
    "news",
    "nutrition",
    "offspring",
    "oil",
    "patience",
    "plankton",
    "pokemon",
    "police",
    "polish",
    "portland",
    "progress",
    "rain",
    "recommended",
    "related",
    "research",
    "rice",
    "sand",
    "series",
    "sheep",
    "silk",
    "sms",
    "software",
    "soap",
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
    "understanding",
    "urban",
    "vinegar",
    "weather",
    "wood",
    "wool",
    "work",
    "cattle",
    "kin",
    "recommended",
    "related",
    "people",
];

/// Singular and plural.
const IRREGULAR: &[(&str, &str)] = &[
    ("atlas", "atlases"),
    ("axis", "axes"),
    ("ax", "axes"),
    ("axe", "axes"),
    ("beef", "beefs"),
    ("blouse", "blouses"),
    ("brother", "brothers"),
    ("brownie", "brownies"),
    ("cache", "caches"),
    ("cafe", "cafes"),
    ("canvas", "canvases"),
    ("cave", "caves"),
    ("chateau", "chateaux"),
    ("child", "children"),
    ("cookie", "cookies"),
    ("corpus", "corpuses"),
    ("cow", "cows"),
    ("criterion", "criteria"),
    ("curriculum", "curricula"),
    ("curve", "curves"),
    ("demo", "demos"),
    ("die", "dice"),
    ("domino", "dominoes"),
    ("echo", "echoes"),
    ("epoch", "epochs"),
    ("foe", "foes"),
    ("foot", "feet"),
    ("fungus", "fungi"),
    ("ganglion", "ganglions"),
    ("gas", "gases"),
    ("genie", "genies"),
    ("genus", "genera"),
    ("goose", "geese"),
    ("graffito", "graffiti"),
    ("grave", "graves"),
    ("hippopotamus", "hippopotami"),
    ("hoax", "hoaxes"),
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
    ("mongoose", "mongooses"),
    ("motto", "mottoes"),
    ("move", "moves"),
    ("mythos", "mythoi"),
    ("neurosis", "neuroses"),
    ("niche", "niches"),
    ("niveau", "niveaux"),
    ("nucleus", "nuclei"),
    ("numen", "numina"),
    ("oasis", "oases"),
    ("occiput", "occiputs"),
    ("octopus", "octopuses"),
    ("opus", "opuses"),
    ("ox", "oxen"),
    ("passerby", "passersby"),
    ("penis", "penises"),
    ("person", "people"),
    ("plateau", "plateaux"),
    ("quiz", "quizzes"),
    ("runner-up", "runners-up"),
    ("safe", "safes"),
    ("save", "saves"),
    ("sex", "sexes"),
    ("sieve", "sieves"),
    ("soliloquy", "soliloquies"),
    ("son-in-law", "sons-in-law"),
    ("stadium", "stadiums"),
    ("syllabus", "syllabi"),
    ("testis", "testes"),
    ("thief", "thieves"),
    ("tooth", "teeth"),
    ("tornado", "tornadoes"),
    ("trilby", "trilbys"),
    ("turf", "turfs"),
    ("valve", "valves"),
    ("volcano", "volcanoes"),
    ("wave", "waves"),
    ("zombie", "zombies"),
];

/// Endings, the first that fits: ending of the singular, what takes its place.
const PLURAL: &[(&str, &str)] = &[
    ("status", "statuses"),
    ("alias", "aliases"),
    ("virus", "viruses"),
    ("mouse", "mice"),
    ("louse", "lice"),
    ("matrix", "matrices"),
    ("vertex", "vertices"),
    ("index", "indices"),
    ("sh", "shes"),
    ("ss", "sses"),
    ("x", "xes"),
    ("ch", "ches"),
    ("hive", "hives"),
    ("lf", "lves"),
    ("rf", "rves"),
    ("knife", "knives"),
    ("life", "lives"),
    ("wife", "wives"),
    ("eaf", "eaves"),
    ("sis", "ses"),
    ("tum", "ta"),
    ("ium", "ia"),
    ("alumnus", "alumni"),
    ("bacillus", "bacilli"),
    ("cactus", "cacti"),
    ("focus", "foci"),
    ("fungus", "fungi"),
    ("nucleus", "nuclei"),
    ("radius", "radii"),
    ("stimulus", "stimuli"),
    ("syllabus", "syllabi"),
    ("terminus", "termini"),
    ("buffalo", "buffaloes"),
    ("tomato", "tomatoes"),
    ("potato", "potatoes"),
    ("hero", "heroes"),
    ("bus", "buses"),
    ("person", "people"),
    ("child", "children"),
    ("man", "men"),
    ("s", "s"),
];

/// Endings of the plural, the first that fits.
const SINGULAR: &[(&str, &str)] = &[
    ("statuses", "status"),
    ("campuses", "campus"),
    ("menus", "menu"),
    ("quizzes", "quiz"),
    ("matrices", "matrix"),
    ("vertices", "vertex"),
    ("indices", "index"),
    ("indexes", "index"),
    ("aliases", "alias"),
    ("buses", "bus"),
    ("viruses", "virus"),
    ("canvases", "canvas"),
    ("analyses", "analysis"),
    ("bases", "basis"),
    ("diagnoses", "diagnosis"),
    ("parentheses", "parenthesis"),
    ("prognoses", "prognosis"),
    ("synopses", "synopsis"),
    ("theses", "thesis"),
    ("crises", "crisis"),
    ("hypotheses", "hypothesis"),
    ("axes", "axis"),
    ("shoes", "shoe"),
    ("mice", "mouse"),
    ("lice", "louse"),
    ("oes", "o"),
    ("ouses", "ouse"),
    ("xes", "x"),
    ("ches", "ch"),
    ("shes", "sh"),
    ("sses", "ss"),
    ("zzes", "zz"),
    ("movies", "movie"),
    ("series", "series"),
    ("eaves", "eaf"),
    ("lves", "lf"),
    ("rves", "rve"),
    ("tives", "tive"),
    ("hives", "hive"),
    ("drives", "drive"),
    ("archives", "archive"),
    ("knives", "knife"),
    ("wives", "wife"),
    ("lives", "life"),
    ("wolves", "wolf"),
    ("shelves", "shelf"),
    ("halves", "half"),
    ("selves", "self"),
    ("media", "medium"),
    ("criteria", "criterion"),
    ("curricula", "curriculum"),
    ("news", "news"),
    ("people", "person"),
    ("men", "man"),
    ("children", "child"),
    ("ss", "ss"),
    ("us", "us"),
    ("is", "is"),
    ("as", "as"),
];

/// Str::plural
pub(crate) fn plural(word: &str) -> String {
    last_part(word, |lower| {
        if is_same(lower) {
            return lower.to_owned();
        }
        if let Some((_, plural)) = IRREGULAR.iter().find(|(singular, plural)| lower == *singular || lower == *plural) {
            return (*plural).to_owned();
        }
        if let Some(stem) = lower.strip_suffix('y')
            && (stem.ends_with("qu") || !stem.ends_with(['a', 'e', 'i', 'o', 'u']))
        {
            return format!("{stem}ies");
        }
        for (ending, instead) in PLURAL {
            if let Some(stem) = lower.strip_suffix(ending) {
                return format!("{stem}{instead}");
            }
        }
        format!("{lower}s")
    })
}

/// Str::singular
pub(crate) fn singular(word: &str) -> String {
    last_part(word, |lower| {
        if is_same(lower) && lower != "people" {
            return lower.to_owned();
        }
        if let Some((singular, _)) = IRREGULAR.iter().find(|(_, plural)| lower == *plural) {
            return (*singular).to_owned();
        }
        for (ending, instead) in SINGULAR {
            if let Some(stem) = lower.strip_suffix(ending) {
                return format!("{stem}{instead}");
            }
        }
        if let Some(stem) = lower.strip_suffix("ies").filter(|stem| stem.len() > 1) {
            return format!("{stem}y");
        }
        lower.strip_suffix('s').unwrap_or(lower).to_owned()
    })
}

fn is_same(word: &str) -> bool {
    SAME.contains(&word)
        || word.ends_with("ware") && word.len() > 4
        || word.ends_with("fish")
        || word.ends_with("sheep")
}

/// Only the last word of `snake_case`, `kebab-case` or `StudlyCase` is inflected; its first letter keeps its case.
fn last_part(word: &str, change: impl Fn(&str) -> String) -> String {
    let split = word.rfind(['_', '-', ' ']).map_or(0, |at| at + 1);
    let is_upper = |letter: char| letter.is_ascii_uppercase();
    let studly = word[split..].char_indices().filter(|(_, letter)| is_upper(*letter)).map(|(at, _)| split + at).last();
    let has_lower = word.chars().any(|letter| letter.is_ascii_lowercase());
    let start = studly.filter(|_| has_lower).unwrap_or(split);
    let (head, tail) = word.split_at(start);
    if tail.is_empty() || !tail.is_ascii() {
        return word.to_owned();
    }
    let changed = change(&tail.to_ascii_lowercase());
    let first_is_upper = tail.starts_with(is_upper);
    let mut letters = changed.chars();
    match letters.next() {
        Some(first) if first_is_upper => format!("{head}{}{}", first.to_ascii_uppercase(), letters.as_str()),
        _ => format!("{head}{changed}"),
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
            ("leave", "leaves"),
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
            // The plural of two words is the same; the framework picks one.
            if one != "leave" {
                assert_eq!(singular(many), one);
            }
        }
        assert_eq!(singular("status"), "status");
        assert_eq!(singular("data"), "data");
        assert_eq!(singular("bases"), "basis");
        assert_eq!(snake("ApiToken", '_'), "api_token");
    }
}
