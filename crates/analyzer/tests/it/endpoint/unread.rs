//! Applications of frameworks whose routes nobody reads: none may look like one without endpoints.

use ci_feed_analyzer::judge::findings::rule_texts;
use ci_feed_dossier::fact::FactKind;
use ci_feed_dossier::v1::{Dossier, What};
use ci_feed_dossier::{drift, markdown};
use serde_json::Value;

use crate::support::{dossier, endpoints};

/// The framework, the file that shows it, and the file's text.
const TOLD: &[(&str, &str, &str)] = &[
    ("Symfony", "composer.json", "{\"require\": {\"symfony/framework-bundle\": \"^7.0\"}}"),
    ("CakePHP", "composer.json", "{\"require\": {\"cakephp/cakephp\": \"^5.0\"}}"),
    (
        "WordPress",
        "plugin.php",
        "<?php\nadd_action('x', function () {\n  register_rest_route('a/v1', '/b', []);\n});\n",
    ),
    ("hapi", "package.json", "{\"dependencies\": {\"@hapi/hapi\": \"21\"}}"),
    ("SvelteKit", "package.json", "{\"devDependencies\": {\"@sveltejs/kit\": \"2\"}}"),
    ("Tornado", "app.py", "import asyncio\nimport tornado.web\n"),
    ("aiohttp", "app.py", "from aiohttp import web\n"),
    ("Sanic", "pyproject.toml", "[project]\nname = \"x\"\ndependencies = [\"sanic>=23\"]\n"),
    ("Falcon", "requirements.txt", "falcon==4.0\n"),
    ("Hanami", "Gemfile", "gem 'hanami', '~> 2.1'\n"),
    ("Phoenix", "mix.exs", "defp deps do\n  [\n    {:phoenix, \"~> 1.7\"},\n  ]\nend\n"),
    ("Play", "project/plugins.sbt", "addSbtPlugin(\"org.playframework\" % \"sbt-plugin\" % \"3.0.0\")\n"),
    ("http4s", "build.sbt", "libraryDependencies += \"org.http4s\" %% \"http4s-dsl\" % \"0.23\"\n"),
    ("Ktor", "build.gradle.kts", "dependencies {\n    implementation(\"io.ktor:ktor-server-core:3.0.0\")\n}\n"),
    ("Javalin", "src/main/java/App.java", "import io.javalin.Javalin;\nclass App {}\n"),
    ("Spring, in Kotlin", "src/main/kotlin/A.kt", "import org.springframework.web.bind.annotation.RestController\n"),
    (
        "Giraffe",
        "App.fsproj",
        "<Project Sdk=\"Microsoft.NET.Sdk.Web\"><ItemGroup>\n<PackageReference Include=\"Giraffe\" Version=\"6\" />\n</ItemGroup></Project>",
    ),
    (
        "Vapor",
        "Package.swift",
        "dependencies: [\n  .package(url: \"https://github.com/vapor/vapor.git\", from: \"4.0.0\"),\n]\n",
    ),
    ("Dart Frog", "pubspec.yaml", "name: x\ndependencies:\n  dart_frog: ^1.0.0\n"),
    ("Beego", "go.mod", "module example.test/x\n\nrequire github.com/beego/beego/v2 v2.1.0\n"),
    ("Salvo", "Cargo.toml", "[package]\nname = \"x\"\n[dependencies]\nsalvo = \"0.70\"\n"),
    ("Drogon", "main.cc", "#include <drogon/drogon.h>\nint main() {}\n"),
    ("Mojolicious", "app.pl", "#!/usr/bin/env perl\nuse Mojolicious::Lite -signatures;\n"),
    ("Servant", "x.cabal", "name: x\nlibrary\n  build-depends: base, servant-server >= 0.19\n"),
    ("Compojure", "project.clj", "(defproject x \"1\"\n  :dependencies [[compojure \"1.7.0\"]])\n"),
    ("Dream", "dune-project", "(package (name x)\n (depends (dream (>= 1.0))))\n"),
    ("Kemal", "shard.yml", "name: x\ndependencies:\n  kemal:\n    github: kemalcr/kemal\n"),
    ("Grails", "grails-app/controllers/UrlMappings.groovy", "class UrlMappings {}\n"),
];

/// `summary.json`, as the feed and the badges read it.
fn summary(dossier: &Dossier) -> Value {
    let out = tempfile::tempdir().unwrap();
    ci_feed_dossier::write(dossier, None, &rule_texts(), out.path()).unwrap();
    serde_json::from_slice(&std::fs::read(out.path().join("summary.json")).unwrap()).unwrap()
}

#[test]
fn an_application_of_a_framework_that_is_not_read_says_so_everywhere() {
    for (name, path, text) in TOLD {
        let dossier = dossier(&[(*path, *text), ("LICENSE", "MIT License\n\nPermission is hereby granted\n")]);
        assert_eq!(dossier.facts_of(FactKind::Endpoint).count(), 0, "{name}");
        let rows: Vec<_> = dossier.unread_frameworks().collect();
        let [row] = rows.as_slice() else { panic!("{name}: {rows:?}") };
        assert_eq!((row.kind, row.what, row.name.as_str()), (FactKind::Endpoint, What::Framework, *name));
        assert!(
            row.reason.starts_with("routes of ") && row.reason.ends_with(" are not read"),
            "{name}: {}",
            row.reason
        );
        assert!(row.evidence[0].path == *path && row.id.len() == 16, "{name}: {row:?}");
        let structural = &dossier.metrics.dci_structural;
        assert!((structural.denominator - structural.numerator - 1.0).abs() < 1e-9, "{name}: {structural:?}");
        assert!(structural.value.is_some_and(|value| value < 1.0), "{name}: {structural:?}");
        assert_eq!(summary(&dossier)["unread_frameworks"], serde_json::json!([name]));
        let document = markdown::render(&dossier, None);
        let section =
            document.split("\n## ").find(|section| section.starts_with("Endpoints (0, and those that were not read)"));
        assert!(section.is_some_and(|section| section.contains("**not read**: routes of")), "{name}: {document}");
        let drift = drift::between(&dossier, &dossier);
        assert_eq!(drift.not_read.frameworks[0].name, *name);
        let said = markdown::changes(&dossier, &drift);
        assert!(said.contains("are not read, so what changed in them is not known"), "{name}: {said}");
    }
}

#[test]
fn what_only_developers_and_tests_need_tells_of_no_application() {
    for (path, text) in [
        ("composer.json", "{\"require-dev\": {\"symfony/framework-bundle\": \"^7.0\"}}"),
        ("package.json", "{\"devDependencies\": {\"@hapi/hapi\": \"21\"}, \"peerDependencies\": {\"restify\": \"1\"}}"),
        (
            "package.json",
            "{\"devDependencies\": {\"@sveltejs/kit\": \"2\"}, \"peerDependencies\": {\"@sveltejs/kit\": \"2\"}}",
        ),
        ("requirements-dev.txt", "sanic==1\n"),
        ("mix.exs", "{:bypass, \"~> 2.1\", only: :test},\n{:plug_cowboy, \"~> 2.0\", only: [:dev, :test]},\n"),
        ("build.sbt", "libraryDependencies += \"org.http4s\" %% \"http4s-dsl\" % \"0.23\" % Test\n"),
        ("pubspec.yaml", "dev_dependencies:\n  shelf: ^1.4.0\n"),
        (
            "pom.xml",
            "<project><dependencies><dependency><groupId>io.javalin</groupId><artifactId>javalin</artifactId><scope>test</scope></dependency></dependencies></project>",
        ),
        ("go.mod", "module example.test/x\n\nrequire github.com/beego/beego/v2 v2.1.0 // indirect\n"),
        ("tests/app.py", "import tornado.web\n"),
        ("client.py", "import aiohttp\nimport tornado.ioloop\n# import tornado.web\n\"\"\"\nsee tornado.web\n\"\"\"\n"),
        ("http.cpp", "// #include <drogon/drogon.h>\n#include \"microcrow.h\"\n"),
    ] {
        let dossier = dossier(&[(path, text)]);
        assert_eq!(dossier.unread_frameworks().count(), 0, "{path}: {:?}", dossier.unresolved);
    }
}

#[test]
fn each_manifest_of_a_framework_has_its_row_and_programs_speak_only_where_none_does() {
    let manifest = "{\"dependencies\": {\"restify\": \"11\", \"elysia\": \"1\"}}";
    let dossier = dossier(&[
        ("a/package.json", manifest),
        ("b/package.json", manifest),
        ("b/app.ts", "import { Elysia } from 'npm:elysia'\n"),
        ("c/one.py", "import bottle\n"),
        ("c/two.py", "from bottle import route\n"),
    ]);
    let rows: Vec<_> = dossier
        .unread_frameworks()
        .map(|one| (one.name.as_str(), one.evidence.iter().map(|at| at.path.as_str()).collect::<Vec<_>>()))
        .collect();
    let mut sorted = rows.clone();
    sorted.sort();
    assert_eq!(
        sorted,
        [
            ("Bottle", vec!["c/one.py", "c/two.py"]),
            ("Elysia", vec!["a/package.json"]),
            ("Elysia", vec!["b/package.json"]),
            ("Restify", vec!["a/package.json"]),
            ("Restify", vec!["b/package.json"]),
        ]
    );
    let ids: std::collections::BTreeSet<&str> = dossier.unresolved.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids.len(), dossier.unresolved.len());
}

#[test]
fn a_server_of_the_language_is_told_only_where_no_framework_is_read_beside_it() {
    let server = "const http = require('http');\nhttp.createServer((req, res) => res.end()).listen(1);\n";
    let alone = dossier(&[("a.js", server)]);
    assert_eq!(alone.unread_frameworks().count(), 1);
    let beside = dossier(&[("a.js", server), ("package.json", "{\"dependencies\": {\"express\": \"4\"}}")]);
    assert_eq!(beside.unread_frameworks().count(), 0);
}

#[test]
fn an_application_of_which_no_route_was_found_is_said() {
    let made = "import inspect\nfrom fastapi import FastAPI\n\
        class Server:\n\
        \x20   def start(self, instance):\n\
        \x20       self.app = FastAPI()\n\
        \x20       register(self.app, instance)\n";
    let found = endpoints(&[("main.py", made)]);
    assert!(found.facts.is_empty());
    let reasons: Vec<&str> = found.unresolved.iter().map(|one| one.reason.as_str()).collect();
    assert_eq!(reasons, ["an application of fastapi is made here, and no route of it was found"]);
    let told = endpoints(&[("main.py", "from fastapi import FastAPI\n# app = FastAPI()\n")]);
    assert!(told.unresolved.is_empty(), "a comment makes none");
}
