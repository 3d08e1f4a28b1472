//! The rules of every framework and of the calls that open ports, and the trace of all programs with them.

use super::endpoint::{
    actix, axum, django, django_ninja, express, fastapi, fastify, flask, go, hono, koa, nestjs, nextjs, rocket, warp,
};
use super::port::listen;
use crate::syntax::grammar::Family;
use crate::trace::graph::Graph;
use crate::trace::machine::Rules;
use crate::trace::run;
use crate::tree::corpus::Corpus;

/// A new framework is one more line here; those of Go list themselves.
const RULES: &[&dyn Rules] = &[
    &express::Express,
    &fastify::Fastify,
    &koa::Koa,
    &hono::Hono,
    &nestjs::NestJs,
    &nextjs::NextJs,
    &fastapi::FastApi,
    &flask::Flask,
    &django::Django,
    &django_ninja::DjangoNinja,
    &actix::Actix,
    &rocket::Rocket,
    &warp::Warp,
    &axum::Axum,
    &listen::JavaScript,
    &listen::Python,
    &listen::Rust,
    &listen::Go,
];

/// The rules of every framework, and of the calls that open ports.
pub(super) fn all() -> impl Iterator<Item = &'static dyn Rules> {
    RULES.iter().copied().chain(go::RULES)
}

/// Trace every program of the corpus; the families in parallel.
pub(super) fn trace(corpus: &Corpus) -> Graph {
    let all: Vec<&dyn Rules> = all().collect();
    std::thread::scope(|threads| {
        let families: Vec<_> =
            Family::TRACED.iter().map(|family| threads.spawn(|| run::trace(corpus, *family, &all))).collect();
        let mut graph = Graph::default();
        for family in families {
            graph.absorb(family.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        graph
    })
}
