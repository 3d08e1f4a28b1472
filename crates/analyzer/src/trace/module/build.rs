//! Which files of a Go package are compiled: as `go build` decides it on Linux, without tags of its own.

/// Operating systems and processors that a file's name may end with.
const OTHERS: [&str; 22] = [
    "windows",
    "darwin",
    "freebsd",
    "openbsd",
    "netbsd",
    "dragonfly",
    "solaris",
    "illumos",
    "android",
    "ios",
    "js",
    "wasip1",
    "plan9",
    "aix",
    "arm",
    "arm64",
    "386",
    "wasm",
    "riscv64",
    "s390x",
    "ppc64le",
    "mips",
];
/// Tags that hold in a plain build on Linux.
const HELD: [&str; 5] = ["linux", "amd64", "unix", "cgo", "gc"];
/// Nested parentheses that are followed.
const MAX_CONSTRAINT_DEPTH: usize = 32;

/// Whether the file is part of the package.
pub(super) fn is_built(name: &str, bytes: &[u8]) -> bool {
    let stem = name.strip_suffix(".go").unwrap_or(name);
    let mut parts = stem.split('_').skip(1).collect::<Vec<_>>();
    parts.drain(..parts.len().saturating_sub(2));
    let last = parts.last().copied().unwrap_or_default();
    if last == "test" || OTHERS.contains(&last) || (last == "amd64" && parts.len() == 2 && OTHERS.contains(&parts[0])) {
        return false;
    }
    for line in bytes.split(|byte| *byte == b'\n').take(60) {
        let Ok(line) = std::str::from_utf8(line) else { continue };
        if line.starts_with("package ") {
            break;
        }
        if let Some(rule) = line.strip_prefix("//go:build ") {
            return Rule { rest: rule, depth: 0 }.any();
        }
    }
    true
}

struct Rule<'t> {
    rest: &'t str,
    depth: usize,
}

impl Rule<'_> {
    fn any(&mut self) -> bool {
        let mut holds = self.all();
        while self.take("||") {
            // Both sides are read.
            holds |= self.all();
        }
        holds
    }

    fn all(&mut self) -> bool {
        let mut holds = self.one();
        while self.take("&&") {
            holds &= self.one();
        }
        holds
    }

    fn one(&mut self) -> bool {
        self.depth += 1;
        if self.depth > MAX_CONSTRAINT_DEPTH {
            return true;
        }
        if self.take("!") {
            return !self.one();
        }
        if self.take("(") {
            let holds = self.any();
            self.take(")");
            return holds;
        }
        let rest = self.rest.trim_start();
        let end = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_' && letter != '.');
        let (tag, rest) = rest.split_at(end.unwrap_or(rest.len()));
        self.rest = rest;
        HELD.contains(&tag) || tag.starts_with("go1.")
    }

    fn take(&mut self, word: &str) -> bool {
        match self.rest.trim_start().strip_prefix(word) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }
}
