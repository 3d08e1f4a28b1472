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

#[test]
fn a_table_that_a_function_of_a_package_goes_through_is_served() {
    let table =
        "module.exports = { '/items': (app) => { app.get('/items/:id', h); return (req, res, next) => next(); } };\n";
    for each in [
        "const _ = require('lodash');\n_.each(routes, (controller, route) => { app.use(route, controller(app)); });\n",
        "import { forEach } from 'lodash-es';\nforEach(routes, (controller, route) => app.use(route, controller(app)));\n",
        "const forOwn = require('lodash/forOwn');\nforOwn(routes, (controller, route) => app.use(route, controller(app)));\n",
        "Object.entries(routes).forEach(([route, controller]) => app.use(route, controller(app)));\n",
    ] {
        let main =
            format!("const app = require('express')();\nconst routes = require('./routes');\n{each}app.listen(1);\n");
        let found = endpoints(&[("index.js", &*main), ("routes.js", table)]);
        assert_eq!(keys(&found), ["GET /items/{id}"], "{each}");
    }
}

#[test]
fn a_router_that_is_handed_to_a_function_that_nobody_knows_is_said() {
    let main = "const app = require('express')();\nconst load = require('some-loader');\n\
        load('./routes', (register, route) => { app.use(route, register(app)); });\napp.listen(1);\n";
    let found = endpoints(&[("index.js", main)]);
    let reasons: Vec<&str> = found.unresolved.iter().map(|one| one.reason.as_str()).collect();
    assert!(
        reasons.iter().any(|reason| reason.contains("the routes that `register` registers are not known")),
        "{reasons:?}"
    );
}

#[test]
fn of_a_table_of_methods_each_path_has_its_own() {
    let table = "const routes = { items: { get: list, post: make }, 'items/:id': { delete: drop, param: load } };\n";
    for choice in [
        "switch (verb) { case 'param': { app.param('id', h); break; } case 'post': app.post(path, h); break; case 'delete': app.delete(path, h); break;\n\
         case 'get': app.get(path, h); break; default: throw new Error(verb); }",
        "if (verb === 'get') { app.get(path, h); } else if (verb === 'post') { app.post(path, h); } else if ('delete' === verb) { app.delete(path, h); }",
    ] {
        for (loops, ends) in [
            ("for (const [verb, h] of Object.entries(routes[at])) {", "}"),
            ("Object.entries(routes[at]).forEach(([verb, h]) => {", "});"),
        ] {
            let main = format!(
                "const app = require('express')();\n{table}for (const at of Object.keys(routes)) {{\n  const path = `/${{at}}`;\n  {loops}\n{choice}\n{ends}\n}}\napp.listen(1);\n"
            );
            let found = endpoints(&[("index.js", &*main)]);
            assert_eq!(keys(&found), ["DELETE /items/{id}", "GET /items", "POST /items"], "{main}");
        }
    }
}

#[test]
fn a_setting_never_decides_which_routes_there_are() {
    let main = "const app = require('express')();\nconst mode = process.env.MODE || 'small';\n\
        switch (mode) { case 'small': app.get('/small', h); break; case 'large': app.get('/large', h); break; }\n\
        if (mode === 'large') { app.get('/more', h); }\napp.listen(1);\n";
    let found = endpoints(&[("index.js", main)]);
    assert_eq!(keys(&found), ["GET /large", "GET /more", "GET /small"]);
}

#[test]
fn routes_that_wait_for_something_are_served() {
    for waits in [
        "connect().then(() => { app.use('/api', router); });",
        "db.sync({}, async () => { await ready(); app.use('/api', router); });",
        "function start() { warm.up(() => app.use('/api', router)); }\nstart();",
    ] {
        let main = format!(
            "const express = require('express');\nconst {{ connect, db, warm, ready }} = require('./db');\nconst app = express();\n\
             const router = express.Router();\nrouter.get('/x', h);\n{waits}\napp.listen(1);\n"
        );
        assert_eq!(keys(&endpoints(&[("index.js", &*main)])), ["GET /api/x"], "{waits}");
    }
}

#[test]
fn what_is_mounted_at_every_path_has_its_own_paths() {
    for all in ["*", "/*"] {
        let main = format!(
            "const express = require('express');\nconst app = express();\nconst server = express();\nserver.get('/api/health', h);\napp.use('{all}', server);\napp.listen(1);\n"
        );
        assert_eq!(keys(&endpoints(&[("index.js", &*main)])), ["GET /api/health"], "{all}");
    }
}
