//! Which controllers a prefix is for: a condition as it is written, and whether it holds for a class.

use crate::syntax::node::NodeExt as _;
use tree_sitter::Node;

use crate::lang::jvm::java::{expression, named};
use crate::lang::jvm::model::{Annotation, Expr, TypeId, simple};
use crate::lang::jvm::program::{JvmProgram, JvmScope};
use crate::syntax::literal::text;

/// Conditions inside of conditions.
const MAX_CONDITION_DEPTH: usize = 16;

/// Which controllers a prefix is for.
#[derive(Debug)]
pub(super) enum PrefixCondition {
    /// Those with one of these annotations, by simple name.
    Annotated(Vec<String>),
    /// Those in one of these packages or below.
    Package(Vec<String>),
    /// Those that are of one of these types.
    Assignable(Vec<String>),
    Not(Box<PrefixCondition>),
    All(Vec<PrefixCondition>),
    Any(Vec<PrefixCondition>),
    Unknown,
}

pub(super) fn read_condition(
    node: Node<'_>,
    bytes: &[u8],
    program: &mut JvmProgram<'_>,
    scope: JvmScope,
    depth: usize,
) -> PrefixCondition {
    if depth > MAX_CONDITION_DEPTH {
        return PrefixCondition::Unknown;
    }
    let mut inner = |node: Node<'_>| read_condition(node, bytes, program, scope, depth + 1);
    match node.kind() {
        "lambda_expression" => node.field("body").map_or(PrefixCondition::Unknown, inner),
        "parenthesized_expression" | "return_statement" => node.named_child(0).map_or(PrefixCondition::Unknown, inner),
        "block" if node.named_child_count() == 1 => node.named_child(0).map_or(PrefixCondition::Unknown, inner),
        "true" => PrefixCondition::All(Vec::new()),
        "false" => PrefixCondition::Any(Vec::new()),
        "unary_expression" if text(node, bytes).starts_with('!') => node
            .field("operand")
            .map_or(PrefixCondition::Unknown, |operand| PrefixCondition::Not(Box::new(inner(operand)))),
        "binary_expression" => {
            let sides = (node.field("left"), node.field("right"));
            let operator = node.field("operator").map_or("", |operator| text(operator, bytes));
            let (Some(left), Some(right)) = sides else { return PrefixCondition::Unknown };
            match operator {
                "&&" => PrefixCondition::All(vec![inner(left), inner(right)]),
                "||" => PrefixCondition::Any(vec![inner(left), inner(right)]),
                _ => PrefixCondition::Unknown,
            }
        }
        "method_invocation" => {
            let name = node.field("name").map_or("", |name| text(name, bytes));
            let given = node.field("arguments").map(named).unwrap_or_default();
            let object = node.field("object");
            if let (Some(object), [other]) = (object.filter(|_| matches!(name, "and" | "or")), given.as_slice()) {
                let both = vec![inner(object), inner(*other)];
                return if name == "and" { PrefixCondition::All(both) } else { PrefixCondition::Any(both) };
            }
            if let Some(object) = object.filter(|_| name == "negate") {
                return PrefixCondition::Not(Box::new(inner(object)));
            }
            let values: Vec<Expr> = given.iter().map(|given| expression(*given, bytes, 0)).collect();
            let classes: Vec<String> = values
                .iter()
                .filter_map(|value| match value {
                    Expr::Class(name) => Some(name.clone()),
                    _ => None,
                })
                .collect();
            match name {
                "forAnnotation" | "isAnnotationPresent" | "hasAnnotation" | "isAnnotated" if !classes.is_empty() => {
                    PrefixCondition::Annotated(classes.iter().map(|name| simple(name).to_owned()).collect())
                }
                "forAnyHandlerType" => PrefixCondition::All(Vec::new()),
                "forAssignableType" if !classes.is_empty() => PrefixCondition::Assignable(classes),
                "forBasePackageClass" => {
                    let packages = classes.iter().filter_map(|name| {
                        let of = program.resolve(scope, name)?;
                        Some(program.package_of(of).to_owned())
                    });
                    PrefixCondition::Package(packages.collect())
                }
                "forBasePackage" | "startsWith" => {
                    // Only `c.getPackage().getName().startsWith(...)` and `c.getPackageName()...` speak of packages.
                    let on = object.map_or("", |object| text(object, bytes));
                    let is_package =
                        name == "forBasePackage" || on.contains("getPackage") || on.ends_with(".getName()");
                    let packages: Option<Vec<String>> =
                        values.iter().map(|value| program.constant(scope, value)).collect();
                    packages.filter(|_| is_package).map_or(PrefixCondition::Unknown, PrefixCondition::Package)
                }
                _ => PrefixCondition::Unknown,
            }
        }
        _ => PrefixCondition::Unknown,
    }
}

/// Whether a condition holds for a class; nothing when that is not known.
pub(super) fn holds(
    condition: &PrefixCondition,
    program: &mut JvmProgram<'_>,
    of: TypeId,
    depth: usize,
) -> Option<bool> {
    match condition {
        PrefixCondition::Annotated(names) => {
            let (scope, annotations) = (program.scope(of), program.types[of].annotations.clone());
            Some(names.iter().any(|name| has_annotation(program, scope, &annotations, name, depth)))
        }
        PrefixCondition::Package(packages) => {
            let own = program.package_of(of);
            let is_below = |package: &String| {
                let package = package.trim_end_matches(['.', '*']);
                own == package || own.strip_prefix(package).is_some_and(|rest| rest.starts_with('.'))
            };
            Some(packages.iter().any(is_below))
        }
        PrefixCondition::Assignable(names) => {
            let lineage = program.lineage(of);
            Some(lineage.iter().any(|at| names.iter().any(|name| simple(name) == program.types[*at].name)))
        }
        PrefixCondition::Not(inner) => holds(inner, program, of, depth + 1).map(|holds| !holds),
        PrefixCondition::All(all) => {
            let all: Vec<_> = all.iter().map(|one| holds(one, program, of, depth + 1)).collect();
            if all.contains(&Some(false)) { Some(false) } else { (!all.contains(&None)).then_some(true) }
        }
        PrefixCondition::Any(any) => {
            let any: Vec<_> = any.iter().map(|one| holds(one, program, of, depth + 1)).collect();
            if any.contains(&Some(true)) { Some(true) } else { (!any.contains(&None)).then_some(false) }
        }
        PrefixCondition::Unknown => None,
    }
}

fn has_annotation(
    program: &mut JvmProgram<'_>,
    scope: JvmScope,
    annotations: &[Annotation],
    name: &str,
    depth: usize,
) -> bool {
    annotations.iter().any(|annotation| {
        let own = annotation.simple();
        if own == name || (own == "RestController" && matches!(name, "Controller" | "ResponseBody" | "Component")) {
            return true;
        }
        if depth > MAX_CONDITION_DEPTH {
            return false;
        }
        let Some(meta) = program.own_annotation(scope, annotation) else { return false };
        let (inside, on_type) = (program.scope(meta), program.types[meta].annotations.clone());
        has_annotation(program, inside, &on_type, name, depth + 1)
    })
}
