//! A page of documentation that stands beside the rules that it describes: what they resolve, and where they stop.

/// The page of one framework, or of several that share their rules.
#[derive(Debug)]
pub struct Page {
    /// The name of its file.
    pub slug: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// The framework's own documentation.
    pub links: &'static [&'static str],
    /// Folders below `crates/analyzer/tests/fixtures/` that show what is resolved.
    pub fixtures: &'static [&'static str],
    /// What is said first; may be empty.
    pub text: &'static str,
    /// What is said of one subject each: `resolved`, `parameters`, `unresolved`.
    pub rows: &'static [(&'static str, &'static str)],
}

impl Page {
    /// The page as Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut out = format!(
            "# {}\n\n<!-- generated from the rules: see \"A source of facts\" in docs/development.md -->\n",
            self.title
        );
        if !self.text.is_empty() {
            out.push_str(&format!("\n{}\n", self.text));
        }
        for (subject, text) in self.rows {
            let mut letters = subject.chars();
            let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
            out.push_str(&format!("\n**{first}{}.** {text}.\n", letters.as_str()));
        }
        let links: Vec<String> = self.links.iter().map(|link| format!("<{link}>")).collect();
        out.push_str(&format!("\nThe framework's documentation: {}\n", links.join(", ")));
        let fixtures: Vec<String> =
            self.fixtures.iter().map(|one| format!("[{one}](../../crates/analyzer/tests/fixtures/{one})")).collect();
        out.push_str(&format!("\nShown by the fixtures {}\n", fixtures.join(", ")));
        out
    }
}
