//! What is found, and what is not.

use super::*;

/// The text with what was found as `…` in functions, `?` in modules of tests, `-` elsewhere.
fn without(family: Family, text: &str) -> String {
    let (mut out, mut last) = (String::new(), 0);
    for body in bodies(family, text.as_bytes()) {
        out.push_str(&text[last..body.range.start]);
        out.push(match body.kind {
            BodyKind::Function => '…',
            BodyKind::Tests => '?',
            BodyKind::Silent => '-',
        });
        last = body.range.end;
    }
    out + &text[last..]
}

#[test]
fn the_bodies_of_functions_and_methods_are_found_in_rust() {
    let text = "pub fn a<T: Fn(u8) -> [u8; 2]>(f: fn(u8)) -> impl Fn() where T: Copy { b(|| { c }) }\n\
                impl A { const B: fn() = x; async fn c(&self) { match 1 { _ => {} } } fn d(); }\n\
                mod e { fn f() {} }";
    let expected = "pub fn a<T: Fn(u8) -> [u8; 2]>(f: fn(u8)) -> impl Fn() where T: Copy {…}\n\
                    impl A { const B: fn() = x; async fn c(&self) {…} fn d(); }\n\
                    mod e { fn f() {…} }";
    assert_eq!(without(Family::Rust, text), expected);
}

#[test]
fn brackets_in_texts_and_comments_of_rust_are_none() {
    for inside in [
        "\"}\"",
        "\"\\\"}\"",
        "r\"\\\"",
        "r#\"\"}\"#",
        "br##\"\"#}\"##",
        "'}'",
        "'\\''",
        "b'}'",
        "'é'",
        "'\\u{7d}'",
        "/* } /* } */ } */",
        "// }\n",
        "&'a str",
        "for'\"'",
        "1/2",
    ] {
        let text = format!("fn a<'a>() {{ {inside} }} fn b() {{ x }}");
        assert_eq!(without(Family::Rust, &text), "fn a<'a>() {…} fn b() {…}", "{inside}");
    }
}

#[test]
fn what_a_macro_is_given_is_left_alone_in_rust() {
    let text = "cfg_if! { if #[x] { fn d() { e } } } fn f() { g }";
    assert_eq!(without(Family::Rust, text), text.replace("{ g }", "{…}"));
}

#[test]
fn what_defines_no_value_is_found_in_rust() {
    let text = "//! a\n\n/* b */ // {\npub struct A<T> where T: B { c: fn() } struct D(u8); struct E;\n\
                trait F: G { fn h() { i } } macro_rules! j { () => { fn k() { l } } }\n/// m\nenum N { O }";
    let expected = "-\npub struct A<T> where T: B {-} struct D(u8); struct E;\n\
                    trait F: G {-} macro_rules! j {-}\n-\nenum N { O }";
    assert_eq!(without(Family::Rust, text), expected);
}

#[test]
fn modules_of_tests_are_found_in_rust() {
    let text = "#[cfg(test)]\n/// }\n#[allow(x)] pub(crate) mod tests { fn a() { b } }\n\
                #[cfg(unix)] mod c { fn d() { e } } #[cfg(test)] mod f; #[cfg(test)] fn g() { h }";
    let expected = "#[cfg(test)]\n/// }\n#[allow(x)] pub(crate) mod tests {?}\n\
                    #[cfg(unix)] mod c { fn d() {…} } #[cfg(test)] mod f; #[cfg(test)] fn g() {…}";
    assert_eq!(without(Family::Rust, text), expected);
}

#[test]
fn the_bodies_of_functions_and_methods_are_found_in_go() {
    let text = "func a(b map[string]interface{}, c struct{ d int }) (interface{}, error) { e() }\n\
                func (f *F[T]) g() struct{} {\n\tif x {\n\t}\n}\n\
                func asm(x int)\n\
                var h = func() { i }\n\
                type j struct { k func() }\n";
    let expected = "func a(b map[string]interface{}, c struct{ d int }) (interface{}, error) {…}\n\
                    func (f *F[T]) g() struct{} {…}\n\
                    func asm(x int)\n\
                    var h = func() { i }\n\
                    type j struct { k func() }\n";
    assert_eq!(without(Family::Go, text), expected);
}

#[test]
fn brackets_in_texts_and_comments_of_go_are_none() {
    for inside in ["\"}\"", "`}\\`", "`\nfunc x() {`", "'}'", "'\\''", "'\"'", "/* } */", "// }\n", "a / b"] {
        let text = format!("func a() {{ {inside} }}\nfunc b() {{ x }}");
        assert_eq!(without(Family::Go, &text), "func a() {…}\nfunc b() {…}", "{inside}");
    }
}

#[test]
fn what_does_not_end_is_no_body() {
    for text in ["fn a() { b(", "fn a() { \" }", "fn", "fn a", "#[cfg(test", "#[cfg(test)] mod", "r#\"", "'", "x!"] {
        assert_eq!(bodies(Family::Rust, text.as_bytes()), [], "{text}");
    }
    for text in ["func a() {", "func a() { ` }", "func", "func a(b", "'", "/"] {
        assert_eq!(bodies(Family::Go, text.as_bytes()), [], "{text}");
    }
}
