//! Go: what one module with five programs serves, reads and stores.

use ci_feed::analyzer::corpus::Corpus;
use ci_feed::analyzer::extract::{endpoint, env_var, port, table};
use ci_feed::analyzer::fact::Found;

use super::support::{corpus, files, shown};

fn keys(found: &Found) -> Vec<&str> {
    let mut keys: Vec<&str> = found.facts.iter().map(|fact| fact.key.as_str()).collect();
    keys.sort_unstable();
    keys
}

fn module(main: &str) -> Corpus {
    corpus(vec![
        ("go.mod".to_owned(), "module example.test/x\n".into()),
        ("main.go".to_owned(), main.as_bytes().to_vec()),
    ])
}

#[test]
fn go_endpoints_have_every_prefix_above_them() {
    let found = endpoint::extract(&corpus(application()));
    insta::assert_snapshot!("go_endpoint", shown(&found));
}

#[test]
fn go_variables_ports_and_tables_are_found_where_they_are_said() {
    let corpus = corpus(application());
    let mut found = env_var::extract(&corpus);
    found.merge(port::extract(&corpus));
    found.merge(table::extract(&corpus));
    insta::assert_snapshot!("go_other", shown(&found));
}

/// The fixture without its tests, which the walk tells from the application by their names.
fn application() -> Vec<(String, Vec<u8>)> {
    files("endpoint/go").into_iter().filter(|(path, _)| !path.ends_with("_test.go")).collect()
}

#[test]
fn a_router_that_nobody_hands_over_leaves_its_routes_unresolved() {
    let found = endpoint::extract(&module(
        "package main\nimport \"github.com/go-chi/chi/v5\"\n\
         func Register(r chi.Router) {\n\tr.Get(\"/alone\", show)\n}\n",
    ));
    assert!(found.facts.is_empty());
    assert_eq!(found.unresolved.len(), 1);
}

#[test]
fn declarations_may_stand_in_any_order_and_file() {
    let found = endpoint::extract(&corpus(vec![
        ("go.mod".to_owned(), "module example.test/x\n".into()),
        ("a.go".to_owned(), "package main\nvar whole = prefix + \"/x\"\n".into()),
        (
            "m.go".to_owned(),
            "package main\nimport \"github.com/labstack/echo/v4\"\n\
             func main() {\n\te := echo.New()\n\te.GET(whole, show)\n}\n"
                .into(),
        ),
        ("z.go".to_owned(), "package main\nconst prefix = \"/late\"\n".into()),
    ]));
    assert_eq!(keys(&found), ["GET /late/x"]);
}

#[test]
fn files_of_another_system_are_no_part_of_the_program() {
    let main = "package main\nimport \"github.com/gin-gonic/gin\"\nfunc main() {\n\tgin.New().GET(path, nil)\n}\n";
    let found = endpoint::extract(&corpus(vec![
        ("go.mod".to_owned(), "module example.test/x\n".into()),
        ("main.go".to_owned(), main.into()),
        ("path_linux.go".to_owned(), "package main\nconst path = \"/here\"\n".into()),
        ("path_darwin.go".to_owned(), "package main\nconst path = \"/there\"\n".into()),
        (
            "path_other.go".to_owned(),
            "//go:build !linux && (cgo || windows)\n\npackage main\nconst path = \"/no\"\n".into(),
        ),
    ]));
    assert_eq!(keys(&found), ["GET /here"]);
}

#[test]
fn a_computed_table_name_is_not_guessed() {
    let found = table::extract(&module(
        "package main\nimport \"gorm.io/gorm\"\ntype User struct {\n\tgorm.Model\n}\n\
         func (User) TableName() string { return prefix() + \"users\" }\n\
         func up(db *gorm.DB) { db.AutoMigrate(&User{}) }\n",
    ));
    assert!(found.facts.is_empty());
    assert_eq!(found.unresolved.len(), 1);
}

#[test]
fn programs_that_call_themselves_end() {
    let found = endpoint::extract(&module(
        "package main\nimport \"github.com/gin-gonic/gin\"\nvar a = b\nvar b = a\ntype T struct { *T }\n\
         func loop(r *gin.RouterGroup) {\n\tloop(r.Group(a))\n\tloop(r.Group(\"/x\"))\n\tr.GET(\"/end\", nil)\n}\n\
         func main() {\n\tt := T{}\n\tt.Missing()\n\tloop(&gin.New().RouterGroup)\n}\n",
    ));
    assert!(keys(&found).contains(&"GET /end"));
}
