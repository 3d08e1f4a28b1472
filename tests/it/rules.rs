//! `docs/rules/`: one page for each rule of the findings.

use std::fs;
use std::path::Path;

use ci_feed_analyzer::judge::findings::rule_texts;

#[test]
#[expect(clippy::disallowed_methods, reason = "insta's own switch says whether the pages are written anew")]
fn the_documentation_has_one_page_for_each_rule_and_says_what_the_rule_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules");
    let update = std::env::var_os("INSTA_UPDATE").is_some_and(|how| how == "always");
    let index = fs::read_to_string(folder.join("README.md")).unwrap();
    let rules = rule_texts();
    for rule in &rules {
        let page = folder.join(format!("{}.md", rule.id));
        if update {
            fs::write(&page, rule.page()).unwrap();
        }
        assert_eq!(fs::read_to_string(&page).unwrap_or_default(), rule.page(), "INSTA_UPDATE=always writes the page");
        let row = format!("| [{0}]({0}.md) | {1} | {2} |\n", rule.id, rule.level.name(), rule.short);
        assert!(index.contains(&row), "docs/rules/README.md lacks {row}");
    }
    let pages = fs::read_dir(&folder).unwrap().count();
    assert_eq!(pages, rules.len() + 1, "a page is about no rule");
}
