mod analyzer_syntax;
