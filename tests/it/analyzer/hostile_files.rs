//! One hostile file of each kind in each language, beside a plain one: the analysis ends, what does parse counts, and
//! what was not read is named. Each file holds what the prefilter lets through, so that it is really parsed.

use std::fs;

use ci_feed_dossier::fact::FactKind;
use ci_feed_dossier::v1::Dossier;

use super::support::{dossier, tree};

/// A language by a file of it: what states a fact, what may be repeated below, what ends it, and how values nest.
struct Sample {
    path: &'static str,
    /// States the fact.
    start: &'static str,
    /// May be repeated; `@` is a number.
    line: &'static str,
    end: &'static str,
    fact: &'static str,
    /// What stands around a value over and over, with line endings so that depth and not length is the matter.
    nesting: &'static [(&'static str, &'static str, &'static str)],
}

const CODE: &[Sample] = &[
    Sample {
        path: "app.js",
        start: "const app = require('express')();\napp.get('/x', h);\napp.listen(3000);\nprocess.env.ONE;\n",
        line: "f(process.env.TWO, @);\n",
        end: "",
        fact: "ONE",
        nesting: &[
            ("x = ", "(\n1,", ")"),
            ("x = ", "[\n1,", "]"),
            ("", "{\n", "}"),
            ("x = ", "f(\n", ")"),
            ("x = ", "`${\n", "}`"),
            ("", "if (a) {\n", "}"),
            ("x = ", "a ?\n", ": b"),
            ("x = ", "{a:\n", "}"),
            ("x = ", "() =>\n", ""),
            ("x", "\n.f()", ""),
            ("x = 1", "\n+ 1", ""),
        ],
    },
    Sample {
        path: "app.ts",
        start: "import express from 'express';\nconst app = express();\napp.get('/x', h);\nprocess.env.ONE;\n",
        line: "f(process.env.TWO as string, @);\n",
        end: "",
        fact: "ONE",
        nesting: &[
            ("x = ", "(\n1,", ")"),
            ("let x: ", "A<\n", ">"),
            ("let x: ", "{a:\n", "}"),
            ("", "namespace a {\n", "}"),
            ("x = ", "<A>\n", ""),
        ],
    },
    Sample {
        path: "app.tsx",
        start: "const url = process.env.ONE;\n",
        line: "f(process.env.TWO, <a b={@}/>);\n",
        end: "",
        fact: "ONE",
        nesting: &[("x = ", "<a>\n", "</a>"), ("x = ", "<a>{\n", "}</a>"), ("x = ", "(\n1,", ")")],
    },
    Sample {
        path: "app.py",
        start: "import os\nfrom fastapi import FastAPI\napp = FastAPI()\n@app.get('/x')\ndef x(): ...\nos.environ['ONE']\n",
        line: "f(os.environ['TWO'], @)\n",
        end: "",
        fact: "ONE",
        nesting: &[
            ("x = ", "(\n1,", ")"),
            ("x = ", "[\n1,", "]"),
            ("x = ", "{\n'a':", "}"),
            ("x = ", "f(\n", ")"),
            ("x = ", "not \\\n", ""),
            ("x = ", "lambda:\\\n", "1"),
        ],
    },
    Sample {
        path: "src/main.rs",
        start: "fn main() { std::env::var(\"ONE\"); axum::Router::new().route(\"/x\", get(x)); }\n",
        line: "fn f@() { std::env::var(\"TWO\"); }\n",
        end: "",
        fact: "ONE",
        nesting: &[
            ("const A: u8 = ", "(\n", ")"),
            ("const A: u8 = ", "[\n", "]"),
            ("fn g() ", "{\n", "}"),
            ("const A: u8 = ", "f(\n", ")"),
            ("", "mod a {\n", "}"),
            ("fn g() { m!", "(\n", ")"),
            ("type A = ", "B<\n", ">"),
        ],
    },
    Sample {
        path: "main.go",
        start: "package main\nimport (\n\"os\"\n\"net/http\"\n)\nvar a = os.Getenv(\"ONE\")\nfunc init() { http.HandleFunc(\"/x\", h) }\n",
        line: "var _ = os.Getenv(\"TWO\")\n",
        end: "",
        fact: "ONE",
        nesting: &[
            ("var x = ", "(\n", ")"),
            ("var x = ", "[]T{\n", "}"),
            ("func g() ", "{\n", "}"),
            ("var x = ", "f(\n", ")"),
            ("var x = ", "func() {\n", "}"),
            ("var x ", "[]", "int"),
        ],
    },
    Sample {
        path: "A.java",
        start: "@RestController class A { String a = System.getenv(\"ONE\");\n@GetMapping(\"/x\") void x() {}\n",
        line: "String s@ = System.getenv(\"TWO\");\n",
        end: "}\n",
        fact: "ONE",
        nesting: &[
            ("int x = ", "(\n", ")"),
            ("int[] x = ", "{\n", "}"),
            ("void g() ", "{\n", "}"),
            ("int x = ", "f(\n", ")"),
            ("", "class B {\n", "}"),
            ("", "A<\n", ">"),
            ("", "@A(\n", ")"),
        ],
    },
    Sample {
        path: "A.cs",
        start: "[ApiController] class A : ControllerBase { string a = Environment.GetEnvironmentVariable(\"ONE\");\n[HttpGet(\"/x\")] void X() {}\n",
        line: "string s@ = Environment.GetEnvironmentVariable(\"TWO\");\n",
        end: "}\n",
        fact: "ONE",
        nesting: &[
            ("int x = ", "(\n", ")"),
            ("int[] x = ", "{\n", "}"),
            ("void G() ", "{\n", "}"),
            ("int x = ", "f(\n", ")"),
            ("", "class B {\n", "}"),
            ("", "A<\n", ">"),
        ],
    },
    Sample {
        path: "config/routes.rb",
        start: "ENV.fetch('ONE')\nRails.application.routes.draw do\nget '/x', to: 'a#b'\nend\n",
        line: "f(ENV['TWO'], @)\n",
        end: "",
        fact: "ONE",
        nesting: &[
            ("x = ", "(\n", ")"),
            ("x = ", "[\n", "]"),
            ("x = ", "{a:\n", "}"),
            ("", "scope '/a' do\n", "end\n"),
            ("", "if a\n", "end\n"),
            ("", "module A\n", "end\n"),
            ("x = ", "\"#{\n", "}\""),
        ],
    },
    Sample {
        path: "app.php",
        start: "<?php $a = getenv('ONE');\nRoute::get('/x', 'A@b');\n",
        line: "f(getenv('TWO'), @);\n",
        end: "",
        fact: "ONE",
        nesting: &[
            ("$x = ", "(\n", ")"),
            ("$x = ", "[\n", "]"),
            ("", "{\n", "}"),
            ("$x = ", "f(\n", ")"),
            ("", "if ($a) {\n", "}"),
            ("$x = ", "function() {\n", "}"),
            ("$x = ", "\"{$a[\n", "]}\""),
        ],
    },
];

const DOCUMENTS: &[Sample] = &[
    Sample {
        path: "package.json",
        start: "{\"scripts\": {\"one\": \"run one\"},\n\"dependencies\": {\n",
        line: "\"d@\": \"1\",\n",
        end: "\"z\": \"1\"}}\n",
        fact: "one",
        nesting: &[("\"x\": ", "[\n", "]"), ("\"x\": ", "{\"a\":\n", "}")],
    },
    Sample {
        path: "compose.yaml",
        start: "services:\n  one:\n    image: postgres:16\n    ports: ['5432:5432']\n",
        line: "  s@:\n    image: a/b:@\n",
        end: "",
        fact: "5432/tcp",
        nesting: &[("  x: ", "[\n", "]"), ("  x: ", "{a:\n ", "}"), ("  x:\n    ", "- ", ""), ("  x: ", "&a ", "")],
    },
    Sample {
        path: "Cargo.toml",
        start: "[package]\nname = \"one\"\n[dependencies]\nserde = \"1\"\n",
        line: "d@ = \"1\"\n",
        end: "",
        fact: "cargo:serde",
        nesting: &[("x = ", "[\n", "]"), ("x = ", "{a=", "}"), ("x", ".a", " = 1")],
    },
    Sample {
        path: "pom.xml",
        start: "<project><dependencies><dependency><groupId>a</groupId><artifactId>one</artifactId><version>1</version></dependency>\n",
        line: "<dependency><groupId>b</groupId><artifactId>d@</artifactId><version>1</version></dependency>\n",
        end: "</dependencies></project>\n",
        fact: "maven:a:one",
        nesting: &[("", "<a>\n", "</a>"), ("", "<a b=\"", "\"/>"), ("", "&lt;", "")],
    },
    Sample {
        path: "schema.sql",
        start: "CREATE TABLE one (id int);\n",
        line: "CREATE TABLE t@ (id int);\n",
        end: "",
        fact: "one",
        nesting: &[("CREATE TABLE x (id int DEFAULT ", "(\n", ")"), ("", "/*\n", "*/"), ("SELECT ", "'", "")],
    },
    Sample {
        path: "README.md",
        start: "# One\n\nSee [one](one.txt).\n\n",
        line: "See [it](missing@.md).\n\n",
        end: "",
        fact: "one.txt",
        nesting: &[
            ("", "> ", "x"),
            ("", "- ", "x"),
            ("", "[", "](a)"),
            ("", "**a ", ""),
            ("", "<div>\n", ""),
            ("", "![", ""),
        ],
    },
    Sample {
        path: "Dockerfile",
        start: "FROM alpine:3\nEXPOSE 8081\n",
        line: "RUN echo @\n",
        end: "",
        fact: "8081/tcp",
        nesting: &[("RUN ", "(\n", ")"), ("RUN a ", "\\\n", ""), ("RUN ", "[\"", "\"]"), ("RUN ", "<<A ", "")],
    },
];

impl Sample {
    /// The file with as many lines as make this many bytes, or this many lines.
    fn of_lines(&self, lines: usize) -> String {
        let lines: String = (0..lines).map(|at| self.line.replace('@', &at.to_string())).collect();
        format!("{}{lines}{}", self.start, self.end)
    }
}

/// The dossier of one file of these bytes beside one plain file that states a fact of its own.
fn beside_a_plain_one(sample: &Sample, bytes: &[u8]) -> Dossier {
    let folder = tree(&[("beside/Dockerfile", "FROM alpine:3\nEXPOSE 9999\n"), ("one.txt", "")]);
    let path = folder.path().join(sample.path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
    let dossier = dossier(folder.path(), None);
    assert!(dossier.facts.iter().any(|fact| fact.key == "9999/tcp"), "{}: the plain file counts", sample.path);
    let skipped: usize = dossier.coverage.skipped.values().map(|skipped| skipped.count).sum();
    assert_eq!(dossier.coverage.analyzed + skipped, 3);
    dossier
}

/// Whether the dossier states what the start of the file says.
fn states(sample: &Sample, dossier: &Dossier) -> bool {
    let facts = dossier.facts.iter().filter(|fact| fact.evidence.iter().any(|at| at.path == sample.path));
    let claims = dossier.claims.iter().filter(|claim| claim.doc == sample.path);
    facts.into_iter().any(|fact| fact.key.contains(sample.fact))
        || claims.into_iter().any(|claim| claim.text.contains(sample.fact))
}

/// Why the file was not read to its end, if the dossier says so.
fn problem(sample: &Sample, dossier: &Dossier) -> Option<String> {
    let skipped = |paths: &[String]| paths.iter().any(|path| path == sample.path);
    if let Some((reason, _)) = dossier.coverage.skipped.iter().find(|(_, skipped_files)| skipped(&skipped_files.paths))
    {
        return Some(reason.clone());
    }
    let named = dossier.coverage.parse_problems.iter().find(|problem| problem.path == sample.path);
    named.map(|problem| format!("{problem:?}"))
}

fn all() -> impl Iterator<Item = &'static Sample> {
    CODE.iter().chain(DOCUMENTS)
}

#[test]
fn two_megabytes_on_one_line_are_skipped_by_name_or_read() {
    for sample in all() {
        let line = sample.of_lines(2_000_000 / sample.line.len()).replace('\n', " ");
        let dossier = beside_a_plain_one(sample, line.as_bytes());
        // On one line a file may say something else: a Dockerfile is one `FROM`.
        let states = dossier.facts.iter().filter(|fact| fact.kind != FactKind::Language);
        let states = states.flat_map(|fact| &fact.evidence).any(|at| at.path == sample.path);
        assert!(problem(sample, &dossier).is_some() || states, "{}", sample.path);
        if CODE.iter().any(|code| code.path == sample.path) {
            assert!(problem(sample, &dossier).is_some(), "{} was parsed", sample.path);
        }
    }
}

#[test]
fn a_hundred_thousand_lines_are_read() {
    for sample in all() {
        let dossier = beside_a_plain_one(sample, sample.of_lines(100_000).as_bytes());
        assert!(problem(sample, &dossier).is_some() || states(sample, &dossier), "{}", sample.path);
    }
}

#[test]
fn fifty_thousand_nested_pairs_are_named_or_read_around() {
    for sample in all() {
        for (before, open, close) in sample.nesting {
            let deep = format!("{before}{}{}\n", open.repeat(50_000), close.repeat(50_000));
            let text = format!("{}{deep}{}", sample.start, sample.end);
            let dossier = beside_a_plain_one(sample, text.as_bytes());
            let is_told = problem(sample, &dossier).is_some() || states(sample, &dossier);
            assert!(is_told, "{} with `{open}`", sample.path);
        }
    }
}

#[test]
fn bytes_that_are_no_text_cost_nothing_else() {
    for sample in all() {
        let (start, rest) = (sample.start, sample.of_lines(20));
        let rest = &rest[start.len()..];
        let torn = [start.as_bytes(), b"\xff\xfe\xc3\x28\xf0\x9f\x92 \xed\xa0\x80\n", rest.as_bytes()].concat();
        let dossier = beside_a_plain_one(sample, &torn);
        assert!(problem(sample, &dossier).is_some() || states(sample, &dossier), "{}", sample.path);
    }
}

#[test]
fn a_file_that_stops_anywhere_states_what_stands_before() {
    for sample in all() {
        let whole = sample.of_lines(3);
        // In the middle of a name, of a text, of a block: after each byte of the last lines.
        for length in sample.start.len()..whole.len() {
            if !whole.is_char_boundary(length) {
                continue;
            }
            let dossier = beside_a_plain_one(sample, &whole.as_bytes()[..length]);
            assert!(problem(sample, &dossier).is_some() || states(sample, &dossier), "{} at {length}", sample.path);
        }
    }
}
