//! Django: URLs of the framework itself, settings that disagree, and the operations of django-ninja.

use ci_feed_dossier::fact::FactKind;

use crate::support::{dossier, endpoints, files, keys};

#[test]
fn django_urls_that_come_with_the_framework_are_written_out() {
    let urls = "from django.urls import include, path\n\
        from rest_framework_nested.routers import NestedSimpleRouter\n\
        from rest_framework.routers import SimpleRouter\n\
        from rest_framework.viewsets import ReadOnlyModelViewSet\n\
        class Items(ReadOnlyModelViewSet):\n    pass\n\
        boxes = SimpleRouter()\n\
        boxes.register('boxes', Items)\n\
        items = NestedSimpleRouter(boxes, 'boxes', lookup='box')\n\
        items.register('items', Items)\n\
        urlpatterns = [path('in/', include('rest_framework.urls')), path('', include('django.conf.urls.i18n')),\n\
        \x20   path('api/', include(boxes.urls + items.urls))]\n";
    let settings = "ROOT_URLCONF = 'site_urls'\n";
    let found = endpoints(&[("settings.py", settings), ("site_urls.py", urls)]);
    let mut keys = keys(&found);
    keys.sort_unstable();
    let expected = [
        "ANY /setlang/",
        "GET /api/boxes/",
        "GET /api/boxes/{box_pk}/items/",
        "GET /api/boxes/{box_pk}/items/{pk}/",
        "GET /api/boxes/{pk}/",
        "GET /in/login/",
        "POST /in/login/",
        "POST /in/logout/",
        "PUT /in/login/",
    ];
    assert_eq!(keys, expected);
}

#[test]
fn a_router_of_the_program_may_extend_a_mixin_first_and_nest_what_it_registers() {
    let urls = "from django.urls import include, path\n\
        from rest_framework_extensions.routers import NestedRouterMixin\n\
        from rest_framework.routers import SimpleRouter\n\
        from rest_framework.viewsets import ReadOnlyModelViewSet\n\
        class Items(ReadOnlyModelViewSet):\n    pass\n\
        class Nesting(NestedRouterMixin, SimpleRouter):\n    pass\n\
        router = Nesting()\n\
        boxes = router.register(r'boxes', Items, basename='boxes')\n\
        items = boxes.register(r'items', Items, basename='items', parents_query_lookups=['box'])\n\
        items.register('parts', Items, parents_query_lookups=['item__box', 'item'])\n\
        boxes.register('lids', Items, parents_query_lookups=lookups())\n\
        urlpatterns = [path('api/', include(router.urls))]\n";
    let found = endpoints(&[("settings.py", "ROOT_URLCONF = 'site_urls'\n"), ("site_urls.py", urls)]);
    let mut keys = keys(&found);
    keys.sort_unstable();
    let below = "GET /api/boxes/{parent_lookup_item__box}/items/{parent_lookup_item}/parts/";
    let expected = [
        "GET /api/boxes/",
        "GET /api/boxes/{parent_lookup_box}/items/",
        "GET /api/boxes/{parent_lookup_box}/items/{pk}/",
        below,
        &format!("{below}{{pk}}/"),
        "GET /api/boxes/{pk}/",
    ];
    assert_eq!(keys, expected);
    assert_eq!(found.unresolved.len(), 1, "{:?}", found.unresolved);
}

#[test]
fn a_view_of_a_package_may_be_called_as_its_file() {
    let urls = "from django.urls import path\nfrom shop import views\nfrom shop.views import status\n\
        urlpatterns = [path('version', views.version), path('status', status), path('other', views.other.show)]\n";
    let found = endpoints(&[
        ("settings.py", "ROOT_URLCONF = 'urls'\n"),
        ("urls.py", urls),
        ("shop/__init__.py", ""),
        ("shop/views/__init__.py", "from .version import *\nfrom .status import *\n"),
        ("shop/views/version.py", "def version(request):\n    pass\n"),
        ("shop/views/status.py", "def status(request):\n    pass\n"),
        ("shop/views/other.py", "def show(request):\n    pass\n"),
    ]);
    assert_eq!(keys(&found), ["ANY /other", "ANY /status", "ANY /version"]);
    assert!(found.unresolved.is_empty(), "{:?}", found.unresolved);
}

#[test]
fn django_settings_that_disagree_leave_a_path_open() {
    let urls = "from django.conf import settings\nfrom django.urls import path\n\
        urlpatterns = [path(settings.BASE + 'a/', page), path(settings.SAME + 'b/', lambda request: None)]\n";
    let found = endpoints(&[
        ("urls.py", urls),
        ("settings/one.py", "ROOT_URLCONF = 'urls'\nBASE = 'x/'\nSAME = 's/'\n"),
        ("settings/two.py", "ROOT_URLCONF = 'urls'\nBASE = 'y/'\nSAME = 's/'\n"),
    ]);
    assert_eq!(keys(&found), ["ANY /s/b/"]);
    assert!(!found.unresolved.is_empty());
}

#[test]
fn operations_of_django_ninja_are_served_where_urlpatterns_includes_their_api() {
    let dossier = dossier(&files("endpoint/django_ninja"));
    let endpoints = dossier.facts.iter().filter(|fact| fact.kind == FactKind::Endpoint);
    let found: Vec<String> =
        endpoints.map(|fact| format!("{} {}", fact.key, fact.attrs["guard"].as_str().unwrap())).collect();
    let expected = [
        "DELETE /api/events/{event_id} found",
        "GET /api/events/ found",
        "GET /api/events/{event_id} found",
        "GET /api/events/{event_id}/comments unknown",
        "GET /api/health unknown",
        "GET /api/me found",
        "GET /api/people/{name} unknown",
        "GET /partners/v2/items/{item_id} unknown",
        "PATCH /api/settings found",
        "POST /api/people/ found",
        "POST /api/settings found",
        "POST /partners/v2/items/{item_id}/buy unknown",
        "PUT /api/people/{name} unknown",
    ];
    assert_eq!(found, expected);
    let open: Vec<&str> = dossier.unresolved.iter().map(|one| one.reason.as_str()).collect();
    let nobody = "GET /nobody: its django-ninja router is not seen to be mounted in an application";
    assert!(open.contains(&nobody), "{open:?}");
    assert!(open.contains(&"the routes of `reports` come from the package `reports.api.router`"), "{open:?}");
}

#[test]
fn a_permission_that_is_negated_or_combined_with_an_open_one_is_no_guard() {
    let views = "from rest_framework.views import APIView\nfrom rest_framework.permissions import *\n\
        from rest_framework.permissions import AllowAny, IsAuthenticated\n";
    let lists = ["IsAuthenticated", "~IsAuthenticated", "not IsAuthenticated", "IsAuthenticated | AllowAny"];
    let class = |(number, list): (usize, &&str)| {
        format!(
            "class V{number}(APIView):\n    permission_classes = [{list}]\n    def get(self, request):\n        pass\n"
        )
    };
    let views: String = std::iter::once(views.to_owned()).chain(lists.iter().enumerate().map(class)).collect();
    let routes: String =
        (0..lists.len()).map(|number| format!("path('v{number}', views.V{number}.as_view()), ")).collect();
    let urls = format!("from django.urls import path\nfrom . import views\nurlpatterns = [{routes}]\n");
    let found = endpoints(&[
        ("manage.py", "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n".to_owned()),
        ("shop/__init__.py", String::new()),
        ("shop/settings.py", "ROOT_URLCONF = 'shop.urls'\n".to_owned()),
        ("shop/urls.py", urls),
        ("shop/views.py", views),
    ]);
    let guards: Vec<&str> = found.facts.iter().map(|fact| fact.attrs["guard"].as_str().unwrap()).collect();
    assert_eq!(guards, ["found", "unknown", "unknown", "unknown"]);
}

#[test]
fn routers_that_a_program_looks_up_in_its_folders_are_mounted() {
    let router = "from fastapi import APIRouter\nrouter = APIRouter()\n@router.get('/x')\ndef x(): pass\n";
    for (prefix, lines) in [
        (
            "pathlib",
            "for file in (Path(__file__).parent / 'routers').glob('*.py'):\n\
             \x20   module = importlib.import_module(f'app.routers.{file.stem}')\n\
             \x20   app.include_router(module.router, prefix='/' + file.stem)\n",
        ),
        (
            "pkgutil",
            "for found in pkgutil.iter_modules([str(Path(__file__).parent / 'routers')]):\n\
             \x20   module = importlib.import_module('app.routers.' + found.name)\n\
             \x20   app.include_router(getattr(module, 'router'), prefix='/' + found.name)\n",
        ),
        (
            "__path__",
            "for _, name, _ in pkgutil.iter_modules(routers.__path__):\n\
             \x20   module = importlib.import_module(f'app.routers.{name}')\n\
             \x20   if hasattr(module, 'router'):\n\
             \x20       app.include_router(module.router, prefix=f'/{name}')\n",
        ),
        (
            "os",
            "for file in os.listdir(os.path.join(os.path.dirname(__file__), 'routers')):\n\
             \x20   name, ending = os.path.splitext(file)\n\
             \x20   module = importlib.import_module('app.routers.' + name)\n\
             \x20   app.include_router(module.router, prefix='/' + name)\n",
        ),
    ] {
        let main = format!(
            "import importlib, os, pkgutil\nfrom pathlib import Path\nfrom fastapi import FastAPI\n\
             from app import routers\napp = FastAPI()\n{lines}"
        );
        let found = endpoints(&[
            ("app/main.py", main.as_str()),
            ("app/__init__.py", ""),
            ("app/routers/__init__.py", ""),
            ("app/routers/one.py", router),
            ("app/routers/two.py", router),
        ]);
        assert_eq!(keys(&found), ["GET /one/x", "GET /two/x"], "{prefix}");
    }
}

#[test]
fn what_lies_at_the_root_of_the_tree_is_looked_up_too() {
    let router = "from fastapi import APIRouter\nrouter = APIRouter()\n@router.get('/x')\ndef x(): pass\n";
    let main = "import importlib\nfrom pathlib import Path\nfrom fastapi import FastAPI\napp = FastAPI()\n\
        for file in Path(__file__).parent.glob('part_*.py'):\n\
        \x20   app.include_router(importlib.import_module(file.stem).router)\n";
    assert_eq!(keys(&endpoints(&[("main.py", main), ("part_one.py", router)])), ["GET /x"]);
}

#[test]
fn a_decorator_of_the_program_registers_what_it_is_put_on() {
    let main = "from flask import Blueprint, Flask\napp = Flask(__name__)\napi = Blueprint('api', __name__)\n\
        def endpoint(function):\n\
        \x20   method, _, name = function.__name__.partition('_')\n\
        \x20   @api.route(f'/{name}', methods=[method])\n\
        \x20   def wrapper():\n        return function()\n\
        \x20   return wrapper\n\
        def plain(function):\n    return function\n\
        @endpoint\ndef get_items(): pass\n\
        @endpoint\ndef put_item(): pass\n\
        @plain\ndef delete_item(): pass\n\
        def get_other(): pass\n\
        endpoint(get_other)\n\
        app.register_blueprint(api, url_prefix='/api')\n";
    let found = endpoints(&[("main.py", main)]);
    assert_eq!(keys(&found), ["GET /api/items", "GET /api/other", "PUT /api/item"]);
}

#[test]
fn a_guard_that_a_class_or_its_base_lists_is_before_each_of_its_methods() {
    let views = "from flask import Flask\nfrom flask.views import MethodView\nfrom flask_jwt_extended import jwt_required\n\
        app = Flask(__name__)\n\
        class Protected(MethodView):\n    decorators = [jwt_required()]\n\
        class Items(Protected):\n    def get(self):\n        pass\n    def post(self):\n        pass\n\
        class Login(MethodView):\n    def post(self):\n        pass\n\
        class Open(Protected):\n    decorators = [jwt_required(optional=True)]\n    def get(self):\n        pass\n\
        class Own(MethodView):\n    method_decorators = [login_required]\n    def get(self):\n        pass\n\
        app.add_url_rule('/items', view_func=Items.as_view('items'))\n\
        app.add_url_rule('/login', view_func=Login.as_view('login'))\n\
        app.add_url_rule('/open', view_func=Open.as_view('open'))\n\
        app.add_url_rule('/own', view_func=Own.as_view('own'))\n";
    let found = endpoints(&[("app.py", views)]);
    let guards: Vec<String> =
        found.facts.iter().map(|fact| format!("{} {}", fact.key, fact.attrs["guard"].as_str().unwrap())).collect();
    let expected =
        ["GET /items found", "GET /open unknown", "GET /own found", "POST /items found", "POST /login unknown"];
    assert_eq!(guards, expected);
}

#[test]
fn a_class_view_of_django_is_behind_the_guard_of_the_class_that_it_extends() {
    let views = "from django.contrib.auth.decorators import login_required\nfrom django.utils.decorators import method_decorator\n\
        from django.views import View\n\
        @method_decorator(login_required, name='dispatch')\nclass Protected(View):\n    pass\n\
        class Items(Protected):\n    def get(self, request):\n        pass\n\
        class Own(Protected):\n    def dispatch(self, request):\n        pass\n    def get(self, request):\n        pass\n";
    let urls = "from django.urls import path\nfrom . import views\n\
        urlpatterns = [path('items', views.Items.as_view()), path('own', views.Own.as_view())]\n";
    let found = endpoints(&[
        ("manage.py", "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n"),
        ("shop/__init__.py", ""),
        ("shop/settings.py", "ROOT_URLCONF = 'shop.urls'\n"),
        ("shop/urls.py", urls),
        ("shop/views.py", views),
    ]);
    let guards: Vec<String> =
        found.facts.iter().map(|fact| format!("{} {}", fact.key, fact.attrs["guard"].as_str().unwrap())).collect();
    assert_eq!(guards, ["GET /items found", "GET /own unknown"]);
}

#[test]
fn a_base_path_of_the_environment_is_what_it_is_while_nobody_sets_it() {
    for test in ["len(path) == 0", "not path", "path == ''"] {
        let settings = format!(
            "import os\n\ndef base_path():\n    path = os.getenv('SHOP_BASE', '')\n    if {test}:\n        return ''\n    return '/' + path.strip('/')\n"
        );
        let main = "from fastapi import FastAPI\nimport settings\n\napp = FastAPI()\nv1 = FastAPI()\n\
            @v1.get('/items')\ndef items():\n    return []\n\napp.mount(settings.base_path() + '/api/v1', v1)\n";
        let found = endpoints(&[("settings.py", &*settings), ("main.py", main)]);
        assert_eq!(keys(&found), ["GET /api/v1/items"], "{test}");
    }
}

#[test]
fn blueprints_of_flask_openapi3_are_blueprints() {
    let app = "from flask_openapi3 import OpenAPI, Info\nfrom album import api\n\napp = OpenAPI(__name__, info=Info(title='x', version='1'))\napp.register_api(api)\n";
    let album = "from flask_openapi3 import APIBlueprint\n\napi = APIBlueprint('album', __name__, url_prefix='/album')\n\n\
        @api.get('/<int:id>')\ndef album(path):\n    return {}\n\n@api.post('')\ndef make():\n    return {}\n";
    assert_eq!(keys(&endpoints(&[("app.py", app), ("album.py", album)])), ["GET /album/{id}", "POST /album"]);
    let built = "from flask_openapi3 import OpenAPI\nfrom shop import api as parts\n\ndef load(web: OpenAPI):\n    with web.app_context():\n        web.register_api(parts.album.api)\n\n\
        app = OpenAPI(__name__)\n\ndef build():\n    load(app)\n    return app\n";
    let found = endpoints(&[
        ("shop/__init__.py", ""),
        ("shop/app_builder.py", built),
        ("shop/api/__init__.py", "from shop.api import album\n"),
        ("shop/api/album.py", album),
        ("shop/start.py", "from shop.app_builder import build\n\napp = build()\napp.run()\n"),
    ]);
    assert_eq!(keys(&found), ["GET /album/{id}", "POST /album"]);
}

#[test]
fn a_rule_of_flask_restx_without_a_slash_goes_on_with_its_namespace() {
    let app = "from flask import Flask\nfrom flask_restx import Api, Namespace, Resource\n\napp = Flask(__name__)\napi = Api(app)\n\
        ns = Namespace('category', path='/categor')\napi.add_namespace(ns)\n\n@ns.route('ies')\nclass All(Resource):\n    def get(self):\n        pass\n\n\
        @ns.route('y/<int:id>')\nclass One(Resource):\n    def put(self, id):\n        pass\n\n@ns.route('/x')\nclass Other(Resource):\n    def get(self):\n        pass\n";
    let found = endpoints(&[("app.py", app)]);
    assert_eq!(keys(&found), ["GET /categor/x", "GET /categories", "PUT /category/{id}"]);
}

#[test]
fn routes_of_a_framework_that_nobody_understood_are_said() {
    let found = endpoints(&[(
        "main.py",
        "from flask_unheard_of import Site\n\nsite = Site('flask')\n\n@site.get('/items')\ndef items():\n    return []\n",
    )]);
    let reasons: Vec<&str> = found.unresolved.iter().map(|one| one.reason.as_str()).collect();
    assert!(
        reasons.iter().any(|reason| reason.contains("a route of flask seems to be registered here")),
        "{reasons:?}"
    );
}

#[test]
fn a_long_function_that_registers_on_the_application_of_its_module_is_followed() {
    let long = "    # It does a lot.\n".repeat(60);
    let main = format!(
        "from fastapi import FastAPI\nimport constants\n\napp = FastAPI()\n\ndef make(method, name, has_body=False):\n{long}\
         \x20   more = {{'methods': ['POST' if has_body else 'GET']}}\n    app.add_api_route(f'/main/{{name}}', method, **more)\n\n\
         def start():\n    @app.get('/one')\n    async def one():\n        pass\n    make(constants.a, 'a')\n    make(constants.b, 'b', True)\n    make(constants.c, constants.name)\n"
    );
    let found = endpoints(&[("main.py", &*main)]);
    assert_eq!((keys(&found), found.unresolved.len()), (vec!["GET /main/a", "GET /one", "POST /main/b"], 1));
    let methods = "from fastapi import FastAPI\napp = FastAPI()\napp.add_api_route('/x', h, methods=chosen())\n";
    assert_eq!(endpoints(&[("main.py", methods)]).unresolved.len(), 1);
}

#[test]
fn methods_of_pythons_own_enum_are_methods() {
    let flask = "import http\nfrom http import HTTPMethod\nfrom flask import Flask\nfrom flask.views import MethodView\napp = Flask(__name__)\n\
        @app.route('/a', methods=[HTTPMethod.GET, HTTPMethod.POST])\ndef a():\n    pass\n\
        class Notes(MethodView):\n    def get(self):\n        pass\n    def post(self):\n        pass\n    def delete(self):\n        pass\n\
        app.add_url_rule('/b', view_func=Notes.as_view('b'), methods=[http.HTTPMethod.POST])\n";
    let found = endpoints(&[("app.py", flask)]);
    assert_eq!(keys(&found), ["GET /a", "POST /a", "POST /b"]);
    let fastapi = "from http import HTTPMethod as Verb\nfrom fastapi import FastAPI\napp = FastAPI()\n\
        @app.api_route('/c', methods=[Verb.PUT, Verb.DELETE])\ndef c():\n    pass\n";
    assert_eq!(keys(&endpoints(&[("app.py", fastapi)])), ["DELETE /c", "PUT /c"]);
    let urls = "from http import HTTPMethod\nfrom django.urls import path\nfrom django.views.decorators.http import require_http_methods\n\
        @require_http_methods([HTTPMethod.PATCH])\ndef d(request):\n    pass\nurlpatterns = [path('d', d)]\n";
    let found = endpoints(&[("settings.py", "ROOT_URLCONF = 'urls'\n"), ("urls.py", urls)]);
    assert_eq!(keys(&found), ["PATCH /d"]);
}
