//! What is each twice the one before.

use super::{Input, PACKAGE, SCRIPT, input, lines};

/// Texts that are each twice the one before, sixty times, in four languages.
pub(super) fn texts() -> Input {
    let twice = |line: &str| lines(60, |n| line.replace("OLD", &(n - 1).to_string()).replace("NEW", &n.to_string()));
    let around = |first: &str, line: &str, last: &str| format!("{first}\n{}{last}\n", twice(line));
    let script = around(
        "const e = require('express')(), a0 = 'x', b0 = 'x';",
        "const aNEW = aOLD + aOLD, bNEW = `${bOLD}${bOLD}`;\n",
        "e.get(a60, h);\ne.get(b60, h);\ne.listen(1);",
    );
    let python = around(
        "import flask\napp = flask.Flask(__name__)\na0 = 'x'",
        "aNEW = f'{aOLD}{aOLD}'\n",
        "@app.get('/' + a60)\ndef g(): pass",
    );
    let go = around(
        "package main\nimport \"net/http\"\nconst a0 = \"x\"",
        "const aNEW = aOLD + aOLD\n",
        "func main() { http.HandleFunc(\"/\"+a60, nil) }",
    );
    let ruby = around("A0 = 'x'", "ANEW = AOLD + AOLD\n", "Rails.application.routes.draw do\n get A60, to: 'a#c'\nend");
    let programs = [("a.js", &*script), ("a.py", &python), ("a.go", &go), ("config/routes.rb", &ruby)];
    let files = [&programs[..], &[PACKAGE, SCRIPT, ("go.mod", "module x\n"), ("Gemfile", "gem 'rails'\n")]].concat();
    input("texts that double", &files, "/healthy", "larger than is followed")
}

/// Values that are one of two, each of which is one of two before it.
pub(super) fn alternatives() -> Input {
    let twice = lines(60, |n| format!("const a{n} = c() ? a{0}.m() : a{0}.n();\n", n - 1));
    let script = format!("const e = require('express')(), a0 = x.create();\n{twice}e.use(a60);\ne.listen(1);\n");
    input("alternatives that double", &[("a.js", &script), PACKAGE, SCRIPT], "/healthy", "")
}
