//! Frameworks of Python.

use super::{UnreadFramework, UnreadLanguage, of};

static PYTHON: UnreadLanguage =
    UnreadLanguage { title: "Python", ecosystem: "pypi", endings: &["py"], imports: &["import ", "from "] };

pub(super) static ALL: &[UnreadFramework] = &[
    // The package is a client too.
    of("aiohttp", &PYTHON, &["aiohttp-apispec", "aiohttp-pydantic", "aiohttp-swagger"])
        .imports(&["aiohttp.web", "aiohttp import web"]),
    of("API Star", &PYTHON, &["apistar"]).imports(&["apistar"]),
    of("AWS Chalice", &PYTHON, &["chalice"]).imports(&["chalice"]),
    of("AWS Lambda Powertools", &PYTHON, &[]).imports(&["aws_lambda_powertools.event_handler"]),
    of("Azure Functions", &PYTHON, &["azure-functions"]).imports(&["azure.functions"]),
    of("BlackSheep", &PYTHON, &["blacksheep"]).imports(&["blacksheep"]),
    of("Bottle", &PYTHON, &["bottle"]).imports(&["bottle"]),
    of("CherryPy", &PYTHON, &["cherrypy"]).imports(&["cherrypy"]),
    of("Emmett", &PYTHON, &["emmett"]).imports(&["emmett"]),
    of("Esmerald", &PYTHON, &["esmerald", "ravyn"]).imports(&["esmerald", "ravyn"]),
    of("Falcon", &PYTHON, &["falcon"]).imports(&["falcon"]),
    of("Frappe", &PYTHON, &["frappe"]).texts(&["@frappe.whitelist"]),
    of("Functions Framework", &PYTHON, &["functions-framework"]).imports(&["functions_framework"]),
    of("http.server", &PYTHON, &[]).imports(&["http.server", "BaseHTTPServer", "wsgiref.simple_server"]),
    of("hug", &PYTHON, &["hug"]).imports(&["hug"]),
    of("Klein", &PYTHON, &["klein"]).imports(&["klein"]),
    of("Litestar", &PYTHON, &["litestar", "starlite"]).imports(&["litestar", "starlite"]),
    of("Masonite", &PYTHON, &["masonite"]).imports(&["masonite"]),
    of("microdot", &PYTHON, &["microdot"]).imports(&["microdot"]),
    of("Molten", &PYTHON, &["molten"]).imports(&["molten"]),
    of("Muffin", &PYTHON, &["muffin"]).imports(&["muffin"]),
    of("NiceGUI", &PYTHON, &["nicegui"]).imports(&["nicegui"]),
    of("Odoo", &PYTHON, &["odoo"]).imports(&["odoo.http", "odoo import http", "openerp.http"]),
    of("Plone", &PYTHON, &["plone", "products-cmfplone", "zope"]).imports(&["Products.Five", "plone.rest"]),
    of("py4web", &PYTHON, &["py4web"]).imports(&["py4web"]),
    of("Pyramid", &PYTHON, &["pyramid"]).imports(&["pyramid.config", "pyramid.view", "pyramid"]),
    of("Quart", &PYTHON, &["quart"]).imports(&["quart"]),
    of("Responder", &PYTHON, &["responder"]).imports(&["responder"]),
    of("Robyn", &PYTHON, &["robyn"]).imports(&["robyn"]),
    of("Sanic", &PYTHON, &["sanic"]).imports(&["sanic"]),
    of("Socketify", &PYTHON, &["socketify"]).imports(&["socketify"]),
    // The package is an event loop and a client too.
    of("Tornado", &PYTHON, &[]).imports(&[
        "tornado.web",
        "tornado import web",
        "tornado import ioloop, web",
        "tornado.routing",
    ]),
    of("TurboGears", &PYTHON, &["turbogears2", "tg-devtools"]).imports(&["tg"]),
    of("Twisted Web", &PYTHON, &[]).imports(&[
        "twisted.web.server",
        "twisted.web.resource",
        "twisted.web import server",
    ]),
    of("web.py", &PYTHON, &["web-py", "webpy"]).texts(&["web.application(urls"]),
    of("web2py", &PYTHON, &["web2py"]).files(&["gluon/main.py", "web2py.py"]),
    of("webapp2", &PYTHON, &["webapp2"]).imports(&["webapp2"]),
    of("Werkzeug", &PYTHON, &[])
        .imports(&["werkzeug.routing import Map", "werkzeug.serving import run_simple"])
        .unless(&["flask"]),
];
