//! The lines of XML elements. The parser itself counts from the top of the text for each one that it is asked for.

use roxmltree::Document;

use crate::tree::file::SourceFile;

/// The 1-based line of an offset in the text that a document was read from.
pub(crate) fn line_in(file: &SourceFile, document: &Document<'_>, offset: usize) -> u32 {
    // Replaced bytes move what follows.
    let is_moved = file.bytes().len() != document.input_text().len();
    if is_moved { document.text_pos_at(offset).row } else { file.line_at(offset) }
}
