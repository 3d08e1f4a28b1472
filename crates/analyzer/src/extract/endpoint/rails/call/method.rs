//! The methods of texts, lists, maps and blocks that route files are written with.

use crate::syntax::node::NodeExt as _;
use tree_sitter::Node;

use crate::extract::endpoint::rails::machine::RouteMachine;
use crate::extract::endpoint::rails::scope::Site;
use crate::extract::endpoint::rails::value::{Arguments, RubyValue};
use crate::syntax::literal::text;

impl<'c> RouteMachine<'c, '_> {
    /// The methods of texts, lists, maps and blocks.
    pub(super) fn method(
        &mut self,
        on: &RubyValue<'c>,
        name: &str,
        arguments: &Arguments<'c>,
        node: Node<'c>,
    ) -> Option<RubyValue<'c>> {
        let first = arguments.positional.first();
        let inflector = &self.application.inflector;
        Some(match (on, name) {
            (_, "freeze" | "dup" | "to_a" | "to_h" | "flatten" | "uniq" | "sort" | "presence" | "clone" | "to_set") => {
                on.clone()
            }
            (RubyValue::Text(_) | RubyValue::Symbol(_), "to_s" | "to_str" | "html_safe") => RubyValue::Text(on.text()?),
            (RubyValue::Number(number), "to_s") => RubyValue::Text(number.to_string()),
            (RubyValue::Text(_) | RubyValue::Symbol(_), "to_sym") => RubyValue::Symbol(on.text()?),
            (RubyValue::Text(text), "pluralize") => RubyValue::Text(inflector.pluralize(text)),
            (RubyValue::Text(text), "singularize") => RubyValue::Text(inflector.singularize(text)),
            (RubyValue::Text(text), "underscore") => RubyValue::Text(inflector.underscore(text)),
            (RubyValue::Text(text), "camelize" | "classify") => RubyValue::Text(inflector.camelize(text)),
            (RubyValue::Text(text), "dasherize") => RubyValue::Text(text.replace('_', "-")),
            (RubyValue::Text(text), "downcase") => RubyValue::Text(text.to_lowercase()),
            (RubyValue::Text(text), "upcase") => RubyValue::Text(text.to_uppercase()),
            (RubyValue::Text(text), "tr" | "gsub") => {
                let (from, to) = (first?.text()?, arguments.positional.get(1)?.text()?);
                (from.chars().count() == 1).then(|| RubyValue::Text(text.replace(&from, &to)))?
            }
            (RubyValue::Text(text), "split") => {
                let by = first.and_then(RubyValue::text);
                let parts: Vec<String> = match by {
                    Some(by) => text.split(&by).map(str::to_owned).collect(),
                    None => text.split_whitespace().map(str::to_owned).collect(),
                };
                RubyValue::List(parts.into_iter().map(RubyValue::Text).collect())
            }
            (RubyValue::Text(text), "in?") if text == "production" => {
                RubyValue::Bool(first?.texts()?.iter().any(|one| one == text))
            }
            (RubyValue::List(items), "include?") => RubyValue::Bool(items.iter().any(|one| one.same_name(first))),
            (RubyValue::List(items), "first") => items.first()?.clone(),
            (RubyValue::List(items), "last") => items.last()?.clone(),
            (RubyValue::List(_), "join") => {
                RubyValue::Text(on.texts()?.join(&first.and_then(RubyValue::text).unwrap_or_default()))
            }
            (RubyValue::Map(pairs), "keys") => RubyValue::List(pairs.iter().map(|(key, _)| key.clone()).collect()),
            (RubyValue::Map(pairs), "values") => {
                RubyValue::List(pairs.iter().map(|(_, value)| value.clone()).collect())
            }
            (RubyValue::Map(pairs), "merge") => {
                let mut pairs = pairs.clone();
                pairs.extend(arguments.named.clone());
                if let Some(RubyValue::Map(more)) = first {
                    pairs.extend(more.clone());
                }
                pairs.reverse();
                RubyValue::Map(pairs)
            }
            (RubyValue::Map(pairs), "fetch" | "dig") => {
                let found = pairs.iter().find(|(key, _)| key.same_name(first)).map(|(_, value)| value.clone());
                found.or_else(|| arguments.positional.get(1).cloned())?
            }
            (RubyValue::Block(block), "call" | "()" | "yield") => self.invoke(*block, &arguments.positional),
            (RubyValue::Number(count), "times") if (0..1_000).contains(count) => {
                let items: Vec<RubyValue<'c>> = (0..*count).map(RubyValue::Number).collect();
                self.each(&items, "each", arguments, node)?
            }
            (RubyValue::List(items), _) => self.each(items, name, arguments, node)?,
            (RubyValue::Map(pairs), _) => {
                let items: Vec<RubyValue<'c>> =
                    pairs.iter().map(|(key, value)| RubyValue::List(vec![key.clone(), value.clone()])).collect();
                self.each(&items, name, arguments, node)?
            }
            _ => return None,
        })
    }

    /// A loop over a list that is known.
    fn each(
        &mut self,
        items: &[RubyValue<'c>],
        name: &str,
        arguments: &Arguments<'c>,
        node: Node<'c>,
    ) -> Option<RubyValue<'c>> {
        let block = match arguments.block {
            Some(block) => block,
            // `map(&:to_sym)` changes nothing that a path shows.
            None if matches!(name, "map" | "each") => return Some(RubyValue::List(items.to_vec())),
            None => return None,
        };
        if !matches!(
            name,
            "each"
                | "each_with_index"
                | "map"
                | "each_pair"
                | "flat_map"
                | "each_entry"
                | "each_with_object"
                | "collect"
        ) {
            return None;
        }
        let loop_site: Site<'c> = self.site(node);
        let mut scope = if self.is_drawing { self.scope_at(loop_site) } else { (*self.scope).clone() };
        // The items stand where the constant does.
        let receiver = node.field("receiver").filter(|receiver| receiver.kind() == "constant");
        if let Some(at) = receiver.and_then(|name| self.constant_sites.get(text(name, self.file.bytes()))) {
            scope.sites.insert(1.min(scope.sites.len()), *at);
        }
        let made = self.within(scope, |machine| {
            let mut made = Vec::new();
            for (at, item) in (0_i64..).zip(items) {
                let values = match (name, item) {
                    ("each_with_index", item) => vec![item.clone(), RubyValue::Number(at)],
                    (_, RubyValue::List(pair)) if pair.len() > 1 => vec![RubyValue::List(pair.clone())],
                    (_, item) => vec![item.clone()],
                };
                made.push(machine.invoke(block, &values));
            }
            made
        });
        Some(if name.starts_with("each") { RubyValue::List(items.to_vec()) } else { RubyValue::List(made) })
    }
}

impl RubyValue<'_> {
    fn same_name(&self, other: Option<&Self>) -> bool {
        other.is_some_and(|other| match (self.text(), other.text()) {
            (Some(one), Some(two)) => one == two,
            _ => false,
        })
    }
}
