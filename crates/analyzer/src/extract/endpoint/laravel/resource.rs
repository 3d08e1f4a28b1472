//! `Route::resource` and its kin, written out as the routes that they register.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::group::below;
use crate::lang::inflect::laravel::singular;
use crate::lang::php::value::PhpValue;

/// A resource as it was registered; its options may still change by calls on what the registration gives.
pub(super) struct ResourceRoutes<'c> {
    pub(super) name: Rc<str>,
    pub(super) controller: Option<Rc<str>>,
    pub(super) is_singleton: bool,
    /// Without the forms.
    pub(super) is_api: bool,
    pub(super) options: BTreeMap<String, PhpValue<'c>>,
}

/// Names that the application gave to parameters and actions of all its resources.
pub(super) struct Wording {
    pub(super) parameters: BTreeMap<String, String>,
    pub(super) is_singular: bool,
    pub(super) create: String,
    pub(super) edit: String,
}

impl Default for Wording {
    fn default() -> Self {
        let (create, edit) = ("create".to_owned(), "edit".to_owned());
        Self { parameters: BTreeMap::new(), is_singular: true, create, edit }
    }
}

/// One route of a resource.
pub(super) struct ResourceAction {
    pub(super) methods: &'static [&'static str],
    pub(super) path: String,
    pub(super) name: &'static str,
}

impl ResourceRoutes<'_> {
    /// Its routes; paths are relative to the groups around it.
    pub(super) fn actions(&self, wording: &Wording) -> Vec<ResourceAction> {
        let (prefix, name) = self.name.rsplit_once('/').unwrap_or(("", &self.name));
        let last = name.rsplit('.').next().unwrap_or(name);
        let parameter = self.parameter(last, wording);
        let short = if self.options.get("shallow").and_then(PhpValue::truth) == Some(true) { last } else { name };
        let (collection, member) = (self.path(name, wording), self.path(short, wording));
        let item = if self.is_singleton { member.clone() } else { format!("{member}/{{{parameter}}}") };
        let action = |name: &'static str| {
            let (methods, path): (&'static [&'static str], String) = match name {
                "index" => (&["GET"], collection.clone()),
                "create" => (&["GET"], format!("{collection}/{}", wording.create)),
                "store" => (&["POST"], collection.clone()),
                "show" => (&["GET"], item.clone()),
                "edit" => (&["GET"], format!("{item}/{}", wording.edit)),
                "update" => (&["PUT", "PATCH"], item.clone()),
                _ => (&["DELETE"], item.clone()),
            };
            ResourceAction { methods, path: below(prefix, &path), name }
        };
        self.names().into_iter().map(action).collect()
    }

    /// The actions that it has.
    fn names(&self) -> Vec<&'static str> {
        let has = |option: &str| self.options.get(option).is_some_and(|value| value.truth() != Some(false));
        let mut names = match self.is_singleton {
            false => vec!["index", "create", "store", "show", "edit", "update", "destroy"],
            true if has("creatable") => vec!["show", "edit", "update", "create", "store", "destroy"],
            true if has("destroyable") => vec!["show", "edit", "update", "destroy"],
            true => vec!["show", "edit", "update"],
        };
        match self.options.get("only").map(PhpValue::texts) {
            Some(only) => names.retain(|name| only.iter().any(|one| one.as_ref() == *name)),
            None if self.is_api => names.retain(|name| !matches!(*name, "create" | "edit")),
            None => {}
        }
        if let Some(except) = self.options.get("except").map(PhpValue::texts) {
            names.retain(|name| !except.iter().any(|one| one.as_ref() == *name));
        }
        names
    }

    /// `photos.comments` to `photos/{photo}/comments`.
    fn path(&self, name: &str, wording: &Wording) -> String {
        if !name.contains('.') {
            return name.to_owned();
        }
        let segments: Vec<&str> = name.split('.').collect();
        let nested = segments.iter().map(|segment| format!("{segment}/{{{}}}", self.parameter(segment, wording)));
        let last = format!("/{{{}}}", self.parameter(segments[segments.len() - 1], wording));
        nested.collect::<Vec<_>>().join("/").replace(&last, "")
    }

    fn parameter(&self, segment: &str, wording: &Wording) -> String {
        let own = self.options.get("parameters");
        let named = own.and_then(|own| own.get(segment)).and_then(PhpValue::as_text).map(str::to_owned);
        let named = named.or_else(|| wording.parameters.get(segment).cloned());
        let is_singular = wording.is_singular || own.and_then(PhpValue::as_text) == Some("singular");
        let name = named.unwrap_or_else(|| if is_singular { singular(segment) } else { segment.to_owned() });
        name.replace('-', "_")
    }
}
