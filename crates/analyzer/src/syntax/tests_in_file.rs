//! Where a Rust file holds its own tests: what stands there says nothing about the application.

use tree_sitter::Node;

use super::literal::text;

/// Modules inside modules.
const MAX_TEST_MODULES: usize = 8;

/// The byte ranges of items below `#[cfg(test)]` and of test functions, in the order of the text.
pub(crate) fn ranges(root: Node<'_>, bytes: &[u8]) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    inside(root, bytes, 0, &mut out);
    out
}

fn inside(node: Node<'_>, bytes: &[u8], depth: usize, out: &mut Vec<(usize, usize)>) {
    if depth > MAX_TEST_MODULES {
        return;
    }
    let mut is_test = false;
    let mut cursor = node.walk();
    for child in node.named_children(&mut cursor) {
        match child.kind() {
            "attribute_item" => {
                is_test |= is_for_tests(text(child, bytes));
                continue;
            }
            "line_comment" | "block_comment" => continue,
            _ if is_test => out.push((child.start_byte(), child.end_byte())),
            "mod_item" | "impl_item" | "declaration_list" => inside(child, bytes, depth + 1, out),
            _ => {}
        }
        is_test = false;
    }
}

/// `#[cfg(test)]`, `#[test]`, `#[tokio::test]`, `#[cfg(all(test, …))]`.
pub(crate) fn is_for_tests(attribute: &str) -> bool {
    let flat: String = attribute.chars().filter(|letter| !letter.is_whitespace()).collect();
    flat == "#[cfg(test)]"
        || flat == "#[test]"
        || flat.ends_with("::test]")
        || (flat.starts_with("#[") && flat.contains("::test(") && !flat.contains("cfg"))
        || flat.starts_with("#[cfg(all(test,")
}
