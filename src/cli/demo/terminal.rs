//! What a person at a terminal sees of the demo beside its lines: a word in colour, and a line that goes away.

use std::io::{IsTerminal as _, Write as _};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};

/// Standard output and standard error, as far as people look at them.
pub(super) struct Terminal {
    colors: bool,
    is_watched: bool,
}

impl Terminal {
    /// Colours where standard output is a terminal that has them, and nobody set `NO_COLOR`.
    pub(super) fn new() -> Self {
        let colors = AutoStream::choice(&std::io::stdout()) != ColorChoice::Never;
        Self { colors, is_watched: std::io::stderr().is_terminal() }
    }

    /// A line whose middle part is a status, of text that a terminal does not obey.
    pub(super) fn say(&self, [before, status, after]: &[String; 3]) {
        let color = if status.starts_with("SUCCEEDED") { AnsiColor::Green } else { AnsiColor::Red };
        let style = if self.colors { color.on_default() } else { Style::new() };
        let _ = writeln!(std::io::stdout(), "{before}{style}{status}{style:#}{after}");
    }

    /// Say what goes on, in place of what was said before; nothing takes the line away.
    pub(super) fn progress(&self, line: &str) {
        if self.is_watched {
            let mut stderr = std::io::stderr();
            let _ = write!(stderr, "\r{line}\x1b[K");
            let _ = stderr.flush();
        }
    }
}
