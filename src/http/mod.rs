//! HTTP: a handler extracts, calls one thing and shapes the answer. Status codes live here and nowhere else.

mod answer;
mod artifacts;
mod assets;
mod auth;
mod badge;
mod budget;
mod compare;
mod cookie;
mod cursor;
mod deletion;
mod deployments;
mod diagnosis;
mod drift;
mod enqueue;
mod error;
mod export;
mod extract;
mod fact_order;
mod facts;
mod health;
mod layers;
mod limit;
pub(crate) mod markdown;
mod mcp;
pub(crate) mod openapi;
mod operation;
mod reconcile;
mod run_dossier;
mod run_facts;
mod runs;
mod search;
mod session;
mod statements;
mod tick;
mod tools;
mod trend;
mod trends;
mod unchanged;
mod verified_body;
pub(crate) mod webhook;

use std::any::Any;
use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRef, MatchedPath, Request};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{delete, get, post};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::trace::TraceLayer;

use crate::artifacts::Artifacts;
use crate::config::Config;
use crate::store::Store;
use crate::worker::Worker;
use budget::Budgets;
use error::ApiError;
use limit::RateLimits;
pub(crate) use limit::client_address;
use unchanged::Tags;
use webhook::Intake;

/// What the handlers share.
#[derive(Clone)]
pub struct AppState {
    pub(crate) store: Store,
    pub(crate) artifacts: Artifacts,
    pub(crate) worker: Arc<Worker>,
    pub(crate) config: Arc<Config>,
    pub(crate) limits: Arc<RateLimits>,
    pub(crate) budgets: Arc<Budgets>,
    pub(crate) tags: Arc<Tags>,
}

impl AppState {
    /// State of one server.
    pub fn new(store: Store, artifacts: Artifacts, worker: Arc<Worker>, config: Arc<Config>) -> Self {
        let limits = Arc::new(RateLimits::new(config.rate_limit_per_minute));
        Self { store, artifacts, worker, config, limits, budgets: Arc::new(Budgets::new()), tags: Arc::default() }
    }
}

/// The webhook gets no worker: it cannot start work.
impl FromRef<AppState> for Intake {
    fn from_ref(state: &AppState) -> Self {
        Self {
            store: state.store.clone(),
            config: state.config.clone(),
            limits: state.limits.clone(),
            budgets: state.budgets.clone(),
        }
    }
}

/// Every route; the same in production and in tests.
pub fn router(state: AppState) -> Router {
    let api = Router::new()
        .route("/api/ci/worker/tick", post(tick::tick))
        .route("/api/ci/enqueue", post(enqueue::enqueue))
        .route("/api/ci/reconcile", post(reconcile::reconcile))
        .route("/api/ci/runs", get(runs::list))
        .route("/api/ci/runs/{id}", get(runs::show))
        .route("/api/ci/runs/{id}/retry", post(enqueue::retry))
        .route("/api/ci/runs/{id}/cancel", post(enqueue::cancel))
        .route("/api/ci/runs/{id}/artifacts", get(artifacts::list))
        .route("/api/ci/runs/{id}/artifacts.zip", get(artifacts::zip))
        .route("/api/ci/runs/{id}/artifacts/{name}", get(artifacts::show))
        .route("/api/ci/runs/{id}/artifacts/{name}/html", get(artifacts::html))
        .route("/api/ci/runs/{id}/drift", get(drift::show))
        .route("/api/ci/runs/{id}/dossier", get(run_dossier::show))
        .route("/api/ci/runs/{id}/facts", get(run_facts::list))
        .route("/api/ci/runs/{id}/claims", get(statements::claims))
        .route("/api/ci/runs/{id}/findings", get(statements::findings))
        .route("/api/ci/runs/{id}/export/{name}", get(export::show))
        .route("/api/ci/facts", get(facts::list))
        .route("/api/ci/facts/history", get(facts::history))
        .route("/api/ci/compare", get(compare::show))
        .route("/api/ci/deployments", get(deployments::list).post(deployments::deploy))
        .route("/api/ci/search", get(search::search))
        .route("/api/ci/repos", get(runs::repos))
        .route("/api/ci/repos/trends", get(trends::show))
        .route("/api/ci/repos/{owner}/{repo}", delete(deletion::delete))
        .route("/api/ci/repos/{owner}/{repo}/trend", get(trend::trend))
        .route("/r/{owner}/{repo}/latest/{artifact}", get(trend::latest))
        .route("/badge/{owner}/{file}", get(badge::show))
        .route("/api/ci/deliveries", get(runs::deliveries))
        .route("/api/ci/session", get(session::show).post(session::start).delete(session::end).layer(session::small()))
        .route("/api/ci/health", get(health::health))
        .route("/api/ci/openapi.json", get(openapi::show))
        .route("/mcp", post(mcp::call))
        .layer(DefaultBodyLimit::max(extract::MAX_BODY_BYTES))
        .route_layer(from_fn_with_state(state.clone(), unchanged::unless_changed))
        .route_layer(from_fn_with_state(state.clone(), layers::limit));
    let page = Router::new()
        .route("/", get(assets::index))
        .route("/feed", get(assets::index))
        .route("/search", get(assets::index))
        .route("/compare", get(assets::index))
        .route("/setup", get(assets::index))
        .route("/status", get(assets::index))
        .route("/runs/{id}", get(assets::index))
        .route("/r/{owner}/{repo}", get(assets::index))
        .route("/r/{owner}/{repo}/fact", get(assets::index))
        .route("/llms.txt", get(assets::for_agents))
        .route("/assets/{*path}", get(assets::asset));
    Router::new()
        .route("/api/webhooks/github", post(webhook::github))
        .merge(api)
        .merge(page)
        .fallback(assets::missing)
        .method_not_allowed_fallback(|| async { ApiError::Method })
        .layer(from_fn_with_state(state.clone(), layers::etag))
        .layer(CompressionLayer::new())
        .layer(from_fn_with_state(state.clone(), layers::compressed))
        .layer(layers::secure())
        .layer(CatchPanicLayer::custom(panicked))
        .layer(TraceLayer::new_for_http().make_span_with(request_span))
        .with_state(state)
}

/// The route's template, not its address: addresses may hold what people typed.
fn request_span(request: &Request) -> tracing::Span {
    let route = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str);
    tracing::info_span!("request", http.method = %request.method(), http.route = route)
}

fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    ApiError::Internal("a handler panicked".into()).into_response()
}
