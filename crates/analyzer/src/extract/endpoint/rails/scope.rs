//! The options that stand around a route, and how a nested scope adds to those outside of it: the framework's own
//! rules, option by option.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::path;
use super::value::{Arguments, RubyValue};
use crate::tree::file::SourceFile;

/// What block a route stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Level {
    #[default]
    Plain,
    Resources,
    Resource,
    Collection,
    Member,
    New,
    Nested,
    Root,
}

/// A place that a route depends on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Site<'c> {
    pub(super) file: &'c SourceFile,
    pub(super) lines: (u32, u32),
}

/// A path, or why it is not known.
pub(super) type Path = Result<String, String>;

/// The resource that `resources` or `resource` names.
#[derive(Debug, Clone)]
pub(super) struct ResourceScope {
    pub(super) path: Path,
    pub(super) controller: String,
    pub(super) param: String,
    /// The singular name that parameters of nested routes start with.
    pub(super) singular: String,
    /// What it serves; `None` where the list is computed.
    pub(super) actions: Option<Vec<String>>,
    pub(super) is_single: bool,
    pub(super) is_shallow: bool,
}

impl ResourceScope {
    pub(super) fn serves(&self, action: &str) -> bool {
        self.actions.as_ref().is_some_and(|actions| actions.iter().any(|own| own == action))
    }

    pub(super) fn member_path(&self) -> Path {
        let path = self.path.clone()?;
        Ok(if self.is_single { path } else { format!("{path}/:{}", self.param) })
    }

    pub(super) fn nested_path(&self) -> Path {
        let path = self.path.clone()?;
        Ok(if self.is_single { path } else { format!("{path}/:{}_{}", self.singular, self.param) })
    }
}

/// All options around a route.
#[derive(Debug, Clone)]
pub(super) struct RouteScope<'c> {
    pub(super) path: Path,
    pub(super) shallow_path: Path,
    pub(super) module: Option<String>,
    pub(super) controller: Option<String>,
    pub(super) action: Option<String>,
    pub(super) to: Option<RubyValue<'c>>,
    pub(super) path_names: BTreeMap<String, String>,
    pub(super) is_shallow: bool,
    pub(super) via: Option<RubyValue<'c>>,
    pub(super) format: Option<RubyValue<'c>>,
    /// `only:` and `except:` of a scope count for the resources in it.
    pub(super) only: Option<RubyValue<'c>>,
    pub(super) except: Option<RubyValue<'c>>,
    pub(super) level: Level,
    pub(super) resource: Option<Rc<ResourceScope>>,
    /// Shallow resources around.
    pub(super) shallow_depth: usize,
    pub(super) is_guarded: bool,
    /// Where a class that routes by itself is mounted, its prefix and the versions in its path.
    pub(super) mounted_at: String,
    pub(super) prefix: Path,
    pub(super) versions: Vec<Path>,
    pub(super) sites: Vec<Site<'c>>,
}

impl Default for RouteScope<'_> {
    fn default() -> Self {
        Self {
            path: Ok(String::new()),
            shallow_path: Ok(String::new()),
            module: None,
            controller: None,
            action: None,
            to: None,
            path_names: BTreeMap::new(),
            is_shallow: false,
            via: None,
            format: None,
            only: None,
            except: None,
            level: Level::Plain,
            resource: None,
            shallow_depth: 0,
            is_guarded: false,
            mounted_at: String::new(),
            prefix: Ok(String::new()),
            versions: Vec::new(),
            sites: Vec::new(),
        }
    }
}

impl RouteScope<'_> {
    pub(super) fn is_resource(&self) -> bool {
        matches!(self.level, Level::Resources | Level::Resource)
    }

    pub(super) fn is_resource_method(&self) -> bool {
        matches!(self.level, Level::Collection | Level::Member | Level::New)
    }
}

impl<'c> RouteScope<'c> {
    /// The same scope one path deeper.
    pub(super) fn below(&self, child: &Path) -> Self {
        Self { path: merged(&self.path, child), ..self.clone() }
    }

    /// The scope that `scope(...)` makes.
    pub(super) fn merge(&self, arguments: &Arguments<'c>) -> Self {
        let mut scope = self.clone();
        let given = arguments.positional.iter().map(RubyValue::texts).collect::<Option<Vec<_>>>();
        let listed = match (&given, arguments.positional.first()) {
            (_, None) => None,
            (Some(texts), _) => Some(Ok(texts.concat().join("/"))),
            (None, _) => Some(Err("a part of the scope's path is computed".to_owned())),
        };
        let own = listed.or_else(|| arguments.get("path").map(RubyValue::known));
        let is_nested = self.level == Level::Nested;
        let shallow = match arguments.get("shallow_path").map(RubyValue::known) {
            None if !is_nested => own.clone(),
            given => given,
        };
        if let Some(own) = &own {
            scope.path = merged(&self.path, own);
        }
        if let Some(shallow) = shallow {
            scope.shallow_path = merged(&self.shallow_path, &shallow);
        }
        if let Some(module) = arguments.get("module") {
            scope.module = match (module.text(), &self.module) {
                (Some(own), Some(above)) if !above.is_empty() => Some(format!("{above}/{own}")),
                (own, _) => own,
            };
        }
        if let Some(controller) = arguments.get("controller") {
            scope.controller = controller.text();
        }
        if let Some(action) = arguments.get("action") {
            scope.action = action.text();
        }
        if let Some(to) = arguments.get("to") {
            scope.to = Some(to.clone());
        }
        if let Some(via) = arguments.get("via") {
            scope.via = Some(via.clone());
        }
        if let Some(format) = arguments.get("format") {
            scope.format = Some(format.clone());
        }
        if let Some(RubyValue::Map(names)) = arguments.get("path_names") {
            let pairs = names.iter().filter_map(|(key, value)| Some((key.text()?, value.text()?)));
            scope.path_names.extend(pairs);
        }
        if let Some(shallow) = arguments.get("shallow") {
            scope.is_shallow = shallow.truth() == Some(true);
        }
        if arguments.get("only").is_some() || arguments.get("except").is_some() {
            scope.only = arguments.get("only").cloned();
            scope.except = arguments.get("except").cloned();
        }
        scope
    }

    /// Where the resource's own members stand below, once a shallow resource is inside another.
    pub(super) fn shallow(&self) -> Self {
        Self { path: self.shallow_path.clone(), ..self.clone() }
    }
}

fn merged(parent: &Path, child: &Path) -> Path {
    match (parent, child) {
        (Ok(parent), Ok(child)) => Ok(path::join(parent, child)),
        (Err(reason), _) | (_, Err(reason)) => Err(reason.clone()),
    }
}
