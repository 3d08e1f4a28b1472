//! Lines that double what they name: a text or a list. The analysis ends, and the healthy file counts.

use ci_feed_dossier::fact::FactKind;
use ci_feed_dossier::v1::Dossier;

use crate::support::dossier;

/// Enough for 2^n of anything to fill every machine.
const DOUBLINGS: usize = 60;
const PACKAGE: (&str, &str) = ("package.json", r#"{ "dependencies": { "express": "4" } }"#);
const HEALTHY_SCRIPT: (&str, &str) =
    ("healthy.js", "const app = require('express')();\napp.get('/healthy', h);\napp.listen(1);\n");
const HEALTHY_PYTHON: (&str, &str) =
    ("healthy.py", "from fastapi import FastAPI\napp = FastAPI()\n@app.get('/healthy')\ndef h(): pass\n");

/// A first line, one for each doubling with the numbers of what it makes and of what it doubles, and a last one.
fn doubled(first: &str, line: impl Fn(usize, usize) -> String, last: &str) -> String {
    let lines: String = (1..=DOUBLINGS).map(|n| line(n, n - 1)).collect();
    format!("{first}{lines}{last}")
}

fn has_healthy(dossier: &Dossier) -> bool {
    dossier.facts_of(FactKind::Endpoint).any(|fact| fact.key.starts_with("GET /healthy"))
}

#[test]
fn texts_and_lists_of_scripts_that_double_cost_only_themselves() {
    let lines: [fn(usize, usize) -> String; 6] = [
        |n, of| format!("const a{n} = a{of} + a{of};\n"),
        |n, of| format!("const a{n} = `${{a{of}}}${{a{of}}}`;\n"),
        |n, of| format!("const a{n} = [a{of}, a{of}].join('/');\n"),
        |n, of| format!("const a{n} = a{of}.concat(a{of});\n"),
        |n, of| format!("const a{n} = [...a{of}, ...a{of}];\n"),
        |n, of| format!("let a{n} = a{of}; a{n} += a{of};\n"),
    ];
    for (line, start) in lines.into_iter().flat_map(|line| ["'x'", "['x']"].map(|start| (line, start))) {
        let first = format!("const app = require('express')();\nconst a0 = {start};\n");
        let last = format!("app.get(a{DOUBLINGS}, h);\napp.listen(1);\n");
        let dossier = dossier(&[PACKAGE, HEALTHY_SCRIPT, ("hostile.js", &doubled(&first, line, &last))]);
        assert!(has_healthy(&dossier), "{} from {start}", line(1, 0));
    }
}

#[test]
fn texts_and_lists_of_python_and_ruby_and_go_that_double_cost_only_themselves() {
    for line in [(|n, of| format!("a{n} = a{of} + a{of}\n")) as fn(usize, usize) -> String, |n, of| {
        format!("a{n} = f'{{a{of}}}{{a{of}}}'\n")
    }] {
        let first = "from fastapi import FastAPI\napp = FastAPI()\na0 = 'x'\n";
        let hostile = doubled(first, line, &format!("@app.get('/' + a{DOUBLINGS})\ndef g(): pass\n"));
        assert!(has_healthy(&dossier(&[HEALTHY_PYTHON, ("hostile.py", &hostile), ("requirements.txt", "fastapi\n")])));
    }
    let ruby = doubled(
        "A0 = 'x'\n",
        |n, of| format!("A{n} = A{of} + A{of}\n"),
        &format!("Rails.application.routes.draw do\n get '/healthy', to: 'a#b'\n get A{DOUBLINGS}, to: 'a#c'\nend\n"),
    );
    assert!(has_healthy(&dossier(&[("Gemfile", "gem 'rails'\n"), ("config/routes.rb", &ruby)])));
    let go = doubled(
        "package main\nimport \"net/http\"\nconst a0 = \"x\"\n",
        |n, of| format!("const a{n} = a{of} + a{of}\n"),
        &format!(
            "func main() {{ http.HandleFunc(\"/\"+a{DOUBLINGS}, h); http.HandleFunc(\"/healthy\", h); http.ListenAndServe(\":80\", nil) }}\nfunc h(w http.ResponseWriter, r *http.Request) {{}}\n"
        ),
    );
    let of_go = dossier(&[("go.mod", "module x\ngo 1.22\n"), ("main.go", &go)]);
    assert!(of_go.facts_of(FactKind::Endpoint).any(|fact| fact.key.ends_with("/healthy")));
}

#[test]
fn modules_that_pass_each_other_on_are_asked_once() {
    let script = |lines: [&str; 2]| {
        let main = "import { Z } from './m0';\nconst app = require('express')();\napp.get(Z, h);\napp.use(Z);\n";
        dossier(&[PACKAGE, HEALTHY_SCRIPT, ("main.js", main), ("m0.js", lines[0]), ("m1.js", lines[1])])
    };
    for lines in [
        ["export * from './m1';\n", "export * from './m0';\n"],
        ["export { Z } from './m1';\n", "export { Z } from './m0';\n"],
        ["module.exports = require('./m1');\n", "module.exports = require('./m0');\n"],
        ["export * from './m1';\n", "module.exports = require('./m0');\n"],
    ] {
        assert!(has_healthy(&script(lines)), "{lines:?}");
    }
    let passed_on = script(["export * from './m1';\n", "export * from './m0';\nexport const Z = '/z';\n"]);
    assert!(passed_on.facts_of(FactKind::Endpoint).any(|fact| fact.key.starts_with("GET /z")), "{passed_on:?}");

    const MODULES: usize = 40;
    let all = |line: fn(usize) -> String| (0..MODULES).map(line).collect::<String>();
    let (scripts, pythons) = (all(|n| format!("export * from './m{n}';\n")), all(|n| format!("from m{n} import *\n")));
    let mut files = vec![(PACKAGE.0.to_owned(), PACKAGE.1), (HEALTHY_SCRIPT.0.to_owned(), HEALTHY_SCRIPT.1)];
    files.push((HEALTHY_PYTHON.0.to_owned(), HEALTHY_PYTHON.1));
    files
        .push(("main.js".to_owned(), "import { Z } from './m0';\nconst app = require('express')();\napp.get(Z, h);\n"));
    let main = "from fastapi import FastAPI\nfrom m0 import *\napp = FastAPI()\n@app.get(Z)\ndef z(): pass\n";
    files.push(("main.py".to_owned(), main));
    files.extend((0..MODULES).map(|n| (format!("m{n}.js"), scripts.as_str())));
    files.extend((0..MODULES).map(|n| (format!("m{n}.py"), pythons.as_str())));
    assert!(has_healthy(&dossier(&files)));
}

#[test]
fn concerns_that_use_each_other_twice_are_drawn_up_to_a_bound() {
    let line = |n, of| {
        format!("concern :c{n} do\n resources :a{n}, concerns: :c{of}\n resources :b{n}, concerns: :c{of}\nend\n")
    };
    let first = "Rails.application.routes.draw do\nget '/healthy', to: 'a#b'\nconcern :c0 do\n get :x\nend\n";
    let routes = doubled(first, line, &format!("resources :top, concerns: :c{DOUBLINGS}\nend\n"));
    let dossier = dossier(&[("Gemfile", "gem 'rails'\n"), ("config/routes.rb", &routes)]);
    assert!(has_healthy(&dossier));
    assert!(dossier.facts_of(FactKind::Endpoint).count() < 20_000);
    assert!(dossier.unresolved.iter().any(|one| one.reason.contains("may be missing")), "{:?}", dossier.unresolved);
}
