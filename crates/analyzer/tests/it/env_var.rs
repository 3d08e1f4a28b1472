//! Environment variables: who reads them, by which name.

use ci_feed_dossier::fact::FactStatus;
use ci_feed_dossier::v1::Fact;

use crate::support::{keys, module, variables};

#[test]
fn names_that_a_computed_replacer_makes_are_not_guessed() {
    let found = variables(&module(
        "package main\nimport (\n\t\"strings\"\n\t\"github.com/spf13/viper\"\n)\n\
         func main() {\n\tviper.SetEnvPrefix(\"app\")\n\
         \tviper.SetEnvKeyReplacer(strings.NewReplacer(pairs()...))\n\tviper.AutomaticEnv()\n\
         \tviper.SetDefault(\"cacheDir\", \"x\")\n\tviper.BindEnv(\"port\", \"PORT\")\n}\n",
    ));
    assert_eq!((keys(&found), found.unresolved.len()), (vec!["PORT"], 1));
}

#[test]
fn a_program_called_env_is_no_sample_of_an_environment() {
    let files = ["env.d.ts", "env.go", "env.h", "env.sample"].map(|name| (name, "Sponsor = \"sponsor\"\n"));
    let found = variables(&files);
    let places: Vec<_> = found.facts.iter().flat_map(|fact| &fact.evidence).map(|one| one.path.as_str()).collect();
    assert_eq!(places, ["env.sample"]);
}

#[test]
fn helpers_flags_and_viper_name_their_variables() {
    let found = variables(&module(
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
fn a_prefix_of_rusts_config_may_be_a_constant_in_another_case() {
    let found = variables(&[(
        "src/main.rs",
        "use config::{Config, Environment};\nstatic PREFIX: &str = \"till\";\n#[derive(Deserialize)]\nstruct Settings {\n    port: u16,\n}\n\
         impl Settings {\n    fn load() -> Result<Self, ConfigError> {\n        let mut s = Config::builder();\n        \
         s = s.add_source(Environment::with_prefix(&PREFIX.to_uppercase()).separator(\"__\"));\n        \
         s.build()?.try_deserialize::<Self>()\n    }\n}\n",
    )]);
    assert_eq!((keys(&found), found.unresolved.len()), (vec!["TILL__PORT"], 0), "{:?}", found.unresolved);
}

#[test]
fn structs_that_envconfig_fills_name_their_fields() {
    let found = variables(&[
        ("go.mod", "module example.test/x\n"),
        (
            "main.go",
            "package main\nimport (\n\t\"example.test/x/conf\"\n\t\"github.com/kelseyhightower/envconfig\"\n)\nvar prefix = \"app\"\n\
             func main() {\n\tcfg := conf.Config{}\n\tenvconfig.MustProcess(prefix, &cfg)\n}\n",
        ),
        (
            "conf/conf.go",
            "package conf\ntype Config struct {\n\tUserName string `split_words:\"true\" default:\"x\"`\n\tPort int\n\
             \tDB Database\n\tLimits\n\tSecret string `envconfig:\"KEY\" required:\"true\"`\n\tOff int `ignored:\"true\"`\n}\n\
             type Database struct {\n\tHost string\n}\ntype Limits struct {\n\tMax int\n}\n",
        ),
    ]);
    assert_eq!(keys(&found), ["APP_DB_HOST", "APP_KEY", "APP_MAX", "APP_PORT", "APP_USER_NAME"]);
}

#[test]
fn a_name_of_envconfig_is_told_only_below_the_prefix_of_its_call() {
    let manifest = ("go.mod", "module example.test/x\n");
    let copy = (
        "internal/envconfig/envconfig.go",
        "package envconfig\nfunc Process(prefix string, spec any) error { return nil }\n",
    );
    let main = "package main\nimport (\n\t\"example.test/x/internal/envconfig\"\n\t\"example.test/x/internal/types\"\n)\n\
        type Config struct {\n\tHTTP types.Server `envconfig:\"http_server\"`\n\tItems types.Items `envconfig:\"items\"`\n\
        \tPeers []types.Peer `envconfig:\"peers\"`\n\ttypes.Base\n}\n\
        type Options struct {\n\tOther string `envconfig:\"other\"`\n}\n\
        func other() {\n\tcfg := &Options{}\n\tuse(cfg)\n}\n\
        func main() {\n\tcfg := &Config{}\n\tenvconfig.ProcessSome(\"APP\", cfg, nil)\n\
        \tfor _, item := range cfg.Items {\n\t\tenvconfig.Process(\"APP_ITEMS_\"+item.Name, &item)\n\t}\n}\n";
    let types = "package types\ntype Server struct {\n\tPort int `envconfig:\"port\" default:\"80\"`\n\tTLS TLS `envconfig:\"tls\"`\n\
        \tCert PEM `envconfig:\"cert\"`\n}\ntype TLS struct {\n\tEnabled bool `envconfig:\"enabled\"`\n}\n\
        type PEM struct {\n\tSource string\n}\nfunc (p *PEM) UnmarshalText(text []byte) error { return nil }\n\
        type Peer struct {\n\tHost string `envconfig:\"host\"`\n}\ntype Items []Peer\n\
        func (i *Items) Decode(value string) error { return nil }\ntype Base struct {\n\tName string `envconfig:\"name\"`\n}\n";
    // Another package's struct of a name that is used.
    let another = ("other/server.go", "package other\ntype Server struct {\n\tWrong string `envconfig:\"wrong\"`\n}\n");
    let found = variables(&[manifest, copy, ("main.go", main), ("internal/types/types.go", types), another]);
    let expected = [
        "APP_HTTP_SERVER_CERT",
        "APP_HTTP_SERVER_PORT",
        "APP_HTTP_SERVER_TLS_ENABLED",
        "APP_ITEMS",
        "APP_NAME",
        "APP_PEERS",
    ];
    assert_eq!(keys(&found), expected);
    let reasons: Vec<&str> = found.unresolved.iter().map(|one| one.reason.as_str()).collect();
    assert_eq!(reasons, ["the variables of a struct are read below a computed prefix"]);
}

#[test]
fn names_of_envconfig_whose_call_is_not_seen_or_not_plain_are_said_to_be_unknown() {
    let tagged = "type Config struct {\n\tDB Database `envconfig:\"db\"`\n}\n\
        type Database struct {\n\tHost string `envconfig:\"host\"`\n}\n";
    let import = "import \"github.com/kelseyhightower/envconfig\"\n";
    let programs = [
        format!("package main\n{tagged}func main() {{ load(&Config{{}}) }}\n"),
        format!(
            "package main\n{import}{tagged}func main() {{\n\tcfg := made()\n\tenvconfig.Process(\"app\", cfg)\n}}\n"
        ),
        format!(
            "package main\n{import}{tagged}func load[T any]() {{\n\tvar cfg T\n\tenvconfig.MustProcess(\"app\", &cfg)\n}}\n"
        ),
        format!(
            "package main\n{import}{tagged}func load(prefix string, cfg *Config) {{\n\tenvconfig.Process(prefix, cfg)\n}}\n"
        ),
    ];
    for program in &programs {
        let found = variables(&[("go.mod", "module example.test/x\n"), ("main.go", program)]);
        assert_eq!((keys(&found), found.unresolved.len()), (Vec::<&str>::new(), 1), "{program}");
    }
    let known = [
        format!(
            "package main\n{import}{tagged}func (c *Config) load() error {{\n\treturn envconfig.Process(\"app\", c)\n}}\n"
        ),
        format!(
            "package main\nimport env \"github.com/kelseyhightower/envconfig\"\n{tagged}var cfg = new(Config)\nfunc main() {{\n\tenv.MustProcess(\"app\", cfg)\n}}\n"
        ),
    ];
    for program in &known {
        let found = variables(&[("go.mod", "module example.test/x\n"), ("main.go", program)]);
        assert_eq!((keys(&found), found.unresolved.len()), (vec!["APP_DB_HOST"], 0), "{program}");
    }
}

#[test]
fn the_items_of_a_list_are_no_struct_that_tags_name() {
    let found = variables(&module(
        "package main\nimport \"github.com/caarlos0/env/v11\"\n\
         type Config struct {\n\tDB Database `envPrefix:\"DB_\"`\n\tPeers []Peer `envPrefix:\"PEER_\"`\n}\n\
         type Database struct {\n\tHost string `env:\"HOST\"`\n}\ntype Peer struct {\n\tKey string `env:\"KEY\"`\n}\n\
         func main() {\n\tvar cfg Config\n\tenv.Parse(&cfg)\n}\n",
    ));
    assert_eq!((keys(&found), found.unresolved.len()), (vec!["DB_HOST"], 1));
}

#[test]
fn settings_split_over_files_read_through_one_reader() {
    let base = "import environ\n\nenv = environ.Env()\nSECRET_KEY = env(\"SECRET_KEY\")\n";
    let local = "from .base import *  # noqa\nfrom .base import env\n\nDEBUG = env.bool(\"DEBUG\", default=True)\n";
    let other = "from shop.settings.base import *\n\nBROKER = env(\"BROKER_URL\")\n";
    let unrelated = "from tools import *\n\nvalue = env(\"NOT_A_VARIABLE\")\n";
    let found = variables(&[
        ("shop/settings/base.py", base),
        ("shop/settings/local.py", local),
        ("worker/settings.py", other),
        ("tools.py", "def env(name):\n    return name\n"),
        ("unrelated.py", unrelated),
    ]);
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
    let found = variables(&[
        ("client/src/lib.rs", client),
        ("entities/src/config/core.rs", core),
        ("entities/src/config/agent.rs", agent),
        ("core/src/config.rs", main),
    ]);
    assert_eq!(keys(&found), ["APP_ADDRESS", "CORE_TITLE"]);
}

#[test]
fn many_reads_deep_inside_a_file_cost_no_more_than_their_number() {
    let depth = 400;
    let reads = "g(process.env[name]);\n".repeat(2_000);
    let source = format!("{}{reads}{}", "if (a) {\n".repeat(depth), "}\n".repeat(depth));
    let found = variables(&[("app.js", source)]);
    assert_eq!(found.unresolved.len(), 2_000);
}

/// The names in one file.
fn names(path: &str, source: &str) -> Vec<String> {
    variables(&[(path, source)]).facts.into_iter().map(|fact| fact.key).collect()
}

#[test]
fn python_reads_the_environment_under_any_name_that_a_file_gives_it() {
    for (source, expected) in [
        ("from os import environ as e, getenv as g\ne['A']\ne.get('B')\ng('C')\n", vec!["A", "B", "C"]),
        ("import os as system\nsystem.environ['A']\nsystem.getenv(key='B', default='x')\n", vec!["A", "B"]),
        ("import os\nenv = os.environ\nread = env.get\nread('A')\nif 'B' not in env:\n    pass\n", vec!["A", "B"]),
        ("import os\ndef f(env=None):\n    env = env or os.environ\n    return env['A']\n", vec!["A"]),
        ("from os import environ\ndef app(environ, start):\n    return environ['PATH_INFO']\n", vec![]),
        ("import os\ndef app(environ, start):\n    return environ.get('PATH_INFO')\n", vec![]),
        ("import os\nALL = ['A', 'B']\nfor name in ALL:\n    os.environ[name]\n", vec!["A", "B"]),
        ("import os\nvalues = {n: os.getenv(n) for n in ('A', 'B')}\n", vec!["A", "B"]),
        ("import os\nos.environ['A'] = 'x'\ndel os.environ['B']\nos.environ.pop('C')\n", vec![]),
    ] {
        assert_eq!(names("app.py", source), expected, "{source}");
    }
}

#[test]
fn scripts_read_the_environment_under_any_name_that_a_file_gives_it() {
    for (source, expected) in [
        ("import { env as e } from 'node:process';\ne.AA;\n", vec!["AA"]),
        ("import p from \"process\";\np.env.AA; p.env['BB'];\n", vec!["AA", "BB"]),
        ("const { env: e } = process;\ne.AA; 'BB' in e; Object.hasOwn(e, 'CC');\n", vec!["AA", "BB", "CC"]),
        ("const { env: { AA, BB: b = 'x' } } = require('node:process');\n", vec!["AA", "BB"]),
        ("const { AA, ...rest } = process.env;\nrest.BB;\n", vec!["AA", "BB"]),
        ("function f(env = process.env) { return env.AA; }\nfunction g(env) { return env.BB; }\n", vec!["AA"]),
        ("const f = ({ AA, BB }: E = process.env) => AA;\n", vec!["AA", "BB"]),
        ("globalThis.process.env.AA; process?.env?.BB; process['env'].CC;\n", vec!["AA", "BB", "CC"]),
        ("for (const key of ['AA', 'BB']) { process.env[key]; }\n", vec!["AA", "BB"]),
        ("['AA', 'BB'].forEach((key) => process.env[key]);\n", vec!["AA", "BB"]),
        ("process.env.hasOwnProperty('AA'); process.env.npm_package_version; delete process.env.BB;\n", vec!["AA"]),
        (
            "import.meta.env.DEV; import.meta.env.MODE; import.meta.env.VITE_A; process.env.MODE;\n",
            vec!["MODE", "VITE_A"],
        ),
        (
            "import { AA } from '$env/static/private';\nimport * as all from '$env/static/public';\nall.BB;\n",
            vec!["AA", "BB"],
        ),
        (
            "import { env } from '$env/dynamic/public';\nimport { env as other } from './config';\nenv.AA; other.BB;\n",
            vec!["AA"],
        ),
    ] {
        assert_eq!(names("app.ts", source), expected, "{source}");
    }
}

#[test]
fn scripts_in_components_are_read_where_they_stand() {
    let vue = "<template>\n  <p>{{ process.env.NO }}</p>\n</template>\n<script setup lang=\"ts\">\n\
        const url: string = import.meta.env.VITE_URL\n</script>\n<style>a { b: c }</style>\n";
    let svelte = "<script context=\"module\">\nimport { env } from '$env/dynamic/public';\n</script>\n\
        <script>\nlet a = env.PUBLIC_A;\n</script>\n<p>{a}</p>\n";
    let found = variables(&[("src/App.vue", vue), ("src/Page.svelte", svelte)]);
    assert_eq!(keys(&found), ["PUBLIC_A", "VITE_URL"]);
    let lines: Vec<_> = found.facts.iter().map(|fact| fact.evidence[0].start_line).collect();
    assert_eq!(lines, [5, 5]);
}

#[test]
fn go_and_rust_read_under_the_names_of_their_imports() {
    let go = "package main\nimport (\n\tsys \"os\"\n\tos \"example.test/x/os\"\n)\n\
        func main() {\n\tuse(sys.Getenv(\"A\"), sys.ExpandEnv(\"$B:${C}/x\"))\n}\n";
    assert_eq!(keys(&variables(&module(go))), ["A", "B", "C"]);
    let rust = "use std::env::{self as e, var as read};\nfn f() {\n    read(\"A\");\n    e::var_os(\"B\");\n    \
        ::std::env::var(\"C\");\n    write(\"D\");\n}\n";
    assert_eq!(names("src/lib.rs", rust), ["A", "B", "C"]);
}

#[test]
fn settings_take_the_fields_of_what_they_mix_in() {
    let parts =
        "from pydantic import BaseModel\nclass Deep:\n    deep: str\nclass Part(Deep, BaseModel):\n    url: str\n";
    let main = "from pydantic_settings import BaseSettings\nfrom .parts import Part\n\
        class Own:\n    name: str = 'x'\nclass Alone:\n    no: str\n\
        class Settings(Part, Own, BaseSettings):\n    model_config = SettingsConfigDict(env_prefix='APP_')\n    port: int = 80\n";
    let found = variables(&[("app/parts.py", parts), ("app/main.py", main)]);
    assert_eq!(keys(&found), ["APP_DEEP", "APP_NAME", "APP_PORT", "APP_URL"]);
}

#[test]
fn a_schema_of_prisma_names_the_variables_that_it_needs() {
    let schema =
        "datasource db {\n  provider = \"postgresql\"\n  url = env(\"DATABASE_URL\")\n  // url = env(\"OLD\")\n}\n";
    let found = variables(&[("prisma/schema.prisma", schema)]);
    assert_eq!(keys(&found), ["DATABASE_URL"]);
    assert_eq!(found.facts[0].attrs["required"], true);
}

#[test]
fn a_default_that_is_computed_makes_a_variable_optional_and_another_variable_does_not() {
    let python = "import os\nos.getenv('A', home())\nos.environ.get('B', None)\nos.environ.get('C') or 'c'\n";
    let script = "process.env.D || path.join('a', 'b'); process.env.E ?? process.env.F ?? 'f';\n\
        process.env.G || fail('G'); process.env.H || undefined; process.env.I ??= 'i';\n";
    let found = variables(&[("a.py", python), ("b.js", script)]);
    let said: Vec<_> = found
        .facts
        .iter()
        .map(|fact| (fact.key.as_str(), fact.attr("default"), fact.attrs.get("required").and_then(|one| one.as_bool())))
        .collect();
    let expected = [
        ("A", None, Some(false)),
        ("B", None, None),
        ("C", Some("c"), Some(false)),
        ("D", None, Some(false)),
        ("E", Some("f"), Some(false)),
        ("F", Some("f"), Some(false)),
        ("G", None, None),
        ("H", None, None),
        ("I", Some("i"), Some(false)),
    ];
    assert_eq!(said, expected);
}

#[test]
fn what_only_a_container_sets_says_so() {
    let found = variables(&[
        ("Dockerfile", "FROM node:22\nENV READ=1 ONLY=1 SAMPLE=1\n"),
        ("compose.yaml", "services:\n  db:\n    image: mysql:9\n    environment:\n      MYSQL_DATABASE: x\n"),
        (".env.example", "SAMPLE=1\n"),
        ("app.js", "process.env.READ;\n"),
    ]);
    let only = found.facts.iter().filter(|fact| fact.attrs.contains_key("set_only_by_container"));
    assert_eq!(only.map(|fact| fact.key.as_str()).collect::<Vec<_>>(), ["MYSQL_DATABASE", "ONLY"]);
}

#[test]
fn viper_in_a_field_and_the_flags_that_are_bound_to_it_name_variables() {
    let found = variables(&[
        ("go.mod", "module example.test/x\n"),
        (
            "main.go",
            "package main\nimport \"github.com/spf13/viper\"\ntype server struct {\n\tsettings *viper.Viper\n}\n\
             func run(s *server, cmd *cobra.Command) {\n\ts.settings.AutomaticEnv()\n\
             \ts.settings.SetEnvKeyReplacer(strings.NewReplacer(\"-\", \"_\"))\n\
             \tcmd.Flags().StringP(\"log-level\", \"l\", \"info\", \"level\")\n\
             \tcmd.PersistentFlags().IntVar(&port, \"port\", 80, \"port\")\n\
             \ts.settings.BindPFlags(cmd.Flags())\n}\n",
        ),
        ("other.go", "package main\nfunc (s *server) name() string {\n\treturn s.settings.GetString(\"name\")\n}\n"),
    ]);
    let said: Vec<_> = found.facts.iter().map(|fact| (fact.key.as_str(), fact.attr("default"))).collect();
    assert_eq!(said, [("LOG_LEVEL", Some("info")), ("NAME", None), ("PORT", Some("80"))]);
}

#[test]
fn a_key_of_the_dotnet_configuration_that_is_named_like_a_variable_is_one() {
    let host = (
        "App/Program.cs",
        "var builder = WebApplication.CreateBuilder(args);\nconst string THEME = \"APP_THEME\";\n\
        var theme = builder.Configuration.GetValue(THEME, \"dark\") ?? \"dark\";\nvar jwt = builder.Configuration[\"Jwt:Key\"];\n\
        var level = builder.Configuration[\"LogLevel\"];\nvar host = builder.Configuration[\"SMTP_HOST\"] ?? throw new Exception();\n",
    );
    let keys_of =
        ("App/Keys.cs", "namespace App;\npublic static class Keys { public const string PORT = \"SMTP_PORT\"; }\n");
    let service = (
        "App/Service.cs",
        "namespace App;\npublic class Service {\n    private readonly IConfiguration _configuration;\n    \
        private readonly Dictionary<string, string> configs;\n    public void Read(IConfigurationSection section) {\n        \
        var port = _configuration.GetValue<int>(Keys.PORT, 25);\n        var no = configs[\"OF_DICTIONARY\"];\n        \
        var inner = _configuration.GetSection(\"Mail\")[\"OF_SECTION\"];\n        var other = section.GetValue<string>(\"OF_PARAMETER\");\n        \
        var config = _configuration.GetSection(\"Mail\");\n        var third = config[\"OF_VARIABLE\"];\n    }\n}\n",
    );
    let mut found = variables(&[host, keys_of, service]);
    found.facts.retain(|fact| fact.status == FactStatus::Evidenced);
    assert_eq!(keys(&found), ["APP_THEME", "SMTP_HOST", "SMTP_PORT"]);
    let of = |key: &str| found.facts.iter().find(|fact| fact.key == key).unwrap();
    assert_eq!((&of("APP_THEME").attrs["default"], &of("SMTP_PORT").attrs["default"]), (&"dark".into(), &"25".into()));
    assert_eq!(of("SMTP_HOST").attrs["required"], true);
    let prefixed = (
        "App/Other.cs",
        "class Other { void Add() { builder.Configuration.AddEnvironmentVariables(prefix: \"APP_\"); } }\n",
    );
    let below = variables(&[host, keys_of, service, prefixed]);
    assert_eq!((below.facts.len(), below.unresolved.len()), (0, 4));
    // Without a host that reads the environment, a key is one of a file.
    assert_eq!(keys(&variables(&[keys_of, service])), Vec::<&str>::new());
}

#[test]
fn a_file_that_a_compose_file_names_as_an_environment_documents_it() {
    let compose = "services:\n  web:\n    image: app\n    env_file: app.conf\n  worker:\n    image: app\n    env_file:\n      \
        - path: conf/worker.conf\n        required: false\n      - ../outside.conf\n";
    let found = variables(&[
        ("deploy/compose.yaml", compose),
        ("deploy/app.conf", "# The key.\nSECRET_KEY_BASE=\nWORKERS=2\n"),
        ("deploy/conf/worker.conf", "QUEUE=main\n"),
        ("outside.conf", "OUTSIDE=1\n"),
        ("other.conf", "OTHER=1\n"),
    ]);
    assert_eq!(keys(&found), ["OUTSIDE", "QUEUE", "SECRET_KEY_BASE", "WORKERS"]);
}

#[test]
fn a_rust_program_that_walks_its_environment_reads_names_that_are_not_known() {
    let main = "fn main() {\n    let config = Config::load(std::env::vars());\n    \
        Command::new(\"x\").envs(std::env::vars()).spawn();\n}\n\n#[cfg(test)]\nmod tests {\n    fn t() { for one in std::env::vars() {} }\n}\n";
    let found = variables(&[("src/main.rs", main)]);
    assert_eq!((found.facts.len(), found.unresolved.len()), (0, 1));
}

#[test]
fn a_helper_in_csharp_reads_names_with_two_underscores_too() {
    let helper = "namespace App;\npublic static class Env {\n    \
        public static string Get(string name) => Environment.GetEnvironmentVariable(name);\n    \
        static string Main() => Get(\"ConnectionStrings__main\") + Get(\"Other\");\n}\n";
    assert_eq!(keys(&variables(&[("App/Env.cs", helper)])), ["ConnectionStrings__main"]);
}

#[test]
fn a_recurring_task_in_yaml_is_ruby() {
    let tasks = "production:\n  map:\n    command: 'Map.run(ENV[\"MAP_FILE\"], depth: ENV.fetch(\"MAP_DEPTH\", 3))'\n    queue: ENV[\"NO_CODE\"]\n";
    let found = variables(&[("config/recurring.yml", tasks), ("config/other.yml", tasks)]);
    assert_eq!(keys(&found), ["MAP_DEPTH", "MAP_FILE"]);
}

#[test]
fn without_a_prefix_of_the_call_envconfig_reads_what_a_tag_names_alone() {
    let found = variables(&module(
        "package main\nimport \"github.com/kelseyhightower/envconfig\"\n\
         type Config struct {\n\tSMTP struct {\n\t\tServer string `envconfig:\"SMTP_SERVER\"`\n\t\tPort int\n\t}\n\tName string `envconfig:\"NAME\"`\n}\n\
         func main() {\n\tvar cfg Config\n\tenvconfig.Process(\"\", &cfg)\n}\n",
    ));
    assert_eq!(keys(&found), ["NAME", "SMTP_PORT", "SMTP_SERVER"]);
}

#[test]
fn tables_name_the_variables_that_a_field_of_theirs_stands_for() {
    let reads = "export const read = ({ envName, fallback }) => process.env[envName] ?? fallback;\n\
        export const secret = (config) => process.env[config.clientEnvVar];\n";
    let tables = "export const OPTIONS = [{ envName: 'SMTP_HOST', fallback: '' }, { envName: \"SMTP_PORT\" }, { envName: 'not-one' }];\n\
        export const client = { clientEnvVar: 'CLIENT_ID', other: 'OTHER' };\n";
    let found = variables(&[("read.ts", reads), ("tables.ts", tables)]);
    assert_eq!(keys(&found), ["CLIENT_ID", "SMTP_HOST", "SMTP_PORT"]);
    assert!(found.unresolved.is_empty(), "{:?}", found.unresolved);
    let none = variables(&[("read.ts", reads)]);
    assert_eq!((keys(&none).len(), none.unresolved.len()), (0, 2));
}

#[test]
fn a_parameter_of_the_type_of_the_environment_is_the_environment() {
    let program = "export function options(env: NodeJS.ProcessEnv, other: Other) {\n  return [env['BATCH_SIZE'], env.LOCK_TIMEOUT, other.NONE];\n}\n";
    assert_eq!(keys(&variables(&[("options.ts", program)])), ["BATCH_SIZE", "LOCK_TIMEOUT"]);
}

#[test]
fn commands_of_other_files_below_a_prefix_of_click_are_said_not_to_be_read() {
    let own = "import click\n@click.group(context_settings={'auto_envvar_prefix': 'SHOP'})\ndef cli():\n    pass\n\
        @cli.command()\n@click.option('--port')\ndef serve(port):\n    pass\n";
    let count = |more: &str| {
        let found = variables(&[("cli.py", &*format!("{own}{more}"))]);
        assert_eq!(keys(&found), ["SHOP_SERVE_PORT"], "{more}");
        found.unresolved.len()
    };
    assert_eq!(count("cli.add_command(serve)\n"), 0);
    assert_eq!(count("from till import pay\ncli.add_command(pay)\n"), 1);
    assert_eq!(count("from till import main\nmain(auto_envvar_prefix='TILL')\n"), 1);
}

#[test]
fn a_class_that_is_made_with_the_environment_reads_it() {
    let class = |keeps: &str| {
        format!(
            "class Settings {{\n  {keeps}\n  private value(key: string, must = true) {{\n    return this.env[key];\n  }}\n\
             \x20 port() {{\n    return this.value('PORT', false);\n  }}\n}}\nexport default new Settings(process.env);\n"
        )
    };
    for keeps in [
        "private env: Env;\n  constructor(env: Env) {\n    this.env = env;\n  }",
        "constructor(private readonly env: Env) {}",
    ] {
        assert_eq!(keys(&variables(&[("settings.ts", &*class(keeps))])), ["PORT"], "{keeps}");
    }
}

#[test]
fn a_schema_may_be_given_the_environment_among_other_things() {
    let program = "import { z } from 'zod';\nconst schema = z.object({ DNS_IP: z.string().default('9.9.9.9'), SECRET: z.string() });\n\
        export function read() {\n  const all = { ...Object.fromEntries(ofFile()), ...process.env } as Record<string, string>;\n  return schema.safeParse(all);\n}\n";
    assert_eq!(keys(&variables(&[("config.ts", program)])), ["DNS_IP", "SECRET"]);
}

#[test]
fn what_is_read_only_where_it_is_set_is_not_required() {
    let ruby =
        "config.hosts << ENV.fetch('URL_HOST') if ENV['URL_HOST'].present?\nENV.fetch('MUST') if ENV['MUST_NOT']\n";
    let python = "import os\nif 'MAYBE' in os.environ:\n    use(os.environ['MAYBE'])\nuse(os.environ['HAS'])\n";
    let found = variables(&[("config.rb", ruby), ("config.py", python)]);
    let required: Vec<(&str, bool)> = found
        .facts
        .iter()
        .map(|fact| {
            (fact.key.as_str(), fact.attrs.get("required").and_then(serde_json::Value::as_bool).unwrap_or(false))
        })
        .collect();
    let expected = [("HAS", true), ("MAYBE", false), ("MUST", true), ("MUST_NOT", false), ("URL_HOST", false)];
    assert_eq!(required, expected);
}

/// The keys of the configuration that variables may fill, with what is used without them.
fn of_configuration(files: &[(&str, &str)]) -> Vec<String> {
    let mut facts = variables(files).facts;
    facts.retain(|fact| fact.status == FactStatus::Inferred);
    assert!(facts.iter().all(|fact| fact.attrs["rule"] == "dotnet-configuration-key"), "{facts:?}");
    let shown = facts.iter().map(|fact| {
        let attr = |name: &str| fact.attrs.get(name).map(|value| format!(" {value}")).unwrap_or_default();
        format!("{}{}{}", fact.key, attr("required"), attr("default"))
    });
    shown.collect()
}

const HOST: (&str, &str) = ("web/Program.cs", "var builder = WebApplication.CreateBuilder(args);\n");

#[test]
fn keys_of_the_dotnet_configuration_may_be_variables() {
    let asks = r#"
class Mail(IConfiguration configuration) {
    const string Section = "Smtp";
    void Send() {
        var host = configuration["Smtp:Host"];
        var port = configuration.GetValue<int>("Smtp:Port", 25);
        var user = configuration.GetSection("Smtp").GetSection("User")["Name"] ?? throw new Exception();
        var sender = configuration.GetSection(Section)["Sender"];
        var other = configuration.GetSection("Smtp:Reply").Value;
        var section = configuration.GetRequiredSection("Queue");
        var size = section.GetValue("Size", 7);
        var shop = configuration.GetConnectionString("Shop");
        var loud = configuration["SMTP_LOUD"];
        var open = configuration["Smtp:" + host];
        var map = new Dictionary<string, string>();
        var none = map["Smtp:None"];
    }
}
"#;
    let settings = r#"{ "Smtp": { "host": "localhost", "Sender": "" }, "Unread": 1 }"#;
    let files = [HOST, ("web/Mail.cs", asks), ("web/appsettings.json", settings)];
    assert_eq!(
        of_configuration(&files),
        [
            "ConnectionStrings__Shop",
            "Queue__Size false \"7\"",
            "Smtp__Host false \"localhost\"",
            "Smtp__Port false \"25\"",
            "Smtp__Reply",
            "Smtp__Sender false \"\"",
            "Smtp__User__Name true",
        ]
    );
    let found = variables(&files);
    let open: Vec<&str> = found.unresolved.iter().map(|one| one.reason.as_str()).collect();
    assert_eq!(open, ["a key of the configuration is computed: `configuration[\"Smtp:\" + host]`"]);
    let host = found.facts.iter().find(|fact| fact.key == "Smtp__Host").unwrap();
    assert_eq!(host.attrs["documented_in"], serde_json::json!(["web/appsettings.json"]));
    assert_eq!((host.evidence[0].path.as_str(), host.evidence[0].start_line), ("web/Mail.cs", 5));
    assert_eq!(of_configuration(&files[1..]), [] as [&str; 0], "no host reads the environment");
}

#[test]
fn properties_that_a_section_is_bound_to_may_be_variables() {
    let types = r#"
public class Named { public string Name { get; set; } = "shop"; }
public class Smtp : Named {
    public const string Section = "Smtp";
    [Required] public string Host { get; set; }
    public int? Port { get; init; } = 25;
    [ConfigurationKeyName("from")] public string Sender { get; set; }
    public Login Login { get; set; } = new();
    public List<string> Many { get; set; }
    public string Computed => Host;
    string Hidden { get; set; }
    public static string Shared { get; set; }
}
public class Login { public required string User { get; set; } public Smtp Back { get; set; } }
"#;
    let expected = [
        "Smtp__Host true",
        "Smtp__Login__User true",
        "Smtp__Name false \"shop\"",
        "Smtp__Port false \"25\"",
        "Smtp__from",
    ];
    for bound in [
        "builder.Services.Configure<Smtp>(builder.Configuration.GetSection(Smtp.Section));",
        "builder.Services.AddOptions<Smtp>().Bind(builder.Configuration.GetSection(\"Smtp\")).ValidateOnStart();",
        "builder.Services.AddOptions<Smtp>().BindConfiguration(\"Smtp\");",
        "var smtp = builder.Configuration.GetSection(\"Smtp\").Get<Smtp>();",
        "var smtp = new Smtp();\nbuilder.Configuration.GetSection(\"Smtp\").Bind(smtp);",
        "var section = builder.Configuration.GetSection(\"Smtp\");\nbuilder.Services.Configure<Smtp>(section);",
    ] {
        let program = format!("{}{bound}\n", HOST.1);
        assert_eq!(of_configuration(&[("web/Program.cs", &program), ("web/Smtp.cs", types)]), expected, "{bound}");
    }
}

#[test]
fn attributes_of_a_derive_of_the_program_name_variables() {
    let config = "const TTL: &str = \"SESSION_TTL\";\n#[derive(Config)]\npub struct Settings {\n    #[default_value(1)]\n    \
        #[env_key(TTL)]\n    ttl: u64,\n    #[env_var(\"SMTP_HOST\")]\n    pub host: String,\n    #[envelope(\"NO_VARIABLE\")]\n    other: u8,\n}\n";
    assert_eq!(keys(&variables(&[("src/config.rs", config)])), ["SESSION_TTL", "SMTP_HOST"]);
}

#[test]
fn a_function_that_is_handed_the_environment_reads_what_tables_name() {
    let items =
        "export default [{ key: 'ttl', envVar: 'SHOP_TTL', default: 1 }, { key: 'name', envVar: 'SHOP_NAME' }];\n";
    let read = "import items from './items.js';\nconst home = process.env.HOME;\nexport function fromEnv(env) {\n  \
        return items.filter((item) => item.envVar).map(({ key, envVar }) => [key, env[envVar]]);\n}\n";
    let found = variables(&[("items.js", items), ("read.js", read)]);
    assert_eq!(keys(&found), ["HOME", "SHOP_NAME", "SHOP_TTL"]);
    assert!(found.unresolved.is_empty(), "{:?}", found.unresolved);
}

#[test]
fn a_computed_prefix_of_struct_tags_and_fields_without_tags_are_said() {
    let options = |prefix: &str, more: &str| {
        format!(
            "package main\nimport \"github.com/caarlos0/env/v11\"\ntype Config struct {{\n\tHost string `env:\"HOST\"`\n\tPort int\n}}\n\
             func read(to *Config, prefix string) {{\n\tenv.ParseWithOptions(to, env.Options{{\n\t\tPrefix: {prefix},\n{more}\t}})\n}}\n"
        )
    };
    let said = |program: &str| {
        let found = variables(&module(program));
        let open: Vec<String> = found.unresolved.iter().map(|open| open.reason.clone()).collect();
        (keys(&found).into_iter().map(str::to_owned).collect::<Vec<_>>(), open)
    };
    assert_eq!(said(&options("\"SHOP_\"", "")), (vec!["SHOP_HOST".to_owned()], vec![]));
    let (computed, fields) = (
        "the variables below the prefix `base + prefix`, which is computed",
        "the variables that fields without a tag are named after",
    );
    assert_eq!(said(&options("base + prefix", "")), (vec![], vec![computed.to_owned()]));
    let (_, open) = said(&options("\"SHOP_\"", "\t\tUseFieldNameByDefault: true,\n"));
    assert_eq!(open, [fields]);
}

#[test]
fn a_section_that_fills_what_is_not_known_is_said() {
    for bound in [
        "builder.Services.Configure<JwtBearerOptions>(builder.Configuration.GetSection(\"Jwt\"));",
        "builder.Services.AddAuthentication(options => builder.Configuration.GetSection(\"Jwt\").Bind(options));",
        "var hosts = builder.Configuration.GetSection(\"Jwt\").Get<string[]>();",
    ] {
        let found = variables(&[("web/Program.cs", &format!("{}{bound}\n", HOST.1))]);
        let open: Vec<&str> = found.unresolved.iter().map(|one| one.reason.as_str()).collect();
        assert_eq!(open, ["the section `Jwt` of the configuration fills a type that could not be followed"], "{bound}");
    }
}

#[test]
fn what_a_container_runs_in_a_shell_reads_its_environment() {
    let found = variables(&[
        (
            "Dockerfile",
            "FROM alpine\nENV MODE=plain EMPTY=\nENTRYPOINT [\"./run/start.sh\"]\nCMD serve --at $ADDRESS\n",
        ),
        ("Dockerfile.dev", "FROM alpine\nCMD ./other.sh\n"),
        ("Procfile", "web: serve -p $PORT -t ${THREADS:-80} # $NOTE\n"),
        ("other.sh", "echo $OF_DEVELOPERS\n"),
        (
            "run/start.sh",
            "#!/bin/sh\nset -eu # $NO_READ\n. ./run/more.sh\nLEVEL=${LEVEL:-info}\necho \"$LEVEL $MODE $PATH\" '$QUOTED' \\$ESCAPED\n\
             for ONE in a b; do echo $ONE; done\nwhile read -r LINE; do echo \"$LINE\"; done < list\n\
             if [ -z \"$KEY\" ]; then\n  echo \"KEY is missing\" >&2\n  exit 1\nfi\n[ -z \"${SIZE}\" ] && SIZE=4\n\
             : \"${URL:?is missing}\" \"${HOST:=\"${FALLBACK:-a}\"}\"\nexport OWN=$(make \"$SEED\" | awk '{print $NF}')\n\
             cat <<EOF > file\nit's ${WORD-}\nEOF\ncat <<'EOF'\n$PLAIN\nEOF\nexec serve $OWN $HOST $SIZE $lower \"$LAST\" $EMPTY\n",
        ),
        ("run/more.sh", "eval echo \\$ \"${!NAME}\" && echo $MORE\n"),
        ("unused.sh", "echo $UNUSED\n"),
    ]);
    let said = |fact: &Fact| {
        let of = |name: &str| fact.attrs.get(name).map(ToString::to_string).unwrap_or_default();
        format!("{} {} {}", fact.key, of("required"), of("default")).trim().to_owned()
    };
    let is_read = |fact: &&Fact| fact.attrs["read_by"].as_array().is_some_and(|by| !by.is_empty());
    let mut all: Vec<_> = found.facts.iter().filter(is_read).map(said).collect();
    all.sort();
    let expected = [
        "ADDRESS",
        "EMPTY false \"\"",
        "FALLBACK false \"a\"",
        "HOST false",
        "KEY true",
        "LAST",
        "LEVEL false \"info\"",
        "MODE false \"plain\"",
        "MORE",
        "SEED",
        "SIZE false \"4\"",
        "THREADS false \"80\"",
        "URL true",
        "WORD false \"\"",
    ];
    assert_eq!(all, expected);
    assert_eq!(found.unresolved.len(), 1, "{:?}", found.unresolved);
}

#[test]
fn a_script_that_nests_or_repeats_without_end_is_read_to_its_end() {
    let nested = |open: &str, close: &str| format!("echo {}{}\n", open.repeat(9_000), close.repeat(9_000));
    let script = format!(
        "{}{}{}{}echo $LAST\n",
        nested("$(", ")"),
        nested("${A:-", "}"),
        nested("(", ")"),
        "[ -z \"$ONE\" ] || ONE=$TWO; exit\n".repeat(9_000)
    );
    let found = variables(&[("Procfile", "web: ./start.sh\n"), ("start.sh", &script)]);
    assert_eq!(keys(&found), ["LAST", "ONE", "TWO"]);
}
