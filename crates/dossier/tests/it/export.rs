//! A dossier in the forms of others: what the published schemas take, and what they do not hide.

use std::collections::BTreeSet;

use ci_feed_dossier::export::Export;
use ci_feed_dossier::fact::{FactKind, FactStatus};
use ci_feed_dossier::v1::{Dossier, Fact, What};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::{dossier, fact, line, unresolved};

const OPENAPI: &[u8] = include_bytes!("../schemas/openapi-3.1.schema.json");
const CYCLONEDX: &[u8] = include_bytes!("../schemas/cyclonedx-1.6.schema.json");
const SPDX: &[u8] = include_bytes!("../schemas/cyclonedx-spdx.schema.json");

fn with(kind: FactKind, key: &str, attrs: Value) -> Fact {
    let mut fact = fact(kind, key, line("src/a.js", key));
    fact.attrs = serde_json::from_value(attrs).unwrap();
    fact
}

/// Of every kind that is exported what is usual, and what is hostile.
fn sample() -> Dossier {
    let mut dossier = dossier();
    dossier.subject.owner = Some("octo".into());
    dossier.subject.repo = Some("shop".into());
    dossier.subject.sha = Some("0".repeat(40));
    let endpoint = |key: &str, attrs: Value| with(FactKind::Endpoint, key, attrs);
    let mut inferred = endpoint("GET /late", json!({ "rule": "a-rule" }));
    inferred.status = FactStatus::Inferred;
    let dependency = |key: &str, ecosystem: &str, name: &str, locked: Option<&str>, scope: &str| {
        let attrs =
            json!({ "ecosystem": ecosystem, "name": name, "scope": scope, "requirement": "^1", "manifest": "m" });
        let mut fact = with(FactKind::Dependency, key, attrs);
        if let Some(locked) = locked {
            fact.attrs.insert("locked_version".into(), locked.into());
        }
        fact
    };
    dossier.facts = vec![
        endpoint("GET /items/{id}", json!({ "guard": "found", "handler": "show" })),
        endpoint("ANY /items/{id}", json!({})),
        endpoint("POST /shops/{shop}/items/{id}", json!({ "guard": "unknown" })),
        inferred,
        endpoint("QUERY items", json!({})),
        endpoint("GET /broken/{id", json!({})),
        endpoint("GET relative", json!({})),
        with(FactKind::EnvVar, "NEEDED", json!({ "required": true, "read_by": ["a"] })),
        with(FactKind::EnvVar, "PLAIN", json!({ "default": "3000", "required": false, "read_by": ["a"] })),
        with(
            FactKind::EnvVar,
            "ODD",
            json!({ "default": "a 'b' \"$c\" \\d\nINJECTED=1", "required": true, "read_by": ["a"] }),
        ),
        with(FactKind::EnvVar, "SPACED", json!({ "default": "a # b $c", "required": true, "read_by": ["a"] })),
        with(FactKind::EnvVar, "DOCUMENTED", json!({ "read_by": [] })),
        with(FactKind::EnvVar, "CONTAINED", json!({ "set_only_by_container": true })),
        with(FactKind::EnvVar, "not a name\nINJECTED=2", json!({ "required": true })),
        dependency("npm:@a/b (runtime) m", "npm", "@a/b", Some("1.2.3"), "runtime"),
        dependency("npm:@a/b (dev) n", "npm", "@a/b", Some("1.2.3"), "dev"),
        dependency("pypi:My_Lib (dev) m", "pypi", "My_Lib", None, "dev"),
        dependency("maven:org.a:b (runtime) m", "maven", "org.a:b", Some("1+2"), "runtime"),
        dependency("go:github.com/A/b (runtime) m", "go", "github.com/A/b", Some("v1.0.0"), "runtime"),
        dependency("odd:x (runtime) m", "odd", "x", None, "runtime"),
        with(FactKind::Command, "=HYPERLINK(\"x\"),\n1", json!({})),
    ];
    dossier.unresolved = vec![unresolved(What::Framework, "Symfony", line("composer.json", "symfony"))];
    dossier
}

fn json_of(export: Export, dossier: &Dossier) -> Value {
    serde_json::from_str(&export.of(dossier)).unwrap()
}

fn problems(schema: &Value, document: &Value) -> Vec<String> {
    let validator = jsonschema::options().should_validate_formats(true).build(schema).unwrap();
    validator.iter_errors(document).take(5).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// The schema with the one that it refers to in it, and without that of signatures, which we do not write.
fn cyclonedx() -> Value {
    let mut schema: Value = serde_json::from_slice(CYCLONEDX).unwrap();
    let mut licences: Value = serde_json::from_slice(SPDX).unwrap();
    licences.as_object_mut().unwrap().remove("$id");
    schema["definitions"]["spdx"] = licences;
    let text = schema.to_string();
    let text = text.replace("\"spdx.SNAPSHOT.schema.json\"", "\"#/definitions/spdx\"");
    let text = text.replace("jsf-0.82.SNAPSHOT.schema.json#/definitions/signature", "#/definitions/spdx");
    serde_json::from_str(&text).unwrap()
}

#[test]
fn the_schemas_are_the_published_ones() {
    let readme = include_str!("../schemas/README.md");
    for schema in [OPENAPI, CYCLONEDX, SPDX] {
        assert!(readme.contains(&hex::encode(Sha256::digest(schema))));
    }
}

#[test]
fn routes_are_an_openapi_document_that_says_what_is_not_known() {
    let schema: Value = serde_json::from_slice(OPENAPI).unwrap();
    for dossier in [dossier(), sample()] {
        let document = json_of(Export::OpenApi, &dossier);
        assert_eq!(problems(&schema, &document), Vec::<String>::new(), "{document}");
    }
    let document = json_of(Export::OpenApi, &sample());
    let paths: Vec<_> = document["paths"].as_object().unwrap().keys().collect();
    assert_eq!(paths, ["/items/{id}", "/late", "/shops/{shop}/items/{id}"]);
    let item = &document["paths"]["/items/{id}"];
    assert_eq!(item["get"]["security"], json!([{ "guard": [] }]));
    assert_eq!(item["get"]["parameters"], json!([{ "name": "id", "in": "path", "required": true, "schema": {} }]));
    assert_eq!(
        (&item["put"]["x-ci-feed-any-method"], &item["get"]["x-ci-feed-any-method"]),
        (&json!(true), &json!(null))
    );
    assert_eq!(item["get"]["x-ci-feed-evidence"]["path"], json!("src/a.js"));
    assert_eq!(document["paths"]["/late"]["get"]["x-ci-feed-status"], json!("INFERRED"));
    let names = |parameters: &Value| -> BTreeSet<String> {
        parameters.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    };
    let post = &document["paths"]["/shops/{shop}/items/{id}"]["post"];
    assert_eq!(names(&post["parameters"]), ["id", "shop"].map(str::to_owned).into());
    assert_eq!(post["security"], json!(null), "a guard that nobody saw is not said");
    let coverage = &document["x-ci-feed-coverage"];
    assert_eq!(
        (&coverage["left_out"], &coverage["frameworks_not_read"]),
        (&json!(3), &json!(["Symfony"])),
        "{coverage}"
    );
    assert_eq!(json_of(Export::OpenApi, &dossier())["components"], json!(null));
}

#[test]
fn dependencies_are_a_bill_of_materials_that_says_it_is_not_whole() {
    let schema = cyclonedx();
    for dossier in [dossier(), sample()] {
        let document = json_of(Export::Sbom, &dossier);
        assert_eq!(problems(&schema, &document), Vec::<String>::new(), "{document}");
    }
    let document = json_of(Export::Sbom, &sample());
    let components = document["components"].as_array().unwrap();
    let purls: Vec<_> = components.iter().map(|one| one["purl"].as_str().unwrap()).collect();
    let expected =
        ["pkg:golang/github.com/a/b@v1.0.0", "pkg:maven/org.a/b@1%2B2", "pkg:npm/%40a/b@1.2.3", "pkg:pypi/my-lib"];
    assert_eq!(purls, expected);
    assert_eq!(components[2]["properties"].as_array().unwrap().len(), 8, "two manifests ask for it: {}", components[2]);
    assert_eq!([&components[2]["scope"], &components[3]["scope"]], [&json!("required"), &json!("excluded")]);
    assert_eq!((&components[2]["version"], &components[3]["version"]), (&json!("1.2.3"), &json!(null)));
    assert_eq!(document["dependencies"][0]["dependsOn"], json!(expected));
    assert_eq!(document["compositions"][0]["aggregate"], json!("incomplete"));
    let says = |name: &str| {
        let properties = document["metadata"]["properties"].as_array().unwrap();
        properties.iter().find(|one| one["name"] == json!(name)).unwrap()["value"].as_str().unwrap().to_owned()
    };
    assert_eq!(says("ci-feed:transitive-dependencies"), "not included");
    assert!(says("ci-feed:coverage").contains("\"left_out\":1"));
}

#[test]
fn variables_are_lines_of_which_none_is_a_strangers() {
    let text = Export::EnvExample.of(&sample());
    let set: Vec<&str> = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
    assert_eq!(set, ["NEEDED=", r#"ODD="a 'b' \"\$c\" \\d\nINJECTED=1""#, "SPACED='a # b $c'"], "{text}");
    assert!(text.contains("# PLAIN=3000\n") && text.contains("# required, read at src/a.js:1\nNEEDED=\n"), "{text}");
    for absent in ["DOCUMENTED", "CONTAINED", "not a name", "\nINJECTED"] {
        assert!(!text.contains(absent), "{absent}: {text}");
    }
    assert!(text.contains("\"left_out\":1"), "{text}");
}

#[test]
fn facts_are_rows_that_no_spreadsheet_executes() {
    let text = Export::FactsCsv.of(&sample());
    assert!(
        text.starts_with(
            "kind,key,status,path,start_line,end_line,sha256,attrs\r\nendpoint,GET /items/{id},EVIDENCED,src/a.js,1,1,"
        ),
        "{text}"
    );
    assert!(text.contains("\r\ncommand,\"'=HYPERLINK(\"\"x\"\"),\n1\",EVIDENCED,"), "{text}");
    assert_eq!(text.matches("\r\n").count(), 1 + sample().facts.len());
}

#[test]
fn the_same_dossier_gives_the_same_bytes() {
    for (name, export) in Export::ALL {
        assert_eq!(export.of(&sample()), export.of(&sample()), "{name}");
        assert!(export.of(&dossier()).ends_with('\n'), "{name}");
    }
}
