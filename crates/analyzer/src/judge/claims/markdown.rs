//! Markdown taken apart with line numbers: code blocks, inline code, links, headings, and the links and anchors of the
//! HTML in it.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use comrak::nodes::{AstNode, NodeValue};
use comrak::{Anchorizer, Arena, Options, parse_document};

use super::html;

/// What a document holds that can be checked.
#[derive(Debug, Default)]
pub(crate) struct Markdown {
    pub(crate) blocks: Vec<Block>,
    pub(crate) inline: Vec<Inline>,
    pub(crate) links: Vec<(String, u32)>,
    /// Text outside of code, in pieces.
    pub(crate) texts: Vec<(String, u32)>,
    pub(crate) headings: Vec<(String, u32)>,
    /// How deep each heading is; one that HTML sets counts as the deepest.
    pub(crate) levels: Vec<u8>,
    /// Anchors of the headings, as GitHub makes them, and those that HTML sets.
    pub(crate) anchors: BTreeSet<String>,
    /// Letters and digits of each anchor.
    similar_anchors: OnceLock<BTreeSet<String>>,
    /// Whether it starts with settings for a site generator.
    pub(crate) has_front_matter: bool,
    /// Whether `{#id}` or an include makes anchors that only their generator knows.
    pub(crate) has_foreign_anchors: bool,
}

/// A fenced or indented code block.
#[derive(Debug, Default)]
pub(crate) struct Block {
    /// First word after the fence, lower case; empty when there is none.
    pub(crate) language: String,
    /// All that stands after the fence.
    pub(crate) info: String,
    /// The lines with their numbers.
    pub(crate) lines: Vec<(String, u32)>,
    /// What stands between the heading or block before and this one: text, inline code and addresses.
    pub(crate) intro: String,
    /// How many headings come before.
    pub(crate) section: usize,
}

/// A piece of inline code.
#[derive(Debug)]
pub(crate) struct Inline {
    pub(crate) code: String,
    pub(crate) line: u32,
    /// Whether the section or the table around it is about settings.
    pub(crate) about_settings: bool,
}

/// What is known at one place of the document.
#[derive(Default)]
struct Reader {
    markdown: Markdown,
    anchorizer: Anchorizer,
    /// A second one, for headings whose pictures have texts: forges differ in whether these count.
    with_pictures: Anchorizer,
    section_about_settings: bool,
    /// Last line of a table about settings.
    settings_until: usize,
    /// See [`Block::intro`].
    intro: String,
}

impl Markdown {
    /// Read a document.
    pub(crate) fn parse(text: &str) -> Self {
        let arena = Arena::new();
        let mut options = Options::default();
        options.extension.table = true;
        options.extension.tasklist = true;
        options.extension.footnotes = true;
        options.extension.autolink = true;
        options.extension.front_matter_delimiter = Some("---".to_owned());
        let root = parse_document(&arena, text, &options);
        let mut reader = Reader::default();
        root.descendants().for_each(|node| reader.take(node));
        let makes = ["{#", "{: #", "{{", "--8<--"];
        reader.markdown.has_foreign_anchors = makes.iter().any(|mark| text.contains(mark));
        reader.markdown
    }

    /// The anchors as [`letters`] has them.
    pub(super) fn similar_anchors(&self) -> &BTreeSet<String> {
        self.similar_anchors.get_or_init(|| self.anchors.iter().map(|anchor| letters(anchor)).collect())
    }

    /// Whether a heading goes on after these words: some generators leave out what stands in brackets or after a slash.
    pub(super) fn has_longer_anchor(&self, anchor: &str) -> bool {
        let start = format!("{anchor}-");
        self.anchors.range(start.clone()..).next().is_some_and(|next| next.starts_with(&start))
    }
}

/// The letters and digits of an anchor, in which generators agree; some write `ç` as `c`.
pub(super) fn letters(anchor: &str) -> String {
    anchor.chars().map(plain).filter(char::is_ascii_alphanumeric).collect()
}

/// A letter without its accent.
fn plain(letter: char) -> char {
    match letter {
        'à'..='å' => 'a',
        'ç' => 'c',
        'è'..='ë' => 'e',
        'ì'..='ï' => 'i',
        'ñ' => 'n',
        'ò'..='ö' => 'o',
        'ù'..='ü' => 'u',
        'ý' | 'ÿ' => 'y',
        other => other,
    }
}

impl Reader {
    fn take<'a>(&mut self, node: &'a AstNode<'a>) {
        let ast = node.data.borrow();
        let start = ast.sourcepos.start.line;
        let line = u32::try_from(start).unwrap_or(1).max(1);
        let markdown = &mut self.markdown;
        match &ast.value {
            NodeValue::FrontMatter(_) => markdown.has_front_matter = true,
            NodeValue::CodeBlock(block) => {
                let language = block.info.split([' ', ',', '{', '\t']).next().unwrap_or_default().to_ascii_lowercase();
                let first = line + u32::from(block.fenced);
                let lines = block.literal.lines().map(str::to_owned).zip(first..).collect();
                let intro = std::mem::take(&mut self.intro);
                let section = markdown.headings.len();
                markdown.blocks.push(Block { language, info: block.info.clone(), lines, intro, section });
            }
            NodeValue::Code(code) => {
                self.intro.push_str(&code.literal);
                markdown.inline.push(Inline {
                    code: code.literal.clone(),
                    line,
                    about_settings: self.section_about_settings || start <= self.settings_until,
                });
            }
            NodeValue::Text(text) => {
                self.intro.push_str(text);
                markdown.texts.push((text.to_string(), line));
            }
            NodeValue::SoftBreak | NodeValue::LineBreak | NodeValue::Paragraph => self.intro.push(' '),
            NodeValue::Link(link) | NodeValue::Image(link) => {
                self.intro.push_str(&format!(" {} ", link.url));
                markdown.links.push((link.url.clone(), line));
            }
            NodeValue::Heading(heading) => {
                let level = heading.level;
                drop(ast);
                let text = text_of(node, false);
                self.section_about_settings = is_about_settings(&text);
                self.intro.clear();
                self.heading(&text, &text_of(node, true), line, level);
            }
            NodeValue::Table(_) => {
                let end = ast.sourcepos.end.line;
                drop(ast);
                let header = node.first_child().map(|row| text_of(row, false)).unwrap_or_default();
                self.settings_until = if is_about_settings(&header) { end } else { 0 };
            }
            NodeValue::HtmlBlock(block) => self.html(&block.literal, line),
            NodeValue::HtmlInline(tag) => self.html(tag, line),
            _ => {}
        }
    }

    fn heading(&mut self, text: &str, with_pictures: &str, line: u32, level: u8) {
        self.markdown.levels.push(level);
        self.markdown.anchors.insert(self.anchorizer.anchorize(text));
        self.markdown.anchors.insert(self.with_pictures.anchorize(with_pictures));
        self.markdown.headings.push((text.to_owned(), line));
    }

    fn html(&mut self, html: &str, line: u32) {
        let found = html::read(html);
        self.markdown.links.extend(found.links.into_iter().map(|(url, below)| (url, line + below)));
        self.markdown.anchors.extend(found.anchors.into_iter().map(|anchor| anchor.to_lowercase()));
        for heading in found.headings {
            self.heading(heading.trim(), heading.trim(), line, u8::MAX);
        }
    }
}

fn is_about_settings(text: &str) -> bool {
    let lower = text.to_lowercase();
    ["environment", "env var", "variable"].iter().any(|word| lower.contains(word))
}

/// The text of a node; the texts of pictures only where they are wanted.
fn text_of<'a>(node: &'a AstNode<'a>, pictures: bool) -> String {
    let mut text = String::new();
    for part in node.children() {
        let is_picture = matches!(part.data.borrow().value, NodeValue::Image(_));
        match &part.data.borrow().value {
            NodeValue::Text(literal) => text.push_str(literal),
            NodeValue::Code(code) => text.push_str(&code.literal),
            NodeValue::SoftBreak | NodeValue::LineBreak => text.push(' '),
            _ => {}
        }
        if !is_picture || pictures {
            text.push_str(&text_of(part, pictures));
        }
        if matches!(part.data.borrow().value, NodeValue::TableCell) {
            text.push(' ');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_are_the_ones_that_the_forge_makes() {
        let text = "# Hello, World!\n## `npm run dev`\n## Set-up & go\n## Twice\n## Twice\n## 🚀 Start\n## :rocket: Go\n\
                    ## [Linked](x.md) text\n## Über uns\n## a_b  c\n<a name=\"Own-One\"></a>\n\nSetext\n===\n";
        let anchors = Markdown::parse(text).anchors;
        for anchor in [
            "hello-world",
            "npm-run-dev",
            "set-up--go",
            "twice",
            "twice-1",
            "-start",
            "rocket-go",
            "linked-text",
            "über-uns",
            "own-one",
            "setext",
        ] {
            assert!(anchors.contains(anchor), "{anchor} is not in {anchors:?}");
        }
    }

    #[test]
    fn inline_code_knows_whether_it_stands_among_settings() {
        let text =
            "`A`\n\n## Environment variables\n\n`B`\n\n## Other\n\n| Variable | x |\n|---|---|\n| `C` | y |\n\n`D`\n";
        let markdown = Markdown::parse(text);
        let about: Vec<_> = markdown.inline.iter().map(|one| (one.code.as_str(), one.about_settings)).collect();
        assert_eq!(about, [("A", false), ("B", true), ("C", true), ("D", false)]);
    }
}
