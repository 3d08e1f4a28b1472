//! Frameworks of Ruby, Elixir, Erlang, Dart, Perl and other scripting languages.

use super::{UnreadFramework, UnreadLanguage, of};

static RUBY: UnreadLanguage =
    UnreadLanguage { title: "Ruby", ecosystem: "gem", endings: &["rb", "ru"], imports: &["require "] };
static ELIXIR: UnreadLanguage =
    UnreadLanguage { title: "Elixir", ecosystem: "hex", endings: &["ex", "exs"], imports: &["use ", "import "] };
static ERLANG: UnreadLanguage =
    UnreadLanguage { title: "Erlang", ecosystem: "hex", endings: &["erl"], imports: &["-include"] };
static GLEAM: UnreadLanguage =
    UnreadLanguage { title: "Gleam", ecosystem: "hex", endings: &["gleam"], imports: &["import "] };
static DART: UnreadLanguage =
    UnreadLanguage { title: "Dart", ecosystem: "pub", endings: &["dart"], imports: &["import "] };
static PERL: UnreadLanguage =
    UnreadLanguage { title: "Perl", ecosystem: "cpan", endings: &["pl", "pm", "psgi"], imports: &["use "] };
static LUA: UnreadLanguage =
    UnreadLanguage { title: "Lua", ecosystem: "luarocks", endings: &["lua", "moon"], imports: &["local "] };
static JULIA: UnreadLanguage =
    UnreadLanguage { title: "Julia", ecosystem: "julia", endings: &["jl"], imports: &["using ", "import "] };
static R: UnreadLanguage =
    UnreadLanguage { title: "R", ecosystem: "cran", endings: &["r", "R"], imports: &["library(", "require("] };
static RACKET: UnreadLanguage =
    UnreadLanguage { title: "Racket", ecosystem: "racket", endings: &["rkt"], imports: &[] };
static COMMON_LISP: UnreadLanguage =
    UnreadLanguage { title: "Common Lisp", ecosystem: "quicklisp", endings: &["lisp"], imports: &[] };

pub(super) static ALL: &[UnreadFramework] = &[
    of("Camping", &RUBY, &["camping"]),
    of("Cuba", &RUBY, &["cuba"]).imports(&["\"cuba\"", "'cuba'"]),
    of("Hanami", &RUBY, &["hanami", "hanami-router"]).imports(&["\"hanami\"", "'hanami'"]),
    of("Jets", &RUBY, &["jets"]),
    of("Padrino", &RUBY, &["padrino", "padrino-core"]).imports(&["'padrino'", "'padrino-core'"]),
    of("Rage", &RUBY, &["rage-rb"]),
    of("Ramaze", &RUBY, &["ramaze"]),
    of("Roda", &RUBY, &["roda"]).imports(&["\"roda\"", "'roda'"]),
    of("Syro", &RUBY, &["syro"]),
    of("WEBrick", &RUBY, &[]).texts(&["WEBrick::HTTPServer.new"]),
    of("Ash JSON:API", &ELIXIR, &["ash_json_api"]),
    of("Phoenix", &ELIXIR, &["phoenix"]).imports(&["Phoenix.Router", "Phoenix.Endpoint"]),
    of("Plug", &ELIXIR, &["plug_cowboy", "bandit", "plug"]).imports(&["Plug.Router"]),
    of("Cowboy", &ERLANG, &["cowboy"]).texts(&["cowboy_router:compile"]),
    of("Elli", &ERLANG, &["elli"]).texts(&["-behaviour(elli_handler)"]),
    of("MochiWeb, Yaws", &ERLANG, &["mochiweb", "yaws"]).texts(&["mochiweb_http:start"]),
    of("Nova", &ERLANG, &["nova"]),
    of("Webmachine", &ERLANG, &["webmachine"]),
    of("Wisp, Mist", &GLEAM, &["wisp", "mist"]).imports(&["wisp", "mist"]),
    of("Alfred", &DART, &["alfred"]).imports(&["package:alfred"]),
    of("Angel", &DART, &["angel3_framework", "angel_framework"]),
    of("Conduit, Aqueduct", &DART, &["conduit", "conduit_core", "aqueduct"]),
    of("Dart Frog", &DART, &["dart_frog"]).imports(&["package:dart_frog"]),
    of("Serverpod", &DART, &["serverpod"]).imports(&["package:serverpod"]),
    of("Shelf", &DART, &["shelf", "shelf_router"]).imports(&["package:shelf", "package:shelf_router"]),
    of("Catalyst", &PERL, &["Catalyst", "Catalyst::Runtime"]).imports(&["Catalyst", "Catalyst::Runtime"]),
    of("CGI", &PERL, &[]).imports(&["CGI"]),
    of("Dancer", &PERL, &["Dancer", "Dancer2"]).imports(&["Dancer", "Dancer2"]),
    of("Mojolicious", &PERL, &["Mojolicious"]).imports(&[
        "Mojolicious::Lite",
        "Mojo::Base 'Mojolicious'",
        "Mojo::Base 'Mojolicious::Controller'",
    ]),
    of("Plack", &PERL, &["Plack"]).imports(&["Plack::Builder"]),
    of("Lapis", &LUA, &["lapis"]).imports(&["require(\"lapis\")", "require \"lapis\""]),
    of("OpenResty", &LUA, &["lua-resty-http-server"]).texts(&["content_by_lua"]),
    of("Genie", &JULIA, &["Genie"]).imports(&["Genie", "Genie.Router"]),
    of("Oxygen", &JULIA, &["Oxygen"]).imports(&["Oxygen"]),
    of("plumber", &R, &["plumber"]).imports(&["plumber"]),
    of("Web Server of Racket", &RACKET, &[]).texts(&["web-server/insta", "web-server/servlet", "web-server/dispatch"]),
    of("Clack, Caveman", &COMMON_LISP, &[]).texts(&[
        "clack:clackup",
        "caveman2:defroute",
        "hunchentoot:define-easy-handler",
    ]),
];
