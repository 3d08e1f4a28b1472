//! The page in a real browser, against the real server and the built-in analyzer. Nothing here calls tick: the page does.

mod access;
mod drift;
mod failure;
mod hostile;
mod liveness;
mod main_path;
mod operation;
mod pictures;
mod support;
