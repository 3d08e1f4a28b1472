//! What the syntax-based extractors find: one fixture folder and one snapshot for each framework and
//! fact, and the promises that hold for every input.

mod evidence;
mod framework;
mod php;
mod robustness;
mod support;
