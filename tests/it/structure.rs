//! What a package, and a part of one, may know of the others.

mod imports;

use std::path::Path;

use imports::Package;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn no_package_has_a_circle_of_imports() {
    for src in ["src", "crates/dossier/src", "crates/analyzer/src"] {
        let circles = Package::read(&root().join(src)).circles();
        assert!(circles.is_empty(), "{src}:\n{}", shown(&circles));
    }
}

fn shown(circles: &[Vec<String>]) -> String {
    circles.iter().map(|circle| circle.join("\n")).collect::<Vec<_>>().join("\n\n")
}

#[test]
fn a_type_that_files_share_has_a_name_of_its_own() {
    for src in ["src", "crates/dossier/src", "crates/analyzer/src"] {
        assert_eq!(Package::read(&root().join(src)).types_of_one_name(), Vec::<String>::new(), "{src}");
    }
    let planted = [
        ("tree/a.rs", "pub(crate) struct A;"),
        ("judge/b.rs", "#[derive(Debug)] pub enum A {}"),
        ("lang/c.rs", "trait A {}"),
    ];
    assert_eq!(Package::new(planted).types_of_one_name(), ["A: judge::b, tree::a"]);
    let private = [("tree/a.rs", "struct A;"), ("tree/b.rs", "pub fn a() -> A {}")];
    assert!(Package::new(private).types_of_one_name().is_empty());
}

#[test]
fn the_server_knows_dossiers_and_not_how_they_are_made() {
    let that_name = Package::read(&root().join("src")).that_name("ci_feed_analyzer");
    assert!(that_name.iter().any(|module| module.starts_with("cli")), "the commands call the analyzer: {that_name:?}");
    let is_server = |module: &&String| ["http", "worker", "store"].contains(&module.split("::").next().unwrap());
    assert_eq!(that_name.iter().filter(is_server).collect::<Vec<_>>(), Vec::<&String>::new());
}

/// Who reads for people gets runs from [`ci_feed::model::Reader`] only, which knows what there is for whom.
#[test]
fn what_people_read_does_not_name_the_table_of_runs() {
    let names_it = |file: &str| {
        let source = std::fs::read_to_string(root().join("src/store").join(file)).unwrap();
        source.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|word| word == "ci_runs")
    };
    for file in ["base.rs", "feed.rs", "list.rs", "run.rs", "fact_find.rs", "fact_events.rs", "search.rs"] {
        assert!(!names_it(file), "{file}");
    }
    assert!(names_it("privacy.rs"));
}

#[test]
fn the_dossier_needs_neither_git_nor_a_parser_of_sources() {
    let needed = |package: &str| -> Vec<String> {
        let manifest = std::fs::read_to_string(root().join("crates").join(package).join("Cargo.toml")).unwrap();
        let lines = manifest.lines().skip_while(|line| *line != "[dependencies]").skip(1);
        let lines = lines.take_while(|line| !line.starts_with('['));
        let names = lines.filter_map(|line| Some(line.split_once(" = ")?.0.to_owned()));
        let parsers = ["git2", "comrak", "saphyr-parser", "roxmltree", "toml_edit", "ci-feed-analyzer"];
        names.filter(|name| name.starts_with("tree-sitter") || parsers.contains(&name.as_str())).collect()
    };
    assert!(needed("analyzer").len() > 5, "the manifest is understood: {:?}", needed("analyzer"));
    assert_eq!(needed("dossier"), Vec::<String>::new());
}

#[test]
fn a_circle_is_seen_through_groups_super_inline_modules_and_paths_in_code() {
    let of = |a: &str, b: &str| {
        Package::new([("lib.rs", "mod x; mod y;"), ("x/mod.rs", "mod a;"), ("x/a.rs", a), ("y.rs", b)]).circles()
    };
    let circle = [["x::a -> y".to_owned(), "y -> x::a".to_owned()]];
    let back = "use crate::x::a::A;";
    assert_eq!(of("use crate::{self, y::{B, C,},};", back), circle);
    assert_eq!(of("use super::super::y::{self};", back), circle);
    assert_eq!(of("mod tests { use super::super::super::y; }", back), circle);
    assert_eq!(of("fn f() -> u8 { let g = || crate::y::g::<u8>(); g() }", back), circle);
    assert_eq!(of("fn f() { println!(\"{}\", super::super::y::NAME) }", back), circle);
    assert_eq!(of("use crate::y::*;", "use crate::{x::{a}};"), circle);
    assert!(of("// use crate::y;\nconst A: &str = \"crate::y::f\";", back).is_empty());
    assert!(of("pub(in crate::y) struct A;", back).is_empty());
    assert!(of("use std::{y::B, x::a};", back).is_empty());
    assert!(of("use crate::y::B;", "").is_empty());
}

#[test]
fn a_file_and_its_children_may_import_each_other_but_siblings_may_not() {
    let of = |parent: &str, a: &str, b: &str| {
        Package::new([("lib.rs", ""), ("x/mod.rs", parent), ("x/a.rs", a), ("x/b.rs", b)]).circles()
    };
    assert!(
        of("mod a; mod b; fn f() { a::f(); b::f() }", "use super::Shared;", "use super::{Shared, a::A};").is_empty()
    );
    let siblings = [["x::a -> x::b".to_owned(), "x::b -> x::a".to_owned()]];
    assert_eq!(
        of("mod a; mod b; fn f() { a::f(); b::f() }", "use super::b::B;", "use super::{Shared, a::A};"),
        siblings
    );
    let over = Package::new([
        ("lib.rs", ""),
        ("x/mod.rs", "fn f() { a::f() }"),
        ("x/a.rs", "use crate::y;"),
        ("y.rs", "use crate::x;"),
    ]);
    assert_eq!(over.circles().concat(), ["x -> x::a", "x::a -> y", "y -> x"]);
}
