//! Small trees that unfold to 2^n of something, each beside a file that states a fact of its own.

mod doubled;

/// A tree of which one part is hostile.
pub(crate) struct Input {
    pub(crate) name: String,
    pub(crate) files: Vec<(String, String)>,
    /// The end of the key of a fact that must be there.
    pub(crate) healthy: &'static str,
    /// Words that the dossier says of what it left out; empty where nothing is.
    pub(crate) says: &'static str,
}

const PACKAGE: (&str, &str) = ("package.json", r#"{ "dependencies": { "express": "4" } }"#);
const SCRIPT: (&str, &str) = ("z.js", "const app = require('express')();\napp.get('/healthy', h);\napp.listen(1);\n");
const DOCKERFILE: (&str, &str) = ("z/Dockerfile", "FROM alpine:3\nEXPOSE 9999\n");

fn input(name: impl Into<String>, files: &[(&str, &str)], healthy: &'static str, says: &'static str) -> Input {
    let files = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    Input { name: name.into(), files, healthy, says }
}

/// Lines, one for each number from 1 on.
fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (1..=count).map(line).collect()
}

pub(crate) fn all() -> Vec<Input> {
    let mut all = vec![
        django(20),
        django(40),
        go_groups(18),
        go_structs(30),
        rust_nests(18),
        rust_globs(40),
        python_globs(200),
        script_globs(200),
        script_exports(40_000),
        script_lists(),
        doubled::texts(),
        doubled::alternatives(),
        many_scripts(),
        many_paths(),
        many_facts(),
        many_claims(),
        many_libraries(),
        many_references(),
        many_bodies(),
        one_line(),
        many_comments(),
        many_bases(),
        java(),
        csharp(),
        php(),
        maven(),
        spring_settings(),
        folders_of_routes(),
        dockerfile(),
    ];
    all.extend([60_000, 1_000_000].into_iter().flat_map(attributes));
    all
}

/// `include` twice on each level.
fn django(depth: usize) -> Input {
    let mut out = input(
        format!("django include twice, depth {depth}"),
        &[
            ("manage.py", "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'app.settings')\n"),
            ("app/__init__.py", ""),
            ("app/settings.py", "ROOT_URLCONF = 'app.urls'\n"),
            (
                "app/urls.py",
                "from django.urls import include, path\nfrom . import views\nurlpatterns = [path('x/', include('app.u1')), \
                 path('healthy/', views.h)]\n",
            ),
            ("app/views.py", "def h(request): pass\n"),
        ],
        "/healthy/",
        "more ways than are followed",
    );
    if depth == 20 {
        out.says = "more prefixes than are followed";
    }
    let include = |n: usize| format!("path('a/', include('app.u{n}')), path('b/', include('app.u{n}')), ");
    out.files.extend((1..=depth).map(|n| {
        let inner = if n < depth { include(n + 1) } else { String::new() };
        let text = format!("from django.urls import include, path\nfrom . import views\nurlpatterns = [{inner}path('l{n}/', views.h)]\n");
        (format!("app/u{n}.py"), text)
    }));
    out
}

fn go_groups(depth: usize) -> Input {
    let groups = lines(depth, |n| {
        let below = n - 1;
        format!("func g{n}(r chi.Router) {{ r.Route(\"/a\", g{below}); r.Route(\"/b\", g{below}) }}\n")
    });
    let main = format!(
        "package main\nimport (\n\"net/http\"\n\"github.com/go-chi/chi/v5\"\n)\nfunc h(w http.ResponseWriter, r *http.Request) {{}}\n\
         func main() {{ r := chi.NewRouter(); r.Get(\"/healthy\", h); r.Route(\"/x\", g{depth}); http.ListenAndServe(\":80\", r) }}\n\
         func g0(r chi.Router) {{ r.Get(\"/leaf\", h) }}\n{groups}"
    );
    input("go groups", &[("go.mod", "module x\ngo 1.22\n"), ("main.go", &main)], "GET /healthy", "unfolds")
}

fn go_structs(depth: usize) -> Input {
    let structs = lines(depth, |n| {
        let below = n - 1;
        format!("type S{n} struct {{ A S{below}; B S{below}; C S{below}; D S{below} }}\n")
    });
    let main = format!(
        "package main\nimport \"github.com/kelseyhightower/envconfig\"\ntype S0 struct {{ Leaf string }}\n{structs}\
         type Healthy struct {{ Healthy string }}\n\
         func main() {{ var a Healthy; var b S{depth}; envconfig.Process(\"APP\", &a); envconfig.Process(\"APP\", &b) }}\n"
    );
    input("go structs", &[("go.mod", "module x\ngo 1.22\n"), ("main.go", &main)], "APP_HEALTHY", "more fields inside")
}

fn rust_nests(depth: usize) -> Input {
    let nests = lines(depth, |n| {
        let below = n - 1;
        format!("fn r{n}() -> Router {{ Router::new().nest(\"/a\", r{below}()).nest(\"/b\", r{below}()) }}\n")
    });
    let main = format!(
        "use axum::{{Router, routing::get}};\nasync fn h() {{}}\nfn r0() -> Router {{ Router::new().route(\"/leaf\", get(h)) }}\n{nests}\
         #[tokio::main]\nasync fn main() {{\nlet app = Router::new().route(\"/healthy\", get(h)).nest(\"/x\", r{depth}());\n\
         axum::serve(tokio::net::TcpListener::bind(\"0.0.0.0:80\").await.unwrap(), app).await.unwrap();\n}}\n"
    );
    input("rust nests", &[("Cargo.toml", CARGO), ("src/main.rs", &main)], "GET /healthy", "unfolds")
}

const CARGO: &str = "[package]\nname = \"x\"\nversion = \"0.1.0\"\n[dependencies]\naxum = \"0.8\"\n";

/// Every module imports every other one whole.
fn rust_globs(count: usize) -> Input {
    let uses = lines(count, |n| format!("use crate::m{n}::*;\n"));
    let mods = lines(count, |n| format!("mod m{n};\n"));
    let main = format!(
        "{mods}{uses}use axum::{{Router, routing::get}};\nasync fn h() {{}}\n#[tokio::main]\nasync fn main() {{\n\
         let app = Router::new().route(\"/healthy\", get(h)).merge(nowhere()).merge(m1::made());\n\
         axum::serve(tokio::net::TcpListener::bind(\"0.0.0.0:80\").await.unwrap(), app).await.unwrap();\n}}\n"
    );
    let mut out = input("rust globs", &[("Cargo.toml", CARGO), ("src/main.rs", &main)], "GET /healthy", "");
    let module = format!("{uses}pub fn made() -> axum::Router {{ missing().merge(absent()) }}\n");
    out.files.extend((1..=count).map(|n| (format!("src/m{n}.rs"), module.clone())));
    out
}

fn python_globs(count: usize) -> Input {
    let main = "from m1 import *\nfrom fastapi import FastAPI\napp = FastAPI()\n@app.get('/healthy')\ndef h(): pass\n\
                app.include_router(missing)\n";
    let mut out = input("python globs", &[("requirements.txt", "fastapi\n"), ("main.py", main)], "GET /healthy", "");
    let imports = lines(count, |n| format!("from m{n} import *\n"));
    out.files.extend((1..=count).map(|n| (format!("m{n}.py"), format!("{imports}A{n} = B{n} + C{n}\n"))));
    out
}

fn script_globs(count: usize) -> Input {
    let main = "import express from 'express';\nimport { missing } from './m1';\nconst app = express();\n\
                app.get('/healthy', h);\napp.use('/x', missing);\napp.listen(1);\n";
    let mut out = input("script globs", &[PACKAGE, ("main.ts", main)], "GET /healthy", "");
    let exports = lines(count, |n| format!("export * from './m{n}';\nimport * as all{n} from './m{n}';\n"));
    let last = |n| format!("{exports}export const A{n} = all{n}.B{n};\n");
    out.files.extend((1..=count).map(|n| (format!("m{n}.ts"), last(n))));
    out
}

/// A file that only exports others whole, behind another one.
fn script_exports(count: usize) -> Input {
    let main = "import express from 'express';\nimport { missing } from './one';\nconst app = express();\n\
                app.get('/healthy', h);\napp.use('/x', missing);\napp.listen(1);\n";
    let exports = lines(count, |n| format!("export * from './m{n}';\n"));
    let files = [PACKAGE, ("main.ts", main), ("one.ts", "export * from './all';\n"), ("all.ts", &exports)];
    input("script exports", &files, "GET /healthy", "")
}

/// Lists of lists, objects of objects, and functions that call the one before twice.
fn script_lists() -> Input {
    let program = |first: &str, line: fn(usize) -> String, last: &str| {
        format!("const app = require('express')();\n{first}\n{}{last}\napp.listen(1);\n", lines(60, line))
    };
    let nested = program("const a0 = h;", |n| format!("const a{n} = [a{0}, a{0}];\n", n - 1), "app.get('/n', a60);");
    let paths = program("const a0 = '/x';", |n| format!("const a{n} = [a{0}, a{0}];\n", n - 1), "app.get(a60, h);");
    let objects = program(
        "const a0 = { x: '/x' };",
        |n| format!("const a{n} = {{ l: a{0}, r: a{0} }};\n", n - 1),
        "app.get(a60.l.r.l, h);\nObject.values(a60).forEach(one => app.get(one, h));",
    );
    let calls = program(
        "function f0(r) { r.get('/leaf', h); }",
        |n| format!("function f{n}(r) {{ f{0}(r); f{0}(r); }}\n", n - 1),
        "f60(app);",
    );
    let files = [PACKAGE, SCRIPT, ("n.js", &nested), ("p.js", &paths), ("o.js", &objects), ("f.js", &calls)];
    input("script lists", &files, "GET /healthy", "unfolds")
}

/// More hostile files than there are shares of one program.
fn many_scripts() -> Input {
    let calls = lines(40, |n| format!("function f{n}(r) {{ f{0}(r); f{0}(r); }}\n", n - 1));
    let hostile =
        format!("const app = require('express')();\nfunction f0(r) {{ r.get('/leaf', h); }}\n{calls}f40(app);\n");
    let mut out = input("many scripts", &[PACKAGE, SCRIPT], "GET /healthy", "unfolds");
    out.files.extend((1..=8).map(|n| (format!("a{n}.js"), hostile.clone())));
    out
}

/// One call that registers many paths, again and again.
fn many_paths() -> Input {
    let doubled = lines(16, |n| format!("const a{n} = [...a{0}, ...a{0}];\n", n - 1));
    let calls = "app.get(a14, h);\n".repeat(40);
    let hostile = format!("const app = require('express')();\nconst a0 = ['/x'];\n{doubled}{calls}app.listen(1);\n");
    let mut out = input("many paths", &[PACKAGE, SCRIPT], "GET /healthy", "");
    out.files.extend((1..=20).map(|n| (format!("a{n}.js"), hostile.clone())));
    out
}

/// More facts than fit into a dossier, in two of three files.
fn many_facts() -> Input {
    let variables = |name: &str| lines(30_000, |n| format!("process.env.{name}_{n};\n"));
    let files = [PACKAGE, SCRIPT, ("a.js", &*variables("A")), ("b.js", &*variables("B"))];
    input("many facts", &files, "GET /healthy", "do not fit into the dossier")
}

/// As many sentences as fit into a document, each about another of as many routes, headings and files.
fn many_claims() -> Input {
    let routes = lines(8_000, |n| format!("app.get('/api/:a/p{n}', h);\n"));
    let program = format!("const app = require('express')();\n{routes}app.listen(1);\n");
    let sentences = |n| format!("## H{n}\n[a](#i{n}) [b](b{n}.md) `GET /api/q{n}/{{id}}` `src/x{n}.py`\n\n");
    let readme = lines(12_000, sentences);
    input("many claims", &[PACKAGE, SCRIPT, ("a.js", &program), ("README.md", &readme)], "GET /healthy", "")
}

/// A version catalog and a build that uses all of it.
fn many_libraries() -> Input {
    let libraries = lines(16_000, |n| format!("l{n} = {{ module = \"g:a{n}\", version = \"1\" }}\n"));
    let catalog = format!("[libraries]\n{libraries}");
    let uses = lines(16_000, |n| format!("  implementation libs.l{n}\n"));
    let build = format!("dependencies {{\n{uses}}}\n");
    let files = [DOCKERFILE, ("gradle/libs.versions.toml", &*catalog), ("build.gradle", &build)];
    input("many libraries", &files, "9999/tcp", "")
}

/// A document of which each part means another one.
fn many_references() -> Input {
    let paths: Vec<_> = (1..=40_000).map(|n| format!("\"/p{n}\":{{\"$ref\":\"#/x/y{n}\"}}")).collect();
    let meant: Vec<_> = (1..=40_000).map(|n| format!("\"y{n}\":{{\"get\":{{\"responses\":{{}}}}}}")).collect();
    let (paths, meant) = (paths.join(","), meant.join(","));
    let document =
        format!(r#"{{"openapi":"3.0.0","info":{{"title":"x","version":"1"}},"paths":{{{paths}}},"x":{{{meant}}}}}"#);
    input("many references", &[DOCKERFILE, ("openapi.json", &document)], "9999/tcp", "")
}

/// Beginnings of bodies of SQL that never end.
fn many_bodies() -> Input {
    let sql = format!("CREATE TABLE healthy (x int);\n{}", lines(80_000, |n| format!("$t{n}$ ")));
    input("many bodies", &[("schema.sql", &sql)], "healthy", "")
}

/// A document of one line that names files.
fn one_line() -> Input {
    let paths: Vec<_> = (1..=12_000).map(|n| format!("`src/a{n}.py`")).collect();
    let readme = format!("# X\n\n{}\n", paths.join(" "));
    input("one line", &[DOCKERFILE, ("src/b.py", ""), ("README.md", &readme)], "9999/tcp", "")
}

/// A program that is nearly all comments.
fn many_comments() -> Input {
    let comments = lines(60_000, |n| format!("# {n}\n"));
    let program =
        format!("{comments}from fastapi import FastAPI\napp = FastAPI()\n@app.get('/healthy')\ndef h(): pass\n");
    input("many comments", &[("main.py", &program)], "GET /healthy", "")
}

/// Classes of which each extends the one before.
fn many_bases() -> Input {
    let classes =
        lines(6_000, |n| format!("public class C{n} : C{} {{ [HttpGet(\"x{n}\")] public void X{n}() {{}} }}\n", n - 1));
    let code = format!("using Microsoft.AspNetCore.Mvc;\npublic class C0 : ControllerBase {{}}\n{classes}");
    let program = "var app = WebApplication.CreateBuilder(args).Build();\napp.MapGet(\"/healthy\", () => 1);\napp.MapControllers();\napp.Run();\n";
    let project = ("a.csproj", r#"<Project Sdk="Microsoft.NET.Sdk.Web"/>"#);
    input("many bases", &[project, ("Program.cs", program), ("A.cs", &code)], "GET /healthy", "")
}

const SPRING: &str = "package a;\nimport org.springframework.boot.autoconfigure.SpringBootApplication;\n\
                      import org.springframework.web.bind.annotation.*;\n";

fn java() -> Input {
    let constants = lines(60, |n| format!("static final String A{n} = A{0} + A{0};\n", n - 1));
    let text = format!(
        "{SPRING}@SpringBootApplication @RestController class A {{\nstatic final String A0 = \"x\";\n{constants}\
         @GetMapping(\"/healthy\") void h() {{}}\n@GetMapping(A60) void g() {{}}\n}}\n"
    );
    input("java constants", &[("pom.xml", "<project/>"), ("src/main/java/a/A.java", &text)], "GET /healthy", "")
}

fn csharp() -> Input {
    let constants = lines(60, |n| format!("const string A{n} = A{0} + A{0};\n", n - 1));
    let text = format!(
        "using Microsoft.AspNetCore.Mvc;\n[ApiController] public class A : ControllerBase {{\nconst string A0 = \"x\";\n{constants}\
         [HttpGet(\"/healthy\")] public void H() {{}}\n[HttpGet(A60)] public void G() {{}}\n}}\n"
    );
    let project = "<Project Sdk=\"Microsoft.NET.Sdk.Web\"/>";
    let program = "var app = WebApplication.CreateBuilder(args).Build();\napp.MapControllers();\napp.Run();\n";
    let files = [("a.csproj", project), ("Program.cs", program), ("A.cs", &*text)];
    input("c# constants", &files, "GET /healthy", "")
}

fn php() -> Input {
    let variables = lines(60, |n| format!("$a{n} = $a{0} . $a{0};\n$l{n} = array_merge($l{0}, $l{0});\n", n - 1));
    let routes = format!(
        "<?php\nuse Illuminate\\Support\\Facades\\Route;\nRoute::get('/healthy', 'A@h');\n$a0 = 'x';\n$l0 = ['get'];\n\
         {variables}Route::get($a60, 'A@b');\nRoute::match($l60, '/m', 'A@b');\n"
    );
    let composer = r#"{ "require": { "laravel/framework": "^11" } }"#;
    let boot = "<?php\nuse Illuminate\\Foundation\\Application;\nreturn Application::configure(basePath: dirname(__DIR__))\n\
                ->withRouting(web: __DIR__.'/../routes/web.php')->create();\n";
    let files =
        [("composer.json", composer), ("artisan", ""), ("bootstrap/app.php", boot), ("routes/web.php", &*routes)];
    input("php variables", &files, "GET /healthy", "")
}

fn maven() -> Input {
    let properties = lines(16, |n| format!("<p{n}>{}</p{n}>", format!("${{p{}}}", n - 1).repeat(200)));
    let pom = format!(
        "<project><artifactId>a</artifactId><properties><p0>1</p0>{properties}</properties><dependencies>\
         <dependency><groupId>g</groupId><artifactId>healthy</artifactId><version>${{p16}}</version></dependency>\
         </dependencies></project>"
    );
    input("maven properties", &[DOCKERFILE, ("pom.xml", &pom)], "9999/tcp", "")
}

fn spring_settings() -> Input {
    let settings = lines(16, |n| format!("p{n}={}\n", format!("${{p{}}}", n - 1).repeat(100)));
    let java = "@SpringBootApplication @RestController class A {\n@GetMapping(\"/healthy\") void h() {}\n\
                @GetMapping(\"${p16}\") void g() {}\n}\n";
    let java = format!("{SPRING}{java}");
    let files = [
        ("pom.xml", "<project/>"),
        ("src/main/resources/application.properties", &*format!("p0=/x\n{settings}")),
        ("src/main/java/a/A.java", &*java),
    ];
    input("spring settings", &files, "GET /healthy", "")
}

/// A router that is mounted in itself, and routers that are all mounted in each other.
fn folders_of_routes() -> Input {
    let routers = lines(30, |n| format!("const r{n} = express.Router();\nr{n}.get('/l{n}', h);\n"));
    let mounts: String = (1..=30).map(|n| lines(30, |m| format!("r{n}.use('/m{m}', r{m});\n"))).collect();
    let main = format!(
        "const express = require('express');\nconst app = express();\napp.get('/first', h);\n{routers}{mounts}app.use('/a', r1);\n\
         app.listen(1);\n"
    );
    input("routers in a circle", &[PACKAGE, SCRIPT, ("a.js", &main)], "GET /healthy", "more ways than are followed")
}

/// Words that each look for their line, and here-documents that each look for their end.
fn dockerfile() -> Input {
    let words = "EXPOSE 8080 \\\n".repeat(60_000);
    let documents = lines(30_000, |n| format!("RUN <<E{}\n", n % 50));
    let text = format!("FROM alpine:3\n{words}8081\n{documents}");
    input("dockerfile", &[DOCKERFILE, ("a/Dockerfile", &text)], "9999/tcp", "")
}

/// One element with so many attributes, in every file that is read as XML.
fn attributes(count: usize) -> Vec<Input> {
    let many: String = (0..count).map(|n| format!(" a{n}=''")).collect();
    let file = |path: &'static str, root: &str| {
        let text = format!("<{root}{many}></{root}>");
        // What is larger than any file that is read is skipped.
        let says = if count > 100_000 { "" } else { "attributes" };
        input(format!("{count} attributes in {path}"), &[DOCKERFILE, (path, &text)], "9999/tcp", says)
    };
    if count > 100_000 {
        return vec![file("pom.xml", "project")];
    }
    vec![
        file("pom.xml", "project"),
        file("Directory.Build.props", "Project"),
        file("a.csproj", "Project"),
        file("A.hbm.xml", "hibernate-mapping"),
        file("changelog.xml", "databaseChangeLog"),
    ]
}
