//! Frameworks of compiled languages: Go, Rust, .NET, C and C++, Swift, Haskell and others.

use super::{UnreadFramework, UnreadLanguage, of};

static GO: UnreadLanguage = UnreadLanguage { title: "Go", ecosystem: "go", endings: &["go"], imports: &[""] };
static RUST: UnreadLanguage =
    UnreadLanguage { title: "Rust", ecosystem: "cargo", endings: &["rs"], imports: &["use ", "pub use "] };
static CSHARP: UnreadLanguage =
    UnreadLanguage { title: "C#", ecosystem: "nuget", endings: &["cs"], imports: &["using ", "global using "] };
static FSHARP: UnreadLanguage =
    UnreadLanguage { title: "F#", ecosystem: "nuget", endings: &["fs"], imports: &["open "] };
static CPP: UnreadLanguage = UnreadLanguage {
    title: "C, C++",
    ecosystem: "conan",
    endings: &["c", "cc", "cpp", "cxx", "h", "hh", "hpp", "hxx"],
    imports: &["#include", "# include", "import <"],
};
static SWIFT: UnreadLanguage =
    UnreadLanguage { title: "Swift", ecosystem: "swift", endings: &["swift"], imports: &["import "] };
static HASKELL: UnreadLanguage =
    UnreadLanguage { title: "Haskell", ecosystem: "hackage", endings: &["hs"], imports: &["import "] };
static OCAML: UnreadLanguage =
    UnreadLanguage { title: "OCaml", ecosystem: "opam", endings: &["ml"], imports: &["open "] };
static CRYSTAL: UnreadLanguage =
    UnreadLanguage { title: "Crystal", ecosystem: "shards", endings: &["cr"], imports: &["require "] };
static NIM: UnreadLanguage =
    UnreadLanguage { title: "Nim", ecosystem: "nimble", endings: &["nim"], imports: &["import ", "from "] };
static D: UnreadLanguage = UnreadLanguage { title: "D", ecosystem: "dub", endings: &["d"], imports: &["import "] };
static ZIG: UnreadLanguage = UnreadLanguage { title: "Zig", ecosystem: "zig", endings: &["zig"], imports: &["const "] };
static V: UnreadLanguage = UnreadLanguage { title: "V", ecosystem: "v", endings: &["v"], imports: &["import "] };

pub(super) static ALL: &[UnreadFramework] = &[
    of("atreugo", &GO, &["github.com/savsgio/atreugo"]),
    of("Beego", &GO, &["github.com/beego/beego", "github.com/astaxie/beego"])
        .imports(&["github.com/beego/beego/v2/server/web", "github.com/astaxie/beego"]),
    of("Buffalo", &GO, &["github.com/gobuffalo/buffalo"]).imports(&["github.com/gobuffalo/buffalo"]),
    of("Encore", &GO, &["encore.dev"]).texts(&["//encore:api"]),
    of("Fuego", &GO, &["github.com/go-fuego/fuego"]),
    of("Goa", &GO, &["goa.design/goa"]).imports(&["goa.design/goa/v3/dsl"]),
    of("GoFrame", &GO, &["github.com/gogf/gf"]).imports(&["github.com/gogf/gf/v2/net/ghttp"]),
    of("GoFr", &GO, &["gofr.dev"]),
    of("Goji", &GO, &["goji.io", "github.com/zenazn/goji"]),
    of("Goravel", &GO, &["github.com/goravel/framework"]),
    of("go-restful", &GO, &["github.com/emicklei/go-restful"]),
    of("go-swagger", &GO, &[]).imports(&["github.com/go-openapi/runtime/middleware"]),
    of("go-zero", &GO, &["github.com/zeromicro/go-zero", "github.com/tal-tech/go-zero"]),
    of("Gorouter of Vardius", &GO, &["github.com/vardius/gorouter"]),
    of("httptreemux", &GO, &["github.com/dimfeld/httptreemux"]),
    of("Kratos", &GO, &["github.com/go-kratos/kratos"]),
    of("Martini", &GO, &["github.com/go-martini/martini", "github.com/codegangsta/martini"]),
    of("ozzo-routing", &GO, &["github.com/go-ozzo/ozzo-routing"]),
    of("pat", &GO, &["github.com/bmizerany/pat", "github.com/gorilla/pat"]),
    of("PocketBase", &GO, &["github.com/pocketbase/pocketbase"]),
    of("Revel", &GO, &["github.com/revel/revel"]),
    of("rux", &GO, &["github.com/gookit/rux"]),
    of("Twirp", &GO, &["github.com/twitchtv/twirp"]),
    of("web.go", &GO, &["github.com/hoisie/web"]),
    of("Cloudflare Workers", &RUST, &["worker"]),
    of("Cot", &RUST, &["cot"]),
    of("Dropshot", &RUST, &["dropshot"]),
    of("Gotham", &RUST, &["gotham"]),
    of("hyper", &RUST, &[]).imports(&["hyper::service::service_fn", "hyper::service"]).unless(&[
        "axum",
        "actix-web",
        "rocket",
        "warp",
        "tonic",
        "poem",
        "salvo",
    ]),
    of("Iron", &RUST, &["iron"]),
    of("Lambda HTTP", &RUST, &["lambda_http"]).unless(&["axum"]),
    of("Loco", &RUST, &["loco-rs"]),
    of("Nickel", &RUST, &["nickel"]),
    of("ntex", &RUST, &["ntex"]),
    of("Ohkami", &RUST, &["ohkami"]),
    of("Pavex", &RUST, &["pavex"]),
    of("Poem", &RUST, &["poem", "poem-openapi"]),
    of("Rouille", &RUST, &["rouille"]),
    of("rweb", &RUST, &["rweb"]),
    of("Salvo", &RUST, &["salvo", "salvo_core"]),
    of("Spin", &RUST, &["spin-sdk"]),
    of("Thruster", &RUST, &["thruster"]),
    of("tide", &RUST, &["tide"]),
    of("tiny_http", &RUST, &["tiny_http"]),
    of("Trillium", &RUST, &["trillium"]),
    of("Viz", &RUST, &["viz"]),
    of("ABP", &CSHARP, &["volo.abp.aspnetcore.mvc"]),
    of("Azure Functions", &CSHARP, &["microsoft.azure.functions.worker", "microsoft.net.sdk.functions"])
        .imports(&["Microsoft.Azure.Functions.Worker", "Microsoft.Azure.WebJobs.Extensions.Http"]),
    of("EmbedIO", &CSHARP, &["embedio"]),
    of("HotChocolate, GraphQL.NET", &CSHARP, &["hotchocolate.aspnetcore", "graphql.server.transports.aspnetcore"]),
    of("HttpListener", &CSHARP, &[]).texts(&["new HttpListener("]),
    of("Nancy", &CSHARP, &["nancy", "nancy.hosting.*"]).imports(&["Nancy"]),
    of("Ocelot, YARP", &CSHARP, &["ocelot", "yarp.reverseproxy"]),
    of("Razor Pages", &CSHARP, &[]).texts(&[".MapRazorPages("]),
    of("ServiceStack", &CSHARP, &["servicestack", "servicestack.server"]).imports(&["ServiceStack.Host"]),
    of("WCF", &CSHARP, &["corewcf.http", "corewcf.primitives"]).files(&["*.svc"]),
    of("Web Forms", &CSHARP, &[]).files(&["*.aspx", "*.ashx", "*.asmx"]),
    of("Wolverine", &CSHARP, &["wolverinefx.http"]),
    of("ASP.NET Core, in F#", &FSHARP, &[]).imports(&["Microsoft.AspNetCore.Mvc"]).texts(&[".MapGet(", ".MapPost("]),
    of("Falco", &FSHARP, &["falco"]),
    of("Giraffe", &FSHARP, &["giraffe"]).imports(&["Giraffe"]),
    of("Oxpecker", &FSHARP, &["oxpecker"]),
    of("Saturn", &FSHARP, &["saturn"]),
    of("Suave", &FSHARP, &["suave"]).imports(&["Suave"]),
    of("Boost.Beast", &CPP, &[]).imports(&["boost/beast/http.hpp", "boost/beast/http"]),
    of("brpc", &CPP, &["brpc"]).imports(&["brpc/server.h"]),
    of("cinatra", &CPP, &["cinatra"]).imports(&["cinatra.hpp", "cinatra/"]),
    of("CivetWeb", &CPP, &["civetweb"]).imports(&["civetweb.h", "CivetServer.h"]),
    of("C++ REST SDK", &CPP, &[]).imports(&["cpprest/http_listener.h"]),
    of("cpp-httplib", &CPP, &[]).texts(&["httplib::Server", "httplib::SSLServer"]),
    of("Crow", &CPP, &["crow", "crowcpp-crow"]).imports(&["crow.h", "crow_all.h", "crow/app.h"]),
    of("Cutelyst", &CPP, &["cutelyst"]).imports(&["Cutelyst/"]),
    of("Drogon", &CPP, &["drogon", "Drogon"]).imports(&["drogon/"]),
    of("evhttp", &CPP, &[]).texts(&["evhttp_set_cb(", "evhttp_set_gencb("]),
    of("kore", &CPP, &[]).imports(&["kore/http.h"]),
    of("libmicrohttpd", &CPP, &["libmicrohttpd"]).imports(&["microhttpd.h"]),
    of("Lithium", &CPP, &[]).imports(&["lithium_http_server.hh"]),
    of("Mongoose", &CPP, &["mongoose"]).texts(&["mg_http_listen("]),
    of("oat++", &CPP, &["oatpp"]).imports(&["oatpp/"]),
    of("Pistache", &CPP, &["pistache", "Pistache"]).imports(&["pistache/"]),
    of("POCO", &CPP, &[]).imports(&["Poco/Net/HTTPServer.h", "Poco/Net/HTTPRequestHandler.h"]),
    of("Proxygen", &CPP, &["proxygen"]).imports(&["proxygen/httpserver"]),
    of("QHttpServer", &CPP, &[]).imports(&["QHttpServer", "QtHttpServer"]),
    of("restbed", &CPP, &["restbed"]).imports(&["restbed"]),
    of("RESTinio", &CPP, &["restinio"]).imports(&["restinio/"]),
    of("Simple-Web-Server", &CPP, &[]).imports(&["server_http.hpp"]),
    of("TreeFrog", &CPP, &[]).imports(&["TreeFrogController", "TActionController"]),
    of("Ulfius", &CPP, &[]).imports(&["ulfius.h"]),
    of("userver", &CPP, &["userver"]).imports(&["userver/server/handlers"]),
    of("Wt", &CPP, &[]).imports(&["Wt/WServer.h", "Wt/WApplication.h", "Wt/WServer", "Wt/WApplication"]),
    of("Hummingbird", &SWIFT, &["hummingbird-project/hummingbird"]).imports(&["Hummingbird"]),
    of("Kitura", &SWIFT, &["Kitura/Kitura", "IBM-Swift/Kitura"]).imports(&["Kitura"]),
    of("Perfect", &SWIFT, &["PerfectlySoft/Perfect-HTTPServer"]).imports(&["PerfectHTTP"]),
    of("Smoke", &SWIFT, &["amzn/smoke-framework"]).imports(&["SmokeOperationsHTTP1"]),
    of("Swifter", &SWIFT, &["httpswift/swifter"]),
    of("Vapor", &SWIFT, &["vapor/vapor"]).imports(&["Vapor"]),
    of("Happstack", &HASKELL, &["happstack-server", "happstack-lite"]).imports(&["Happstack.Server"]),
    of("IHP", &HASKELL, &["ihp"]).imports(&["IHP.RouterPrelude", "IHP.ControllerPrelude"]),
    of("Scotty", &HASKELL, &["scotty"]).imports(&["Web.Scotty"]),
    of("Servant", &HASKELL, &["servant", "servant-server"]).imports(&["Servant"]),
    of("Snap", &HASKELL, &["snap", "snap-core", "snap-server"]).imports(&["Snap.Core", "Snap.Snaplet"]),
    of("Spock", &HASKELL, &["Spock", "Spock-core"]).imports(&["Web.Spock"]),
    of("WAI, Warp", &HASKELL, &["warp", "wai"]).imports(&["Network.Wai.Handler.Warp"]),
    of("Yesod", &HASKELL, &["yesod", "yesod-core"])
        .imports(&["Yesod", "Yesod.Core"])
        .files(&["config/routes.yesodroutes"]),
    of("Dream", &OCAML, &["dream"]).texts(&["Dream.router", "Dream.run"]),
    of("Ocsigen", &OCAML, &["eliom", "ocsigenserver"]),
    of("Opium", &OCAML, &["opium"]).imports(&["Opium"]),
    of("tiny_httpd", &OCAML, &["tiny_httpd"]),
    of("Amber", &CRYSTAL, &["amber"]).imports(&["amber"]),
    of("Athena", &CRYSTAL, &["athena", "athena-framework"]).imports(&["athena"]),
    of("Grip", &CRYSTAL, &["grip"]).imports(&["grip"]),
    of("Kemal", &CRYSTAL, &["kemal"]).imports(&["kemal"]),
    of("Lucky", &CRYSTAL, &["lucky"]).imports(&["lucky"]),
    of("Jester", &NIM, &["jester"]).imports(&["jester"]),
    of("Mummy", &NIM, &["mummy"]).imports(&["mummy"]),
    of("Prologue", &NIM, &["prologue"]).imports(&["prologue"]),
    of("vibe.d", &D, &["vibe-d", "vibe-d:http"]).imports(&["vibe.d", "vibe.vibe", "vibe.http.router"]),
    of("http.zig, Jetzig, zap", &ZIG, &["httpz", "jetzig", "zap"]).imports(&["@import(\"httpz\")", "@import(\"zap\")"]),
    of("veb, vweb", &V, &[]).imports(&["veb", "vweb"]),
];
