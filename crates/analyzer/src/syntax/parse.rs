//! Parsing with bounds that are the same on every machine: bytes, parser operations and depth, never
//! a clock. A file over a bound is skipped with a reason; nothing here fails.

use std::cell::RefCell;
use std::ops::{ControlFlow, Range};

use tree_sitter::{ParseOptions, ParseState, Parser, Point, Tree};

use super::bodies::{BodyKind, bodies};
use super::grammar::{Family, Language};

/// Larger files are not written by people.
const MAX_SOURCE_BYTES: usize = 1_500_000;
/// A file with longer lines on average is minified or generated.
const MAX_MEAN_LINE: usize = 1_000;
/// Smaller files may have any line length.
const ANY_LINE_LENGTH: usize = 20_000;
/// Parser progress reports (one for each hundred operations) that a byte may cost, with a floor.
const REPORTS_PER_KIB: usize = 256;
const REPORTS_FLOOR: usize = 4_096;
/// Deeper trees are data or hostile.
const MAX_TREE_DEPTH: usize = 2_000;
/// More lines of comments in a row are passed over.
const MAX_COMMENT_LINES: usize = 256;
/// Leaving less out costs more than parsing it.
const MIN_LEFT_OUT: usize = 120;

/// A syntax tree over the raw bytes of a file.
#[derive(Debug)]
pub(crate) struct Parsed {
    /// The grammar used.
    pub(crate) language: Language,
    /// The tree; byte offsets are those of the raw content.
    pub(crate) tree: Tree,
    /// What of it was passed over, if anything was.
    pub(crate) problem: Option<String>,
    /// The functions whose bodies an outline leaves out, in the order of the text.
    pub(crate) left_out: Vec<LeftOut>,
}

/// A function without its body.
#[derive(Debug)]
pub(crate) struct LeftOut {
    /// The function from the word that starts it.
    pub(crate) whole: Range<usize>,
    /// Where its body starts, behind the brace.
    pub(crate) body: usize,
}

/// Parse the bytes, or say in a few words why not. Modules that hold tests have no content.
pub(crate) fn parse(language: Language, bytes: &[u8]) -> Result<Parsed, &'static str> {
    check(bytes)?;
    let holes = match language.family() {
        Family::Rust => {
            let found = bodies(Family::Rust, bytes).into_iter();
            found.filter(|body| body.kind == BodyKind::Tests).map(|body| body.range).collect()
        }
        Family::Python => long_comments(bytes),
        _ => Vec::new(),
    };
    parse_between(language, bytes, 0..bytes.len(), &holes)
}

/// Runs of lines with nothing but comments: the scanner of Python looks through all that follow at each of them.
fn long_comments(bytes: &[u8]) -> Vec<Range<usize>> {
    let (mut out, mut start, mut at, mut comments) = (Vec::new(), 0, 0, 0);
    for line in bytes.split_inclusive(|byte| *byte == b'\n').chain([&b"end"[..]]) {
        match line.trim_ascii_start().first() {
            Some(b'#') => comments += 1,
            None => {}
            Some(_) => {
                if comments > MAX_COMMENT_LINES {
                    out.push(start..at);
                }
                (start, comments) = (at + line.len(), 0);
            }
        }
        at += line.len();
    }
    out
}

/// The same without the bodies of functions, and without what defines no value; what is short stays.
pub(crate) fn outline(language: Language, bytes: &[u8]) -> Result<Parsed, &'static str> {
    check(bytes)?;
    let (mut holes, mut left_out) = (Vec::new(), Vec::new());
    for body in bodies(language.family(), bytes) {
        if body.kind != BodyKind::Tests && body.range.len() < MIN_LEFT_OUT {
            continue;
        }
        if body.kind == BodyKind::Function {
            left_out.push(LeftOut { whole: body.start..body.range.end + 1, body: body.range.start });
        }
        holes.push(body.range);
    }
    let parsed = parse_between(language, bytes, 0..bytes.len(), &holes)?;
    Ok(Parsed { left_out, ..parsed })
}

/// Parse one function of a file that was parsed as an outline.
pub(crate) fn part(language: Language, bytes: &[u8], of: &LeftOut) -> Result<Parsed, &'static str> {
    parse_between(language, bytes, of.whole.clone(), &[])
}

fn check(bytes: &[u8]) -> Result<(), &'static str> {
    if bytes.len() > MAX_SOURCE_BYTES {
        return Err("too large to parse");
    }
    let lines = memchr::memchr_iter(b'\n', bytes).count() + 1;
    if bytes.len() > ANY_LINE_LENGTH && bytes.len() / lines > MAX_MEAN_LINE {
        return Err("minified");
    }
    Ok(())
}

/// Parse a range as if nothing stood in its holes; all offsets and lines are the file's.
fn parse_between(
    language: Language,
    bytes: &[u8],
    of: Range<usize>,
    holes: &[Range<usize>],
) -> Result<Parsed, &'static str> {
    let is_whole = of == (0..bytes.len()) && holes.is_empty();
    let ranges = if is_whole { Vec::new() } else { around(bytes, &of, holes) };
    let tree = PARSER.with_borrow_mut(|parser| {
        parser.set_language(&language.grammar()).map_err(|_| "grammar of another version")?;
        parser.set_included_ranges(&ranges).map_err(|_| "cut in a way that cannot be parsed")?;
        let tree = run(parser, bytes);
        if tree.is_none() {
            // Otherwise the next file would go on where this one was given up.
            parser.reset();
        }
        tree.ok_or("too costly to parse")
    })?;
    if is_deeper_than(&tree, MAX_TREE_DEPTH) {
        return Err("nested too deep");
    }
    let problem = first_error(&tree).map(|line| format!("line {line} does not parse"));
    Ok(Parsed { language, tree, problem, left_out: Vec::new() })
}

/// What is left of a range around its holes.
fn around(bytes: &[u8], of: &Range<usize>, holes: &[Range<usize>]) -> Vec<tree_sitter::Range> {
    let (mut out, mut last, mut point) = (Vec::new(), 0, Point::new(0, 0));
    let mut point_at = |at: usize| {
        point = point_behind(point, &bytes[last..at]);
        last = at;
        point
    };
    let mut start_byte = of.start;
    for (end_byte, next) in holes.iter().map(|hole| (hole.start, hole.end)).chain([(of.end, of.end)]) {
        let (start_point, end_point) = (point_at(start_byte), point_at(end_byte));
        out.push(tree_sitter::Range { start_byte, end_byte, start_point, end_point });
        start_byte = next;
    }
    out
}

fn point_behind(point: Point, text: &[u8]) -> Point {
    match memchr::memrchr(b'\n', text) {
        Some(last) => Point::new(point.row + memchr::memchr_iter(b'\n', text).count(), text.len() - last - 1),
        None => Point::new(point.row, point.column + text.len()),
    }
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
