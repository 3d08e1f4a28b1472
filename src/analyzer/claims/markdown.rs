//! Markdown taken apart with line numbers: code blocks, inline code, links, headings. Raw HTML is not read.

use std::collections::BTreeSet;

use comrak::nodes::{AstNode, NodeValue};
use comrak::{Anchorizer, Arena, Options, parse_document};

/// What a document holds that can be checked.
#[derive(Debug, Default)]
pub(crate) struct Markdown {
    pub(crate) blocks: Vec<Block>,
    pub(crate) inline: Vec<(String, u32)>,
    pub(crate) links: Vec<(String, u32)>,
    /// Anchors of the headings, as GitHub makes them.
    pub(crate) anchors: BTreeSet<String>,
}

/// A fenced or indented code block.
#[derive(Debug)]
pub(crate) struct Block {
    /// First word after the fence, lower case; empty when there is none.
    pub(crate) language: String,
    /// The lines with their numbers.
    pub(crate) lines: Vec<(String, u32)>,
}

impl Markdown {
    /// Read a document.
    pub(crate) fn parse(text: &str) -> Self {
        let arena = Arena::new();
        let mut options = Options::default();
        options.extension.table = true;
        options.extension.tasklist = true;
        options.extension.footnotes = true;
        options.extension.front_matter_delimiter = Some("---".to_owned());
        let root = parse_document(&arena, text, &options);
        let mut markdown = Self::default();
        let mut anchorizer = Anchorizer::new();
        for node in root.descendants() {
            markdown.take(node, &mut anchorizer);
        }
        markdown
    }

    fn take<'a>(&mut self, node: &'a AstNode<'a>, anchorizer: &mut Anchorizer) {
        let ast = node.data.borrow();
        let line = u32::try_from(ast.sourcepos.start.line).unwrap_or(1).max(1);
        match &ast.value {
            NodeValue::CodeBlock(block) => {
                let language = block.info.split([' ', ',', '{', '\t']).next().unwrap_or_default().to_ascii_lowercase();
                let first = line + u32::from(block.fenced);
                let lines = block.literal.lines().map(str::to_owned).zip(first..).collect();
                self.blocks.push(Block { language, lines });
            }
            NodeValue::Code(code) => self.inline.push((code.literal.clone(), line)),
            NodeValue::Link(link) | NodeValue::Image(link) => self.links.push((link.url.clone(), line)),
            NodeValue::Heading(_) => {
                drop(ast);
                self.anchors.insert(anchorizer.anchorize(&text_of(node)));
            }
            _ => {}
        }
    }
}

fn text_of<'a>(node: &'a AstNode<'a>) -> String {
    let mut text = String::new();
    for part in node.descendants() {
        match &part.data.borrow().value {
            NodeValue::Text(literal) => text.push_str(literal),
            NodeValue::Code(code) => text.push_str(&code.literal),
            _ => {}
        }
    }
    text
}
