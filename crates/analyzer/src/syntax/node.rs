//! Short forms of what every reader asks of the nodes of a syntax tree.

use tree_sitter::{Node, TreeCursor};

use super::literal::text;

/// Questions to a node that the grammar's own interface answers in several lines.
pub(crate) trait NodeExt<'t>: Sized {
    /// The child in a field.
    fn field(self, name: &str) -> Option<Node<'t>>;

    /// The text of the child in a field; empty without one.
    fn field_text<'b>(self, name: &str, bytes: &'b [u8]) -> &'b str;

    /// Whether a field holds exactly this text.
    fn field_is(self, name: &str, wanted: &str, bytes: &[u8]) -> bool;

    /// The named children in the order of the text, comments included.
    fn inner(self) -> Inner<'t>;

    /// The named children without comments. What does not parse stays, so that places count.
    fn parts(self) -> Vec<Node<'t>>;

    /// The first named child of a kind.
    fn inner_of(self, kind: &str) -> Option<Node<'t>>;

    /// The arguments of a call without comments; none for what has no list of them.
    fn arguments(self) -> Vec<Node<'t>>;

    /// The first argument of a call.
    fn first_argument(self) -> Option<Node<'t>>;

    /// The 1-based line that the node starts on.
    fn first_line(self) -> u32;

    /// The 1-based line that the node ends on.
    fn last_line(self) -> u32;

    /// The node and all named nodes below it in the order of the text, down to a depth.
    fn preorder(self, max_depth: usize) -> Preorder<'t>;
}

impl<'t> NodeExt<'t> for Node<'t> {
    fn field(self, name: &str) -> Option<Node<'t>> {
        self.child_by_field_name(name)
    }

    fn field_text<'b>(self, name: &str, bytes: &'b [u8]) -> &'b str {
        self.field(name).map_or("", |child| text(child, bytes))
    }

    fn field_is(self, name: &str, wanted: &str, bytes: &[u8]) -> bool {
        self.field(name).is_some_and(|child| text(child, bytes) == wanted)
    }

    fn inner(self) -> Inner<'t> {
        let mut cursor = self.walk();
        let is_there = cursor.goto_first_child();
        Inner { cursor, is_there }
    }

    fn parts(self) -> Vec<Node<'t>> {
        self.inner().filter(|child| !child.is_extra() || child.is_error()).collect()
    }

    fn inner_of(self, kind: &str) -> Option<Node<'t>> {
        self.inner().find(|child| child.kind() == kind)
    }

    fn arguments(self) -> Vec<Node<'t>> {
        self.field("arguments").map(Node::parts).unwrap_or_default()
    }

    fn first_argument(self) -> Option<Node<'t>> {
        self.field("arguments")?.named_child(0)
    }

    fn first_line(self) -> u32 {
        line_of(self.start_position().row)
    }

    fn last_line(self) -> u32 {
        line_of(self.end_position().row)
    }

    fn preorder(self, max_depth: usize) -> Preorder<'t> {
        Preorder::new(self, max_depth, |_| true)
    }
}

fn line_of(row: usize) -> u32 {
    u32::try_from(row + 1).unwrap_or(u32::MAX)
}

/// Named children, one after the other.
pub(crate) struct Inner<'t> {
    cursor: TreeCursor<'t>,
    is_there: bool,
}

impl<'t> Iterator for Inner<'t> {
    type Item = Node<'t>;

    fn next(&mut self) -> Option<Node<'t>> {
        while self.is_there {
            let node = self.cursor.node();
            self.is_there = self.cursor.goto_next_sibling();
            if node.is_named() {
                return Some(node);
            }
        }
        None
    }
}

/// Nodes in the order of the text, an outer one before those inside. No recursion: depth is what hostile files attack.
pub(crate) struct Preorder<'t> {
    open: Vec<(Node<'t>, usize)>,
    /// The node that was given last, whose children come next.
    last: Option<(Node<'t>, usize)>,
    max_depth: usize,
    enters: fn(&Node<'t>) -> bool,
}

impl<'t> Preorder<'t> {
    /// A node and those below it that `enters` accepts with all nodes between.
    pub(crate) fn new(root: Node<'t>, max_depth: usize, enters: fn(&Node<'t>) -> bool) -> Self {
        Self { open: vec![(root, 0)], last: None, max_depth, enters }
    }

    /// Leave out what is below the node that was given last.
    pub(crate) fn skip_below(&mut self) {
        self.last = None;
    }
}

impl<'t> Iterator for Preorder<'t> {
    type Item = Node<'t>;

    fn next(&mut self) -> Option<Node<'t>> {
        if let Some((last, depth)) = self.last.take().filter(|(_, depth)| *depth < self.max_depth) {
            let from = self.open.len();
            self.open.extend(last.inner().filter(self.enters).map(|child| (child, depth + 1)));
            self.open[from..].reverse();
        }
        self.last = self.open.pop();
        self.last.map(|(node, _)| node)
    }
}
