//! What the mapping annotations of a class or a method say, through annotations of the program's own.

use std::collections::BTreeMap;

use ci_feed_dossier::evidence::Evidence;

use crate::lang::jvm::model::{Annotation, Expr, UnitId, simple, value};
use crate::lang::jvm::program::{JvmProgram, JvmScope};

/// The package of `@RequestMapping` and its kin.
pub(super) const WEB: &[&str] = &["org.springframework.web.bind.annotation"];
/// The package of `@Controller`.
const STEREOTYPES: &[&str] = &["org.springframework.stereotype"];
/// Where Spring Data has its own controllers.
const DATA_REST: &[&str] = &["org.springframework.data.rest.webmvc"];
/// Annotations on annotations.
const MAX_ANNOTATION_DEPTH: usize = 8;

/// The mapping that a class or a method has.
#[derive(Debug, Clone)]
pub(super) struct RequestMapping {
    /// As they are written; nothing when one of them cannot be known.
    pub(super) paths: Option<Vec<String>>,
    /// Upper case; none stands for every method. Nothing when one of them cannot be known.
    pub(super) methods: Option<Vec<String>>,
    pub(super) evidence: Evidence,
    /// The annotation types of the program that it comes through.
    pub(super) through: Vec<Evidence>,
}

/// The values that one use of an annotation gives to those that stand on the annotation's type: evaluated paths and
/// methods, by the attribute that they replace.
type Given = BTreeMap<&'static str, Option<Vec<String>>>;

/// The method that a composed annotation of Spring stands for.
fn verb(name: &str) -> Option<&'static str> {
    Some(match name {
        "GetMapping" => "GET",
        "PostMapping" => "POST",
        "PutMapping" => "PUT",
        "DeleteMapping" => "DELETE",
        "PatchMapping" => "PATCH",
        _ => return None,
    })
}

/// The first mapping among the annotations of one element.
pub(super) fn of(program: &mut JvmProgram<'_>, scope: JvmScope, annotations: &[Annotation]) -> Option<RequestMapping> {
    annotations.iter().find_map(|annotation| {
        program.take_used();
        let (paths, methods, mut through) = read(program, scope, annotation, &Given::new(), 0)?;
        through.extend(program.take_used());
        let evidence = program.evidence_in(scope.unit, annotation.lines);
        Some(RequestMapping { paths, methods, evidence, through })
    })
}

type Read = (Option<Vec<String>>, Option<Vec<String>>, Vec<Evidence>);

fn read(
    program: &mut JvmProgram<'_>,
    scope: JvmScope,
    annotation: &Annotation,
    given: &Given,
    depth: usize,
) -> Option<Read> {
    let name = annotation.simple();
    let is_mapping = name == "RequestMapping" || verb(name).is_some();
    if is_mapping && program.comes_from(scope.unit, &annotation.name, WEB) {
        let paths = given.get("paths").cloned().unwrap_or_else(|| {
            match annotation.value("value").or_else(|| annotation.value("path")) {
                Some(paths) => program.constants(scope, paths),
                None => Some(Vec::new()),
            }
        });
        let methods = match (verb(name), annotation.value("method")) {
            (Some(verb), _) => Some(vec![verb.to_owned()]),
            _ if given.contains_key("methods") => given["methods"].clone(),
            (None, Some(methods)) => verbs(methods),
            (None, None) => Some(Vec::new()),
        };
        return Some((paths, methods, Vec::new()));
    }
    // Nothing of a framework's own is an annotation of the program.
    if depth >= MAX_ANNOTATION_DEPTH || program.comes_from(scope.unit, &annotation.name, &["java.lang"]) {
        return None;
    }
    let own = program.own_annotation(scope, annotation)?;
    let inside = program.scope(own);
    let mut passed = Given::new();
    let elements: Vec<(String, Option<Annotation>, Option<Expr>)> = program.types[own]
        .methods
        .iter()
        .map(|element| {
            let alias = element.annotations.iter().find(|one| one.simple() == "AliasFor").cloned();
            (element.name.clone(), alias, element.default.clone())
        })
        .collect();
    for (name, alias, default) in elements {
        let target = alias.as_ref().and_then(|alias| {
            let attribute = alias.value("attribute").or_else(|| alias.value("value"));
            let is_other = alias.value("annotation").is_some();
            match attribute {
                Some(Expr::Text(attribute)) if is_other => Some(attribute.clone()),
                None if is_other => Some(name.clone()),
                _ => None,
            }
        });
        let slot = match target.as_deref().or_else(|| (alias.is_none()).then_some(name.as_str())) {
            Some("value") if target.is_some() => "paths",
            Some("path") => "paths",
            Some("method") => "methods",
            _ => continue,
        };
        let evaluate = |program: &mut JvmProgram<'_>, scope: JvmScope, value: &Expr| match slot {
            "paths" => program.constants(scope, value),
            _ => verbs(value),
        };
        let handed = given.get(slot).cloned();
        let written = value(&annotation.values, &name).map(|value| evaluate(program, scope, value));
        let fallback = default.map(|default| evaluate(program, inside, &default));
        let said =
            handed.or(written).or_else(|| fallback.filter(|said| said.as_ref().is_none_or(|said| !said.is_empty())));
        if let Some(said) = said {
            passed.insert(slot, said);
        }
    }
    let on_type = program.types[own].annotations.clone();
    on_type.iter().find_map(|meta| {
        let (paths, methods, mut through) = read(program, inside, meta, &passed, depth + 1)?;
        through.insert(0, program.evidence(own, meta.lines));
        Some((paths, methods, through))
    })
}

/// `RequestMethod.GET`, `{GET, POST}`.
fn verbs(methods: &Expr) -> Option<Vec<String>> {
    methods
        .items()
        .iter()
        .map(|item| match item {
            Expr::Name(name) => {
                Some(simple(name).to_owned()).filter(|name| name.chars().all(|letter| letter.is_ascii_uppercase()))
            }
            _ => None,
        })
        .collect()
}

/// What makes a class a controller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stereotype {
    Controller,
    /// Spring Data's, below its base path.
    DataRest,
}

/// The annotation that makes a class a controller, directly or through annotations of the program's own.
pub(super) fn stereotype(
    program: &mut JvmProgram<'_>,
    scope: JvmScope,
    annotations: &[Annotation],
    depth: usize,
) -> Option<(Stereotype, (u32, u32))> {
    annotations.iter().find_map(|annotation| {
        let found = if is_controller(program, scope.unit, annotation) {
            Stereotype::Controller
        } else if matches!(annotation.simple(), "BasePathAwareController" | "RepositoryRestController")
            && program.comes_from(scope.unit, &annotation.name, DATA_REST)
        {
            Stereotype::DataRest
        } else if depth < MAX_ANNOTATION_DEPTH {
            let own = program.own_annotation(scope, annotation)?;
            let (inside, on_type) = (program.scope(own), program.types[own].annotations.clone());
            stereotype(program, inside, &on_type, depth + 1)?.0
        } else {
            return None;
        };
        Some((found, annotation.lines))
    })
}

fn is_controller(program: &JvmProgram<'_>, unit: UnitId, annotation: &Annotation) -> bool {
    program.is(unit, annotation, WEB, "RestController") || program.is(unit, annotation, STEREOTYPES, "Controller")
}
