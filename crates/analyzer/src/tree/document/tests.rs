//! The three readers against their formats: values, lines, and agreement with a second JSON reader.

use proptest::prelude::*;

use super::{DocumentValue, Node, json, toml, yaml};

/// The value as `serde_json` would hold it.
fn plain(node: &Node) -> serde_json::Value {
    match &node.value {
        DocumentValue::Null => serde_json::Value::Null,
        DocumentValue::Bool(yes) => (*yes).into(),
        DocumentValue::Number(text) => serde_json::from_str(text).unwrap(),
        DocumentValue::String(text) => text.as_str().into(),
        DocumentValue::List(items) => items.iter().map(plain).collect(),
        DocumentValue::Map(entries) => {
            entries.list.iter().map(|entry| (entry.key.clone(), plain(&entry.value))).collect()
        }
    }
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        ".*".prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(6, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(serde_json::Value::from),
            prop::collection::btree_map(".*", inner, 0..8).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn json_reads_what_another_reader_wrote(value in any_json(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        let document = json::parse(text.as_bytes());
        prop_assert_eq!(&document.problem, &None);
        prop_assert_eq!(plain(document.root()), value);
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "[\\[\\]{}:,\"\n\\-a =&*#|>.]{0,80}") {
        for input in [bytes.as_slice(), text.as_bytes()] {
            json::parse(input);
            toml::parse(input);
            yaml::parse(input);
        }
    }
}

#[test]
fn json_with_comments_and_trailing_commas_is_read_and_lines_are_counted() {
    let document = json::parse(b"\xef\xbb\xbf{ // a\n  /* b\n */ \"x\": [1,\n 2,],\n}\n");
    assert_eq!(document.problem, None);
    let entry = document.root().entry("x").unwrap();
    assert_eq!((entry.line, entry.value.start_line, entry.value.end_line), (3, 3, 4));
}

#[test]
fn surrogate_pairs_are_joined_and_lone_halves_replaced() {
    assert_eq!(json::parse(br#""\ud83d\ude00 \ud83d x""#).root().as_str(), Some("\u{1f600} \u{fffd} x"));
}

#[test]
fn toml_knows_the_lines_of_keys_headers_and_lists_of_tables() {
    let document = toml::parse(b"a = 1\n\n[t.u]\nb = [\n 2,\n]\nc.d = \"x\"\n[[l]]\ne = 1\n[[l]]\ne = 2\n");
    let root = document.root();
    assert_eq!(root.entry_at(&["t", "u"]).unwrap().line, 3);
    let list = root.entry_at(&["t", "u", "b"]).unwrap();
    assert_eq!((list.line, list.value.end_line), (4, 6));
    assert_eq!(root.entry_at(&["t", "u", "c", "d"]).unwrap().line, 7);
    let lines: Vec<u32> = root.get("l").unwrap().items().iter().map(|table| table.entry("e").unwrap().line).collect();
    assert_eq!(lines, [9, 11]);
}

#[test]
fn a_mistake_in_toml_keeps_the_tables_above_it() {
    let document = toml::parse(b"[a]\nx = 1\n[b]\ny = = 2\n[c]\nz = 3\n");
    assert!(document.problem.as_deref().is_some_and(|problem| problem.starts_with("line 4: ")), "{document:?}");
    assert!(document.root().at(&["a", "x"]).is_some() && document.root().get("b").is_none());
}

#[test]
fn yaml_knows_lines_types_documents_aliases_and_merges() {
    let text = "base: &base\n  a: yes\n  n: 1\nitem:\n  <<: *base\n  n: \"2\"\n  t: |\n    x\n    y\nlast: *base\n---\nb: true\n";
    let document = yaml::parse(text.as_bytes());
    assert_eq!(document.problem, None);
    let root = document.root();
    assert_eq!(root.at(&["item", "a"]).and_then(Node::as_str), Some("yes"));
    assert_eq!(root.at(&["item", "n"]).and_then(Node::as_str), Some("2"));
    let block = root.entry_at(&["item", "t"]).unwrap();
    assert_eq!((block.line, block.value.end_line), (7, 9));
    assert_eq!(root.entry_at(&["last", "n"]).map(|entry| entry.line), Some(3));
    assert!(document.roots[1].get("b").is_some_and(Node::is_true));
}
