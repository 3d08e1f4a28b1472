//! What a path says about a file by its ecosystem's conventions: application, test, example, vendored, generated.
//! Only the generated class looks at content, and only at the marker that generators themselves agreed on.

use super::file::PathClass;

/// Folders of third-party code.
const VENDORED: &[&str] = &[
    "node_modules",
    "bower_components",
    "jspm_packages",
    "vendor",
    "vendors",
    "third_party",
    "third-party",
    "thirdparty",
    "site-packages",
    ".venv",
    "venv",
    "virtualenv",
    "pods",
    "carthage",
    ".yarn",
    "extern",
    "external_libs",
];

/// Folders of built or generated output.
const GENERATED: &[&str] = &[
    "dist",
    ".next",
    ".nuxt",
    ".svelte-kit",
    ".output",
    "__pycache__",
    ".turbo",
    ".parcel-cache",
    "coverage",
    "__generated__",
    "generated",
    ".generated",
    "htmlcov",
    "storybook-static",
    ".docusaurus",
];

/// Folders of tests and their data.
const TESTS: &[&str] = &[
    "test",
    "tests",
    "__tests__",
    "__test__",
    "spec",
    "specs",
    "__mocks__",
    "mocks",
    "__snapshots__",
    "testdata",
    "test_data",
    "test-data",
    "test-files",
    "test_files",
    "testing",
    "fixtures",
    "__fixtures__",
    "e2e",
    "cypress",
    "playwright",
    "testutil",
    "testutils",
    "test-utils",
    "test-environments",
    "test-environment",
    "test-env",
    "test_utils",
    "androidtest",
    "integrationtest",
    "inttest",
    "functionaltest",
    "testfixtures",
    "testing_support",
    "test_support",
    "dummy_app",
    "syntaxtests",
];

/// Folders of examples and measurements.
const EXAMPLES: &[&str] =
    &["example", "examples", "_examples", "sample", "samples", "demo", "demos", "playground", "playgrounds"];

/// Folders of measurements, unless they stand inside the source tree: there they are a feature's name.
const MEASUREMENTS: &[&str] = &["bench", "benches", "benchmark", "benchmarks"];

/// Folders inside of which an application's own code stands.
const SOURCES: &[&str] = &["src", "app", "apps", "lib", "server", "api", "internal"];

/// Endings of files that tools wrote.
const GENERATED_ENDINGS: &[&str] = &[
    ".min.js",
    ".min.css",
    ".min.mjs",
    ".bundle.js",
    ".chunk.js",
    ".js.map",
    ".css.map",
    ".mjs.map",
    ".pb.go",
    ".pb.cc",
    ".pb.h",
    "_pb2.py",
    "_pb2_grpc.py",
    "_pb2.pyi",
    ".g.dart",
    ".freezed.dart",
    ".designer.cs",
    ".g.cs",
    "_generated.go",
    ".generated.ts",
    ".generated.js",
    ".gen.go",
    ".gen.ts",
    "_string.go",
    ".snap",
];

/// Classify one file.
pub(crate) fn classify(path: &str, bytes: &[u8]) -> PathClass {
    let lower = path.to_ascii_lowercase();
    let (folders, name) = lower.rsplit_once('/').unwrap_or(("", &lower));
    let (folders, is_main) = main_source_set(folders);
    let inside = |list: &[&str]| folders.split('/').any(|folder| list.contains(&folder));
    // Rails loads every Ruby file below `app/`, whatever its folder is called: `app/models/demo` is the product.
    let above = if name.ends_with(".rb") { above_app(folders) } else { folders };
    // A specification of the API in `spec/` is no specification of a test.
    let is_api = is_api_document(name, bytes);
    let says = |folder: &str| !(is_api && matches!(folder, "spec" | "specs"));
    let stands_in = |list: &[&str]| above.split('/').any(|folder| list.contains(&folder) && says(folder));
    if inside(VENDORED) {
        PathClass::Vendored
    } else if inside(GENERATED) || is_written_by_tools(name, bytes) {
        PathClass::Generated
    } else if stands_in(TESTS)
        || above.split('/').any(is_of_tests)
        || (!is_main
            && is_test_name(path.rsplit('/').next().unwrap_or(path))
            && !is_loaded_by_rails(folders, bytes, name))
        || is_syntax_test(name, bytes)
        || folders.split('/').any(is_test_project)
        || is_cucumber(folders)
    {
        PathClass::Test
    } else if stands_in(EXAMPLES)
        || measures(above)
        || folders.split('/').any(is_example_project)
        || is_asset(folders, name)
    {
        PathClass::Example
    } else {
        PathClass::Application
    }
}

/// Whether a file's own name or first lines say that a tool wrote it.
pub(super) fn is_written_by_tools(name: &str, bytes: &[u8]) -> bool {
    GENERATED_ENDINGS.iter().any(|ending| name.ends_with(ending)) || says_generated(name, bytes)
}

/// Whether a folder of this name holds third-party code.
pub(super) fn is_vendored_folder(name: &str) -> bool {
    VENDORED.contains(&name)
}

/// Whether a document says near its top that it is one of OpenAPI or Swagger.
fn is_api_document(name: &str, bytes: &[u8]) -> bool {
    if ![".json", ".yaml", ".yml"].iter().any(|end| name.ends_with(end)) {
        return false;
    }
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(4 * 1024)]);
    let says = |line: &str| {
        let line = line.trim_start_matches(['{', ' ', '\t']).replace(['"', '\''], "");
        line.starts_with("openapi:") || line.starts_with("swagger:")
    };
    head.lines().any(says)
}

/// Whether a folder of measurements is reached before any source folder.
fn measures(folders: &str) -> bool {
    let telling = folders.split('/').find(|folder| MEASUREMENTS.contains(folder) || SOURCES.contains(folder));
    telling.is_some_and(|folder| MEASUREMENTS.contains(&folder))
}

/// Below `src/main/java` folders are packages (`com.example.demo`), and what stands there is the product: only the
/// folders above speak of the file.
fn main_source_set(folders: &str) -> (&str, bool) {
    for language in ["java", "kotlin", "scala", "groovy"] {
        let root = format!("src/main/{language}");
        let at = if folders.starts_with(&root) { Some(0) } else { folders.find(&format!("/{root}")).map(|at| at + 1) };
        let Some(end) = at.map(|at| at + root.len()) else { continue };
        let packages = &folders[end..];
        if packages.is_empty() || (packages.starts_with('/') && !packages.split('/').any(|one| one == "generated")) {
            return (&folders[..end], true);
        }
    }
    (folders, false)
}

/// `tests_integration`, `e2e-tests`.
fn is_of_tests(folder: &str) -> bool {
    folder.split(['-', '_']).any(|word| word == "tests")
}

/// Folders of .NET test projects: `Shop.Api.Tests`, `Shop.IntegrationTests`, `Shop.Test.Common`.
fn is_test_project(folder: &str) -> bool {
    let mut parts = folder.split('.').skip(1);
    parts
        .any(|part| matches!(part, "test" | "tests") || part.strip_suffix("tests").is_some_and(|kind| !kind.is_empty()))
}

/// Folders of .NET projects that show or measure: `Shop.Samples`, `Shop.Benchmarks`.
fn is_example_project(folder: &str) -> bool {
    folder.rsplit_once('.').is_some_and(|(before, last)| !before.is_empty() && EXAMPLES.contains(&last))
}

/// The folders up to the first `app`.
fn above_app(folders: &str) -> &str {
    let mut end = 0;
    for folder in folders.split('/') {
        if folder == "app" {
            return folders[..end].trim_end_matches('/');
        }
        end += folder.len() + 1;
    }
    folders
}

/// Whether Rails loads a Ruby file whatever its name, because it stands below `app/` and tests nothing.
fn is_loaded_by_rails(folders: &str, bytes: &[u8], name: &str) -> bool {
    let says = |mark: &str| memchr::memmem::find(bytes, mark.as_bytes()).is_some();
    let tests = ["test_helper", "spec_helper", "rails_helper", "RSpec", "TestCase", "Minitest", "minitest"];
    name.ends_with(".rb") && above_app(folders) != folders && !tests.iter().any(|mark| says(mark))
}

/// What shows a highlighter how a language looks, as Sublime Text and what uses its grammars name and begin it.
fn is_syntax_test(name: &str, bytes: &[u8]) -> bool {
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let says = |mark: &[u8]| memchr::memmem::find(&first[..first.len().min(200)], mark).is_some();
    ["syntax_test", "syntax-test"].iter().any(|start| name.starts_with(start)) || says(b"SYNTAX TEST \"")
}

/// Below `assets` lie files that the application hands out or shows: programs of a browser, and of other languages only
/// what somebody imports.
fn is_asset(folders: &str, name: &str) -> bool {
    let is_of_server = [".py", ".go", ".php", ".java", ".rs"].iter().any(|end| name.ends_with(end));
    is_of_server && folders.split('/').any(|folder| folder == "assets")
}

/// `features/support`, `features/step_definitions`: what Cucumber runs its stories with.
fn is_cucumber(folders: &str) -> bool {
    let mut above = "";
    folders.split('/').any(|folder| {
        let is_it = above == "features" && matches!(folder, "support" | "step_definitions");
        above = folder;
        is_it
    })
}

/// Test files by name, as the runners of each ecosystem look for them.
fn is_test_name(name: &str) -> bool {
    let (written, _) = name.rsplit_once('.').unwrap_or((name, ""));
    let lower = name.to_ascii_lowercase();
    let (stem, extension) = lower.rsplit_once('.').unwrap_or((&lower, ""));
    match extension {
        "js" | "jsx" | "ts" | "tsx" | "mjs" | "cjs" | "mts" | "cts" | "vue" | "svelte" => {
            [".test", ".spec", ".e2e", ".e2e-spec", ".cy", ".stories", "-test", "_test"]
                .iter()
                .any(|mark| stem.ends_with(mark))
        }
        "py" => stem.starts_with("test_") || stem.ends_with("_test") || matches!(stem, "conftest" | "tests"),
        "go" => stem.ends_with("_test"),
        "rs" => matches!(stem, "test" | "tests") || stem.ends_with("_test") || stem.ends_with("_tests"),
        "java" | "kt" | "cs" | "scala" | "groovy" | "swift" | "php" => {
            // A word of its own: a `Contest` is none.
            ["Test", "Tests", "TestCase", "_test", "_tests", "-test", "-tests"].iter().any(|end| written.ends_with(end))
                || matches!(stem, "test" | "tests" | "testcase")
        }
        "rb" => stem.ends_with("_spec") || stem.ends_with("_test"),
        "ex" | "exs" => stem.ends_with("_test"),
        _ => is_of_test_environment(&lower),
    }
}

/// `docker-compose.e2e.yml`, `.env.test`, `Dockerfile.test`: what only tests run in.
fn is_of_test_environment(lower: &str) -> bool {
    let starts = ["docker-compose", "compose", ".env", "dockerfile"];
    let rest = starts.iter().find_map(|start| lower.strip_prefix(start)).unwrap_or_default();
    rest.split(['.', '-', '_']).any(|part| matches!(part, "test" | "tests" | "e2e"))
}

/// The comment that Go, protobuf, Meta and others write at the top of what they generate. Lock files carry it
/// too and stay what they are: the pins of the application.
fn says_generated(name: &str, bytes: &[u8]) -> bool {
    if name.ends_with(".lock") || name.ends_with("lock.json") || name.ends_with("lock.yaml") {
        return false;
    }
    let head = &bytes[..bytes.len().min(600)];
    let mut lines = head.split(|byte| *byte == b'\n').take(6);
    lines.any(|line| {
        let comment =
            line.starts_with(b"//") || line.starts_with(b"#") || line.starts_with(b"/*") || line.starts_with(b" *");
        let says = |mark: &[u8]| line.windows(mark.len()).any(|window| window == mark);
        comment && (says(b"@generated") || (says(b"ode generated") && says(b"DO NOT EDIT")))
    })
}
