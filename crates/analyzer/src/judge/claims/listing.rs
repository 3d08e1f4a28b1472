//! Files that a document tells its reader to make or fetch: in words, by a command that writes one, or by a listing with
//! the name of a file.

use std::collections::BTreeSet;

use super::markdown::{Block, Markdown};
use super::shell;
use crate::judge::documents::is_in_docs;
use crate::tree::file::SourceFile;
use crate::tree::path::folder_of;

/// Verbs of making the file that is named next.
const MAKES: &[&str] = &[
    "create",
    "creates",
    "creating",
    "save",
    "saves",
    "saving",
    "download",
    "downloads",
    "downloading",
    "write",
    "writes",
    "writing",
    "paste",
    "add",
    "adding",
    "fetch",
    "above",
    "put",
    "place",
    "copy",
    "copies",
    "copying",
    "generate",
    "generates",
    "generating",
    "touch",
    "produces",
    "outputs",
    "exports",
    "rename",
    "provide",
    "new",
];

/// Words after which a file is used and not made.
const USES: &[&str] =
    &["run", "runs", "running", "execute", "executing", "use", "using", "via", "call", "start", "launch", "see", "by"];

/// Words that say the same of the files named before.
const MADE: &[&str] = &[
    "created",
    "generated",
    "written",
    "produced",
    "saved",
    "downloaded",
    "copied",
    "placed",
    "exported",
    "built",
    "following",
    "below",
    "content",
    "contents",
];

/// Programs whose operands are files that they make or open for writing.
const WRITERS: &[&str] = &[
    "touch", "tee", "nano", "vim", "vi", "nvim", "code", "emacs", "micro", "gedit", "notepad", "subl", "ni",
    "New-Item", "sqlite3",
];

/// Options that the file to write follows.
const OUTPUT: &[&str] = &[
    "-o",
    "-O",
    "--output",
    "--out",
    "-out",
    "--outfile",
    "--output-document",
    "--output-file",
    "-keyout",
    "-OutFile",
    "--init",
    "--dest",
];

/// Languages of listings and the endings of the files that a reader may save them as.
const LISTED: &[(&[&str], &[&str])] = &[
    (&["python", "py", "python3"], &["py"]),
    (&["javascript", "js", "node", "mjs"], &["js", "mjs", "cjs"]),
    (&["typescript", "ts"], &["ts", "mts"]),
    (&["ruby", "rb"], &["rb"]),
    (&["php"], &["php"]),
    (&["go", "golang"], &["go"]),
    (&["yaml", "yml"], &["yml", "yaml"]),
    (&["json"], &["json"]),
    (&["toml"], &["toml"]),
    (&["sql"], &["sql"]),
];

/// What a document brings.
#[derive(Debug, Default)]
pub(super) struct CreatedFiles {
    names: BTreeSet<String>,
    folders: BTreeSet<String>,
    /// Endings of what the document lists: the reader may save a listing.
    endings: BTreeSet<&'static str>,
}

impl CreatedFiles {
    pub(super) fn of(file: &SourceFile, markdown: &Markdown) -> Self {
        let mut made = Self::default();
        made.by_words(&file.text(), &markdown.blocks);
        for block in &markdown.blocks {
            made.by_listing(block);
            if shell::is_shell(block) {
                shell::steps(block, &|_| true).iter().for_each(|step| made.by_command(&step.words));
            }
        }
        for inline in markdown.inline.iter().filter(|inline| inline.code.contains(' ')) {
            shell::inline(&inline.code, inline.line, &|_| true).iter().for_each(|step| made.by_command(&step.words));
        }
        made
    }

    /// The names of the files that the document makes.
    pub(super) fn into_names(self) -> BTreeSet<String> {
        self.names
    }

    /// Whether the document makes the file at a path, or what it may lie in.
    pub(super) fn has(&self, path: &str, document: &SourceFile) -> bool {
        let mut parts = path.rsplit('/');
        let name = parts.next().unwrap_or(path);
        // Where nobody says otherwise, readers of the documentation stand at the root.
        let is_at_root = is_in_docs(document) && name == path;
        let is_beside = is_at_root || folder_of(path) == document.folder();
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        self.names.contains(name)
            || parts.any(|part| self.folders.contains(part))
            || is_beside && self.endings.contains(ending)
    }

    /// "Save it as `stack.yml`", "`keys.json` is created". Comments of blocks speak, too.
    fn by_words(&mut self, text: &str, blocks: &[Block]) {
        let in_blocks: BTreeSet<u32> =
            blocks.iter().flat_map(|block| &block.lines).map(|(_, number)| *number).collect();
        let mut making = false;
        let mut seen: Vec<&str> = Vec::new();
        for (line, number) in text.lines().zip(1_u32..) {
            let line = line.trim();
            if line.is_empty() {
                (making, seen) = (false, Vec::new());
            }
            if in_blocks.contains(&number) && !line.starts_with(['#', '/', ';']) {
                continue;
            }
            for word in line.split(|c: char| c.is_whitespace() || "()[]`\"',*<>".contains(c)) {
                let plain = word.trim_matches(['.', ':', ';', '!', '?', '_']);
                let lower = plain.to_ascii_lowercase();
                // A dot at the start belongs to the name.
                let name = word.trim_end_matches(['.', ':', ';', '!', '?', '_']);
                if is_file(name) {
                    seen.push(name);
                    if making {
                        self.add(name);
                    }
                } else if MAKES.contains(&lower.as_str()) {
                    making = true;
                } else if USES.contains(&lower.as_str()) {
                    making = false;
                } else if MADE.contains(&lower.as_str()) {
                    seen.drain(..).for_each(|name| self.add(name));
                }
                if word.ends_with(['.', ';']) && plain != "e.g" {
                    (making, seen) = (false, Vec::new());
                }
            }
        }
    }

    /// A listing that comes with the name of a file: after the fence, in its first line, or right before it.
    fn by_listing(&mut self, block: &Block) {
        for (languages, endings) in LISTED {
            if languages.contains(&block.language.as_str()) {
                self.endings.extend(*endings);
            }
        }
        let fence = block.info.split([' ', '=', '"', '\'', ':', '{', '}', ',']).skip(1);
        fence.filter(|word| is_file(word)).for_each(|word| self.add(word));
        let first = block.lines.first().map(|(line, _)| line.as_str()).unwrap_or_default();
        let comment = first.trim_start_matches(['#', '/', '-', '*', '<', '!', ';', ' ']);
        let comment = comment.trim_end_matches(['-', '*', '/', '>', ' ', ':']);
        if comment.len() < first.len() && is_file(comment) {
            self.add(comment);
        }
        if !shell::is_shell(block) || first.starts_with("#!") || block.language.is_empty() {
            let words: Vec<&str> = block.intro.split_whitespace().collect();
            let last = &words[words.len().saturating_sub(12)..];
            let names =
                last.iter().map(|word| word.trim_matches([':', ',', '.', '(', ')', '`'])).filter(|word| is_file(word));
            names.for_each(|name| self.add(name));
        }
    }

    /// `cat > x`, `wget -O x`, `cp a x`, `mkdir x`.
    fn by_command(&mut self, words: &[String]) {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let Some((program, rest)) = words.split_first() else { return };
        let operands = || rest.iter().copied().filter(|word| !word.starts_with(['-', '>']));
        for (at, word) in rest.iter().enumerate() {
            let next = rest.get(at + 1).copied().unwrap_or_default();
            match *word {
                ">" | ">>" => self.add(next),
                word if OUTPUT.contains(&word) => self.add(next),
                "-f" if matches!(*program, "ssh-keygen" | "pg_dump") => self.add(next),
                "venv" => self.folder(next),
                "generate" | "init" | "export" | "dump" | "new" | "create" => {
                    rest[at..].iter().filter(|word| is_file(word)).for_each(|word| self.add(word));
                }
                word if word.starts_with('>') => self.add(word.trim_start_matches('>')),
                word => {
                    if let Some((option, value)) = word.split_once('=')
                        && OUTPUT.contains(&option)
                    {
                        self.add(value);
                    }
                }
            }
        }
        let keeps_name = |word: &&str| word.starts_with('-') && !word.starts_with("--") && word.contains('O');
        match *program {
            program if WRITERS.contains(&program) => operands().for_each(|word| self.add(word)),
            "cp" | "mv" | "ln" | "install" | "scp" | "rsync" | "copy" | "move" => {
                operands().skip(1).last().into_iter().for_each(|word| self.add(word));
            }
            "mkdir" | "md" | "virtualenv" => operands().for_each(|word| self.folder(word)),
            "wget" => operands().for_each(|word| self.add(without_query(word))),
            "curl" if rest.iter().any(|word| keeps_name(word) || *word == "--remote-name") => {
                operands().for_each(|word| self.add(without_query(word)));
            }
            _ => {}
        }
    }

    fn add(&mut self, path: &str) {
        let name = path.rsplit('/').next().unwrap_or(path);
        if name.len() > 1 {
            self.names.insert(name.to_owned());
        }
    }

    fn folder(&mut self, path: &str) {
        self.folders.extend(path.split('/').filter(|part| part.len() > 1 && *part != "..").map(str::to_owned));
    }
}

fn without_query(address: &str) -> &str {
    address.split(['?', '#']).next().unwrap_or(address)
}

/// Whether a word is written like a file: with an ending, or with folders.
fn is_file(word: &str) -> bool {
    let name = word.rsplit('/').next().unwrap_or(word);
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let has_ending = (1..=12).contains(&ending.len())
        && ending.chars().all(|c| c.is_ascii_alphanumeric())
        && ending.chars().any(|c| c.is_ascii_alphabetic());
    word.len() > 2
        && !word.contains("://")
        && word.chars().all(|c| c.is_ascii_alphanumeric() || "_-./+@".contains(c))
        && (has_ending || word.contains('/') && name.len() > 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::file::PathClass;

    fn made(text: &str) -> Vec<String> {
        let file = SourceFile::new("README.md".to_owned(), PathClass::Application, String::new(), text.into());
        CreatedFiles::of(&file, &Markdown::parse(text)).names.into_iter().collect()
    }

    #[test]
    fn words_commands_and_listings_make_files() {
        for (text, names) in [
            ("Create a file called `up.sh`.", &["up.sh"][..]),
            ("Save the listing as **stack.yml**, then run `go.sh`.", &["stack.yml"]),
            ("`keys.json` is created by the first start.", &["keys.json"]),
            ("Run `seed.sh` to create the data.", &[]),
            ("To create the data run `seed.sh`.", &[]),
            ("```sh\ncat > up.sh <<EOF\nmake gone\nEOF\n```", &["up.sh"]),
            ("```sh\nwget -O a.zip https://example.org/b.zip?x\n```", &["a.zip", "b.zip"]),
            (
                "```sh\ncurl -fsSLO https://example.org/get.sh\ncp a.txt b.txt\necho x >>c.txt\n```",
                &["b.txt", "c.txt", "get.sh"],
            ),
            ("```yaml\n# compose.prod.yml\na: b\n```", &["compose.prod.yml"]),
            ("```yaml title=\"x/app.yml\"\na: b\n```", &["app.yml"]),
            ("`server.py`:\n\n```python\nrun()\n```", &["server.py"]),
        ] {
            assert_eq!(made(text), names, "{text}");
        }
    }
}
