//! Signing in: the token for a cookie, what the cookie opens, and everything that ends or refuses it.

use reqwest::StatusCode;
use serde_json::json;

use crate::support::database::{Backend, on_both_databases};
use crate::support::payload;
use crate::support::repo::TestRepo;
use crate::support::server::{Api, Setting, TestServer, answer};

const TOKEN: &str = "t0ken";

async fn closed(backend: Backend) -> Option<Setting> {
    Some(Setting::new(backend).await?.with("CI_API_TOKEN", TOKEN).with("CI_READ_ACCESS", "token"))
}

async fn try_to_sign_in(api: &Api, token: &str, headers: &[(&str, &str)]) -> reqwest::Response {
    let request = api.request("POST", "/api/ci/session").json(&json!({ "token": token }));
    headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)).send().await.unwrap()
}

/// The whole `Set-Cookie`, and the pair that a browser sends back.
fn set_cookie(response: &reqwest::Response) -> (String, String) {
    let cookie = response.headers()["set-cookie"].to_str().unwrap().to_owned();
    let pair = cookie.split(';').next().unwrap().to_owned();
    (cookie, pair)
}

async fn sign_in(api: &Api) -> String {
    let response = try_to_sign_in(api, TOKEN, &[]).await;
    assert_eq!(response.status(), StatusCode::OK);
    set_cookie(&response).1
}

async fn status(api: &Api, method: &str, path: &str, cookie: &str) -> u16 {
    api.request(method, path).header("Cookie", cookie).send().await.unwrap().status().as_u16()
}

async fn end(server: TestServer) -> Setting {
    server.stop_and_check().await
}

async fn the_cookie_opens_what_the_token_opens(backend: Backend) {
    let Some(setting) = closed(backend).await else { return };
    let setting = setting.with_analyzer("cp \"$1/README.md\" \"$2/DOSSIER.md\"; echo x > \"$2/picture.png\"");
    let sha = TestRepo::create(setting.git.root(), "octo", "shop").commit(&[("README.md", "# shop\n")]);
    let server = setting.start().await;
    let api = &server.client;
    let (_, accepted) = api.deliver("push", &payload::push("octo", "shop", &sha)).await;
    let run = format!("/api/ci/runs/{}", accepted["run_id"].as_str().unwrap());
    api.tick().await;
    let cookie = sign_in(api).await;
    for path in [
        "/api/ci/runs",
        &run,
        &format!("{run}/artifacts/DOSSIER.md"),
        &format!("{run}/artifacts/picture.png"),
        &format!("{run}/artifacts.zip"),
        "/r/octo/shop/latest/DOSSIER.md",
        "/badge/octo/shop.svg",
        "/api/ci/deliveries",
    ] {
        assert_eq!(status(api, "GET", path, "").await, 401, "{path}");
        assert_eq!(status(api, "GET", path, &cookie).await, 200, "{path}");
    }
    let wish = json!({ "owner": "o", "repo": "r", "ref": "main", "commit_sha": "1".repeat(40) });
    let wish = api.request("POST", "/api/ci/enqueue").header("Cookie", &cookie).json(&wish);
    assert_eq!(wish.send().await.unwrap().status(), StatusCode::OK);
    let shown = api.request("GET", "/api/ci/session").header("Cookie", &cookie).send().await.unwrap();
    assert_eq!(answer(shown).await.1["signed_in"], json!(true));
    assert_eq!(api.get("/api/ci/session").await.1, json!({ "ok": true, "signed_in": false, "expires_at": null }));
    end(server).await;
}

async fn the_cookie_is_out_of_reach_and_stays_on_https(backend: Backend) {
    let Some(setting) = closed(backend).await else { return };
    let server = setting.with("TRUSTED_PROXY_HOPS", "1").start().await;
    let proxied = [("X-Forwarded-Proto", "https")];
    let (cookie, _) = set_cookie(&try_to_sign_in(&server.client, TOKEN, &proxied).await);
    for word in ["; HttpOnly", "; SameSite=Strict", "; Path=/", "; Max-Age=43200", "; Secure"] {
        assert!(cookie.contains(word), "{word}: {cookie}");
    }
    assert!(!cookie.contains(TOKEN) && !cookie.contains("Domain"), "{cookie}");
    let (cookie, _) = set_cookie(&try_to_sign_in(&server.client, TOKEN, &[]).await);
    assert!(!cookie.contains("Secure"), "a browser would not send it back over http: {cookie}");
    let server = end(server).await.with("TRUSTED_PROXY_HOPS", "0").start().await;
    let (cookie, _) = set_cookie(&try_to_sign_in(&server.client, TOKEN, &proxied).await);
    assert!(!cookie.contains("Secure"), "nobody is trusted to say it: {cookie}");
    let server = end(server).await.with("CI_PUBLIC_URL", "https://feed.example/").start().await;
    let (cookie, _) = set_cookie(&try_to_sign_in(&server.client, TOKEN, &[("Host", "feed.example")]).await);
    assert!(cookie.contains("; Secure"), "{cookie}");
    let (cookie, _) = set_cookie(&try_to_sign_in(&server.client, TOKEN, &[("Host", "feed.example:443")]).await);
    assert!(cookie.contains("; Secure"), "the port of https is named: {cookie}");
    end(server).await;
}

async fn signing_out_and_a_new_token_end_a_session(backend: Backend) {
    let Some(setting) = closed(backend).await else { return };
    let server = setting.start().await;
    let (api, runs) = (&server.client, "/api/ci/runs");
    let (first, second) = (sign_in(api).await, sign_in(api).await);
    let out = api.request("DELETE", "/api/ci/session").header("Cookie", &first).send().await.unwrap();
    let (cookie, _) = set_cookie(&out);
    assert!(cookie.starts_with("ci_feed_session=;") && cookie.contains("Max-Age=0"), "{cookie}");
    assert_eq!(status(api, "GET", runs, &first).await, 401, "a copy of the cookie is worth nothing");
    assert_eq!(status(api, "GET", runs, &second).await, 200, "another browser stays signed in");
    let server = end(server).await.start().await;
    assert_eq!(status(&server.client, "GET", runs, &first).await, 401, "not after a restart either");
    assert_eq!(status(&server.client, "GET", runs, &second).await, 200);
    let server = end(server).await.with("CI_API_TOKEN", "an0ther").start().await;
    assert_eq!(status(&server.client, "GET", runs, &second).await, 401, "the token is another one");
    end(server).await;
}

async fn nobody_else_can_use_or_plant_a_session(backend: Backend) {
    let Some(setting) = closed(backend).await else { return };
    let server = setting.start().await;
    let api = &server.client;
    // Fixation: what the caller brings is not what it gets, nor becomes valid.
    let planted = "ci_feed_session=01a22550-347b-717a-9fb3-04619031f509.4102444800.00";
    let (_, fresh) = set_cookie(&try_to_sign_in(api, TOKEN, &[("Cookie", planted)]).await);
    assert_ne!(fresh, planted);
    assert_eq!(status(api, "GET", "/api/ci/runs", planted).await, 401);
    let (_, again) = set_cookie(&try_to_sign_in(api, TOKEN, &[("Cookie", &fresh)]).await);
    assert_ne!(fresh, again, "each sign-in is a session of its own");
    assert_eq!(status(api, "GET", "/api/ci/runs", &format!("{planted}; {fresh}")).await, 200, "nor does it lock out");
    // Other sites' pages.
    let wish = json!({ "owner": "o", "repo": "r", "ref": "main", "commit_sha": "1".repeat(40) });
    for (name, value) in [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "same-site"), ("Origin", "https://evil")]
    {
        for (method, path) in [("POST", "/api/ci/enqueue"), ("POST", "/api/ci/session"), ("DELETE", "/api/ci/session")]
        {
            let request = api.request(method, path).header("Cookie", &fresh).header(name, value).json(&wish);
            let (status, refused) = answer(request.send().await.unwrap()).await;
            assert_eq!((status.as_u16(), &refused["code"]), (403, &json!("CROSS_SITE")), "{method} {path} {name}");
        }
    }
    assert_eq!(status(api, "GET", "/api/ci/runs", &fresh).await, 200, "another site's page signs nobody out");
    end(server).await;
}

async fn an_ended_cookie_beside_the_open_one_locks_nobody_out_and_signing_out_ends_both(backend: Backend) {
    let Some(setting) = closed(backend).await else { return };
    let server = setting.start().await;
    let (api, runs) = (&server.client, "/api/ci/runs");
    let (ended, first, second) = (sign_in(api).await, sign_in(api).await, sign_in(api).await);
    assert_eq!(status(api, "DELETE", "/api/ci/session", &ended).await, 200);
    assert_eq!(status(api, "GET", runs, &format!("{ended}; {first}")).await, 200, "the other is open");
    assert_eq!(status(api, "DELETE", "/api/ci/session", &format!("{ended}; {first}; {second}")).await, 200);
    for cookie in [first, second] {
        assert_eq!(status(api, "GET", runs, &cookie).await, 401, "signing out ends all that the browser sends");
    }
    end(server).await;
}

async fn an_answer_to_somebody_is_kept_for_nobody_else(backend: Backend) {
    let Some(setting) = closed(backend).await else { return };
    let server = setting.with("CI_READ_ACCESS", "public").start().await;
    let cookie = sign_in(&server.client).await;
    for (name, value) in [("Cookie", cookie.as_str()), ("Authorization", "Bearer t0ken"), ("X-Other", "x")] {
        let answer = server.client.request("GET", "/api/ci/runs").header(name, value).send().await.unwrap();
        let said =
            |name: &str| answer.headers().get_all(name).iter().map(|value| value.to_str().unwrap().to_lowercase());
        let vary = said("vary").collect::<Vec<_>>().join(", ");
        assert!(vary.contains("cookie") && vary.contains("authorization"), "{name}: {vary}");
        let control = if name == "X-Other" { "no-cache" } else { "private, no-cache" };
        assert_eq!(said("cache-control").collect::<Vec<_>>(), [control], "{name}");
    }
    end(server).await;
}

async fn guessing_is_slow(backend: Backend) {
    let Some(setting) = closed(backend).await else { return };
    let server = setting.with("TRUSTED_PROXY_HOPS", "1").start().await;
    let from = |address| [("X-Forwarded-For", address)];
    for _ in 0..10 {
        let refused = try_to_sign_in(&server.client, "guess", &from("198.51.100.7")).await;
        let (status, refused) = answer(refused).await;
        assert_eq!((status.as_u16(), &refused["code"]), (401, &json!("TOKEN_WRONG")), "{refused}");
    }
    assert_eq!(try_to_sign_in(&server.client, TOKEN, &from("198.51.100.7")).await.status().as_u16(), 429);
    assert_eq!(try_to_sign_in(&server.client, TOKEN, &from("198.51.100.8")).await.status().as_u16(), 200);
    end(server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_there_is_nothing_to_sign_in_to() {
    let server = Setting::new(Backend::Sqlite).await.unwrap().start().await;
    assert_eq!(try_to_sign_in(&server.client, "", &[]).await.status().as_u16(), 400);
    assert_eq!(try_to_sign_in(&server.client, &"x".repeat(2000), &[]).await.status().as_u16(), 413);
    server.stop_and_check().await;
}

on_both_databases! {
    the_cookie_opens_what_the_token_opens,
    the_cookie_is_out_of_reach_and_stays_on_https,
    signing_out_and_a_new_token_end_a_session,
    nobody_else_can_use_or_plant_a_session,
    an_ended_cookie_beside_the_open_one_locks_nobody_out_and_signing_out_ends_both,
    an_answer_to_somebody_is_kept_for_nobody_else,
    guessing_is_slow,
}
