
mod analyzer_syntax;
