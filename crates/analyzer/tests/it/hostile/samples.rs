//! A hostile file is made of these: for each language what states a fact, what may be repeated, and how values nest.

/// A language by a file of it: what states a fact, what may be repeated below, what ends it, and how values nest.
pub(super) struct Sample {
    pub(super) path: &'static str,
    /// States the fact.
    pub(super) start: &'static str,
    /// May be repeated; `@` is a number.
    pub(super) line: &'static str,
    pub(super) end: &'static str,
    pub(super) fact: &'static str,
    /// What stands around a value over and over, with line endings so that depth and not length is the matter.
    pub(super) nesting: &'static [(&'static str, &'static str, &'static str)],
}

/// Languages with a grammar.
pub(super) const CODE: &[Sample] = &[
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

/// Formats that are read without one.
pub(super) const DOCUMENTS: &[Sample] = &[
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
    /// The file with this many lines.
    pub(super) fn of_lines(&self, lines: usize) -> String {
        let lines: String = (0..lines).map(|at| self.line.replace('@', &at.to_string())).collect();
        format!("{}{lines}{}", self.start, self.end)
    }
}
