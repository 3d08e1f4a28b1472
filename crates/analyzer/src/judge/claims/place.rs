//! Where the commands of a document run: the folders that it enters, what it clones, and what leads to another project
//! or machine.

/// Where the reader of a document stands.
#[derive(Debug, Default)]
pub(super) struct ReaderPlace {
    /// As written; from the root of the tree when it starts with `/`.
    pub(super) folder: Option<String>,
    /// Whether a line before entered the folder and ran something there: the next one may start over.
    pub(super) is_loose: bool,
    /// Whether it is uncertain where what follows in the same block runs.
    pub(super) elsewhere: bool,
    /// Whether the reader is likely to stand in another project or machine after the block, too.
    pub(super) away: bool,
    /// The folder that a clone of this project was put into.
    clone: Option<String>,
}

/// Programs after which the rest of a block may be about another folder or project.
const UNSURE: &[&str] = &[
    "npx",
    "bunx",
    "pnpx",
    "uvx",
    "popd",
    "wget",
    "tar",
    "unzip",
    "gunzip",
    "7z",
    "scp",
    "rsync",
    "vagrant",
    "nix-shell",
];

/// Programs that lead to another machine or user, or begin another project.
const LEAVING: &[&str] = &[
    "ssh",
    "su",
    "chroot",
    "wsl",
    "multipass",
    "limactl",
    "lxc",
    "degit",
    "tiged",
    "giget",
    "django-admin",
    "cookiecutter",
    "copier",
    "yo",
    "-i",
];

/// Programs that begin another project with one of [`BEGINNINGS`].
const BEGINNING: &[&str] = &[
    "npm", "yarn", "pnpm", "bun", "deno", "cargo", "composer", "dotnet", "uv", "poetry", "pdm", "hatch", "rails", "ng",
    "vue", "nest", "flutter", "symfony", "laravel", "mix", "hugo", "jekyll", "gatsby", "zola", "mdbook", "wrangler",
    "sam", "helm", "meteor", "git", "expo", "hg", "svn",
];

const BEGINNINGS: &[&str] =
    &["create", "init", "new", "create-project", "startproject", "phx.new", "clone", "checkout", "co"];

/// Programs that run others in containers.
const CONTAINERS: &[&str] = &["docker", "podman", "kubectl", "docker-compose", "podman-compose", "nerdctl"];

/// Options of `git clone` that a value follows.
const TAKES_VALUE: &[&str] =
    &["-b", "--branch", "--depth", "-o", "--origin", "-c", "--config", "-j", "--jobs", "--reference", "--filter"];

impl ReaderPlace {
    /// Follow a command. True when it does nothing but enter a folder; `own` tells the names of this project.
    pub(super) fn follow(&mut self, words: &[String], own: &dyn Fn(&str) -> bool) -> bool {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["cd" | "pushd" | "Set-Location", rest @ ..] => {
                self.enter(rest.iter().find(|word| **word != "--" && **word != "/d").copied().unwrap_or("~"), own);
                return true;
            }
            ["git", rest @ ..] if rest.contains(&"clone") => self.cloned(rest, own),
            ["gh", "repo", "clone", rest @ ..] => self.cloned(rest, own),
            ["git", "checkout" | "switch", rest @ ..] => {
                // Another branch may hold another tree; a new one does not.
                let makes_one = rest.iter().any(|word| matches!(*word, "-b" | "-c"));
                let is_main = rest.last().is_some_and(|word| matches!(*word, "main" | "master" | "develop"));
                self.elsewhere |= !makes_one && !is_main;
            }
            // From an interactive container on, lines run in it.
            [program, rest @ ..] if CONTAINERS.contains(program) && is_interactive(rest) => self.leave(),
            [program, begins, ..] if BEGINNING.contains(program) && BEGINNINGS.contains(begins) => self.leave(),
            [_, "dlx", ..] => self.elsewhere = true,
            [_, "ssh", ..] => self.leave(),
            [program, ..] if LEAVING.contains(program) => self.leave(),
            [program, ..] if UNSURE.contains(program) => self.elsewhere = true,
            ["curl", rest @ ..] => {
                self.elsewhere |= !rest.iter().any(|word| word.contains("localhost") || word.contains("127.0.0.1"));
            }
            _ => {}
        }
        false
    }

    /// Whether a clone of this project has brought the reader back.
    pub(super) fn is_home(&self) -> bool {
        self.clone.is_some() && !self.away
    }

    fn leave(&mut self) {
        self.elsewhere = true;
        self.away = true;
    }

    /// `git clone`: of this project it changes nothing but the folder to enter; of another one, everything.
    fn cloned(&mut self, words: &[&str], own: &dyn Fn(&str) -> bool) {
        let is_value = |at: usize| at.checked_sub(1).is_some_and(|before| TAKES_VALUE.contains(&words[before]));
        let plain = words.iter().enumerate().filter(|(at, word)| !word.starts_with('-') && !is_value(*at));
        let mut names = plain.map(|(_, word)| *word).filter(|word| *word != "clone");
        let is_address = |word: &&str| word.contains(['/', ':', '<', '[', '$', '{']);
        let address = names.find(is_address).unwrap_or_default();
        let name = last_of(address);
        // An address that the reader has to fill in is that of a copy of this project.
        if own(name) || is_open(address) {
            self.clone = Some(names.next().map_or(name, last_of).to_owned());
            self.elsewhere = false;
            self.away = false;
        } else {
            self.leave();
        }
    }

    fn enter(&mut self, target: &str, own: &dyn Fn(&str) -> bool) {
        self.is_loose = false;
        let target = target.trim_end_matches('/');
        // The folder of a clone of this project is the root of this tree.
        if let Some(clone) = self.clone.as_deref() {
            let below = target.strip_prefix(clone);
            if below == Some("") || is_open(target) {
                self.folder = Some("/".to_owned());
                return;
            }
            if let Some(below) = below.filter(|below| below.starts_with('/')) {
                self.folder = Some(below.to_owned());
                return;
            }
        }
        // A place of the machine is none of the tree, unless it is called like the project.
        if target == "-" || target.starts_with(['/', '~', '$', '%']) || target.contains([':', '\\']) {
            if own(last_of(target)) {
                self.folder = Some("/".to_owned());
            } else {
                self.leave();
            }
            return;
        }
        self.folder = Some(match self.folder.take() {
            Some(folder) => format!("{folder}/{target}"),
            None => target.to_owned(),
        });
    }
}

/// `-it`, `-ti`, or a shell that is run in a container.
fn is_interactive(words: &[&str]) -> bool {
    let asks = |word: &&str| {
        word.starts_with('-') && !word.starts_with("--") && word.contains('t') && word.contains('i') && word.len() < 6
    };
    let runs = words.iter().any(|word| matches!(*word, "exec" | "run"));
    let shell = words.last().map(|word| last_of(word));
    words.iter().any(asks) || runs && matches!(shell, Some("bash" | "sh" | "zsh" | "ash"))
}

/// Whether a word has to be filled in by the reader.
fn is_open(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    word.contains(['<', '>', '[', '{', '$']) || ["your", "username", "xxx"].iter().any(|part| lower.contains(part))
}

/// The last part of a path or address, less `.git`.
pub(super) fn last_of(address: &str) -> &str {
    let address = address.trim_end_matches('/').trim_end_matches(".git");
    address.rsplit(['/', ':', '\\']).next().unwrap_or(address)
}
