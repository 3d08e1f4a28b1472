//! What a call is given: values, options and a block.

use crate::syntax::node::NodeExt as _;
use tree_sitter::Node;

use super::RouteMachine;
use crate::extract::endpoint::rails::value::{Arguments, RubyBlock, RubyValue};
use crate::syntax::literal::text;

impl<'c> RouteMachine<'c, '_> {
    /// The arguments of a call.
    pub(in crate::extract::endpoint::rails) fn arguments(&mut self, node: Node<'c>) -> Arguments<'c> {
        let mut out = Arguments::default();
        if let Some(block) = node.field("block") {
            out.block = Some(RubyBlock { file: self.file, node: block });
        }
        let Some(list) = node.field("arguments") else { return out };
        for argument in list.inner() {
            match argument.kind() {
                "comment" => {}
                "pair" => {
                    let pair = self.pair(argument);
                    out.named.push(pair);
                }
                "hash_splat_argument" => {
                    let inner = argument.named_child(0).map(|inner| self.eval(inner));
                    if let Some(RubyValue::Map(pairs)) = inner {
                        out.named.extend(pairs);
                    }
                }
                "splat_argument" => match argument.named_child(0).map(|inner| self.eval(inner)) {
                    Some(RubyValue::List(items)) => out.positional.extend(items),
                    Some(other) => out.positional.push(other),
                    None => {}
                },
                "block_argument" => {
                    let inner = argument.named_child(0).map(|inner| self.eval(inner));
                    if let Some(RubyValue::Block(block)) = inner {
                        out.block = Some(block);
                    }
                }
                _ => out.positional.push(self.eval(argument)),
            }
        }
        out
    }

    pub(in crate::extract::endpoint::rails) fn pair(&mut self, node: Node<'c>) -> (RubyValue<'c>, RubyValue<'c>) {
        let bytes = self.file.bytes();
        let key = match node.field("key") {
            Some(key) if key.kind() == "hash_key_symbol" => RubyValue::Symbol(text(key, bytes).to_owned()),
            // `"a": 1` has a symbol for its key.
            Some(key) if key.kind() == "string" => {
                let is_symbol = node.child(1).is_some_and(|sign| sign.kind() == ":");
                match self.eval(key) {
                    RubyValue::Text(text) if is_symbol => RubyValue::Symbol(text),
                    other => other,
                }
            }
            Some(key) => self.eval(key),
            None => RubyValue::Nil,
        };
        let value = match node.field("value") {
            Some(value) => self.eval(value),
            // `{a:}` is the variable of that name.
            None => {
                key.text().and_then(|name| self.local(&name).cloned()).unwrap_or(RubyValue::Unknown("a value".into()))
            }
        };
        (key, value)
    }
}
