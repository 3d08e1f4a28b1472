//! Accessibility by axe-core, which `scripts/test` installs under the target folder; and the width of a page.

use serde_json::{Value, json};

use super::browser::{Browser, target};
use crate::support::not_run;

/// The source of axe-core; `None` where it is not installed, which is said and under CI is a failure.
pub(in crate::browser) fn axe() -> Option<String> {
    let path = target().join("axe/node_modules/axe-core/axe.min.js");
    let source = std::fs::read_to_string(&path).ok();
    if source.is_none() {
        not_run("the accessibility of every page", "axe-core is not installed under the target folder");
    }
    source
}

const RUN: &str = "const done = arguments[arguments.length - 1]; \
    axe.run(document, { resultTypes: ['violations'] }).then( \
        (result) => done({ checked: result.passes.length, violations: result.violations.map((one) => ({ \
            rule: one.id, help: one.help, nodes: one.nodes.map((node) => node.html.slice(0, 200) + ' | ' + node.failureSummary) })) }), \
        (error) => done({ failed: String(error) }));";

impl Browser {
    /// On a narrow, a middling and a wide screen, light and dark: no violation, nothing wider than the screen, and a picture.
    pub(in crate::browser) async fn is_accessible(&self, axe: &str, name: &str) {
        let looks = ["light", "dark"].into_iter().flat_map(|scheme| [360, 768, 1440].map(|width| (width, scheme)));
        for (width, scheme) in looks {
            self.look(width, scheme).await;
            let place = format!("{name} at {width} px, {scheme}");
            // A chart takes its new width a moment after the window has.
            self.until("document.documentElement.scrollWidth <= innerWidth").await;
            if self.value("typeof axe").await == json!("undefined") {
                self.client.execute(axe, Vec::new()).await.unwrap();
            }
            let result = self.client.execute_async(RUN, Vec::new()).await.unwrap();
            assert!(result["checked"].as_u64().is_some_and(|checked| checked > 5), "{place}: {result}");
            assert_eq!(result["violations"], Value::Array(Vec::new()), "{place}: {result:#}");
            self.picture(&format!("{name}-{width}-{scheme}")).await;
        }
    }
}
