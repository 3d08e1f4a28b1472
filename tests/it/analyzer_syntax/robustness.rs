//! Whatever the input, the analysis ends, says the same each time, and takes time in proportion.

use super::support::{FIXTURES, corpus, everything, files, shown};

const SOURCES: [(&str, &str); 5] = [
    ("app.js", "const app = require('express')();\napp.get('/x', handler);\n"),
    ("app.ts", "import express from 'express';\nconst app = express();\napp.get('/x', handler);\n"),
    ("app.tsx", "import express from 'express';\nconst app = express();\napp.get('/x', () => <p>x</p>);\n"),
    ("app.py", "from fastapi import FastAPI\napp = FastAPI()\n@app.get('/x')\ndef x(): ...\n"),
    (
        "src/main.rs",
        "use axum::{Router, routing::get};\nfn main() { axum::serve(l, Router::new().route(\"/x\", get(x))); }\n",
    ),
];

#[test]
fn the_order_of_the_files_changes_nothing() {
    for fixture in FIXTURES {
        let mut files = files(fixture);
        let forward = everything(&corpus(files.clone()));
        files.reverse();
        assert_eq!(forward, everything(&corpus(files)), "{fixture}");
    }
}

#[test]
fn half_written_files_end_with_what_did_parse() {
    for fixture in FIXTURES {
        let whole = files(fixture);
        for part in [3, 5, 9] {
            let cut = |bytes: &Vec<u8>| bytes[..bytes.len() * part / 10].to_vec();
            everything(&corpus(whole.iter().map(|(path, bytes)| (path.clone(), cut(bytes))).collect()));
        }
    }
    for (path, source) in SOURCES {
        let broken = format!("{source}\nfunction ( {{ [ def class fn '\n");
        let found = everything(&corpus(vec![(path.to_owned(), broken.into())]));
        assert!(shown(&found).contains("GET /x"), "{path}: {}", shown(&found));
    }
}

#[test]
fn deep_nesting_overflows_no_stack() {
    for (path, source) in SOURCES {
        for (open, close) in [("(", ")"), ("[", "]"), ("f(", ")"), ("a.b(", ")"), ("{", "}"), ("-", ""), ("x = ", "")] {
            let deep = format!("{source}\nx = {}1{};\n", open.repeat(100_000), close.repeat(100_000));
            everything(&corpus(vec![(path.to_owned(), deep.into())]));
        }
        let chain = format!("{source}\nx = a{};\n", ".b()".repeat(100_000));
        everything(&corpus(vec![(path.to_owned(), chain.into())]));
    }
}

#[test]
fn a_minified_file_is_skipped_with_a_reason() {
    let mut minified = "const app=require('express')();".to_owned();
    while minified.len() < 1_200_000 {
        minified.push_str("app.get('/x',function(a,b){return a(b)});");
    }
    let corpus = corpus(vec![("bundle.js".to_owned(), minified.into())]);
    assert!(everything(&corpus).facts.is_empty());
    assert_eq!(corpus.file("bundle.js").unwrap().syntax_problem(), Some("minified"));
}

#[test]
fn invalid_utf8_is_read_around() {
    for (path, source) in SOURCES {
        let comment: &[u8] = if path.ends_with("py") { b"# \xff\xfe\n" } else { b"// \xff\xfe\n" };
        let found = everything(&corpus(vec![(path.to_owned(), [comment, source.as_bytes()].concat())]));
        assert!(shown(&found).contains("GET /x"), "{path}: {}", shown(&found));
    }
}

#[test]
fn routers_that_mount_each_other_end() {
    let source = "const express = require('express');\nconst a = express.Router();\nconst b = express.Router();\n\
        const app = express();\napp.use('/a', a);\na.use('/b', b);\nb.use('/a', a);\na.get('/x', handler);\n";
    let found = everything(&corpus(vec![("app.js".to_owned(), source.into())]));
    assert!(shown(&found).starts_with("GET /a/x"), "{}", shown(&found));
}

#[test]
fn functions_that_call_themselves_end() {
    let source = "const app = require('express')();\nfunction f(app) { app.get('/x', h); f(app); g(app); }\n\
        function g(app) { f(app); g(app); }\nf(app);\nclass A { constructor() { this.a = new A(); } }\nnew A();\n";
    let found = everything(&corpus(vec![("app.js".to_owned(), source.into())]));
    assert!(shown(&found).starts_with("GET /x"));
}

#[test]
fn many_reads_deep_inside_a_file_cost_no_more_than_their_number() {
    let depth = 400;
    let reads = "g(process.env[name]);\n".repeat(2_000);
    let source = format!("{}{reads}{}", "if (a) {\n".repeat(depth), "}\n".repeat(depth));
    let found = everything(&corpus(vec![("app.js".to_owned(), source.into())]));
    assert_eq!(found.unresolved.len(), 2_000);
}

/// For each language a file that is asked for its tree: its name, a start with a read of `A`, a line that may be
/// repeated, and an end.
const LANGUAGES: [(&str, &str, &str, &str); 10] = [
    ("app.js", "process.env.A;\n", "f(1);\n", ""),
    ("app.ts", "process.env.A;\n", "f(1);\n", ""),
    ("app.tsx", "process.env.A;\n", "f(1);\n", ""),
    ("app.py", "import os\nos.environ['A']\n", "f(1)\n", ""),
    ("src/main.rs", "fn main() { std::env::var(\"A\"); }\n", "f!(1);\n", ""),
    ("main.go", "package main\nvar a = os.Getenv(\"A\")\n", "var _ = 1\n", ""),
    ("A.java", "class A { String a = System.getenv(\"A\");\n", "int a;\n", "}\n"),
    ("A.cs", "class A { string a = Environment.GetEnvironmentVariable(\"A\");\n", "int a;\n", "}\n"),
    ("app.rb", "ENV['A']\n", "f(1)\n", ""),
    ("app.php", "<?php $_ENV['A'];\n", "f(1);\n", ""),
];

/// Why the only file of a corpus was not parsed, after everything was looked for.
fn problem(path: &str, bytes: impl Into<Vec<u8>>) -> Option<String> {
    let corpus = corpus(vec![(path.to_owned(), bytes.into())]);
    everything(&corpus);
    corpus.file(path).unwrap().syntax_problem().map(str::to_owned)
}

#[test]
fn a_file_of_two_megabytes_on_one_line_is_skipped_with_a_reason_in_every_language() {
    for (path, start, line, end) in LANGUAGES {
        let flat = line.replace('\n', " ");
        let body = |bytes: usize| format!("{start}{}{end}", flat.repeat(bytes / flat.len()));
        assert_eq!(problem(path, body(2_000_000)).as_deref(), Some("too large to parse"), "{path}");
        assert_eq!(problem(path, body(1_000_000)).as_deref(), Some("minified"), "{path}");
    }
}

#[test]
fn a_generated_file_of_a_hundred_thousand_lines_is_parsed_in_every_language() {
    for (path, start, line, end) in LANGUAGES {
        assert_eq!(problem(path, format!("{start}{}{end}", line.repeat(100_000))), None, "{path}");
    }
}

#[test]
fn deep_nesting_ends_with_a_reason_in_every_language() {
    for (path, start, _, end) in LANGUAGES {
        let nested =
            |open: &str, close: &str| format!("{start}x = {}1{};{end}", open.repeat(9_000), close.repeat(9_000));
        // With a line ending in between, so that it is the depth that ends it.
        let reason = problem(path, nested("(\n", ")\n"));
        // Where a statement may not stand in a class or a file, the parser gives up the nesting instead.
        let is_nested = !matches!(path, "A.java" | "A.cs" | "main.go" | "src/main.rs");
        assert!(
            !is_nested || matches!(reason.as_deref(), Some("nested too deep" | "too costly to parse")),
            "{path}: {reason:?}"
        );
        for (open, close) in
            [("{\n", "}\n"), ("[\n", "]\n"), ("f(\n", ")"), ("a ? \n", ": b"), ("!\n", ""), ("a.\n", "")]
        {
            problem(path, nested(open, close));
        }
    }
}

#[test]
fn a_file_that_stops_in_the_middle_or_is_no_text_ends_in_every_language() {
    let is_parsed = |problem: Option<String>| problem.is_none_or(|problem| problem.starts_with("line "));
    for (path, start, line, end) in LANGUAGES {
        let whole = format!("{start}{}{end}", line.repeat(20));
        assert_eq!(problem(path, whole.as_bytes()), None, "{path}");
        for length in 0..whole.len() {
            assert!(is_parsed(problem(path, &whole.as_bytes()[..length])), "{path} {length}");
        }
        for at in 0..start.len() {
            let torn = [&whole.as_bytes()[..at], b"\xff\xc3(\xf0\x9f", &whole.as_bytes()[at..]].concat();
            assert!(is_parsed(problem(path, torn)), "{path} {at}");
        }
    }
}
