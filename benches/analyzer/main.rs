//! `cargo bench --bench analyzer`: whether the time of an analysis is linear in the size of a tree, and how much memory
//! it takes. Writes trees of 100, 1,000 and 10,000 files, analyzes each in a process of its own, and prints seconds,
//! the time for each byte against the smallest tree's, and the most memory held. With `-- hostile` it does the same for
//! hostile files against plain ones of their language, with numbers trees of other sizes, with `-- repositories DIR...` for cloned repositories. Nothing here
//! passes or fails.

#![expect(clippy::print_stdout, reason = "its output is what it is for")]

mod hostile;
mod repositories;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use ci_feed_analyzer::tree::progress::Progress;
use ci_feed_analyzer::tree::walk::{self, Caps};
use ci_feed_dossier::v1::Subject;

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SIZES: [usize; 3] = [100, 1_000, 10_000];
const RUNS: usize = 5;
/// The first argument that makes the bench analyze one tree.
const ONE: &str = "--one-tree";

fn main() {
    let arguments: Vec<std::ffi::OsString> = std::env::args_os().skip(1).collect();
    if let [first, tree] = arguments.as_slice()
        && first == ONE
    {
        return one(Path::new(tree));
    }
    if arguments.iter().any(|argument| argument == "hostile") {
        return hostile::table();
    }
    if let Some(at) = arguments.iter().position(|argument| argument == "repositories") {
        let folders: Vec<_> = arguments[at + 1..].iter().filter(|one| *one != "--bench").map(Into::into).collect();
        return repositories::table(&folders);
    }
    let asked: Vec<usize> = arguments.iter().filter_map(|one| one.to_str()?.parse().ok()).collect();
    let sizes = if asked.is_empty() { SIZES.to_vec() } else { asked };
    println!("{:>6} {:>9} {:>8} {:>12} {:>9}", "files", "MB", "seconds", "per byte", "peak MB");
    let mut smallest = None;
    for files in sizes {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let bytes = write(folder.path(), files) as f64;
        let runs: Vec<(f64, f64)> = (0..RUNS).map(|_| run(folder.path())).collect();
        // The fastest run is the one that the machine disturbed least.
        let seconds = runs.iter().map(|run| run.0).fold(f64::INFINITY, f64::min);
        let peak = runs.iter().map(|run| run.1).fold(0.0, f64::max);
        let per_byte = seconds / bytes;
        let ratio = per_byte / *smallest.get_or_insert(per_byte);
        println!("{files:>6} {:>9.2} {seconds:>8.3} {ratio:>10.2} x {peak:>9.0}", bytes / 1e6);
    }
}

/// Analyze a tree in another process: seconds, and megabytes at the peak.
fn run(tree: &Path) -> (f64, f64) {
    let this = std::env::current_exe().expect("a running program has a path");
    let output = Command::new(this).arg(ONE).arg(tree).output().expect("this program runs");
    let text = String::from_utf8(output.stdout).expect("two numbers");
    let mut numbers = text.split_whitespace().map(|number| number.parse::<f64>().expect("a number"));
    (numbers.next().expect("seconds"), numbers.next().expect("megabytes"))
}

/// What `ci-feed analyze` does, and what it took.
fn one(folder: &Path) {
    let start = Instant::now();
    let out = tempfile::tempdir().expect("a temporary folder");
    let progress = Progress::default();
    let tree = walk::read(folder, None, None, Caps::default(), &progress).expect("the tree was just written");
    let dossier = ci_feed_analyzer::publish(ci_feed_analyzer::analyze(&tree, &progress), Subject::default());
    ci_feed_dossier::write(&dossier, None, &ci_feed_analyzer::judge::findings::rule_texts(), out.path())
        .expect("the folder is ours");
    let seconds = start.elapsed().as_secs_f64();
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    let peak = peak.and_then(|kilobytes| kilobytes.trim().parse::<f64>().ok()).unwrap_or(0.0) / 1000.0;
    println!("{seconds} {peak}");
}

/// Write a tree of so many files; how many bytes they are. Each tenth of them is like the one before.
fn write(root: &Path, files: usize) -> usize {
    let mut bytes = 0;
    for number in 0..files {
        let package = number / 40;
        let (path, text) = match number % 10 {
            0 => (format!("web/p{package}/routes{number}.ts"), express(number)),
            1 => (format!("web/p{package}/service{number}.ts"), script(number)),
            2 => (format!("web/p{package}/view{number}.tsx"), component(number)),
            3 => (format!("api/p{package}/routes{number}.py"), fastapi(number)),
            4 => (format!("api/p{package}/models{number}.py"), python(number)),
            5 => (format!("core/p{package}/mod{number}.rs"), rust(number)),
            6 => (format!("edge/p{package}/handler{number}.go"), go(number)),
            7 => (format!("legacy/p{package}/Service{number}.java"), java(number)),
            8 => (format!("docs/p{package}/page{number}.md"), markdown(number)),
            _ => (format!("deploy/p{package}/config{number}.yaml"), yaml(number)),
        };
        bytes += text.len();
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("a folder above")).expect("a folder of ours");
        fs::write(path, text).expect("a file of ours");
    }
    bytes
}

/// The line for each of `0..times`, below a head.
fn text(head: String, times: usize, line: impl Fn(usize) -> String) -> String {
    (0..times).fold(head, |mut text, at| {
        let _ = writeln!(text, "{}", line(at));
        text
    })
}

fn express(number: usize) -> String {
    let head = format!(
        "import express from 'express';\nimport {{ load{0} }} from './service{0}';\n\
         export const router = express();\nconst limit = process.env.LIMIT_{1} ?? '10';\n",
        number + 1,
        number % 50
    );
    text(head, 12, |at| {
        format!(
            "router.get('/p{number}/items{at}/:id', async (request, response) => {{\n  const found = await load{}(request.params.id, limit);\n  \
             if (!found) {{\n    response.status(404).json({{ error: 'not found' }});\n    return;\n  }}\n  response.json(found);\n}});",
            number + 1
        )
    })
}

fn script(number: usize) -> String {
    text(format!("export interface Item{number} {{ id: string; name: string }}\n"), 25, |at| {
        format!(
            "export async function load{}(id: string, limit: string): Promise<Item{number} | null> {{\n  \
             const rows = await query('select * from items where id = $1', [id]);\n  \
             return rows.filter((row) => row.active && row.size < Number(limit))[{at}] ?? null;\n}}",
            if at == 0 { number.to_string() } else { format!("{number}_{at}") }
        )
    })
}

fn component(number: usize) -> String {
    text("import React from 'react';\n".to_owned(), 15, |at| {
        format!(
            "export const View{number}x{at} = ({{ title, items }}: Props) => (\n  <section className=\"view\">\n    \
             <h2>{{title}}</h2>\n    <ul>{{items.map((item) => <li key={{item.id}}>{{item.name}}</li>)}}</ul>\n  </section>\n);"
        )
    })
}

fn fastapi(number: usize) -> String {
    let head = format!(
        "import os\nfrom fastapi import FastAPI\nfrom .models{} import Item\n\napp = FastAPI()\nURL = os.environ['URL_{}']\n",
        number + 1,
        number % 50
    );
    text(head, 12, |at| {
        format!(
            "\n@app.get(\"/p{number}/things{at}/{{thing_id}}\")\nasync def read_{at}(thing_id: int, limit: int = 10):\n    \
             rows = await fetch(URL, thing_id)\n    return [row for row in rows if row.size < limit]"
        )
    })
}

fn python(number: usize) -> String {
    text("from dataclasses import dataclass\n".to_owned(), 20, |at| {
        format!(
            "\n@dataclass\nclass Item{number}x{at}:\n    name: str\n    size: int = {at}\n\n    def total(self, factor):\n        \
             return sum(part.size * factor for part in self.parts if part.active)"
        )
    })
}

fn rust(number: usize) -> String {
    text("use std::collections::BTreeMap;\n".to_owned(), 20, |at| {
        format!(
            "pub fn total_{number}_{at}(rows: &BTreeMap<String, u64>, limit: u64) -> u64 {{\n    \
             rows.iter().filter(|(name, _)| !name.is_empty()).map(|(_, size)| size.min(&limit)).sum::<u64>() + {at}\n}}"
        )
    })
}

fn go(number: usize) -> String {
    text(format!("package p{}\n\nimport \"os\"\n", number / 40), 15, |at| {
        format!(
            "func Handle{number}x{at}(rows []Row) int {{\n\ttotal := 0\n\tfor _, row := range rows {{\n\t\t\
             if row.Active && os.Getenv(\"MODE_{}\") != \"\" {{\n\t\t\ttotal += row.Size\n\t\t}}\n\t}}\n\treturn total\n}}",
            number % 50
        )
    })
}

fn java(number: usize) -> String {
    let head = format!("package legacy;\n\npublic class Service{number} {{\n");
    text(head, 15, |at| {
        format!(
            "  public int total{at}(java.util.List<Row> rows) {{\n    int total = 0;\n    for (Row row : rows) {{\n      \
             if (row.isActive()) {{\n        total += row.getSize();\n      }}\n    }}\n    return total;\n  }}"
        )
    }) + "}\n"
}

fn markdown(number: usize) -> String {
    text(
        format!("# Page {number}\n\nSet `LIMIT_{}` first. See [the next](page{}.md).\n", number % 50, number + 10),
        30,
        |at| format!("## Part {at}\n\nA paragraph that explains with some words how part {at} of the program works.\n"),
    )
}

fn yaml(number: usize) -> String {
    text("services:\n".to_owned(), 10, |at| {
        format!(
            "  service{number}x{at}:\n    image: example/app:{at}\n    environment:\n      URL_{}: http://localhost\n    \
             labels:\n      - part={at}",
            number % 50
        )
    })
}
