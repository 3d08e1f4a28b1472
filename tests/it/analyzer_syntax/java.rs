//! What is found in Java programs: Spring, JAX-RS, Micronaut, their settings and their tables.

use ci_feed_analyzer::extract::{env_var, table};

use super::support::{corpus, endpoints, files, ports, shown};

#[test]
fn spring_endpoints_are_what_the_framework_would_register() {
    let found = endpoints(&corpus(files("endpoint/spring")));
    insta::assert_snapshot!("spring", shown(&found));
}

#[test]
fn jaxrs_endpoints_have_the_paths_of_class_and_application() {
    let found = endpoints(&corpus(files("endpoint/jaxrs")));
    insta::assert_snapshot!("jaxrs", shown(&found));
}

#[test]
fn micronaut_endpoints_have_the_templates_of_class_and_method() {
    let found = endpoints(&corpus(files("endpoint/micronaut")));
    insta::assert_snapshot!("micronaut", shown(&found));
}

#[test]
fn variables_and_ports_of_java_are_those_of_code_and_settings() {
    let corpus = corpus(files("env_var_java"));
    let mut found = env_var::extract(&corpus);
    found.merge(ports(&corpus));
    insta::assert_snapshot!("env_var_java", shown(&found));
}

#[test]
fn tables_of_java_are_named_as_the_database_knows_them() {
    let found = table::extract(&corpus(files("table/jpa")));
    insta::assert_snapshot!("jpa", shown(&found));
}

#[test]
fn types_that_extend_each_other_come_to_an_end() {
    let one = "package a;\nimport org.springframework.web.bind.annotation.*;\n@RestController\npublic class One extends Two.Inner {\n    static final String A = Two.B;\n    @GetMapping(A)\n    public void one() { }\n}\n";
    let two = "package a;\npublic class Two extends One.Other {\n    static final String B = One.A;\n}\n";
    let meta = "package a;\n@Meta\npublic @interface Meta { }\n";
    let files =
        [("src/main/java/a/One.java", one), ("src/main/java/a/Two.java", two), ("src/main/java/a/Meta.java", meta)];
    let files = files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
    let found = endpoints(&corpus(files.to_vec()));
    assert!(found.facts.is_empty());
    assert_eq!(found.unresolved.len(), 1);
}
