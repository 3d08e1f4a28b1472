//! Express, Fastify, Hono, Next.js: what their programs serve.

use crate::support::{endpoints, keys};

#[test]
fn a_guard_that_may_be_optional_is_not_called_found() {
    let source = "const app = require('express')();\n\
        app.get('/a', auth.optional, list);\n\
        app.get('/b', requireAuth, list);\n\
        app.get('/c', (req, res) => requireAuth(req), list);\n\
        app.get('/d', list);\n\
        app.get('/e', passport.authenticate('google'), list);\n\
        app.get('/f', passport.authenticate('jwt', { session: false }), list);\n\
        app.get('/g', csrf.protect(), list);\n\
        app.get('/h', !requireAuth, list);\n\
        app.get('/i', open ? requireAuth : next, list);\n\
        app.get('/j', strict && requireAuth(), list);\n";
    let found = endpoints(&[("app.js", source)]);
    let guards: Vec<(&str, &str)> =
        found.facts.iter().map(|fact| (fact.key.as_str(), fact.attrs["guard"].as_str().unwrap())).collect();
    let expected = [
        ("GET /a", "unknown"),
        ("GET /b", "found"),
        ("GET /c", "unknown"),
        ("GET /d", "unknown"),
        ("GET /e", "unknown"),
        ("GET /f", "found"),
        ("GET /g", "unknown"),
        ("GET /h", "unknown"),
        ("GET /i", "unknown"),
        ("GET /j", "unknown"),
    ];
    assert_eq!(guards, expected);
}

#[test]
fn a_path_is_written_as_a_client_calls_it() {
    let source = "const app = require('express')();\n\
        app.get('/a/:id(\\\\d+)/:from-:to', h);\napp.get('/b/:x?', h);\napp.get('/c{/:y}', h);\n\
        app.get('/d/*rest', h);\napp.get('*', h);\napp.get('/e/', h);\n";
    let found = endpoints(&[("app.js", source)]);
    let expected = [
        "GET /*",
        "GET /a/{id}/{from}-{to}",
        "GET /b",
        "GET /b/{x}",
        "GET /c",
        "GET /c/{y}",
        "GET /d/{rest}",
        "GET /e",
    ];
    assert_eq!(keys(&found), expected);
}

#[test]
fn patterns_of_parameters_are_not_part_of_a_path() {
    let fastify = "const app = require('fastify')();\n\
        app.get('/a/:id(^\\\\d+$)/name::verb', h);\napp.get('/b/:x?', h);\napp.get('/c/*', h);\napp.get('/d/', h);\n";
    let hono = "import { Hono } from 'hono'\nconst app = new Hono()\n\
        app.get('/a/:id{[0-9]{2}}/:name{.+\\\\.png}', h)\napp.get('/b/:x?', h)\napp.get('/c/*', h)\nexport default app\n";
    let found = endpoints(&[("app.js", fastify)]);
    assert_eq!(keys(&found), ["GET /a/{id}/name:verb", "GET /b", "GET /b/{x}", "GET /c/*", "GET /d/"]);
    let found = endpoints(&[("index.ts", hono)]);
    assert_eq!(keys(&found), ["GET /a/{id}/{name}", "GET /b", "GET /b/{x}", "GET /c/*"]);
}

#[test]
fn a_base_path_that_is_not_known_leaves_routes_unresolved() {
    let files = |config: &'static str| [("app/api/route.ts", "export function GET() {}\n"), ("next.config.js", config)];
    let computed = endpoints(&files("module.exports = {\n  basePath: read(),\n}\n"));
    assert!(computed.facts.is_empty());
    assert_eq!(computed.unresolved.len(), 1);
    let unset = endpoints(&files("module.exports = {\n  basePath: process.env.BASE || '',\n}\n"));
    assert_eq!(keys(&unset), ["GET /api"]);
    let none = endpoints(&files("module.exports = {}\n"));
    assert_eq!(keys(&none), ["GET /api"]);
}

#[test]
fn a_hono_instance_that_others_are_mounted_on_is_the_program_whatever_its_file_is_called() {
    let router = "import { Hono } from 'hono';\nimport { files } from './files';\n\n\
        const basePath = (env('PUBLIC_BASE_PATH') ?? '').replace(/\\/$/, '');\n\
        const app = new Hono().basePath(basePath || '/');\napp.route('/api/files', files);\nexport default app;\n";
    let files = "import { Hono } from 'hono';\n\nexport const files = new Hono().post('/upload', handler);\n";
    let found = endpoints(&[("server/router.ts", router), ("server/files.ts", files)]);
    assert_eq!(keys(&found), ["POST /api/files/upload"]);
    let lonely = "import { Hono } from 'hono';\n\nconst app = new Hono().get('/old', handler);\nexport default app;\n";
    assert!(keys(&endpoints(&[("server/old.ts", lonely)])).is_empty());
}

#[test]
fn routers_that_mount_each_other_end() {
    let source = "const express = require('express');\nconst a = express.Router();\nconst b = express.Router();\n\
        const app = express();\napp.use('/a', a);\na.use('/b', b);\nb.use('/a', a);\na.get('/x', handler);\n";
    let found = endpoints(&[("app.js", source)]);
    assert!(keys(&found).contains(&"GET /a/x"), "{found:?}");
}

#[test]
fn functions_that_call_themselves_end() {
    let source = "const app = require('express')();\nfunction f(app) { app.get('/x', h); f(app); g(app); }\n\
        function g(app) { f(app); g(app); }\nf(app);\nclass A { constructor() { this.a = new A(); } }\nnew A();\n";
    let found = endpoints(&[("app.js", source)]);
    assert_eq!(keys(&found), ["GET /x"]);
}

#[test]
fn routers_that_a_program_looks_up_in_its_folders_are_mounted() {
    let router = "const router = require('express').Router();\nrouter.get('/x', h);\nmodule.exports = router;\n";
    for main in [
        "const dir = path.join(__dirname, 'routes');\n\
         fs.readdirSync(dir).filter((file) => file.endsWith('.js')).forEach((file) => {\n\
         \x20 app.use('/' + path.basename(file, '.js'), require(path.join(dir, file)));\n});\n",
        "for (const file of fs.readdirSync(`${__dirname}/routes`)) {\n\
         \x20 const name = file.split('.')[0];\n  app.use(`/${name}`, require('./routes/' + name));\n}\n",
        "fs.readdirSync(path.resolve(__dirname, './routes')).map((file) => {\n\
         \x20 app.use('/' + file.replace('.js', ''), require(`./routes/${file}`));\n});\n",
    ] {
        let main = format!(
            "const fs = require('fs');\nconst path = require('path');\nconst app = require('express')();\n{main}app.listen(1);\n"
        );
        let found = endpoints(&[("index.js", &*main), ("routes/one.js", router), ("routes/two.js", router)]);
        assert_eq!(keys(&found), ["GET /one/x", "GET /two/x"], "{main}");
    }
}

#[test]
fn imports_of_a_package_by_its_own_subpaths_are_followed() {
    let package = r##"{ "imports": { "#parts/*": "./src/parts/*", "#one": { "types": "./x.d.ts", "default": "./src/one.js" } } }"##;
    let main = "import express from 'express';\nimport users from '#parts/users.js';\nimport one from '#one';\n\
        const app = express();\napp.use('/users', users);\napp.use('/one', one);\napp.listen(1);\n";
    let router =
        "import { Router } from 'express';\nconst router = Router();\nrouter.get('/:id', h);\nexport default router;\n";
    for folder in ["", "backend/"] {
        let at = |path: &str| format!("{folder}{path}");
        let files = [
            (at("package.json"), package),
            (at("index.js"), main),
            (at("src/parts/users.js"), router),
            (at("src/one.js"), router),
        ];
        assert_eq!(keys(&endpoints(&files)), ["GET /one/{id}", "GET /users/{id}"], "{folder}");
    }
}
