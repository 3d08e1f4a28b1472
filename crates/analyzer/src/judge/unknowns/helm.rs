//! Helm charts. Templates are no YAML before they are rendered, so only lines that stand outside of every condition and
//! hold no expression are believed; of the values only those that switch something on.

use crate::tree::corpus::Corpus;
use crate::tree::document::Node;
use crate::tree::file::SourceFile;

use super::{Proofs, kubernetes, lines, prove};

/// Whether the file belongs to a chart: `Chart.yaml` lies in its folder or in one above.
pub(super) fn is_chart(corpus: &Corpus, file: &SourceFile) -> bool {
    let folders = std::iter::successors(Some(file.folder()), |at| at.rsplit_once('/').map(|(above, _)| above));
    folders.take(4).any(|folder| {
        let chart = if folder.is_empty() { "Chart.yaml".to_owned() } else { format!("{folder}/Chart.yaml") };
        corpus.has_path(&chart)
    })
}

pub(super) fn look(file: &SourceFile, proofs: &mut Proofs) {
    if file.name() == "values.yaml" {
        return values(file, proofs);
    }
    if !file.path.contains("templates/") {
        return;
    }
    let mut depth = 0_usize;
    for (line, number) in file.text().lines().zip(1_u32..) {
        if let Some(kind) = line.strip_prefix("kind:").map(str::trim)
            && depth == 0
        {
            for (_, category) in kubernetes::KINDS.iter().filter(|(known, _)| *known == kind) {
                prove(proofs, category, file.lines(number, number));
            }
        }
        for action in line.split("{{").skip(1) {
            let word = action.trim_start_matches(['-', ' ']).split([' ', '}']).next().unwrap_or_default();
            match word {
                "if" | "with" | "range" | "define" | "block" => depth += 1,
                "end" => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
    }
}

/// An ingress that is switched on with a certificate.
fn values(file: &SourceFile, proofs: &mut Proofs) {
    let Some(ingress) = file.document().root().get("ingress") else { return };
    let enabled = ingress.get("enabled").is_some_and(Node::is_true);
    if let Some(tls) = ingress.entry("tls").filter(|tls| enabled && !tls.value.items().is_empty()) {
        prove(proofs, "tls_termination", lines(file, tls));
    }
}
