//! Go: routers, their prefixes and their files.

use crate::support::{endpoints, keys, module, ports, variables};

#[test]
fn a_router_is_known_again_where_it_is_taken_out_of_the_server_that_it_was_given_to() {
    let found = endpoints(&module(
        "package main\nimport (\n\t\"net/http\"\n\t\"github.com/gorilla/mux\"\n)\n\
         type Routed interface {\n\tRegisterRoutes(*mux.Router)\n}\n\
         type Server struct {\n\thttp.Server\n}\n\
         func NewServer() *Server {\n\treturn &Server{Server: http.Server{Handler: mux.NewRouter()}}\n}\n\
         func (s *Server) Router() *mux.Router {\n\treturn s.Server.Handler.(*mux.Router)\n}\n\
         func (s *Server) Add(routed Routed) {\n\trouted.RegisterRoutes(s.Router())\n}\n\
         type API struct{}\n\
         func (a *API) RegisterRoutes(r *mux.Router) {\n\
         \tbelow := r.PathPrefix(\"/api\").Subrouter()\n\
         \tbelow.HandleFunc(\"/boards\", list).Methods(\"GET\")\n}\n\
         func main() {\n\ts := NewServer()\n\ts.Add(&API{})\n\t_ = s.ListenAndServe()\n}\n",
    ));
    assert_eq!(keys(&found), ["GET /api/boards"]);
}

#[test]
fn a_router_that_nobody_hands_over_leaves_its_routes_unresolved() {
    let found = endpoints(&module(
        "package main\nimport \"github.com/go-chi/chi/v5\"\n\
         func Register(r chi.Router) {\n\tr.Get(\"/alone\", show)\n}\n",
    ));
    assert!(found.facts.is_empty());
    assert_eq!(found.unresolved.len(), 1);
}

#[test]
fn declarations_may_stand_in_any_order_and_file() {
    let found = endpoints(&[
        ("go.mod", "module example.test/x\n"),
        ("a.go", "package main\nvar whole = prefix + \"/x\"\n"),
        (
            "m.go",
            "package main\nimport \"github.com/labstack/echo/v4\"\n\
             func main() {\n\te := echo.New()\n\te.GET(whole, show)\n}\n",
        ),
        ("z.go", "package main\nconst prefix = \"/late\"\n"),
    ]);
    assert_eq!(keys(&found), ["GET /late/x"]);
}

#[test]
fn files_of_another_system_are_no_part_of_the_program() {
    let main = "package main\nimport \"github.com/gin-gonic/gin\"\nfunc main() {\n\tgin.New().GET(path, nil)\n}\n";
    let found = endpoints(&[
        ("go.mod", "module example.test/x\n"),
        ("main.go", main),
        ("path_linux.go", "package main\nconst path = \"/here\"\n"),
        ("path_darwin.go", "package main\nconst path = \"/there\"\n"),
        ("path_other.go", "//go:build !linux && (cgo || windows)\n\npackage main\nconst path = \"/no\"\n"),
    ]);
    assert_eq!(keys(&found), ["GET /here"]);
}

#[test]
fn patterns_of_parameters_are_not_part_of_a_path() {
    let found = endpoints(&module(
        "package main\nimport (\n\t\"gopkg.in/macaron.v1\"\n\t\"github.com/gofiber/fiber/v2\"\n\t\"github.com/gorilla/mux\"\n\t\"net/http\"\n)\n\
         func main() {\n\tm := macaron.Classic()\n\tm.Group(\"/^:type(a|b)$\", func() {\n\t\tm.Combo(\"/:id:int\").Get(show).Post(show)\n\t})\n\
         \tfiber.New().Get(\"/files/*\", show)\n\
         \tr := mux.NewRouter()\n\tr.HandleFunc(\"/codes/{code:[a-z]{2}}\", show)\n\thttp.ListenAndServe(\":80\", r)\n}\n",
    ));
    assert_eq!(keys(&found), ["ANY /codes/{code}", "GET /files/*", "GET /{type}/{id}", "POST /{type}/{id}"]);
}

#[test]
fn a_path_below_the_address_of_the_deployment_is_the_path() {
    let found = endpoints(&module(
        "package main\nimport (\n\t\"net/url\"\n\t\"github.com/gin-gonic/gin\"\n)\n\
         func baseURI(path string) string {\n\tif site() == \"\" {\n\t\treturn path\n\t}\n\
         \tu, _ := url.Parse(site())\n\treturn u.EscapedPath() + path\n}\n\
         func other(path string) string { return read(path) + path }\n\
         func main() {\n\tr := gin.New()\n\tr.Group(baseURI(\"/api\")).GET(\"/a\", show)\n\
         \tr.Group(other(\"/x\")).GET(\"/b\", show)\n\tr.Run()\n}\n",
    ));
    assert_eq!(keys(&found), ["GET /api/a"]);
    assert_eq!(found.unresolved.len(), 1);
}

#[test]
fn programs_that_call_themselves_end() {
    let found = endpoints(&module(
        "package main\nimport \"github.com/gin-gonic/gin\"\nvar a = b\nvar b = a\ntype T struct { *T }\n\
         func loop(r *gin.RouterGroup) {\n\tloop(r.Group(a))\n\tloop(r.Group(\"/x\"))\n\tr.GET(\"/end\", nil)\n}\n\
         func main() {\n\tt := T{}\n\tt.Missing()\n\tloop(&gin.New().RouterGroup)\n}\n",
    ));
    assert!(keys(&found).contains(&"GET /end"));
}

#[test]
fn deep_and_half_written_files_end() {
    let deep =
        format!("package main\nvar x = {}1{}\nfunc main() {{ http.ListenAndServe(", "(".repeat(900), ")".repeat(900));
    let nested = format!("package main\nfunc main() {{ {} }}\nvar env = os.Getenv(x", "if a { ".repeat(600));
    for source in [deep.as_str(), nested.as_str(), "package main\nfunc (", "type T struct { A `env:\"X"] {
        for found in [endpoints(&module(source)), variables(&module(source)), ports(&module(source))] {
            assert!(found.facts.is_empty(), "{:?}", found.facts);
        }
    }
}

#[test]
fn a_base_path_in_go_is_its_literal_unless_the_operator_sets_another() {
    let module = "module example.com/app\n\ngo 1.22\n";
    let main = "package main\n\nimport (\n\t\"net/http\"\n\t\"strings\"\n\n\t\"github.com/gorilla/mux\"\n)\n\n\
        func route() *mux.Router {\n\tr := mux.NewRouter()\n\twebPath := \"/\"\n\tif settings.URL != nil {\n\t\t\
        webPath = settings.URL.Path\n\t\tif !strings.HasSuffix(webPath, \"/\") {\n\t\t\twebPath += \"/\"\n\t\t}\n\t}\n\t\
        api := r.PathPrefix(webPath + \"api\").Subrouter()\n\tapi.HandleFunc(\"/ping\", ping).Methods(\"GET\")\n\treturn r\n}\n\n\
        func main() {\n\thttp.ListenAndServe(\":3000\", route())\n}\n";
    let found = endpoints(&[("go.mod", module), ("main.go", main)]);
    assert_eq!(keys(&found), ["GET /api/ping"]);
    // What is not named like a base path has no default.
    let other = main.replace("webPath", "chosen");
    let found = endpoints(&[("go.mod", module), ("main.go", other.as_str())]);
    assert!(keys(&found).is_empty() && !found.unresolved.is_empty());
}
