//! The page in a real browser, against the real server and the built-in analyzer. Nothing here calls tick: the page does.

mod access;
mod drift;
mod external;
mod failure;
mod forty;
mod giving_up;
mod home;
mod hostile;
mod keys;
mod liveness;
mod long;
mod main_path;
mod operation;
mod pictures;
mod questions;
mod repo;
mod run_page;
mod second_look;
mod states;
mod support;
mod tasks;
mod token;
