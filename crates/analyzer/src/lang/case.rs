//! Names in other spellings: where the words of `HTTPRequestLog` begin, which every framework says differently.

/// The words of a name as they are written. The first letter begins the first word; whether another capital letter
/// begins one is said by the letter before it and the one behind.
pub(crate) fn words(name: &str, begins: impl Fn(char, Option<char>) -> bool) -> Vec<&str> {
    let mut starts = vec![0];
    let mut letters = name.char_indices().peekable();
    while let Some((_, before)) = letters.next() {
        let Some((at, letter)) = letters.peek().copied() else { break };
        let next = name[at..].chars().nth(1);
        if letter.is_uppercase() && begins(before, next) {
            starts.push(at);
        }
    }
    let ends = starts.iter().skip(1).copied().chain([name.len()]);
    starts.iter().zip(ends).map(|(from, to)| &name[*from..to]).collect()
}

/// The words in lower case, joined by underscores.
pub(crate) fn snake(name: &str, begins: impl Fn(char, Option<char>) -> bool) -> String {
    words(name, begins).join("_").to_lowercase()
}

/// `HTTPRequestLog` is `http_request_log`: the way of Flask-SQLAlchemy, MikroORM and most others.
pub(crate) fn snake_of_class(name: &str) -> String {
    let begins = |before, next: Option<char>| after_small(before, next) || next.is_some_and(char::is_lowercase);
    snake(name, begins).trim_start_matches('_').to_owned()
}

/// Every capital letter begins a word.
pub(crate) fn each_capital(_: char, _: Option<char>) -> bool {
    true
}

/// A capital begins a word behind a small letter or a digit.
pub(crate) fn after_small(before: char, _: Option<char>) -> bool {
    before.is_lowercase() || before.is_ascii_digit()
}

/// Behind anything but a capital, or before a small letter: abbreviations stay together.
pub(crate) fn around_capitals(before: char, next: Option<char>) -> bool {
    !before.is_uppercase() || next.is_some_and(char::is_lowercase)
}

/// Behind a small letter or a digit, or before a small letter where an abbreviation ends.
pub(crate) fn around_abbreviations(before: char, next: Option<char>) -> bool {
    after_small(before, next) || (before.is_uppercase() && next.is_some_and(char::is_lowercase))
}

#[cfg(test)]
mod tests {
    use super::{after_small, around_abbreviations, around_capitals, each_capital, snake};

    #[test]
    fn a_framework_says_where_a_word_begins() {
        let all =
            |name: &str| [each_capital, after_small, around_capitals, around_abbreviations].map(|one| snake(name, one));
        assert_eq!(all("OrderItems"), ["order_items"; 4]);
        assert_eq!(all("HTTPLog"), ["h_t_t_p_log", "httplog", "http_log", "http_log"]);
        assert_eq!(all("a_B"), ["a__b", "a_b", "a__b", "a_b"]);
    }
}
