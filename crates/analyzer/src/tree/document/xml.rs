//! The lines of XML elements. The parser itself counts from the top of the text for each one that it is asked for.

use roxmltree::Document;

use crate::tree::file::SourceFile;

/// The 1-based line of an offset in the text that a document was read from; that may lack the file's byte order mark.
pub(crate) fn line_in(file: &SourceFile, document: &Document<'_>, offset: usize) -> u32 {
    match file.bytes().len().checked_sub(document.input_text().len()) {
        Some(before @ (0 | 3)) => file.line_at(offset + before),
        // Replaced bytes moved what follows.
        _ => document.text_pos_at(offset).row,
    }
}
