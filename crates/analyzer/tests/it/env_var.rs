//! Environment variables: who reads them, by which name.

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
    let files = ["env.go", "env.h", "env.sample"].map(|name| (name, "Sponsor = \"sponsor\"\n"));
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
fn structs_that_envconfig_fills_name_their_fields() {
    let found = variables(&[
        ("go.mod", "module example.test/x\n"),
        (
            "main.go",
            "package main\nimport \"github.com/kelseyhightower/envconfig\"\nvar prefix = \"app\"\n\
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
