//! Links, anchors and paths in documents.

use super::verdicts;
use crate::support::dossier;

#[test]
fn relative_links_are_checked_and_the_doubtful_ones_are_left_open() {
    let readme = "# My title\n\n[a](Makefile) [b](scripts) [c](gone.md) [d](../../issues) [e](https://x.y/z) [f](#my-title) [g](#gone) [g](#5211) [g](#Gone) [g](.other/x.md) [h](scripts/setup.sh#L1) [i](gone)\n\
                  [j](mailto:a@b.c) [k](app/<name>.py) [l](/gone.md) ![m](gone.png)";
    let expected = [
        "VERIFIED #my-title",
        "CONTRADICTED #gone",
        "UNVERIFIABLE #5211",
        "UNVERIFIABLE #Gone",
        "UNVERIFIABLE .other/x.md",
        "UNVERIFIABLE ../../issues",
        "CONTRADICTED /gone.md",
        "VERIFIED Makefile",
        "UNVERIFIABLE gone",
        "UNVERIFIABLE app/<name>.py",
        "CONTRADICTED gone.md",
        "CONTRADICTED gone.png",
        "VERIFIED scripts",
        "VERIFIED scripts/setup.sh#L1",
    ];
    let mut all = verdicts(readme);
    let mut expected = expected.map(str::to_owned).to_vec();
    all.sort();
    expected.sort();
    assert_eq!(all, expected);
}

#[test]
fn anchors_and_addresses_of_a_documentation_site_are_left_to_its_generator() {
    let dossier = dossier(&[
        ("docs/SUMMARY.md", "# Summary\n"),
        ("docs/a.md", "[x](b.md#limits-and-regions) [y](#gone) [z](gone.md)"),
        ("docs/b.md", "## Limits & regions\n"),
    ]);
    assert_eq!(dossier.claims.len(), 3);
    assert!(dossier.claims.iter().all(|claim| claim.verdict == "UNVERIFIABLE"), "{:?}", dossier.claims);
}

#[test]
fn an_anchor_of_the_first_words_of_a_heading_is_left_open() {
    let readme =
        "# The shop\n\n## show / info\n\n## config (root-only)\n\n[a](#show) [b](#config) [c](#shown) [d](#conf)\n";
    assert_eq!(verdicts("# Mudança de preço\n\n[a](#mudanca-de-preco)\n"), ["UNVERIFIABLE #mudanca-de-preco"]);
    assert_eq!(
        verdicts(readme),
        ["CONTRADICTED #conf", "UNVERIFIABLE #config", "UNVERIFIABLE #show", "CONTRADICTED #shown"]
    );
}

#[test]
fn anchors_of_documents_that_are_parts_of_others_are_left_open() {
    for line in
        ["--8<-- \"docs/parts/b.md\"", "<!-- include(parts/b.md) -->", "{% include \"b.md\" %}", "!include b.md"]
    {
        let whole = format!("# Whole\n\n{line}\n");
        let dossier = dossier(&[
            ("docs/whole.md", whole.as_str()),
            ("docs/parts/b.md", "# B\n\n[x](#of-the-whole) [y](beside-it.md)\n"),
        ]);
        let verdicts: Vec<_> = dossier.claims.iter().map(|claim| claim.verdict.as_str()).collect();
        assert_eq!(verdicts, ["UNVERIFIABLE", "UNVERIFIABLE"], "{line}");
    }
}

#[test]
fn the_list_of_contributors_that_a_tool_writes_claims_no_anchors() {
    let list = "<!-- ALL-CONTRIBUTORS-LIST:START - Do not remove -->\n\n\
                <a href=\"#design-ada\" title=\"Design\">x</a> [y](gone.md)\n\n<!-- ALL-CONTRIBUTORS-LIST:END -->\n\n[z](#gone)\n";
    assert_eq!(verdicts(list), ["CONTRADICTED gone.md", "CONTRADICTED #gone"]);
}

#[test]
fn paths_in_inline_code_are_looked_for_from_the_document_up() {
    let verdict = |sentence: &str| {
        let readme = format!("{sentence}\n");
        let dossier =
            dossier(&[("src/a/one.js", ""), ("src/a/two.js", ""), ("src/b/three.js", ""), ("src/README.md", &readme)]);
        dossier.claims.first().map(|claim| format!("{} {}", claim.verdict, claim.kind))
    };
    for sentence in ["See `src/a/one.js`.", "See `a/one.js:3`.", "See `src/a/`."] {
        assert_eq!(verdict(sentence).as_deref(), Some("VERIFIED path"), "{sentence}");
    }
    assert_eq!(verdict("The start is in `src/a/gone.js`.").as_deref(), Some("CONTRADICTED path"));
    for sentence in [
        "Create `src/a/gone.js`.",
        "For a thing (say `Thing`) you touch:\n\n- one\n- `src/a/gone.js`",
        "## A new one\n\n- `src/a/gone.js`",
        "A thing (say `Goner`) has parts.\n\nOne half is in `src/a/goner_part.js`.",
        "It is NOT in `src/a/gone.js`.",
        "It is in `src/a/three.js`.",
        "It is in `src/a/gone.py`.",
        "It is in `src/gone/x.js`.",
    ] {
        assert_eq!(verdict(sentence).as_deref(), Some("UNVERIFIABLE path"), "{sentence}");
    }
    for sentence in [
        "`application/json`",
        "`origin/main`",
        "`src/a/COMPONENT_NAME.js`",
        "`path/to/x.js`",
        "`src/a/xx-part.js`",
        "`node/alpine.js`",
    ] {
        assert_eq!(verdict(sentence), None, "{sentence}");
    }
}

#[test]
fn links_in_html_references_and_anchors_are_read() {
    let readme = "<h2 align=center>My Shop</h2>\n<p>\n<a href=\"gone.md\">x</a> <img src=\"logo.png\">\n</p>\n\n[a][one] [b](#my-shop) [c](#own) <a name=\"own\"></a> [d](#top)\n\n[one]: docs/a.md#set-up--run\n";
    let dossier = dossier(&[
        ("README.md", readme),
        ("logo.png", "x"),
        ("docs/a.md", "# Set-up & run\n[up](../README.md#gone)\n"),
    ]);
    let mut claims: Vec<_> = dossier
        .claims
        .iter()
        .map(|claim| format!("{} {} {}:{}", claim.verdict, claim.text, claim.doc, claim.line))
        .collect();
    claims.sort();
    assert_eq!(
        claims,
        [
            "CONTRADICTED ../README.md#gone docs/a.md:2",
            "CONTRADICTED gone.md README.md:3",
            "VERIFIED #my-shop README.md:6",
            "VERIFIED #own README.md:6",
            "VERIFIED #top README.md:6",
            "VERIFIED docs/a.md#set-up--run README.md:6",
            "VERIFIED logo.png README.md:3",
        ]
    );
}

#[test]
fn documents_that_a_site_elsewhere_gathers_are_left_to_it() {
    let page = ("docs/usage/a.md", "# A\n\n[x](gone.md) [y](parts/gone/index.md) [z](#gone) [w](b.md)\n");
    let next = ("docs/usage/b.md", "# B\n");
    let open = |files: &[(&str, &str)]| {
        let mut all = vec![page, next];
        all.extend(files);
        dossier(&all).claims.iter().filter(|claim| claim.verdict == "CONTRADICTED").count()
    };
    assert_eq!(open(&[]), 3);
    assert_eq!(open(&[("tools/site/mkdocs.yml", "site_name: x\n")]), 0);
    assert_eq!(open(&[("site/docusaurus.config.js", "module.exports = { path: '../docs/usage' }\n")]), 1);
    // A site that has its own pages gathers no others.
    assert_eq!(open(&[("tools/site/mkdocs.yml", "site_name: x\n"), ("tools/site/docs/index.md", "# I\n")]), 3);
}

#[test]
fn an_address_from_the_root_of_a_folder_above_is_one_of_its_site() {
    let claims = |text: &str| {
        let dossier = dossier(&[("docs/extend/a.md", text), ("docs/extend/b.md", "# B\n")]);
        dossier.claims.iter().map(|claim| format!("{} {}", claim.verdict, claim.text)).collect::<Vec<_>>()
    };
    assert_eq!(claims("[x](/extend/b.md)"), ["UNVERIFIABLE /extend/b.md"]);
    assert_eq!(claims("[x](/docs/extend/b.md)"), ["VERIFIED /docs/extend/b.md"]);
}

#[test]
fn pages_of_a_site_are_found_by_their_addresses() {
    let dossier = dossier(&[
        ("docs/.vitepress/config.ts", ""),
        ("docs/guide/start.md", "[a](/guide/next) [b](./next) [c](/guide/gone) [d](next.html) [e](next.md)"),
        ("docs/guide/next.md", "# Next\n"),
    ]);
    let claims: Vec<_> = dossier.claims.iter().map(|claim| format!("{} {}", claim.verdict, claim.text)).collect();
    assert_eq!(
        claims,
        [
            "VERIFIED ./next",
            "UNVERIFIABLE /guide/gone",
            "VERIFIED /guide/next",
            "VERIFIED next.html",
            "VERIFIED next.md"
        ]
    );
}
