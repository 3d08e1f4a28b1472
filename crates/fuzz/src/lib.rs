//! What strangers may send, as functions over bytes. Each must end without a panic and keep what it promises; how long
//! and in how much memory is the fuzzer's part (`scripts/fuzz`).
//!
//! A target that reads one of several files takes the first byte of its input as the choice.

use std::path::Path;

use ci_feed_analyzer::tree::progress::Progress;
use ci_feed_analyzer::tree::walk;
use ci_feed_analyzer::verify;
use ci_feed_dossier::v1::{Dossier, Subject};
use ci_feed_dossier::{canonical, drift, load, markdown};

/// A name, and what reads an input.
pub type Target = (&'static str, fn(&[u8]));

/// All targets by name; the inputs that are kept of each are in `corpus/NAME/`.
pub const TARGETS: [Target; 12] = [
    ("claims", |input| one_of(&["README.md", "docs/index.rst", "docs/guide.md"], input)),
    ("delivery", delivery),
    ("dockerfile", |input| one_of(&["Dockerfile", ".env", "Procfile", "Makefile"], input)),
    ("drift", drift_of),
    ("go", |input| analyze(&[("go.mod", b"module example.test/x\n"), ("main.go", input)])),
    ("manifest", |input| one_of(&MANIFESTS, input)),
    ("markdown", |input| {
        ci_feed::fuzzing::markdown(&String::from_utf8_lossy(input));
    }),
    ("output", output),
    ("python", |input| one_of(&["app.py", "app/urls.py", "app/settings.py", "models.py"], input)),
    ("script", |input| one_of(&["app.js", "src/main.ts", "page.vue", "index.jsx"], input)),
    ("sql", |input| one_of(&["schema.sql", "migrations/1.sql", "schema.prisma", "db/schema.rb"], input)),
    ("yaml", |input| one_of(&DOCUMENTS, input)),
];

/// Manifests and locks.
const MANIFESTS: [&str; 18] = [
    "package.json",
    "package-lock.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "pyproject.toml",
    "requirements.txt",
    "setup.cfg",
    "poetry.lock",
    "go.mod",
    "Cargo.toml",
    "Cargo.lock",
    "pom.xml",
    "build.gradle",
    "Gemfile",
    "Gemfile.lock",
    "composer.json",
    "app.csproj",
    "Directory.Packages.props",
];

/// Documents that a service is described by.
const DOCUMENTS: [&str; 6] = [
    "compose.yaml",
    "openapi.yaml",
    "openapi.json",
    ".github/workflows/ci.yml",
    "deploy/app.yaml",
    "config/routes.yaml",
];

/// Longest dossier, as JSON, for an input of at most 64 KiB, in bytes: half of what one artifact may have.
const MAX_DOSSIER_BYTES: usize = 4 << 20;

/// The input as the file that its first byte chooses.
fn one_of(names: &[&str], input: &[u8]) {
    if let Some((choice, bytes)) = input.split_first() {
        analyze(&[(names[usize::from(*choice) % names.len()], bytes)]);
    }
}

/// The whole way of a tree: every anchor says what the file says, and the dossier can be shown.
fn analyze(files: &[(&str, &[u8])]) {
    dossier(files);
}

fn dossier(files: &[(&str, &[u8])]) -> Dossier {
    let tree = walk::of_files(files.iter().map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec())));
    let dossier = ci_feed_analyzer::publish(ci_feed_analyzer::analyze(&tree, &Progress::default()), Subject::default());
    let (_, mismatches) = verify::evidence(&dossier, &tree.corpus);
    assert!(mismatches.is_empty(), "{mismatches:?}");
    let bytes = canonical::to_bytes(&dossier).expect("a dossier is JSON");
    assert!(bytes.len() <= MAX_DOSSIER_BYTES, "{} bytes of dossier", bytes.len());
    dossier
}

/// Two trees, parted by a byte that no UTF-8 text has; or a dossier as it lies in a database, with itself and with one
/// of no files.
fn drift_of(input: &[u8]) {
    let (base, head) = match input.iter().position(|byte| *byte == 0xff) {
        Some(at) => {
            let tree = |bytes: &[u8]| dossier(&[("app.js", bytes), ("README.md", bytes), (".env.example", bytes)]);
            (tree(&input[..at]), tree(&input[at + 1..]))
        }
        None => match load::parse(Path::new("dossier.json"), input) {
            Ok(stored) => (dossier(&[]), stored),
            Err(_) => return,
        },
    };
    let same = drift::between(&head, &head);
    assert!(same.is_empty, "a dossier differs from itself: {same:?}");
    let drift = drift::between(&base, &head);
    markdown::render(&head, Some(&drift));
}

/// A signature, a line end, and the body that it may be of, as JSON and as a form.
fn delivery(input: &[u8]) {
    let at = input.iter().position(|byte| *byte == b'\n').unwrap_or(input.len());
    let (signature, body) = (&input[..at], input.get(at + 1..).unwrap_or_default());
    ci_feed::fuzzing::delivery(signature, body);
}

/// What an external analyzer leaves, under each name that is read.
fn output(input: &[u8]) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for name in ["findings.sarif", "evidence_pack.v1.json", "operate.json", "summary.json"] {
        std::fs::write(folder.path().join(name), input).expect("a file in it");
        ci_feed::fuzzing::output(folder.path());
    }
}
