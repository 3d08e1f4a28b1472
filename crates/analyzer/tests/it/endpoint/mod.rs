//! Endpoints: ways to lay out a program that applications have, each in a few lines with every key.

mod csharp;
mod go;
mod inferred;
mod java;
mod javascript;
mod openapi;
mod php;
mod python;
mod ruby;
mod rust;
mod unread;
