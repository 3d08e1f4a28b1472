//! Django: the tables of models as they are now, with those of many-to-many fields, histories and translations.
//! Abstract, proxy and unmanaged models have none. Tables of applications outside of the tree are not stated.

use std::collections::{BTreeMap, BTreeSet};

use ci_feed_dossier::evidence::Evidence;
use tree_sitter::Node;

use super::{Program, as_base};
use crate::extract::table::tables::Tables;
use crate::lang::python::index::{Meaning, PythonClass, assignments};
use crate::lang::python::{arguments, called, is_true};
use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;
use crate::tree::path::{folder_of, inside, upwards};

/// What stands in files of models beside the names of their bases.
const FIELDS: &[&str] = &[" = models.", "django.contrib.gis.db"];

/// Abstract models of well-known packages, by the last part of their names.
const EXTERNAL: &[&str] = &[
    "Model",
    "AbstractUser",
    "AbstractBaseUser",
    "PermissionsMixin",
    "MPTTModel",
    "TimeStampedModel",
    "Page",
    "PolymorphicModel",
    "PolymorphicMPTTModel",
    "MP_Node",
    "NS_Node",
    "AL_Node",
    "ClusterableModel",
    "Orderable",
    "TranslatableModel",
    "SoftDeletableModel",
    "StatusModel",
    "UUIDModel",
    "TimeFramedModel",
    "SafeDeleteModel",
    "SingletonModel",
    "ActivatorModel",
    "TitleSlugDescriptionModel",
    "TitleDescriptionModel",
    "LifecycleModel",
    "AbstractBaseSession",
    "AbstractSession",
    "TaggedItemBase",
    "GenericTaggedItemBase",
    "ItemBase",
    "TagBase",
    "CommonGenericTaggedItemBase",
    "GenericUUIDTaggedItemBase",
    "User",
    "Group",
    "Site",
    "AbstractImage",
    "AbstractRendition",
    "AbstractDocument",
    "AbstractApplication",
    "AbstractAccessToken",
    "AbstractGrant",
    "AbstractRefreshToken",
    "AbstractIDToken",
    "BaseSiteSetting",
    "BaseGenericSetting",
    "BaseSetting",
    "AbstractEmailForm",
    "AbstractForm",
    "AbstractFormField",
    "AbstractEmailUser",
    "CMSPlugin",
    "Permission",
    "ContentType",
    "Tag",
    "TreeNodeModel",
    "ExportModelOperationsMixin",
    "AbstractBaseModel",
    "DirtyFieldsMixin",
];

pub(super) fn read(program: &Program<'_>, tables: &mut Tables) {
    let bases = EXTERNAL.iter().flat_map(|name| as_base(name));
    let patterns: Vec<String> = bases.chain(FIELDS.iter().map(|text| (*text).to_owned())).collect();
    let modules = program.modules(&patterns, |class| is_model(program, class));
    let mut apps: BTreeMap<String, (String, Option<Evidence>)> = BTreeMap::new();
    for module in modules {
        for class in program.index.classes(&module) {
            if is_model(program, &class) {
                model(program, &class, &mut apps, tables);
            }
        }
    }
}

/// Whether a dotted name outside of the tree is a model, or an abstract one.
fn is_external_model(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    let others =
        ["sqlalchemy", "peewee", "tortoise", "sqlmodel", "mongoengine", "rest_framework", "factory", "pydantic"];
    let is_other = others.iter().any(|other| name.starts_with(other));
    let is_bare = last == "Model" && !name.starts_with("django.");
    // A `Page` of Django's paginator is no model, its `models.Page` would be.
    let is_own = name.starts_with("django.");
    let is_place_of_models = ["models", ".db.", "base_user", "base_session"].iter().any(|part| name.contains(part));
    let is_known = if is_own { is_place_of_models } else { is_place_of_models || last != "Group" };
    !is_other && !is_bare && is_known && EXTERNAL.contains(&last) && name.contains('.')
}

fn is_model<'c>(program: &Program<'c>, class: &PythonClass<'c>) -> bool {
    let lineage = program.index.lineage(class);
    let is_external = |one: &Meaning<'_>| matches!(one, Meaning::External(name) if is_external_model(name));
    if lineage.iter().any(is_external) {
        return true;
    }
    // An unknown base outside of the tree and fields of Django: the base is a model of a package.
    let has_unknown = lineage.iter().any(|one| match one {
        Meaning::External(name) => !is_no_model(name),
        _ => false,
    });
    has_unknown && class.assignments().iter().any(|(_, value)| is_field(program, class, *value))
}

/// Bases under which fields have another meaning.
fn is_no_model(name: &str) -> bool {
    ["object", "serializers", "forms", "Serializer", "Form", "filters", "FilterSet", "admin", "Schema", "View", "enum"]
        .iter()
        .any(|part| name.split('.').any(|piece| piece.ends_with(part)))
}

/// `models.CharField(…)` of Django.
fn is_field<'c>(program: &Program<'c>, class: &PythonClass<'c>, value: Node<'_>) -> bool {
    let Some(function) = value.field("function").filter(|_| value.kind() == "call") else { return false };
    let name = text(function, class.bytes());
    let last = name.rsplit('.').next().unwrap_or(name);
    let is_named = last.ends_with("Field") || matches!(last, "ForeignKey" | "OneToOneField");
    is_named
        && matches!(program.index.meaning(&class.module, name), Meaning::External(full)
            if full.starts_with("django.db.models") || full.starts_with("django.contrib.gis.db.models"))
}

/// An option of `class Meta` that is this class's own or inherited from abstract bases.
fn option<'c>(program: &Program<'c>, class: &PythonClass<'c>, wanted: &str) -> Option<(PythonClass<'c>, Node<'c>)> {
    let lineage = program.index.lineage(class);
    for (at, one) in lineage.iter().enumerate() {
        let Meaning::Class(owner) = one else { continue };
        let is_own = at == 0;
        // What is said of an abstract class about itself is not inherited.
        if !is_own && (matches!(wanted, "abstract" | "proxy") || !is_abstract(owner)) {
            continue;
        }
        let Some(meta) = owner.inner("class_definition", "Meta") else { continue };
        let found = assignments(meta, owner.bytes()).into_iter().rev().find(|(name, _)| *name == wanted);
        if let Some((_, value)) = found {
            return Some((owner.clone(), value));
        }
        // A `Meta` without bases hides those of the classes above.
        meta.field("superclasses")?;
    }
    None
}

fn is_abstract(class: &PythonClass<'_>) -> bool {
    let meta = class.inner("class_definition", "Meta");
    meta.is_some_and(|meta| {
        assignments(meta, class.bytes()).iter().any(|(name, value)| *name == "abstract" && value.kind() == "true")
    })
}

fn model<'c>(
    program: &Program<'c>,
    class: &PythonClass<'c>,
    apps: &mut BTreeMap<String, (String, Option<Evidence>)>,
    tables: &mut Tables,
) {
    let says = |name: &str, kind: &str| option(program, class, name).is_some_and(|(_, value)| value.kind() == kind);
    if is_abstract(class) || says("proxy", "true") || says("managed", "false") {
        return;
    }
    let mut evidence = vec![class.evidence()];
    let label = match option(program, class, "app_label") {
        Some((owner, value)) => {
            evidence.push(owner.lines_of(value));
            program.constants.value(owner.module.file, value)
        }
        None => {
            let (label, said) = app(program, &class.module.file.path, apps);
            evidence.extend(said);
            Some(label)
        }
    };
    let label = label.unwrap_or_default();
    let model = class.name.to_lowercase();
    let table = match option(program, class, "db_table") {
        Some((owner, value)) => {
            evidence.truncate(1);
            evidence.push(owner.lines_of(value));
            match program.constants.value(owner.module.file, value) {
                Some(name) => name.trim_matches('"').replace("\".\"", "."),
                None => {
                    let shown = text(value, owner.bytes());
                    let reason = format!("the table of model {} has a computed name: `{shown}`", class.name);
                    tables.unresolved(reason, class.evidence());
                    return;
                }
            }
        }
        None => format!("{label}_{model}"),
    };
    let table = table.strip_prefix("public.").unwrap_or(&table).to_owned();
    tables.add(&table, "django model", Vec::new(), evidence.clone());
    fields(program, class, &label, &table, &evidence, tables);
}

/// The tables of fields: the class's own and those of its abstract bases.
fn fields<'c>(
    program: &Program<'c>,
    class: &PythonClass<'c>,
    label: &str,
    table: &str,
    evidence: &[Evidence],
    tables: &mut Tables,
) {
    let model = class.name.to_lowercase();
    let mut seen = BTreeSet::new();
    for one in program.index.lineage(class) {
        let owner = match one {
            Meaning::Class(owner) => owner,
            Meaning::External(name) => {
                let last = name.rsplit('.').next().unwrap_or(&name).to_owned();
                if name.starts_with("django.contrib.auth") && matches!(&*last, "AbstractUser" | "PermissionsMixin") {
                    for field in
                        ["groups", "user_permissions"].into_iter().filter(|field| seen.insert((*field).to_owned()))
                    {
                        tables.add(&format!("{table}_{field}"), "django model", Vec::new(), evidence.to_vec());
                    }
                }
                continue;
            }
            _ => continue,
        };
        let is_own = owner.id() == class.id();
        if !is_own && !is_abstract(&owner) && is_model(program, &owner) {
            continue;
        }
        for (name, value) in owner.assignments() {
            let Some(function) = called(value, owner.bytes()).filter(|_| seen.insert(name.to_owned())) else {
                continue;
            };
            let (_, named) = arguments(value, owner.bytes());
            let literal = |key: &str| named.get(key).map(|value| program.constants.value(owner.module.file, *value));
            let made = match function {
                // A table of its own, unless a model is given for it.
                _ if function.ends_with("ManyToManyField") && !named.contains_key("through") => {
                    literal("db_table").unwrap_or_else(|| Some(format!("{table}_{name}")))
                }
                "HistoricalRecords" if !named.contains_key("custom_model_name") => {
                    let label = literal("app").flatten().unwrap_or_else(|| label.to_owned());
                    literal("table_name").unwrap_or_else(|| Some(format!("{label}_historical{model}")))
                }
                "TranslatedFields" => Some(format!("{table}_translation")),
                _ => continue,
            };
            let at = owner.lines_of(value);
            match made {
                Some(made) => {
                    let evidence = std::iter::once(at).chain(evidence.iter().cloned()).collect();
                    tables.add(&made, "django model", Vec::new(), evidence);
                }
                None => tables.unresolved(format!("the table of {}.{name} has a computed name", class.name), at),
            }
        }
    }
}

/// The label of the application that a file belongs to: the nearest folder around it that is one.
fn app(
    program: &Program<'_>,
    path: &str,
    apps: &mut BTreeMap<String, (String, Option<Evidence>)>,
) -> (String, Option<Evidence>) {
    let nearest = folder_of(path);
    for folder in upwards(nearest).take_while(|at| !at.is_empty() || nearest.is_empty()).take(32) {
        if let Some(known) = apps.get(folder) {
            return known.clone();
        }
        let below = |name: &str| inside(folder, name);
        let own = folder.rsplit('/').next().unwrap_or(folder);
        let config = config(program, &below("apps.py")).or_else(|| config(program, &below("__init__.py")));
        let is_app = own != "models"
            && (program.corpus.has_path(&below("models.py"))
                || program.corpus.has_path(&below("models/__init__.py"))
                || program.corpus.has_path(&below("migrations/__init__.py")));
        if config.is_some() || is_app {
            let found = match config {
                Some((label, evidence)) => (label, evidence),
                None => (own.to_owned(), None),
            };
            apps.insert(folder.to_owned(), found.clone());
            return found;
        }
    }
    let own = nearest.strip_suffix("/models").unwrap_or(nearest);
    (own.rsplit('/').next().unwrap_or(own).to_owned(), None)
}

/// What an `AppConfig` says: its label, or the last part of its name.
fn config(program: &Program<'_>, path: &str) -> Option<(String, Option<Evidence>)> {
    let file = program.corpus.file(path)?;
    if !file.holds("AppConfig") {
        return None;
    }
    let module = program.index.module(path)?;
    let mut found: Vec<(bool, String, Evidence)> = Vec::new();
    for class in program.index.classes(&module) {
        let Some(name) = class.assigned("name") else { continue };
        let label = class.assigned("label");
        let value = label.unwrap_or(name);
        let Some(said) = program.constants.value(file, value) else { continue };
        let said = said.rsplit('.').next().unwrap_or(&said).to_owned();
        let evidence = class.lines_of(value);
        found.push((!is_true(class.assigned("default")), said, evidence));
    }
    found.sort_by(|a, b| (a.0, &a.2).cmp(&(b.0, &b.2)));
    found.into_iter().next().map(|(_, label, evidence)| (label, Some(evidence)))
}
