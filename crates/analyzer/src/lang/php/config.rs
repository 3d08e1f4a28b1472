//! `config('file.key')`: the files of the project's `config` folder and what packages of the tree merge into it.

use super::machine::{Host, PhpMachine};
use super::value::PhpValue;
use crate::tree::file::PathClass;

impl<'c, H: Host<'c>> PhpMachine<'c, H> {
    /// The value under a key; `None` when no file of the tree says it.
    pub(crate) fn config(&mut self, key: &str) -> Option<PhpValue<'c>> {
        let parts: Vec<&str> = key.split('.').collect();
        for split in (1..=parts.len()).rev() {
            // Nested folders are keys too: `config/a/b.php` is `a.b`.
            let name = parts[..split].join("/");
            for value in self.config_files(&name) {
                let found = parts[split..].iter().try_fold(value, |value, part| value.get(part).cloned());
                if found.is_some() {
                    return found;
                }
            }
        }
        None
    }

    fn config_files(&mut self, name: &str) -> Vec<PhpValue<'c>> {
        let path = self.project.path(&format!("config/{name}.php"));
        let own = self.corpus.file(&path).filter(|file| file.class == PathClass::Application);
        let merged = self.merged.get(&name.replace('/', ".")).cloned().unwrap_or_default();
        let files: Vec<_> = own.into_iter().chain(merged).collect();
        files
            .into_iter()
            .map(|file| {
                if let Some(known) = self.configured.get(&file.path) {
                    return known.clone();
                }
                // A file that asks for its own values gets none.
                self.configured.insert(file.path.clone(), PhpValue::Null);
                let mut frame = self.frame(file);
                let value = self.include(&mut frame, file);
                self.configured.insert(file.path.clone(), value.clone());
                value
            })
            .collect()
    }
}
