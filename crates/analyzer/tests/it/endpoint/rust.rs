//! Rocket, axum and actix-web: layouts of modules and crates.

use crate::support::{endpoints, keys};

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
    let found = endpoints(&[
        ("Cargo.toml", manifest),
        ("src/main.rs", main),
        ("src/routes/mod.rs", routes),
        ("src/routes/users.rs", users),
    ]);
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
    let found = endpoints(&[
        ("Cargo.toml", "[package]\nname = \"core\"\n"),
        ("src/main.rs", main),
        ("src/api/mod.rs", api),
        ("src/api/hooks/mod.rs", hooks),
        ("src/api/hooks/router.rs", inner),
    ]);
    assert_eq!(keys(&found), ["GET /version", "POST /hooks/github/build/{id}"]);
    assert!(found.unresolved.is_empty(), "{:?}", found.unresolved);
}

#[test]
fn modules_inside_a_rust_file_have_their_files_in_a_folder_of_their_name() {
    let main = "use crate::endpoints::{admin, pasta as pasta_endpoint};\nuse actix_web::{App, HttpServer};\n\n\
        pub mod endpoints {\n    pub mod admin;\n    pub mod pasta;\n}\n\n#[actix_web::main]\nasync fn main() {\n    \
        HttpServer::new(move || App::new().service(admin::page).service(pasta_endpoint::show))\n        \
        .bind((\"0.0.0.0\", 8080));\n}\n";
    let admin = "use actix_web::get;\n\n#[get(\"/admin\")]\npub async fn page() {}\n";
    let pasta = "use actix_web::get;\n\n#[get(\"/p/{id}\")]\npub async fn show() {}\n";
    let found = endpoints(&[
        ("Cargo.toml", "[package]\nname = \"bin\"\n"),
        ("src/main.rs", main),
        ("src/endpoints/admin.rs", admin),
        ("src/endpoints/pasta.rs", pasta),
    ]);
    assert_eq!(keys(&found), ["GET /admin", "GET /p/{id}"]);
}

#[test]
fn modules_that_import_from_each_other_end() {
    let main =
        "mod a;\nmod b;\nuse a::*;\nuse b::go;\nfn main() { actix_web::App::new().configure(go).configure(gone); }\n";
    let a = "pub use super::b::*;\npub use super::b::gone;\n";
    let b = "pub use super::a::*;\npub use super::a::gone;\n\
        pub fn go(cfg: &mut ServiceConfig) { cfg.route(\"/x\", actix_web::web::get().to(h)); }\n";
    let found = endpoints(&[("src/main.rs", main), ("src/a.rs", a), ("src/b.rs", b)]);
    assert_eq!(keys(&found), ["GET /x"]);
}

#[test]
fn an_aide_router_takes_its_methods_from_a_glob_and_leaves_its_function_in_a_pair() {
    let main = "mod routes;\nuse aide::{axum::ApiRouter, openapi::OpenApi};\n\n\
        fn router() -> Result<(axum::Router, OpenApi)> {\n    let mut api = OpenApi::default();\n    \
        let files = ServeDir::new(\"web\");\n    let router = ApiRouter::new()\n        .nest(\"/api\", routes::router())\n        \
        .route_service(\"/script.js\", files)\n        .finish_api(&mut api);\n    Ok((router, api))\n}\n\n\
        #[tokio::main]\nasync fn main() -> Result<()> {\n    let router = router()?;\n    save(router.1)?;\n    \
        let service = router.0.into_make_service();\n    axum::serve(listener, service).await\n}\n";
    let routes = "use aide::axum::{ApiRouter, routing::*};\n\npub fn router() -> ApiRouter {\n    ApiRouter::new()\n        \
        .api_route(\"/users\", get(list).post_with(create, documentation))\n        \
        .api_route(\"/users/{id}\", delete_with(remove, documentation))\n        \
        .nest_api_service(\"/files\", ApiRouter::new().route(\"/{*path}\", any_service(files).put(store)))\n}\n";
    let found =
        endpoints(&[("Cargo.toml", "[package]\nname = \"core\"\n"), ("src/main.rs", main), ("src/routes.rs", routes)]);
    let expected = [
        "ANY /api/files/{path}",
        "ANY /script.js",
        "DELETE /api/users/{id}",
        "GET /api/users",
        "POST /api/users",
        "PUT /api/files/{path}",
    ];
    assert_eq!(keys(&found), expected);
}

#[test]
fn a_closure_that_answers_requests_by_hand_serves_the_router_that_it_names() {
    let main = "use axum::{Router, routing::get};\n\n#[tokio::main]\nasync fn main() {\n    \
        let pages = Router::new().route(\"/pages\", get(pages));\n    let idle = Router::new().route(\"/idle\", get(idle));\n    \
        let listener = TcpListener::bind(\"0.0.0.0:80\").await;\n    loop {\n        let pages = pages.clone();\n        \
        tokio::spawn(async move {\n            let service = service_fn(move |request| {\n                \
        pages.clone().oneshot(request)\n            });\n            serve_connection(socket, service).await\n        \
        }.instrument(span()));\n    }\n}\n";
    let found = endpoints(&[("Cargo.toml", "[package]\nname = \"core\"\n"), ("src/main.rs", main)]);
    assert_eq!(keys(&found), ["GET /pages"]);
    assert_eq!(found.unresolved.len(), 1, "{:?}", found.unresolved);
}

#[test]
fn an_axum_router_comes_out_of_a_result_beside_other_values() {
    for taken in ["build().await.unwrap()", "build().await.log_err_pretty(\"x\")?", "build().await?"] {
        let main = format!(
            "use axum::{{Router, routing::get}};\n\n#[tokio::main]\nasync fn main() {{\n    let (router, data) = {taken};\n    \
             axum::serve(listener, router).await.unwrap();\n}}\n\nasync fn build() -> Result<(Router, Data), Error> {{\n    \
             let router = Router::new().route(\"/orders\", get(orders));\n    Ok((router, Data::new()))\n}}\n"
        );
        let found = endpoints(&[("Cargo.toml", "[package]\nname = \"till\"\n"), ("src/main.rs", &main)]);
        assert_eq!(keys(&found), ["GET /orders"], "{taken}: {:?}", found.unresolved);
    }
}
