//! Whether all of a commit came: its tree, the trees in it and every file. A shallow pack is not checked by libgit2.

use std::collections::HashSet;

use git2::{ErrorCode, ObjectType, OdbLookupFlags, Oid, Repository};

/// Whether everything that `commit` holds is in `repository`; submodules lie elsewhere.
pub(super) fn is_complete(repository: &Repository, commit: Oid) -> Result<bool, git2::Error> {
    let objects = repository.odb()?;
    let mut trees = vec![repository.find_commit(commit)?.tree_id()];
    // A tree that is named a thousand times is read once.
    let mut seen = HashSet::new();
    while let Some(id) = trees.pop() {
        if !seen.insert(id) {
            continue;
        }
        let tree = match repository.find_tree(id) {
            Ok(tree) => tree,
            Err(error) if error.code() == ErrorCode::NotFound => return Ok(false),
            Err(error) => return Err(error),
        };
        for entry in &tree {
            let there = match entry.kind() {
                Some(ObjectType::Tree) => {
                    trees.push(entry.id());
                    true
                }
                Some(ObjectType::Commit) => true,
                _ => objects.exists_ext(entry.id(), OdbLookupFlags::NO_REFRESH),
            };
            if !there {
                return Ok(false);
            }
        }
    }
    Ok(true)
}
