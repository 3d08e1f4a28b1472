//! Ways to lay out a program that applications have and that were missed once: each in a few lines, with every key.

use ci_feed_analyzer::extract::{env_var, table};
use ci_feed_analyzer::fact::Found;
use ci_feed_analyzer::tree::corpus::Corpus;

use super::support::{corpus, endpoints, ports};

fn of(files: &[(&str, &str)]) -> Corpus {
    corpus(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).into())).collect())
}

fn keys(found: &Found) -> Vec<&str> {
    let mut keys: Vec<&str> = found.facts.iter().map(|fact| fact.key.as_str()).collect();
    keys.sort_unstable();
    keys
}

#[test]
fn rocket_okapi_mounts_pairs_of_a_path_and_a_list() {
    let manifest = "[package]\nname = \"delta\"\n";
    let main = "#[macro_use]\nextern crate rocket;\nmod routes;\n\n#[launch]\nfn start() -> _ {\n    \
        let server = rocket::build();\n    routes::mount(server)\n}\n";
    let routes = "mod users;\n\npub fn mount(mut server: Rocket<Build>) -> Rocket<Build> {\n    \
        let settings = OpenApiSettings::default();\n    mount_endpoints_and_merged_docs! {\n        \
        server, \"/\".to_owned(), settings,\n        \"/\" => (vec![], document()),\n        \
        \"\" => openapi_get_routes_spec![root],\n        // Those of people.\n        \
        \"/users\" => users::routes(),\n    };\n    server\n}\n\n#[get(\"/\")]\nfn root() -> &'static str { \"\" }\n";
    let users = "pub fn routes() -> (Vec<Route>, OpenApi) {\n    openapi_get_routes_spec![show, rename]\n}\n\n\
        #[get(\"/<id>\")]\nfn show(id: u32) {}\n\n#[patch(\"/<id>\", data = \"<data>\")]\nfn rename(id: u32) {}\n";
    let found = endpoints(&of(&[
        ("Cargo.toml", manifest),
        ("src/main.rs", main),
        ("src/routes/mod.rs", routes),
        ("src/routes/users.rs", users),
    ]));
    assert_eq!(keys(&found), ["GET /", "GET /users/{id}", "PATCH /users/{id}"]);
    let show = found.facts.iter().find(|fact| fact.key == "GET /users/{id}").unwrap();
    assert!(show.evidence.iter().any(|at| at.excerpt.contains("users::routes()")), "{:?}", show.evidence);
}

#[test]
fn an_axum_router_is_served_by_a_crate_of_the_company_and_a_module_shares_the_name_of_a_function() {
    let main = "mod api;\n\nasync fn app() {\n    let config = config();\n    company_server::serve_app(api::app(), config).await\n}\n\n\
        #[tokio::main]\nasync fn main() { app().await }\n";
    let api = "use axum::{Router, routing::get};\nmod hooks;\n\npub fn app() -> Router {\n    \
        Router::new()\n        .route(\"/version\", get(version))\n        .nest(\"/hooks\", hooks::router())\n}\n";
    let hooks = "use axum::Router;\nmod router;\n\npub fn router() -> Router {\n    \
        Router::new().nest(\"/github\", router::router::<Github>())\n}\n";
    let inner = "use axum::{Router, routing::post};\n\npub fn router<P: Verify>() -> Router {\n    \
        Router::new().route(\"/build/{id}\", post(build))\n}\n";
    let found = endpoints(&of(&[
        ("Cargo.toml", "[package]\nname = \"core\"\n"),
        ("src/main.rs", main),
        ("src/api/mod.rs", api),
        ("src/api/hooks/mod.rs", hooks),
        ("src/api/hooks/router.rs", inner),
    ]));
    assert_eq!(keys(&found), ["GET /version", "POST /hooks/github/build/{id}"]);
    assert!(found.unresolved.is_empty(), "{:?}", found.unresolved);
}

#[test]
fn a_base_path_in_go_is_its_literal_unless_the_operator_sets_another() {
    let module = "module example.com/app\n\ngo 1.22\n";
    let main = "package main\n\nimport (\n\t\"net/http\"\n\t\"strings\"\n\n\t\"github.com/gorilla/mux\"\n)\n\n\
        func route() *mux.Router {\n\tr := mux.NewRouter()\n\twebPath := \"/\"\n\tif settings.URL != nil {\n\t\t\
        webPath = settings.URL.Path\n\t\tif !strings.HasSuffix(webPath, \"/\") {\n\t\t\twebPath += \"/\"\n\t\t}\n\t}\n\t\
        api := r.PathPrefix(webPath + \"api\").Subrouter()\n\tapi.HandleFunc(\"/ping\", ping).Methods(\"GET\")\n\treturn r\n}\n\n\
        func main() {\n\thttp.ListenAndServe(\":3000\", route())\n}\n";
    let found = endpoints(&of(&[("go.mod", module), ("main.go", main)]));
    assert_eq!(keys(&found), ["GET /api/ping"]);
    // What is not named like a base path has no default.
    let other = main.replace("webPath", "chosen");
    let found = endpoints(&of(&[("go.mod", module), ("main.go", other.as_str())]));
    assert!(keys(&found).is_empty() && !found.unresolved.is_empty());
}

#[test]
fn a_hono_instance_that_others_are_mounted_on_is_the_program_whatever_its_file_is_called() {
    let router = "import { Hono } from 'hono';\nimport { files } from './files';\n\n\
        const basePath = (env('PUBLIC_BASE_PATH') ?? '').replace(/\\/$/, '');\n\
        const app = new Hono().basePath(basePath || '/');\napp.route('/api/files', files);\nexport default app;\n";
    let files = "import { Hono } from 'hono';\n\nexport const files = new Hono().post('/upload', handler);\n";
    let found = endpoints(&of(&[("server/router.ts", router), ("server/files.ts", files)]));
    assert_eq!(keys(&found), ["POST /api/files/upload"]);
    let lonely = "import { Hono } from 'hono';\n\nconst app = new Hono().get('/old', handler);\nexport default app;\n";
    assert!(keys(&endpoints(&of(&[("server/old.ts", lonely)]))).is_empty());
}

#[test]
fn settings_split_over_files_read_through_one_reader() {
    let base = "import environ\n\nenv = environ.Env()\nSECRET_KEY = env(\"SECRET_KEY\")\n";
    let local = "from .base import *  # noqa\nfrom .base import env\n\nDEBUG = env.bool(\"DEBUG\", default=True)\n";
    let other = "from shop.settings.base import *\n\nBROKER = env(\"BROKER_URL\")\n";
    let unrelated = "from tools import *\n\nvalue = env(\"NOT_A_VARIABLE\")\n";
    let found = env_var::extract(&of(&[
        ("shop/settings/base.py", base),
        ("shop/settings/local.py", local),
        ("worker/settings.py", other),
        ("tools.py", "def env(name):\n    return name\n"),
        ("unrelated.py", unrelated),
    ]));
    assert_eq!(keys(&found), ["BROKER_URL", "DEBUG", "SECRET_KEY"]);
}

#[test]
fn a_rust_struct_is_the_one_that_is_imported_or_named_in_the_pattern() {
    let client = "pub struct ClientEnv {\n    pub app_address: String,\n}\n\npub struct Client {\n    address: String,\n}\n\n\
        impl Client {\n    pub fn from_env() -> anyhow::Result<Client> {\n        \
        let ClientEnv { app_address } = envy::from_env()?;\n        Ok(Client { address: app_address })\n    }\n}\n";
    let core = "pub struct Env {\n    pub core_title: String,\n}\n";
    let agent = "pub struct Env {\n    pub agent_port: u16,\n}\n";
    let main = "use entities::config::core::{CoreConfig, Env};\n\nfn config() -> &'static CoreConfig {\n    \
        let env: Env = match envy::from_env().context(\"no\") {\n        Ok(env) => env,\n        \
        Err(e) => panic!(\"{e}\"),\n    };\n    make(env)\n}\n";
    let found = env_var::extract(&of(&[
        ("client/src/lib.rs", client),
        ("entities/src/config/core.rs", core),
        ("entities/src/config/agent.rs", agent),
        ("core/src/config.rs", main),
    ]));
    assert_eq!(keys(&found), ["APP_ADDRESS", "CORE_TITLE"]);
}

#[test]
fn ports_stand_in_servers_of_gevent_in_variables_and_in_scripts_that_start_a_container() {
    let service = "from flask import Flask\nfrom gevent.pywsgi import WSGIServer\n\napp = Flask(__name__)\n\n\
        if __name__ == \"__main__\":\n    server = WSGIServer((\"0.0.0.0\", 8006), app)\n    server.serve_forever()\n";
    let dockerfile = "FROM alpine\nENV PORT=\"8000\" \\\n    DEBUG=\"\"\nEXPOSE ${PORT} ${METRICS:-9100}\n";
    let entrypoint = "#!/bin/sh\nexec gunicorn -b 0.0.0.0:5000 app:app\n";
    let found = ports(&of(&[
        ("service/main.py", service),
        ("Dockerfile", dockerfile),
        ("docker-entrypoint.sh", entrypoint),
        ("notes.sh", entrypoint.replace("5000", "5001").as_str()),
    ]));
    assert_eq!(keys(&found), ["5000/tcp", "8000/tcp", "8006/tcp", "9100/tcp"]);
}

#[test]
fn the_port_of_a_go_program_stands_in_the_tag_of_the_field_that_it_listens_on() {
    let module = "module example.com/app\n\ngo 1.22\n";
    let main = "package main\n\nimport (\n\t\"fmt\"\n\t\"net/http\"\n)\n\nfunc debug(cfg *Config) {\n\t\
        addr := fmt.Sprintf(\"%s:%s\", cfg.Debug.Host, cfg.Debug.Port)\n\thttp.ListenAndServe(addr, nil)\n}\n\n\
        func main() {\n\tcfg := load()\n\tgo debug(cfg)\n\tserver := &http.Server{\n\t\tReadTimeout: cfg.Web.Timeout,\n\t\t\
        Addr: fmt.Sprintf(\"%s:%s\", cfg.Web.Host, cfg.Web.Port),\n\t}\n\tserver.ListenAndServe()\n}\n";
    let config = "package main\n\ntype Config struct {\n\tWeb WebConfig\n\tDebug DebugConfig\n\tMail MailConfig\n}\n\n\
        type WebConfig struct {\n\tHost string\n\tTimeout int `conf:\"default:10\"`\n\tPort string `conf:\"default:7745\"`\n}\n\n\
        type DebugConfig struct {\n\tPort string `json:\"port\" default:\":4000\"`\n}\n\n\
        type MailConfig struct {\n\tPort int `envDefault:\"587\"`\n}\n";
    let found = ports(&of(&[("go.mod", module), ("main.go", main), ("config.go", config)]));
    assert_eq!(keys(&found), ["4000/tcp", "7745/tcp"]);
    let web = found.facts.iter().find(|fact| fact.key == "7745/tcp").unwrap();
    let paths: Vec<&str> = web.evidence.iter().map(|at| at.path.as_str()).collect();
    assert_eq!(paths, ["config.go", "main.go"]);
    // A name that could be each of them is none.
    let open = main.replace("cfg.Web.Port", "chosen.Port").replace("cfg.Debug.Port", "other.Port");
    let found = ports(&of(&[("go.mod", module), ("main.go", open.as_str()), ("config.go", config)]));
    assert!(keys(&found).is_empty() && !found.unresolved.is_empty(), "{:?}", found.facts);
}

#[test]
fn ports_stand_in_what_configures_the_servers() {
    let flask = "from flask import Flask\n\napp = Flask(__name__)\napp.config.from_pyfile('default.py')\n\n\
        if __name__ == '__main__':\n    app.run(debug=True, host='0.0.0.0', port=app.config.get('PORT', '9191'))\n";
    let gunicorn = "import os\n\nworkers = 4\nbind = f\"0.0.0.0:{os.environ.get('PORT', '8001')}\"\n";
    let nginx = "upstream app { server 127.0.0.1:9999; }\nserver {\n    listen [::]:8443 ssl;\n    # listen 81;\n    \
        listen 8080 default_server;\n    listen unix:/run/nginx.sock;\n    listen ${PORT};\n}\n";
    let role = "services:\n  server:\n    image: acme/app\n    ports:\n      - 3300:3000\n";
    let other = "services:\n  App\\Mailer:\n    ports:\n      - 1:25\n";
    let found = ports(&of(&[
        ("run.py", flask),
        ("gunicorn.conf.py", gunicorn),
        ("docker/nginx/default.conf", nginx),
        ("docker/app.conf", nginx.replace("8080", "8081").as_str()),
        ("deployment/server/base.yml", role),
        ("config/services.yaml", other),
    ]));
    assert_eq!(keys(&found), ["3000/tcp", "8001/tcp", "8080/tcp", "8443/tcp", "9191/tcp"]);
    let bound = found.facts.iter().find(|fact| fact.key == "8001/tcp").unwrap();
    assert_eq!(bound.attrs["env"], serde_json::json!(["PORT"]));
}

#[test]
fn a_manage_file_of_flask_hides_no_migration() {
    let revision = "from alembic import op\nimport sqlalchemy as sa\n\nrevision = \"1\"\ndown_revision = None\n\n\n\
        def upgrade():\n    op.create_table(\"bill_version\", sa.Column(\"id\", sa.Integer()))\n\n\n\
        def downgrade():\n    op.drop_table(\"bill_version\")\n";
    let manage = |text: &str| {
        let files = [("manage.py", text), ("money/migrations/versions/1_first.py", revision)];
        keys(&table::extract(&of(&files))).len()
    };
    assert_eq!(manage("import click\nfrom money.run import create_app\n"), 1);
    assert_eq!(manage("from django.core.management import execute_from_command_line\n"), 0);
}

#[test]
fn a_function_that_splits_at_capitals_names_a_table_where_all_such_functions_agree() {
    let base = "import re\nfrom sqlalchemy.orm import DeclarativeBase, declared_attr\n\n\
        def resolve(name):\n    names = re.split(\"(?=[A-Z])\", name)\n    return \"_\".join([x.lower() for x in names if x])\n\n\
        class Base(DeclarativeBase):\n    @declared_attr.directive\n    def __tablename__(cls):\n        return resolve(cls.__name__)\n";
    let models = "from sqlalchemy import Column, Integer\nfrom app.base import Base\n\n\
        class CaseCost(Base):\n    id = Column(Integer, primary_key=True)\n\n\
        class HTTPLog(Base):\n    id = Column(Integer, primary_key=True)\n";
    let found = table::extract(&of(&[("app/base.py", base), ("app/models.py", models)]));
    assert_eq!(keys(&found), ["case_cost"]);
    assert_eq!(found.unresolved.len(), 1);
}

#[test]
fn a_copy_that_a_migration_renames_in_a_loop_is_no_table() {
    let migration = "package migrations\n\nvar steps = []step{\n\t{create: `CREATE TABLE users (id int)`},\n\t\
        {create: `CREATE TABLE users_new (id int)`},\n\t{create: `CREATE TABLE what_is_new (id int)`},\n}\n";
    let found = table::extract(&of(&[("db/migrations/20250101_first.go", migration)]));
    assert_eq!(keys(&found), ["users", "what_is_new"]);
}

#[test]
fn a_context_for_users_alone_has_no_roles_and_one_database_of_several_names_no_table() {
    let context = "public class TenantContext : IdentityUserContext<IdentityUser> {\n    \
        public virtual DbSet<JobLog> JobLog { get; set; }\n}\npublic class JobLog { public int Id { get; set; } }\n";
    let postgres = "public class Postgres { void Use(B b) { b.UseNpgsql(x).UseSnakeCaseNamingConvention(); } }\n";
    let sqlite = "public class Sqlite { void Use(B b) { b.UseSqlite(x); } }\n";
    let found =
        table::extract(&of(&[("Data/TenantContext.cs", context), ("Postgres.cs", postgres), ("Sqlite.cs", sqlite)]));
    assert_eq!(keys(&found), ["AspNetUserClaims", "AspNetUserLogins", "AspNetUserTokens", "AspNetUsers", "JobLog"]);
    let found = table::extract(&of(&[("Data/TenantContext.cs", context), ("Postgres.cs", postgres)]));
    assert!(keys(&found).contains(&"job_log"));
}

#[test]
fn jax_rs_is_below_the_servlets_that_the_program_maps_by_itself() {
    let resource = |package: &str, name: &str, path: &str| {
        format!(
            "package {package};\n\nimport jakarta.ws.rs.GET;\nimport jakarta.ws.rs.Path;\n\n@Path(\"{path}\")\n\
             public class {name} {{\n    @GET\n    public String get() {{ return \"\"; }}\n}}\n"
        )
    };
    let first = resource("app.resources.v1", "UserResource", "users");
    let second = resource("app.resources.v2", "TeamResource", "teams");
    let program = "package app;\n\nimport org.glassfish.jersey.servlet.ServletContainer;\n\npublic class Application {\n    \
        void start() {\n        var config = new ResourceConfig();\n        config.packages(\n            \"app.filters\",\n            \
        \"app.resources.v1\");\n        final var servlet = new ServletHolder(\"v1\", new ServletContainer(config));\n        \
        context.addServlet(servlet, \"/api/*\");\n        \
        context.addServlet(new ServletHolder(new ServletContainer(new app.resources.v2.Config())), \"/api/v2/*\");\n        \
        context.addServlet(new ServletHolder(\"default\", DefaultServlet.class), \"/\");\n    }\n}\n";
    let files = [
        ("src/main/java/app/Application.java", program),
        ("src/main/java/app/resources/v1/UserResource.java", first.as_str()),
        ("src/main/java/app/resources/v2/TeamResource.java", second.as_str()),
    ];
    assert_eq!(keys(&endpoints(&of(&files))), ["GET /api/users", "GET /api/v2/teams"]);
    let descriptor = "<web-app>\n  <servlet>\n    <servlet-name>rest</servlet-name>\n    \
        <servlet-class>org.glassfish.jersey.servlet.ServletContainer</servlet-class>\n  </servlet>\n  <servlet-mapping>\n    \
        <servlet-name>rest</servlet-name>\n    <url-pattern>/rest/*</url-pattern>\n  </servlet-mapping>\n</web-app>\n";
    let files = [("src/main/webapp/WEB-INF/web.xml", descriptor), files[1]];
    assert_eq!(keys(&endpoints(&of(&files))), ["GET /rest/users"]);
}

#[test]
fn modules_inside_a_rust_file_have_their_files_in_a_folder_of_their_name() {
    let main = "use crate::endpoints::{admin, pasta as pasta_endpoint};\nuse actix_web::{App, HttpServer};\n\n\
        pub mod endpoints {\n    pub mod admin;\n    pub mod pasta;\n}\n\n#[actix_web::main]\nasync fn main() {\n    \
        HttpServer::new(move || App::new().service(admin::page).service(pasta_endpoint::show))\n        \
        .bind((\"0.0.0.0\", 8080));\n}\n";
    let admin = "use actix_web::get;\n\n#[get(\"/admin\")]\npub async fn page() {}\n";
    let pasta = "use actix_web::get;\n\n#[get(\"/p/{id}\")]\npub async fn show() {}\n";
    let found = endpoints(&of(&[
        ("Cargo.toml", "[package]\nname = \"bin\"\n"),
        ("src/main.rs", main),
        ("src/endpoints/admin.rs", admin),
        ("src/endpoints/pasta.rs", pasta),
    ]));
    assert_eq!(keys(&found), ["GET /admin", "GET /p/{id}"]);
}
