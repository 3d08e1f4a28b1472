//! `go run ./cmd/x` and its kin, against the folders of the tree.

use super::{ClaimedCommand, Context, Ruling, resolve};

pub(super) fn rule<'c>(context: &Context<'c>, call: &ClaimedCommand<'_, 'c>) -> Option<Ruling> {
    let ["go", "run" | "build" | "test" | "vet" | "install" | "generate", rest @ ..] = call.words.as_slice() else {
        return None;
    };
    let is_local =
        |word: &&&str| (word.starts_with("./") || **word == "." || word.ends_with(".go")) && !word.contains('@');
    let target = rest.iter().find(is_local)?;
    let plain = target.trim_end_matches("...").trim_end_matches('/');
    let module = call.find(context, &["go.mod"])?;
    let places = call.folders();
    let there = places.iter().filter_map(|folder| resolve(folder, plain)).find_map(|path| context.exists(&path));
    if let Some(evidence) = there {
        return Some(Ruling::verified(format!("`{}` is there, and so is what it names", module.path), evidence));
    }
    let path = resolve(&call.folder, plain)?;
    let above = path.rsplit_once('/').map_or("", |(above, _)| above);
    let why = format!("there is no `{path}` in this tree");
    let is_known = context.corpus.has_folder(above) && !context.is_ignored(&path);
    Some(if is_known {
        Ruling::missing(call, why, vec![module.exists()]).lacks(path)
    } else {
        Ruling::unverifiable(why)
    })
}
