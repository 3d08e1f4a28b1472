//! Everything that is tested through the public face of the library, in one binary.

mod analyzer;
mod analyzer_syntax;
