//! Places in lists as clients hold them: with digits that tell whether one was given out, and for the same question.

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use super::error::ApiError;

/// A place in the answer to a question.
pub(super) fn cursor(question: &str, place: &impl Serialize) -> String {
    let place = hex::encode(serde_json::to_vec(place).unwrap_or_default());
    let check = check(question, &place);
    format!("{place}_{check}")
}

/// The place of a cursor that was given out for this question.
///
/// # Errors
/// For any other text.
pub(super) fn parse_cursor<T: DeserializeOwned>(question: &str, text: &str) -> Result<T, ApiError> {
    let parse = || {
        let (place, digits) = text.split_once('_')?;
        let bytes = hex::decode(place).ok()?;
        (check(question, place) == digits).then(|| serde_json::from_slice(&bytes).ok())?
    };
    let sentence = "before must be the \"next\" of an earlier answer to the same question";
    parse().ok_or_else(|| ApiError::Invalid(sentence.into()))
}

fn check(question: &str, place: &str) -> String {
    hex::encode(&Sha256::digest(format!("{question}\n{place}"))[..8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_of_one_question_and_to_the_letter() {
        let place = cursor("a", &("x_y", 7));
        let read = |question, text: &str| parse_cursor::<(String, i64)>(question, text).ok();
        assert_eq!(read("a", &place), Some(("x_y".into(), 7)));
        assert_eq!(read("b", &place), None);
        for changed in [place.to_uppercase(), format!("0{place}"), place[1..].to_owned(), format!("{place}0")] {
            assert_eq!(read("a", &changed), None, "{changed}");
        }
    }
}
