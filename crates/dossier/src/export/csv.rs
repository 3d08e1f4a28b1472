//! Every fact as a row, for spreadsheets: RFC 4180, with cells that none of them takes for a formula.

use super::status;
use crate::v1::{Dossier, kind_name};

/// The file of a dossier.
pub(super) fn of(dossier: &Dossier) -> String {
    let mut text = String::from("kind,key,status,path,start_line,end_line,sha256,attrs\r\n");
    for fact in &dossier.facts {
        let anchor = fact.evidence.first();
        let line = |line: Option<u32>| line.map(|line| line.to_string()).unwrap_or_default();
        let attrs = serde_json::to_string(&fact.attrs).unwrap_or_default();
        let cells = [
            kind_name(fact.kind),
            fact.key.clone(),
            status(fact).to_owned(),
            anchor.map(|anchor| anchor.path.clone()).unwrap_or_default(),
            line(anchor.map(|anchor| anchor.start_line)),
            line(anchor.map(|anchor| anchor.end_line)),
            anchor.map(|anchor| anchor.sha256.clone()).unwrap_or_default(),
            attrs,
        ];
        text.push_str(&cells.map(|text| cell(&text)).join(","));
        text.push_str("\r\n");
    }
    text
}

/// A cell that begins like a formula gets an apostrophe, which spreadsheets do not show.
fn cell(text: &str) -> String {
    let text = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}
