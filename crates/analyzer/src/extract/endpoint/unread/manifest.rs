//! A small reading of the manifests whose dependencies are no facts: which lines name a package. Line by line, because
//! most of them are programs in languages without a grammar here; what a line computes is not seen.

use super::Package;
use crate::tree::file::SourceFile;

/// What stands around the name of a package.
#[derive(Debug, Clone, Copy)]
enum Shape {
    /// `name: version`, `name = version`, at the beginning of a line.
    Key,
    /// `"name"`, `'name'`.
    Quoted,
    /// `:name`.
    Atom,
    /// A word.
    Word,
}

/// A manifest of one tool.
struct Manifest {
    /// Its name, or `*.ending`.
    names: &'static [&'static str],
    ecosystem: &'static str,
    shape: Shape,
    comment: &'static str,
    /// How the blocks begin that hold what developers and tests need.
    blocks: &'static [&'static str],
    /// What is on a line that holds such.
    words: &'static [&'static str],
}

const NONE: &[&str] = &[];

static MANIFESTS: &[Manifest] = &[
    manifest(&["mix.exs"], "hex", Shape::Atom, "#", NONE, &["only: :", "only: [:dev", "only: [:test"]),
    manifest(&["rebar.config"], "hex", Shape::Word, "%", &["{profiles", "{test"], NONE),
    manifest(&["gleam.toml"], "hex", Shape::Key, "#", &["[dev-dependencies", "[dev_dependencies"], NONE),
    manifest(
        &["*.sbt", "build.sc", "build.mill"],
        "sbt",
        Shape::Quoted,
        "//",
        NONE,
        &["% Test", "% \"test\"", "% \"it\""],
    ),
    manifest(&["Dependencies.scala"], "sbt", Shape::Quoted, "//", NONE, &["% Test", "% \"test\""]),
    manifest(&["Package.swift"], "swift", Shape::Word, "//", NONE, NONE),
    manifest(&["pubspec.yaml"], "pub", Shape::Key, "#", &["dev_dependencies:"], NONE),
    manifest(&["deps.edn"], "clojars", Shape::Word, ";", &[":aliases"], NONE),
    manifest(&["project.clj"], "clojars", Shape::Word, ";", &[":profiles"], NONE),
    manifest(
        &["cpanfile", "Makefile.PL", "Build.PL"],
        "cpan",
        Shape::Quoted,
        "#",
        &["on 'test'", "on test", "on 'develop'"],
        NONE,
    ),
    manifest(&["dist.ini"], "cpan", Shape::Key, ";", &["[Prereqs / Test"], NONE),
    manifest(&["conanfile.txt", "conanfile.py"], "conan", Shape::Word, "#", NONE, &["test_requires"]),
    manifest(&["vcpkg.json"], "conan", Shape::Quoted, "//", NONE, NONE),
    manifest(&["CMakeLists.txt"], "conan", Shape::Word, "#", NONE, NONE),
    manifest(&["*.cabal"], "hackage", Shape::Word, "--", &["test-suite", "benchmark"], NONE),
    manifest(&["package.yaml"], "hackage", Shape::Word, "#", &["tests:", "benchmarks:"], NONE),
    manifest(&["dune-project", "dune"], "opam", Shape::Word, ";", NONE, &["with-test", "(synopsis", "(description"]),
    manifest(&["*.opam"], "opam", Shape::Quoted, "#", NONE, &["with-test"]),
    manifest(&["shard.yml"], "shards", Shape::Key, "#", &["development_dependencies:"], NONE),
    manifest(&["*.nimble"], "nimble", Shape::Word, "#", NONE, &["taskRequires"]),
    manifest(&["*.rockspec"], "luarocks", Shape::Word, "--", &["test_dependencies"], NONE),
    manifest(&["Project.toml"], "julia", Shape::Key, "#", &["[extras]", "[compat]"], NONE),
    manifest(&["DESCRIPTION"], "cran", Shape::Word, "#", &["Suggests:", "Description:", "Title:"], NONE),
    manifest(&["dub.json", "dub.sdl"], "dub", Shape::Quoted, "//", NONE, NONE),
    manifest(&["build.zig.zon"], "zig", Shape::Word, "//", NONE, NONE),
    manifest(&["deno.json", "deno.jsonc"], "npm", Shape::Quoted, "//", NONE, NONE),
];

const fn manifest(
    names: &'static [&'static str],
    ecosystem: &'static str,
    shape: Shape,
    comment: &'static str,
    blocks: &'static [&'static str],
    words: &'static [&'static str],
) -> Manifest {
    Manifest { names, ecosystem, shape, comment, blocks, words }
}

/// The packages of the table that a manifest names.
pub(super) fn read(file: &SourceFile) -> Vec<Package> {
    let name = file.name();
    let is_it = |known: &str| known.strip_prefix('*').map_or(name == known, |ending| name.ends_with(ending));
    let Some(manifest) = MANIFESTS.iter().find(|manifest| manifest.names.iter().any(|known| is_it(known))) else {
        return Vec::new();
    };
    let packages = super::table::all().filter(|one| one.language.ecosystem == manifest.ecosystem);
    let packages: Vec<&str> = packages.flat_map(|one| one.packages.iter().copied()).collect();
    let mut out = Vec::new();
    for (line, number) in manifest.needed(&file.text()) {
        for package in packages.iter().filter(|package| manifest.shape.is_in(line, package)) {
            out.push(Package {
                ecosystem: manifest.ecosystem.to_owned(),
                name: (*package).to_owned(),
                scope: "runtime".to_owned(),
                evidence: file.lines(number, number),
            });
        }
    }
    out
}

impl Manifest {
    /// The lines that hold what an application needs where it runs.
    fn needed<'t>(&self, text: &'t str) -> Vec<(&'t str, u32)> {
        let mut out = Vec::new();
        // The indentation of the block for developers that is open, and whether it ends with the next heading only.
        let mut within: Option<(usize, bool)> = None;
        for (line, number) in text.lines().zip(1_u32..) {
            let trimmed = line.trim_start();
            if trimmed.is_empty() || trimmed.starts_with(self.comment) {
                continue;
            }
            let indent = line.len() - trimmed.len();
            let ends = |(above, is_headed): (usize, bool)| {
                if is_headed { trimmed.starts_with('[') } else { indent <= above }
            };
            if within.is_some_and(ends) {
                within = None;
            }
            if let Some(block) = self.blocks.iter().find(|block| trimmed.trim_start_matches('{').starts_with(**block)) {
                within = Some((indent, block.starts_with('[')));
            }
            if within.is_none() && !self.words.iter().any(|word| trimmed.contains(word)) {
                out.push((trimmed, number));
            }
        }
        out
    }
}

impl Shape {
    /// Whether a line names the package.
    fn is_in(self, line: &str, package: &str) -> bool {
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
        line.match_indices(package).any(|(at, _)| {
            let (before, after) = (line[..at].chars().next_back(), line[at + package.len()..].trim_start());
            let next = line[at + package.len()..].chars().next();
            match self {
                Self::Key => at == 0 && after.starts_with([':', '=']),
                Self::Quoted => {
                    let quote = before.filter(|letter| matches!(letter, '"' | '\''));
                    quote.is_some() && quote == next
                }
                Self::Atom => before == Some(':') && !next.is_some_and(is_part),
                Self::Word => !before.is_some_and(is_part) && !next.is_some_and(is_part),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_told_from_longer_ones_and_from_text() {
        for (shape, line, is_it) in [
            (Shape::Key, "shelf: ^1.4", true),
            (Shape::Key, "shelf_router: ^1.4", false),
            (Shape::Key, "about: shelf", false),
            (Shape::Quoted, "requires 'shelf';", true),
            (Shape::Quoted, "\"shelf-client\"", false),
            (Shape::Atom, "{:shelf, \"~> 1.7\"},", true),
            (Shape::Atom, "{:shelf_html, \"~> 1.7\"},", false),
            (Shape::Word, "[ring/shelf \"1.9\"]", true),
            (Shape::Word, "[shelf-json \"1.9\"]", false),
        ] {
            assert_eq!(shape.is_in(line, "shelf"), is_it, "{line}");
        }
    }

    #[test]
    fn what_developers_need_is_left_out() {
        let needed = |name: &str, text: &str| {
            let manifest = MANIFESTS.iter().find(|one| one.names.contains(&name)).unwrap();
            manifest.needed(text).into_iter().map(|(_, number)| number).collect::<Vec<_>>()
        };
        assert_eq!(needed("pubspec.yaml", "dependencies:\n  a: 1\ndev_dependencies:\n  b: 1\nname: c\n"), [1, 2, 5]);
        assert_eq!(needed("gleam.toml", "[dependencies]\na = 1\n[dev-dependencies]\nb = 1\n[c]\n"), [1, 2, 5]);
        assert_eq!(needed("mix.exs", "{:a, \"1\"}\n{:b, \"1\", only: :test}\n# {:c}\n"), [1]);
        assert_eq!(
            needed("cpanfile", "requires 'A';\non 'test' => sub {\n  requires 'B';\n};\nrequires 'C';\n"),
            [1, 4, 5]
        );
    }
}
