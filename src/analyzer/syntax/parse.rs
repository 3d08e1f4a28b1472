//! Parsing with bounds that are the same on every machine: bytes, parser operations and depth, never
//! a clock. A file over a bound is skipped with a reason; nothing here fails.

use std::cell::RefCell;
use std::ops::ControlFlow;

use tree_sitter::{ParseOptions, ParseState, Parser, Tree};

use super::grammar::Language;

/// Larger files are not written by people.
const MAX_BYTES: usize = 1_500_000;
/// A file with longer lines on average is minified or generated.
const MAX_MEAN_LINE: usize = 1_000;
/// Smaller files may have any line length.
const ANY_LINE_LENGTH: usize = 20_000;
/// Parser progress reports (one for each hundred operations) that a byte may cost, with a floor.
const REPORTS_PER_KIB: usize = 256;
const REPORTS_FLOOR: usize = 4_096;
/// Deeper trees are data or hostile.
const MAX_DEPTH: usize = 2_000;

/// A syntax tree over the raw bytes of a file.
#[derive(Debug)]
pub(crate) struct Parsed {
    /// The grammar used.
    pub(crate) language: Language,
    /// The tree; byte offsets are those of the raw content.
    pub(crate) tree: Tree,
    /// What of it was passed over, if anything was.
    pub(crate) problem: Option<String>,
}

/// Parse the bytes, or say in a few words why not.
pub(crate) fn parse(language: Language, bytes: &[u8]) -> Result<Parsed, &'static str> {
    if bytes.len() > MAX_BYTES {
        return Err("too large to parse");
    }
    let lines = memchr::memchr_iter(b'\n', bytes).count() + 1;
    if bytes.len() > ANY_LINE_LENGTH && bytes.len() / lines > MAX_MEAN_LINE {
        return Err("minified");
    }
    let tree = PARSER.with_borrow_mut(|parser| {
        parser.set_language(&language.grammar()).map_err(|_| "grammar of another version")?;
        let tree = run(parser, bytes);
        if tree.is_none() {
            // Otherwise the next file would go on where this one was given up.
            parser.reset();
        }
        tree.ok_or("too costly to parse")
    })?;
    if is_deeper_than(&tree, MAX_DEPTH) {
        return Err("nested too deep");
    }
    let problem = first_error(&tree).map(|line| format!("line {line} does not parse"));
    Ok(Parsed { language, tree, problem })
}

thread_local! {
    /// A parser keeps its memory from one file to the next.
    static PARSER: RefCell<Parser> = RefCell::new(Parser::new());
}

fn run(parser: &mut Parser, bytes: &[u8]) -> Option<Tree> {
    let mut budget = REPORTS_FLOOR + bytes.len() / 1024 * REPORTS_PER_KIB;
    let mut spend = |_: &ParseState| {
        budget = budget.saturating_sub(1);
        if budget == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    parser.parse_with_options(
        &mut |offset, _| bytes.get(offset..).unwrap_or_default(),
        None,
        Some(ParseOptions::new().progress_callback(&mut spend)),
    )
}

/// The line (1-based) where the grammar first did not fit.
fn first_error(tree: &Tree) -> Option<usize> {
    let mut node = tree.root_node();
    while !node.is_error() && !node.is_missing() {
        let mut cursor = node.walk();
        node = node.children(&mut cursor).find(|child| child.has_error())?;
    }
    Some(node.start_position().row + 1)
}

/// Walk without recursion: a stack of calls is what depth attacks. A node with fewer nodes below it than are allowed
/// to be nested there needs no look inside, and that is nearly every one.
fn is_deeper_than(tree: &Tree, limit: usize) -> bool {
    let mut cursor = tree.walk();
    let mut depth = 0;
    loop {
        if depth + cursor.node().descendant_count() > limit && cursor.goto_first_child() {
            depth += 1;
            if depth > limit {
                return true;
            }
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return false;
            }
            depth -= 1;
        }
    }
}
