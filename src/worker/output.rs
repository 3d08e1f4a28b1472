//! What an analyzer left: checked, bounded, and summed up for the feed.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use rustix::fd::OwnedFd;
use rustix::fs::{self, Dir, Mode, OFlags};
use rustix::io::Errno;
use serde_json::{Map, Value, json};

use crate::artifacts::OutputFile;
use crate::model::{Fault, FaultCode, JsonView, MAX_SUMMARY_BYTES};

/// Neither follows a link nor waits for the other end of a pipe.
const FILE: OFlags = OFlags::RDONLY.union(OFlags::NOFOLLOW).union(OFlags::NONBLOCK).union(OFlags::CLOEXEC);
const FOLDER: OFlags = FILE.union(OFlags::DIRECTORY);

const MAX_OUTPUT_FILES: usize = 64;
const MAX_FILE_BYTES: u64 = 8 << 20;
const MAX_TOTAL_BYTES: u64 = 32 << 20;

/// A finished analysis.
#[derive(Debug)]
pub(crate) struct Product {
    pub(crate) files: Vec<OutputFile>,
    pub(crate) summary_json: Value,
    /// Name and version of the analyzer.
    pub(crate) analyzer_version: String,
}

/// Read the output folder. Only regular files directly in it count; folders are skipped. Anything else is
/// refused: a link would publish a file of this machine, and opening a pipe can last for ever.
pub(crate) fn collect(out: &Path, log: Option<Vec<u8>>, analyzer: String) -> Result<Product, Fault> {
    let mut files = read_files(out)?;
    if files.is_empty() {
        return Err(Fault::new(
            FaultCode::AnalyzerNoOutput,
            "the analyzer succeeded but left no file in its output folder",
        ));
    }
    let summary_json = summarise(&files)?;
    if let Some(log) = log {
        files.retain(|file| file.name != "analyzer.log");
        files.push(OutputFile { name: "analyzer.log".into(), bytes: log });
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Product { files, summary_json, analyzer_version: analyzer })
}

fn read_files(out: &Path) -> Result<Vec<OutputFile>, Fault> {
    let failed = |error: io::Error| unusable(format!("the analyzer's output could not be read: {error}"));
    let folder = fs::open(out, FOLDER, Mode::empty()).map_err(|error| failed(error.into()))?;
    let (mut files, mut total) = (Vec::new(), 0);
    for name in names(&folder).map_err(failed)? {
        let Some(file) = open(&folder, &name)? else { continue };
        if files.len() == MAX_OUTPUT_FILES {
            return Err(unusable(format!("the analyzer left more than {MAX_OUTPUT_FILES} files")));
        }
        let mut bytes = Vec::new();
        file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
        total += bytes.len() as u64;
        if bytes.len() as u64 > MAX_FILE_BYTES || total > MAX_TOTAL_BYTES {
            return Err(unusable(format!(
                "the analyzer's output is too large at {name:?}: at most {} MiB a file and {} MiB together",
                MAX_FILE_BYTES >> 20,
                MAX_TOTAL_BYTES >> 20
            )));
        }
        files.push(OutputFile { name, bytes });
    }
    Ok(files)
}

/// The names in the folder that an artifact can have, in order.
fn names(folder: &OwnedFd) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in Dir::read_from(folder)? {
        let Ok(name) = entry?.file_name().to_owned().into_string() else { continue };
        if !matches!(name.as_str(), "." | "..") && !name.chars().any(char::is_control) {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// Open one file of the folder; `None` for a folder. What is checked is what was opened: a program that outlived the
/// analyzer could put something else under the name at any time.
fn open(folder: &OwnedFd, name: &str) -> Result<Option<File>, Fault> {
    let refused = |what: &str| Err(unusable(format!("the analyzer's output holds {name:?}, which is {what}")));
    let file = match fs::openat(folder, name, FILE, Mode::empty()) {
        Ok(file) => file,
        Err(Errno::LOOP) => return refused("a symbolic link"),
        // A socket, or a device without a driver.
        Err(Errno::NXIO) => return refused("no regular file"),
        Err(error) => return refused(&format!("not readable: {error}")),
    };
    let stat = fs::fstat(&file).map_err(|error| unusable(error.to_string()))?;
    match fs::FileType::from_raw_mode(stat.st_mode) {
        fs::FileType::Directory => Ok(None),
        fs::FileType::RegularFile if stat.st_nlink > 1 => refused("a link to a file elsewhere"),
        fs::FileType::RegularFile => Ok(Some(file.into())),
        _ => refused("no regular file"),
    }
}

/// `summary.json`, or what docs/development.md ("Output") says it is made of.
fn summarise(files: &[OutputFile]) -> Result<Value, Fault> {
    let find = |name: &str| files.iter().find(|file| file.name == name);
    if let Some(file) = find("summary.json") {
        let is_small = file.bytes.len() <= MAX_SUMMARY_BYTES;
        let summary = if is_small { serde_json::from_slice(&file.bytes).ok() } else { None };
        return match summary {
            Some(summary @ Value::Object(_)) => Ok(without_nul(summary)),
            _ => Err(unusable("the analyzer's summary.json is not a JSON object of at most 64 KiB")),
        };
    }
    let mut summary = Map::new();
    if let Some(pack) = find("evidence_pack.v1.json") {
        let pack = look_into(pack)?;
        let score = |name| shown(pack.at("metrics").at(name).at("score"));
        let metrics = json!({
            "dci": score("dci_v1_claim_visibility")?,
            "rci": score("rci_reporting_completeness")?,
        });
        summary.insert("metrics".into(), metrics);
        if let Some(counts) = pack.get("summary") {
            summary.insert("summary".into(), shown(counts)?);
        }
    }
    if let Some(operate) = find("operate.json") {
        let operate = look_into(operate)?;
        for key in ["readiness", "gaps", "counts"] {
            if let Some(value) = operate.get(key) {
                summary.insert(key.into(), shown(value)?);
            }
        }
    }
    for file in files.iter().filter(|file| file.name.ends_with(".sarif")) {
        summary.insert("findings".into(), findings_by_level(look_into(file)?));
    }
    let summary = without_nul(Value::Object(summary));
    if summary.to_string().len() > MAX_SUMMARY_BYTES {
        return Err(unusable("what the feed shows of the analyzer's files is more than 64 KiB; leave a summary.json"));
    }
    Ok(summary)
}

fn findings_by_level(sarif: JsonView<'_>) -> Value {
    // SARIF 2.1.0, 3.27.10: these are all levels, and a result without one is a warning.
    const LEVELS: [&str; 4] = ["none", "note", "warning", "error"];
    let mut levels = std::collections::BTreeMap::<&str, u64>::new();
    sarif.at("runs").items(|run| {
        run.at("results").items(|result| {
            let level = result.at("level").text().trim_matches('"');
            let level = LEVELS.into_iter().find(|known| *known == level);
            *levels.entry(level.unwrap_or("warning")).or_default() += 1;
        });
    });
    json!(levels)
}

/// What the feed shows of an analyzer's file, as long as it is little.
fn shown(value: JsonView<'_>) -> Result<Value, Fault> {
    let value = if value.text().len() > MAX_SUMMARY_BYTES { None } else { value.plain() };
    value.ok_or_else(|| {
        unusable("what the feed shows of the analyzer's files is more than 64 KiB; leave a summary.json")
    })
}

/// The server's memory is not the analyzer's: no value is made of what is not shown.
fn look_into(file: &OutputFile) -> Result<JsonView<'_>, Fault> {
    JsonView::parse(&file.bytes).ok_or_else(|| unusable(format!("the analyzer's {} is not JSON", file.name)))
}

fn unusable(message: impl Into<String>) -> Fault {
    Fault::new(FaultCode::AnalyzerOutput, message)
}

/// Postgres cannot store NUL in text, and so not in jsonb.
fn without_nul(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.replace('\0', "\u{fffd}")),
        Value::Array(items) => items.into_iter().map(without_nul).collect(),
        Value::Object(entries) => {
            entries.into_iter().map(|(key, value)| (key.replace('\0', "\u{fffd}"), without_nul(value))).collect()
        }
        other => other,
    }
}
