//! Commands that no file spells out but that the presence of a tool's own file calls for: Django's `manage.py`,
//! Alembic's and the test runners' configuration, a compose file. Always inferred, each by a named rule.

use ci_feed_dossier::evidence::Evidence;

use crate::fact::Found;
use crate::tree::corpus::Corpus;
use crate::tree::document::Node;
use crate::tree::file::SourceFile;
use crate::tree::path::{inside, upwards};

use super::Command;

/// One thing that a tool can be told: kind of the command, and its line.
type Call = (&'static str, &'static str);

const DJANGO: &[Call] = &[
    ("dev", "python manage.py runserver"),
    ("migrate", "python manage.py migrate"),
    ("test", "python manage.py test"),
];

pub(super) fn extract(corpus: &Corpus, file: &SourceFile, found: &mut Found) {
    if is_of_flask(file) {
        let (line, cwd) = ("flask db upgrade".to_owned(), home(corpus, file.folder()));
        let command = Command { kind: "migrate", line, manager: "flask", cwd };
        found.facts.push(command.inferred("flask-migrate-configuration", file.exists()));
        return;
    }
    let mut infer = |calls: &[Call], manager: &str, rule: &str, evidence: Evidence| {
        for (kind, line) in calls {
            let command = Command { kind, line: (*line).to_owned(), manager, cwd: file.folder() };
            found.facts.push(command.inferred(rule, evidence.clone()));
        }
    };
    match file.name() {
        "manage.py" => {
            // Other programs of this name know other commands.
            if let Some(line) = line_with(file, "DJANGO_SETTINGS_MODULE") {
                let tests = usize::from(runs_pytest(corpus, file.folder()));
                infer(&DJANGO[..DJANGO.len() - tests], "python", "django-manage", line);
            }
        }
        "alembic.ini" => {
            infer(&[("migrate", "alembic upgrade head")], "alembic", "alembic-configuration", file.exists())
        }
        "tox.ini" => {
            if let Some(line) = line_with(file, "[tox]") {
                infer(&[("test", "tox")], "tox", "tox-configuration", line);
            }
        }
        "noxfile.py" => infer(&[("test", "nox")], "nox", "nox-configuration", file.exists()),
        _ => {}
    }
    if let Some(line) = pytest_configuration(file) {
        infer(&[("test", "pytest")], "pytest", "pytest-configuration", line);
    }
    if is_compose(file) {
        infer(&[("start", "docker compose up")], "docker", "compose-file", file.exists());
    }
}

/// Flask-Migrate's own template of Alembic's configuration says nothing of where the scripts are: only `flask db` knows.
fn is_of_flask(file: &SourceFile) -> bool {
    let place = || line_with(file, "script_location").filter(|line| line.excerpt.trim() != "script_location = .");
    file.name() == "alembic.ini" && place().is_none()
}

/// The nearest folder around that a Python program is installed from; the root where there is none.
fn home<'f>(corpus: &Corpus, folder: &'f str) -> &'f str {
    let says = ["pyproject.toml", "setup.py", "requirements.txt", "Pipfile"];
    upwards(folder).find(|at| says.iter().any(|name| corpus.has_path(&inside(at, name)))).unwrap_or_default()
}

/// Where a file configures pytest.
fn pytest_configuration(file: &SourceFile) -> Option<Evidence> {
    match file.name() {
        "pytest.ini" | ".pytest.ini" => line_with(file, "[pytest]"),
        "setup.cfg" => line_with(file, "[tool:pytest]"),
        "tox.ini" => line_with(file, "[pytest]"),
        "pyproject.toml" => {
            let tool = file.document().root().get("tool")?;
            let entry = tool.entry("pytest")?;
            let inner = entry.value.entry("ini_options").unwrap_or(entry);
            Some(file.lines(inner.line, inner.line))
        }
        _ => None,
    }
}

fn runs_pytest(corpus: &Corpus, folder: &str) -> bool {
    ["pytest.ini", ".pytest.ini", "setup.cfg", "tox.ini", "pyproject.toml"]
        .iter()
        .filter_map(|name| corpus.file(&inside(folder, name)))
        .any(|file| pytest_configuration(file).is_some())
}

/// The file that `docker compose up` reads without being told.
fn is_compose(file: &SourceFile) -> bool {
    matches!(file.name(), "compose.yaml" | "compose.yml" | "docker-compose.yaml" | "docker-compose.yml")
        && !file.path.contains(".devcontainer/")
        && file.document().root().get("services").is_some_and(|services| !Node::entries(services).is_empty())
}

/// The first line that holds a text.
fn line_with(file: &SourceFile, text: &str) -> Option<Evidence> {
    let line = file.text().lines().position(|line| line.contains(text))?;
    let line = u32::try_from(line + 1).ok()?;
    Some(file.lines(line, line))
}
