//! JSON that is looked into and passed on as the text that it is. A tree of values takes up to a hundred times as much memory
//! as its text, and whoever wrote the text decides how often.

use std::fmt;

use serde::de::{Deserializer as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// Largest summary of a run, in bytes.
pub(crate) const MAX_SUMMARY_BYTES: usize = 64 << 10;

/// JSON of any shape, as its text.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RawJson(Box<RawValue>);

impl RawJson {
    /// An object without members.
    pub(crate) fn empty() -> Self {
        Self(RawValue::from_string("{}".to_owned()).expect("this is JSON"))
    }

    /// To look into it.
    pub(crate) fn view(&self) -> JsonView<'_> {
        JsonView(self.0.get())
    }
}

impl PartialEq for RawJson {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}

/// Most that two dossiers take that are compared, as values, in bytes; what is found of them is of the same size at most.
pub(crate) const MAX_COMPARED_BYTES: usize = 28 << 20;

/// A value inside of such a text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct JsonView<'j>(&'j str);

/// What an object's leaf, an array's and one more value in either take at most, in bytes.
const OBJECT_BYTES: usize = 640;
const ARRAY_BYTES: usize = 128;
const VALUE_BYTES: usize = 64;

impl<'j> JsonView<'j> {
    pub(crate) const NULL: Self = Self("null");

    /// `None` for what is no JSON.
    pub(crate) fn parse(bytes: &'j [u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        serde_json::from_str::<&RawValue>(text).ok().map(|value| Self(value.get()))
    }

    pub(crate) fn text(self) -> &'j str {
        self.0
    }

    /// A member of an object, `None` where there is none.
    pub(crate) fn get(self, name: &str) -> Option<Self> {
        let mut found = None;
        self.members(|key, value| {
            if key == name {
                found = Some(value);
            }
        });
        found
    }

    /// The same, `null` where there is none.
    pub(crate) fn at(self, name: &str) -> Self {
        self.get(name).unwrap_or(Self::NULL)
    }

    /// Each member of an object; of anything else none.
    pub(crate) fn members(self, member: impl FnMut(&str, Self)) {
        // It was checked when it was made; other values are refused at once.
        let _ = serde_json::Deserializer::from_str(self.0).deserialize_map(Members(member));
    }

    /// Each item of an array; of anything else none.
    pub(crate) fn items(self, item: impl FnMut(Self)) {
        let _ = serde_json::Deserializer::from_str(self.0).deserialize_seq(Items(item));
    }

    /// As a plain value such as a number, a text or a truth value.
    pub(crate) fn plain<T: Deserialize<'j>>(self) -> Option<T> {
        serde_json::from_str(self.0).ok()
    }

    /// What a tree of values made of it takes at most, in bytes.
    pub(crate) fn weight(self) -> usize {
        let (mut weight, mut in_text, mut escaped) = (self.0.len(), false, false);
        for byte in self.0.bytes() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if in_text => escaped = true,
                b'"' => in_text = !in_text,
                _ if in_text => {}
                b'{' => weight += OBJECT_BYTES,
                b'[' => weight += ARRAY_BYTES,
                b',' => weight += VALUE_BYTES,
                _ => {}
            }
        }
        weight
    }
}

struct Members<F>(F);

impl<'j, F: FnMut(&str, JsonView<'j>)> Visitor<'j> for Members<F> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'j>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some((key, value)) = map.next_entry::<String, &'j RawValue>()? {
            (self.0)(&key, JsonView(value.get()));
        }
        Ok(())
    }
}

struct Items<F>(F);

impl<'j, F: FnMut(JsonView<'j>)> Visitor<'j> for Items<F> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'j>>(mut self, mut items: A) -> Result<(), A::Error> {
        while let Some(value) = items.next_element::<&'j RawValue>()? {
            (self.0)(JsonView(value.get()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_looked_into_without_making_values_of_it() {
        let view = JsonView::parse(br#"{"a":{"b":[1,"x",{"c":true}]},"a\u0062":2,"a":{"b":[3,4]}}"#).unwrap();
        let mut numbers = Vec::new();
        view.at("a").at("b").items(|item| numbers.push(item.plain::<u64>()));
        assert_eq!(numbers, [Some(3), Some(4)], "the last of two members counts");
        assert_eq!(view.at("ab").plain::<f64>(), Some(2.0));
        assert_eq!((view.at("b").text(), view.at("ab").at("c").text()), ("null", "null"));
        let mut names = Vec::new();
        view.members(|name, _| names.push(name.to_owned()));
        assert_eq!(names, ["a", "ab", "a"]);
        assert!(JsonView::parse(b"{").is_none() && JsonView::parse(b"\"\xff\"").is_none());
    }

    #[test]
    fn a_weight_counts_values_and_not_what_texts_say() {
        let weight = |text: &str| JsonView::parse(text.as_bytes()).unwrap().weight() - text.len();
        assert_eq!(weight(r#""{[,\"{""#), 0);
        assert_eq!(weight("[{},[]]"), OBJECT_BYTES + 2 * ARRAY_BYTES + VALUE_BYTES);
    }
}
