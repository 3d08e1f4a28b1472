//! What a hostile file costs beside a plain one of its language: seconds for a megabyte. Every file holds what the
//! prefilter lets through.

use std::fs;

/// A language: a file name, what the prefilter looks for, a line that may be repeated (`@` is a number), an end, and
/// what nests.
const LANGUAGES: &[(&str, &str, &str, &str, [&str; 3])] = &[
    ("app.js", "process.env.A;\n", "f(process.env.B, g(@));\n", "", ["x = ", "(\n1,", ")"]),
    ("app.ts", "process.env.A;\n", "f(process.env.B as T, g(@));\n", "", ["x = ", "[\n1,", "]"]),
    ("app.py", "import os\nos.environ['A']\n", "f(os.environ['B'], g(@))\n", "", ["x = ", "(\n1,", ")"]),
    (
        "main.go",
        "package main\nvar a = os.Getenv(\"A\")\n",
        "var _ = f(os.Getenv(\"B\"), @)\n",
        "",
        ["var x = ", "f(\n", ")"],
    ),
    (
        "A.java",
        "class A { String a = System.getenv(\"A\");\n",
        "String s@ = f(System.getenv(\"B\"));\n",
        "}\n",
        ["int x = ", "f(\n", ")"],
    ),
    (
        "A.cs",
        "class A { string a = Environment.GetEnvironmentVariable(\"A\");\n",
        "string s@ = f(Environment.GetEnvironmentVariable(\"B\"));\n",
        "}\n",
        ["int x = ", "f(\n", ")"],
    ),
    ("app.rb", "ENV['A']\n", "f(ENV['B'], g(@))\n", "", ["x = ", "[\n", "]"]),
    ("app.php", "<?php $_ENV['A'];\n", "f($_ENV['B'], g(@));\n", "", ["$x = ", "[\n", "]"]),
    (
        "src/main.rs",
        "fn main() { std::env::var(\"A\"); }\n",
        "fn f@() { std::env::var(\"B\"); }\n",
        "",
        ["const A: u8 = ", "f(\n", ")"],
    ),
    ("package.json", "{\"dependencies\": {\n", "\"d@\": \"1\",\n", "\"z\": \"1\"}}\n", ["\"x\": ", "[\n", "]"]),
    ("compose.yaml", "services:\n", "  s@: {image: 'a/b:@'}\n", "", ["  x: ", "[\n", "]"]),
    ("Cargo.toml", "[dependencies]\n", "d@ = \"1\"\n", "", ["x = ", "[\n", "]"]),
    (
        "pom.xml",
        "<project><dependencies>\n",
        "<dependency><groupId>b</groupId><artifactId>d@</artifactId></dependency>\n",
        "</dependencies></project>\n",
        ["", "<a>\n", "</a>"],
    ),
    ("schema.sql", "CREATE TABLE a (id int);\n", "CREATE TABLE t@ (id int);\n", "", ["SELECT ", "(\n", ")"]),
    ("README.md", "# One\n\n", "See [it](missing@.md).\n\n", "", ["", "> ", "x"]),
    ("Dockerfile", "FROM alpine:3\n", "RUN echo @\n", "", ["RUN a ", "\\\n", ""]),
];

/// Print the table.
pub(crate) fn table() {
    let nothing = seconds("empty.txt", "");
    println!("{:>14} {:>12} {:>10} {:>14} {:>8}", "file", "plain, s/MB", "one line", "100,000 lines", "nested");
    for (path, start, line, end, [before, open, close]) in LANGUAGES {
        let lines = |count: usize| (0..count).map(|at| line.replace('@', &at.to_string())).collect::<String>();
        let cost = |text: &str| (seconds(path, text) - nothing).max(0.0) / (text.len() as f64 / 1e6);
        let plain = cost(&format!("{start}{}{end}", lines(500_000 / line.len())));
        let flat = format!("{start}{}{end}", lines(2_000_000 / line.len())).replace('\n', " ");
        let many = format!("{start}{}{end}", lines(100_000));
        let deep = format!("{start}{before}{}{}\n{end}", open.repeat(50_000), close.repeat(50_000));
        let ratio = |text: &str| cost(text) / plain;
        println!("{path:>14} {plain:>12.3} {:>8.2} x {:>12.2} x {:>6.2} x", ratio(&flat), ratio(&many), ratio(&deep));
    }
}

/// The fastest of some runs over a tree of one file.
fn seconds(path: &str, text: &str) -> f64 {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join(path);
    fs::create_dir_all(path.parent().expect("a folder above")).expect("a folder of ours");
    fs::write(path, text).expect("a file of ours");
    (0..super::RUNS).map(|_| super::run(folder.path()).0).fold(f64::INFINITY, f64::min)
}
