//! What the syntax-based extractors find: one fixture folder and one snapshot for each framework and
//! fact, and the promises that hold for every input.

mod csharp;
mod evidence;
mod framework;
mod go;
mod java;
mod layouts;
mod php;
mod robustness;
mod ruby;
mod rust;
mod support;
mod table;
