//! English plurals and singulars as frameworks form them: tables of endings, each tried in its order. A word that a
//! framework gets wrong stays wrong here.

pub(crate) mod go;
pub(crate) mod laravel;
pub(crate) mod rails;
pub(crate) mod sequelize;

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

/// The word with its ending exchanged by the first rule that fits.
fn by_rule(word: &str, rules: &[Rule]) -> Option<String> {
    let lower = word.to_lowercase();
    rules.iter().find_map(|(ending, before, replacement)| {
        let head = lower.strip_suffix(ending)?;
        let last = head.chars().next_back();
        let fits = match before {
            Before::Anything => true,
            Before::Nothing => head.is_empty(),
            Before::One(letters) => last.is_some_and(|last| letters.contains(last)),
            Before::NoneOf(letters) => last.is_some_and(|last| !letters.contains(last)) || head.ends_with("qu"),
        };
        fits.then(|| exchanged(word, head.len(), ending, replacement))
    })
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
