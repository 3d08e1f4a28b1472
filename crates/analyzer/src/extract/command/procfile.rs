//! Process types of a Procfile: `web: gunicorn app:app`.

use crate::fact::Found;
use crate::tree::file::SourceFile;

use super::{Command, kind};

pub(super) fn extract(file: &SourceFile, found: &mut Found) {
    for (line, number) in file.text().lines().zip(1_u32..) {
        let Some((process, line)) = line.split_once(':') else { continue };
        let named = !process.is_empty() && process.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
        if !named || line.trim().is_empty() {
            continue;
        }
        let kind = match process {
            "release" if line.contains("migrate") || line.contains("alembic") => "migrate",
            "release" => kind::of(process),
            _ => "start",
        };
        let command = Command { kind, line: line.trim().to_owned(), manager: "procfile", cwd: file.folder() };
        found.facts.push(command.fact(file.lines(number, number)).with("process", process));
    }
}
