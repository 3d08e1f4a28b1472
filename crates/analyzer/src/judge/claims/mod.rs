//! What the documentation says, checked against the tree. A wrong CONTRADICTED is the worst row of a dossier, so
//! everything that could be true in another folder, project or tool is UNVERIFIABLE, or no claim at all.

mod anchor;
pub(crate) mod claim;
mod command;
mod context;
mod default_ports;
mod doubt;
mod endpoint;
mod env_var;
mod html;
mod ignored;
mod link;
mod listing;
mod made;
pub(crate) mod markdown;
mod path;
mod place;
mod port;
mod project_names;
mod routes;
mod shell;
mod site;

use crate::fact::{Fact, Unresolved};
use crate::judge::documents::{is_document, is_env_sample};
use crate::tree::corpus::Corpus;
use crate::tree::deal;
use crate::tree::file::{PathClass, SourceFile};

use claim::Claim;
use command::Indexes;
use context::Context;

/// Documents larger than this are no documentation that a person wrote.
const MAX_DOC_BYTES: usize = 1024 * 1024;

/// Check every document of the application.
pub(crate) fn check(corpus: &Corpus, facts: &[Fact], unresolved: &[Unresolved]) -> Vec<Claim> {
    let context = Context::new(corpus, facts, unresolved);
    let indexes = Indexes::default();
    let documents = corpus.application().filter(|file| is_document(file) || is_env_sample(file.name()));
    let mut claims: Vec<Claim> =
        deal::map(documents, |file| of_document(&context, &indexes, file)).into_iter().flatten().collect();
    // The same statement twice in one document is one claim: at its first place, but rather where it could be decided.
    claims.sort_by(|a, b| {
        (&a.doc, a.kind, &a.text, a.verdict, a.line).cmp(&(&b.doc, b.kind, &b.text, b.verdict, b.line))
    });
    claims.dedup_by(|later, first| (&later.doc, later.kind, &later.text) == (&first.doc, first.kind, &first.text));
    doubt::settle(&context, &mut claims);
    made::settle(&context, &mut claims);
    endpoint::settle(corpus, &mut claims);
    port::settle(corpus, &mut claims);
    doubt::settle_misread(&mut claims);
    claims.sort_by(|a, b| (&a.doc, a.line, a.kind, &a.text).cmp(&(&b.doc, b.line, b.kind, &b.text)));
    claims
}

fn of_document<'c>(context: &Context<'c>, indexes: &Indexes<'c>, file: &SourceFile) -> Vec<Claim> {
    let mut claims = Vec::new();
    if !is_document(file) {
        env_var::check_sample(context, file, &mut claims);
    } else if let Some(markdown) = context.markdown(file).filter(|_| file.bytes().len() <= MAX_DOC_BYTES) {
        command::check(context, indexes, file, markdown, &mut claims);
        for check in [env_var::check, port::check, endpoint::check, path::check, link::check] {
            check(context, file, markdown, &mut claims);
        }
    }
    claims
}

/// Why a document says nothing here.
pub(super) fn problem(file: &SourceFile) -> Option<&'static str> {
    let is_left_out = file.class == PathClass::Application && file.bytes().len() > MAX_DOC_BYTES && is_document(file);
    is_left_out.then_some("too large for a document that a person wrote")
}
