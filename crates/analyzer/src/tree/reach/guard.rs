//! What no import makes the application's.

use std::collections::BTreeSet;

use super::super::classify;
use super::super::corpus::Corpus;
use super::super::file::{PathClass, SourceFile};
use super::super::path::{ancestors, folder_of, inside};

/// Folders that belong to package managers and build tools: what lies there is never written by hand.
const MANAGED: &[&str] = &[
    "node_modules",
    "bower_components",
    "jspm_packages",
    "site-packages",
    ".venv",
    "venv",
    "virtualenv",
    ".yarn",
    "carthage",
    ".next",
    ".nuxt",
    ".svelte-kit",
    ".output",
    "__pycache__",
    ".turbo",
    ".parcel-cache",
    "htmlcov",
    "storybook-static",
    ".docusaurus",
];

/// What Composer, Bundler and Go write below a `vendor` of theirs.
const MANAGED_VENDOR: &[&str] = &["modules.txt", "autoload.php", "composer/installed.json", "bundle", "cache"];

/// What says that a folder is a package of somebody.
const PACKAGES: &[&str] = &[
    "LICENSE",
    "LICENSE.md",
    "LICENSE.txt",
    "LICENCE",
    "COPYING",
    "NOTICE",
    "package.json",
    "setup.py",
    "pyproject.toml",
    "PKG-INFO",
    "composer.json",
    "go.mod",
    "Cargo.toml",
];

/// What a program that tests uses.
const TEST_FRAMEWORKS: &[&str] = &[
    "import pytest",
    "from pytest",
    "import unittest",
    "from unittest",
    "django.test",
    "rest_framework.test",
    "\"testing\"",
    "stretchr/testify",
    "onsi/ginkgo",
    "#[test]",
    "::test]",
    "#![cfg(test)]",
    "org.junit",
    "org.testng",
    "org.mockito",
    "using Xunit",
    "using NUnit",
    "Microsoft.VisualStudio.TestTools",
    "PHPUnit",
    "TestCase",
    "RSpec",
    "spec_helper",
    "test_helper",
    "rails_helper",
    "minitest",
    "@jest/globals",
    "jest.mock(",
    "'vitest'",
    "\"vitest\"",
    "'chai'",
    "\"chai\"",
    "'node:test'",
    "\"node:test\"",
    "supertest",
    "@playwright/test",
    "@nestjs/testing",
    "@testing-library",
    "\ndescribe(",
];

/// What compilers and bundlers leave in what they write.
const BUILT: &[&str] =
    &["__webpack_require__", "Object.defineProperty(exports, \"__esModule\"", "sourceMappingURL=", "__importDefault"];

/// The tree's folders that a package manager fills.
pub(super) struct Guard<'c> {
    corpus: &'c Corpus,
    managed: BTreeSet<&'c str>,
}

impl<'c> Guard<'c> {
    pub(super) fn of(corpus: &'c Corpus) -> Self {
        let mut managed = BTreeSet::new();
        for file in corpus.files() {
            let Some(at) = file.path.find("vendor/").filter(|at| *at == 0 || file.path.as_bytes()[at - 1] == b'/')
            else {
                continue;
            };
            let (folder, rest) = file.path.split_at(at + "vendor".len());
            let rest = &rest[1..];
            if MANAGED_VENDOR.iter().any(|mark| rest == *mark || rest.starts_with(&format!("{mark}/"))) {
                managed.insert(folder);
            }
        }
        Self { corpus, managed }
    }

    /// Whether an import of a file that its path makes no application's can count, as far as its path says.
    pub(super) fn is_candidate(&self, file: &SourceFile) -> bool {
        let lower = file.path.to_ascii_lowercase();
        let is_managed = lower.split('/').any(|part| MANAGED.contains(&part))
            || ancestors(&file.path).any(|at| self.managed.contains(at));
        match file.class {
            _ if is_managed => false,
            PathClass::Application => false,
            PathClass::Test => !is_test_source_set(&lower),
            PathClass::Example | PathClass::Vendored | PathClass::Generated => true,
        }
    }

    /// Whether what a file of the application imports is its own rather than somebody's whose copy is kept in the tree.
    pub(super) fn is_own(&self, importer: &SourceFile, file: &SourceFile) -> bool {
        if file.class != PathClass::Vendored {
            return true;
        }
        let notice = notice(file);
        let is_foreign = notice.is_some() && notice != self::notice(importer);
        !is_foreign && !self.is_in_package(&file.path)
    }

    /// Whether a package of its own stands between a folder of third-party code and a file in it.
    fn is_in_package(&self, path: &str) -> bool {
        let folder = folder_of(path);
        let mut here = folder;
        while !here.is_empty() {
            let name = here.rsplit('/').next().unwrap_or(here).to_ascii_lowercase();
            if PACKAGES.iter().any(|mark| self.corpus.has_path(&inside(here, mark))) {
                return true;
            }
            if classify::is_vendored_folder(&name) {
                return false;
            }
            here = folder_of(here);
        }
        false
    }
}

/// Whether what a candidate holds lets it be the application's: no test, and nothing that a tool wrote.
pub(super) fn may_be_raised(file: &SourceFile) -> bool {
    match file.class {
        PathClass::Test => !holds_one(file, TEST_FRAMEWORKS),
        PathClass::Generated | PathClass::Vendored => {
            !classify::is_written_by_tools(&file.path.to_ascii_lowercase(), file.bytes()) && !looks_built(file)
        }
        PathClass::Application | PathClass::Example => true,
    }
}

/// Programs that build, check or show the application: what they import is not what it runs.
pub(super) fn is_tooling(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let (folders, name) = lower.rsplit_once('/').unwrap_or(("", &lower));
    let folder = |folder: &str| {
        matches!(
            folder,
            "scripts" | "script" | "tools" | "tooling" | "docs" | "doc" | "website" | ".storybook" | ".github"
        )
    };
    let starts = ["gulpfile", "gruntfile", "setuptests", "jest", "karma", "vitest", "runtests", "run_tests", "."];
    // Of the whole repository: deeper inside such a name may be a feature's.
    let builds = matches!(folders.split('/').next(), Some("build" | "ci" | "hack" | "dagger"));
    folders.split('/').any(folder)
        || builds
        || name.contains(".config.")
        || name.contains(".conf.")
        || starts.iter().any(|start| name.starts_with(start))
        || matches!(name, "setup.py" | "noxfile.py" | "conftest.py" | "rakefile" | "build.rs")
}

/// Gradle and Maven build `src/NAME/java` for each set of sources; all but `main` are for tests.
fn is_test_source_set(lower: &str) -> bool {
    ["java", "kotlin", "groovy", "scala"].iter().any(|language| {
        let Some(at) = lower.find(&format!("/{language}/")) else { return false };
        let above = &lower[..at];
        let (before, set) = above.rsplit_once('/').unwrap_or(("", above));
        (before == "src" || before.ends_with("/src")) && set != "main"
    })
}

fn holds_one(file: &SourceFile, marks: &[&str]) -> bool {
    marks.iter().any(|mark| file.holds(mark))
}

/// Whether a file below a folder of output was written by a compiler, or says that it was generated.
fn looks_built(file: &SourceFile) -> bool {
    let head = head(file);
    let says = head.lines().take(20).map(str::trim_start).filter(|line| line.starts_with(['/', '#', '*', '-', '"']));
    let is_long = |line: &str| line.len() > 2_000;
    holds_one(file, BUILT)
        || says.into_iter().any(|line| line.contains("generated") || line.contains("do not edit"))
        || head.lines().any(is_long)
}

fn head(file: &SourceFile) -> String {
    let bytes = file.bytes();
    String::from_utf8_lossy(&bytes[..bytes.len().min(4 * 1024)]).to_ascii_lowercase()
}

/// The line near the top that says whose a file is.
fn notice(file: &SourceFile) -> Option<String> {
    let head = head(file);
    let mut lines = head.lines().take(30).map(str::trim);
    let says = |line: &&str| {
        let is_comment = line.starts_with(['/', '#', '*', '"', '\'', '-']);
        is_comment && ["copyright", "license", "licence", "@preserve", "(c)"].iter().any(|mark| line.contains(mark))
    };
    lines.find(says).map(str::to_owned)
}
