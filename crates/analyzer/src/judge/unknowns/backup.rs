//! Proofs of backups outside of clusters: Litestream, pgBackRest, tables of cron.

use crate::tree::document::Node;
use crate::tree::file::SourceFile;

use super::{Proofs, is_backup, is_set, lines, prove};

pub(super) fn yaml(file: &SourceFile, proofs: &mut Proofs) {
    if !file.name().starts_with("litestream.") {
        return;
    }
    for database in file.document().root().get("dbs").map(Node::items).unwrap_or_default() {
        if let Some(replicas) =
            database.entry("replicas").or_else(|| database.entry("replica")).filter(|one| is_set(&one.value))
        {
            prove(proofs, "backup_retention", lines(file, replicas));
        }
    }
}

pub(super) fn other(file: &SourceFile, proofs: &mut Proofs) {
    let name = file.name();
    let is_cron = name == "crontab"
        || name.ends_with(".cron")
        || name.ends_with(".crontab")
        || file.path.contains("cron.d/")
        || name == "root" && file.path.contains("cron");
    if !is_cron && name != "pgbackrest.conf" {
        return;
    }
    for (line, number) in file.text().lines().zip(1_u32..) {
        let line = line.trim();
        let scheduled = is_cron && !line.starts_with('#') && has_schedule(line) && is_backup(line);
        let retained =
            name == "pgbackrest.conf" && line.contains("retention") && line.contains('=') && !line.starts_with('#');
        if scheduled || retained {
            prove(proofs, "backup_retention", file.lines(number, number));
        }
    }
}

/// Five fields of times, or `@daily` and its kin.
fn has_schedule(line: &str) -> bool {
    let is_time = |word: &&str| word.chars().all(|c| c.is_ascii_digit() || "*/,-".contains(c));
    line.starts_with('@') || line.split_whitespace().take_while(is_time).count() >= 5
}
