//! The settings object of Python frameworks that name a settings module: a module of the tree is one
//! when it says where the URLs are. Refuses to choose between modules that say different things.

use ci_feed_dossier::evidence::Evidence;

use super::machine::Machine;
use super::value::{ModuleId, Value};
use crate::lang::python::import;
use crate::syntax::grammar::Family;
use crate::syntax::program::Kind;

/// The setting that every settings module of an application has, its own or an imported one.
const ROOT: &str = "ROOT_URLCONF";

/// Whether a file has to be run before the files that read its settings.
pub(super) fn is_settings(family: Family, bytes: &[u8]) -> bool {
    family == Family::Python && bytes.split(|byte| *byte == b'\n').any(|line| line.starts_with(ROOT.as_bytes()))
}

impl Machine<'_> {
    /// The modules that are settings, in path order.
    pub(crate) fn settings_modules(&self) -> Vec<ModuleId> {
        (0..self.modules.len()).filter(|module| self.modules[*module].scope.own(ROOT).is_some()).collect()
    }

    /// A setting, if all settings modules that have it agree.
    pub(crate) fn setting(&mut self, name: &str) -> Option<Value> {
        let mut values = Vec::new();
        for module in self.settings_modules() {
            values.extend(self.module_member(module, name));
        }
        if values.is_empty() { None } else { Some(self.one_of(values)) }
    }

    /// The line that gives a setting its value.
    pub(crate) fn setting_place(&self, name: &str) -> Option<Evidence> {
        self.settings_modules().into_iter().find_map(|module| {
            let module = &self.modules[module];
            let nodes = &module.program.nodes;
            let given = nodes.iter().find(|node| match node.kind {
                Kind::Assign(target, _) => matches!(&nodes[target].kind, Kind::Name(own) if &**own == name),
                _ => false,
            })?;
            Some(self.evidence(&module.path, given.start, given.end))
        })
    }

    /// A module by its dotted name, as seen from a file.
    pub(crate) fn module_named(&mut self, importer: &str, name: &str) -> Value {
        match import::file_of(self.corpus, importer, name) {
            Some(found) => self.python_loaded(&found),
            None => Value::External(name.into()),
        }
    }

    /// What a module has under a name, behind imports.
    pub(crate) fn module_value(&mut self, module: ModuleId, name: &str) -> Option<Value> {
        let value = self.module_member(module, name)?;
        Some(self.settle(&value))
    }
}
