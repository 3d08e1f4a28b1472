//! Go: what one module with five programs serves, reads and stores.

use ci_feed_analyzer::extract::{env_var, table};
use ci_feed_analyzer::fact::Found;
use ci_feed_analyzer::tree::corpus::Corpus;

use super::support::{corpus, endpoints, files, ports, shown};

fn keys(found: &Found) -> Vec<&str> {
    let mut keys: Vec<&str> = found.facts.iter().map(|fact| fact.key.as_str()).collect();
    keys.sort_unstable();
    keys
}

fn module(main: &str) -> Corpus {
    corpus(vec![
        ("go.mod".to_owned(), "module example.test/x\n".into()),
        ("main.go".to_owned(), main.as_bytes().to_vec()),
    ])
}

#[test]
fn go_endpoints_have_every_prefix_above_them() {
    let found = endpoints(&corpus(application()));
    insta::assert_snapshot!("go_endpoint", shown(&found));
}

#[test]
fn go_variables_ports_and_tables_are_found_where_they_are_said() {
    let corpus = corpus(application());
    let mut found = env_var::extract(&corpus);
    found.merge(ports(&corpus));
    found.merge(table::extract(&corpus));
    insta::assert_snapshot!("go_other", shown(&found));
}

#[test]
fn what_stands_in_long_functions_is_found_and_what_is_only_named_like_a_model_is_none() {
    let corpus = corpus(files("table/gorm"));
    let mut found = endpoints(&corpus);
    found.merge(env_var::extract(&corpus));
    found.merge(ports(&corpus));
    found.merge(table::extract(&corpus));
    insta::assert_snapshot!("go_long_functions", shown(&found));
}

#[test]
fn names_that_a_computed_replacer_makes_are_not_guessed() {
    let found = env_var::extract(&module(
        "package main\nimport (\n\t\"strings\"\n\t\"github.com/spf13/viper\"\n)\n\
         func main() {\n\tviper.SetEnvPrefix(\"app\")\n\
         \tviper.SetEnvKeyReplacer(strings.NewReplacer(pairs()...))\n\tviper.AutomaticEnv()\n\
         \tviper.SetDefault(\"cacheDir\", \"x\")\n\tviper.BindEnv(\"port\", \"PORT\")\n}\n",
    ));
    assert_eq!((keys(&found), found.unresolved.len()), (vec!["PORT"], 1));
}

#[test]
fn a_program_called_env_is_no_sample_of_an_environment() {
    let files = ["env.go", "env.h", "env.sample"].map(|name| (name.to_owned(), b"Sponsor = \"sponsor\"\n".to_vec()));
    let found = env_var::extract(&corpus(files.to_vec()));
    let places: Vec<_> = found.facts.iter().flat_map(|fact| &fact.evidence).map(|one| one.path.as_str()).collect();
    assert_eq!(places, ["env.sample"]);
}

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

/// The fixture without its tests, which the walk tells from the application by their names.
fn application() -> Vec<(String, Vec<u8>)> {
    files("endpoint/go").into_iter().filter(|(path, _)| !path.ends_with("_test.go")).collect()
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
    let found = endpoints(&corpus(vec![
        ("go.mod".to_owned(), "module example.test/x\n".into()),
        ("a.go".to_owned(), "package main\nvar whole = prefix + \"/x\"\n".into()),
        (
            "m.go".to_owned(),
            "package main\nimport \"github.com/labstack/echo/v4\"\n\
             func main() {\n\te := echo.New()\n\te.GET(whole, show)\n}\n"
                .into(),
        ),
        ("z.go".to_owned(), "package main\nconst prefix = \"/late\"\n".into()),
    ]));
    assert_eq!(keys(&found), ["GET /late/x"]);
}

#[test]
fn files_of_another_system_are_no_part_of_the_program() {
    let main = "package main\nimport \"github.com/gin-gonic/gin\"\nfunc main() {\n\tgin.New().GET(path, nil)\n}\n";
    let found = endpoints(&corpus(vec![
        ("go.mod".to_owned(), "module example.test/x\n".into()),
        ("main.go".to_owned(), main.into()),
        ("path_linux.go".to_owned(), "package main\nconst path = \"/here\"\n".into()),
        ("path_darwin.go".to_owned(), "package main\nconst path = \"/there\"\n".into()),
        (
            "path_other.go".to_owned(),
            "//go:build !linux && (cgo || windows)\n\npackage main\nconst path = \"/no\"\n".into(),
        ),
    ]));
    assert_eq!(keys(&found), ["GET /here"]);
}

#[test]
fn a_computed_table_name_is_not_guessed() {
    let found = table::extract(&module(
        "package main\nimport \"gorm.io/gorm\"\ntype User struct {\n\tgorm.Model\n}\n\
         func (User) TableName() string { return prefix() + \"users\" }\n\
         func up(db *gorm.DB) { db.AutoMigrate(&User{}) }\n",
    ));
    assert!(found.facts.is_empty());
    assert_eq!(found.unresolved.len(), 1);
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
fn helpers_flags_and_viper_name_their_variables() {
    let found = env_var::extract(&module(
        "package main\nimport (\n\t\"os\"\n\t\"strings\"\n\t\"github.com/spf13/viper\"\n)\n\
         const prefix = \"APP_\"\nfunc number(key string, or int) int { return parse(text(key), or) }\n\
         func text(key string) string { return os.Getenv(prefix + strings.ToUpper(key)) }\n\
         func main() {\n\tnumber(\"port\", 80)\n\tviper.SetEnvPrefix(\"app\")\n\
         \tviper.SetEnvKeyReplacer(strings.NewReplacer(\".\", \"_\"))\n\tviper.AutomaticEnv()\n\
         \tviper.SetDefault(\"db.name\", \"main\")\n\tother.String(name)\n\tfor _, one := range os.Environ() {\n\t\tuse(one)\n\t}\n}\n",
    ));
    assert_eq!(keys(&found), ["APP_DB_NAME", "APP_PORT"]);
    assert_eq!(found.unresolved.len(), 1, "{:?}", found.unresolved);
}

#[test]
fn structs_that_envconfig_fills_name_their_fields() {
    let found = env_var::extract(&corpus(vec![
        ("go.mod".to_owned(), "module example.test/x\n".into()),
        (
            "main.go".to_owned(),
            "package main\nimport \"github.com/kelseyhightower/envconfig\"\nvar prefix = \"app\"\n\
             func main() {\n\tcfg := conf.Config{}\n\tenvconfig.MustProcess(prefix, &cfg)\n}\n"
                .into(),
        ),
        (
            "conf/conf.go".to_owned(),
            "package conf\ntype Config struct {\n\tUserName string `split_words:\"true\" default:\"x\"`\n\tPort int\n\
             \tDB Database\n\tLimits\n\tSecret string `envconfig:\"KEY\" required:\"true\"`\n\tOff int `ignored:\"true\"`\n}\n\
             type Database struct {\n\tHost string\n}\ntype Limits struct {\n\tMax int\n}\n"
                .into(),
        ),
    ]));
    assert_eq!(keys(&found), ["APP_DB_HOST", "APP_KEY", "APP_MAX", "APP_PORT", "APP_USER_NAME"]);
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
fn deep_and_half_written_files_end() {
    let deep =
        format!("package main\nvar x = {}1{}\nfunc main() {{ http.ListenAndServe(", "(".repeat(900), ")".repeat(900));
    let nested = format!("package main\nfunc main() {{ {} }}\nvar env = os.Getenv(x", "if a { ".repeat(600));
    for source in [deep.as_str(), nested.as_str(), "package main\nfunc (", "type T struct { A `env:\"X"] {
        let found = super::support::everything(&module(source));
        assert!(found.facts.is_empty(), "{:?}", found.facts);
    }
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
