//! The list before a deploy: what is a row, and what a deploy has nothing to do about.

use ci_feed_dossier::drift;

use crate::support::dossier;

/// Rule and key of each row of the list.
fn steps(base: &[(&str, &str)], head: &[(&str, &str)]) -> Vec<String> {
    let drift = drift::between(&dossier(base), &dossier(head));
    drift.before_deploy.iter().map(|step| format!("{} {}", step.rule, step.key)).collect()
}

#[test]
fn an_empty_default_is_none_in_every_language() {
    let head = [
        (
            "a.js",
            "module.exports = [process.env.A_NODE || '', process.env.B_NODE ?? null, process.env.C_NODE || 'c'];\n",
        ),
        (
            "a.py",
            "import os\nfrom environs import Env\nenv = Env()\na = os.getenv('A_PYTHON', '')\nb = env.str('B_PYTHON', default=None)\nc = env.str('C_PYTHON', 'c')\n",
        ),
        (
            "a.go",
            "package a\ntype C struct {\n\tA string `env:\"A_GO,default=\"`\n\tB string `env:\"C_GO,default=c\"`\n}\n",
        ),
        ("a.rb", "A = ENV.fetch('A_RUBY', '')\nB = ENV.fetch('B_RUBY', nil)\nC = ENV.fetch('C_RUBY', 'c')\n"),
    ];
    let expected = ["A_GO", "A_NODE", "A_PYTHON", "A_RUBY", "B_NODE", "B_PYTHON", "B_RUBY"];
    assert_eq!(steps(&[], &head), expected.map(|name| format!("new-env-var {name}")));
}

#[test]
fn a_format_that_an_empty_text_has_not_makes_a_variable_required() {
    let field = |name: &str, format: &str, default: &str| {
        format!("{name}: {{ doc: 'x', env: '{name}', format: '{format}', default: '{default}' }}")
    };
    let fields = [
        field("KEY", "required-string", ""),
        field("URL", "required-string", "https://shop.example.test"),
        field("NAME", "string", ""),
    ];
    let config =
        format!("const convict = require('convict');\nmodule.exports = convict({{ {} }});\n", fields.join(", "));
    assert_eq!(steps(&[], &[("config.js", &config)]), ["new-required-env-var KEY", "new-env-var NAME"]);
}

#[test]
fn a_default_that_the_program_computes_is_one() {
    let read = |given: &str| {
        let service = format!(
            "import {{ ConfigService }} from '@nestjs/config';\nclass Files {{\n  constructor(private config: ConfigService) {{}}\n  \
             name = this.config.get('BUCKET'{given});\n}}\n"
        );
        steps(&[], &[("files.ts", &service)])
    };
    assert_eq!(read(", this.fallback"), Vec::<String>::new());
    for none in ["", ", { infer: true }", ", undefined", ", ''"] {
        assert_eq!(read(none), ["new-env-var BUCKET"], "{none}");
    }
}

#[test]
fn what_stands_beside_a_function_that_is_given_a_variable_is_its_default() {
    let config = "<?php\nreturn ['from' => presence(env('SENDER')) ?? 'shop', 'once' => get_bool(env('ONCE')) ?? false,\n    \
        'key' => presence(env('KEY')), 'pair' => join(env('LEFT'), env('RIGHT')) ?? 'x'];\n";
    assert_eq!(
        steps(&[], &[("config/mail.php", config)]),
        ["new-env-var KEY", "new-env-var LEFT", "new-env-var RIGHT"]
    );
}

#[test]
fn a_dockerfile_has_its_name_before_or_behind_a_word() {
    let image = |tag: &str| format!("FROM aspnet:{tag}\nENTRYPOINT [\"dotnet\", \"Shop.dll\"]\n");
    for path in ["docker/Dockerfile-shop", "Dockerfile_shop", "Containerfile.shop", "shop.Dockerfile"] {
        let said = steps(&[(path, &image("6.0"))], &[(path, &image("6.0-alpine"))]);
        assert_eq!(said, ["changed-base-image base image aspnet:6.0-alpine"], "{path}");
    }
    for path in ["dockerfile-lint.js", "Dockerfiles", "Dockerfile.dockerignore"] {
        assert_eq!(steps(&[], &[(path, &image("6.0"))]), Vec::<String>::new(), "{path}");
    }
}

#[test]
fn a_reader_of_the_environment_may_have_another_name_on_one_way() {
    let settings = "import environs\n\nenv = environs.Env()\nvault = find()\nif vault:\n    secret = vault.get\nelse:\n    secret = env\n\
        TENANT = secret(\"TENANT\", None)\nKEY = secret(\"KEY\")\nPORT = secret.int(\"PORT\", 80)\nNOT = vault(\"NOT\")\n";
    assert_eq!(steps(&[], &[("settings.py", settings)]), ["new-env-var KEY", "new-env-var TENANT"]);
}

#[test]
fn a_buildpack_reads_a_version_with_or_without_the_name() {
    for [before, after] in [["3.10.x", "3.14.x"], ["python-3.10.4", "python-3.14.0"]] {
        let said = steps(&[("src/runtime.txt", before)], &[("src/runtime.txt", after)]);
        assert_eq!(said, [format!("changed-runtime python {} src/runtime.txt", after.trim_start_matches("python-"))]);
    }
    assert_eq!(steps(&[], &[("runtime.txt", "see the manual\n")]), Vec::<String>::new());
}

#[test]
fn flyway_may_be_told_to_look_elsewhere() {
    let said = |path: &str| steps(&[], &[(path, "create table a (b text);\n")]);
    let path = "src/main/resources/db/common/V110__teams.sql";
    assert_eq!(said(path), [format!("new-migration {path}")]);
    for other in ["docs/V1__draft.sql", "src/main/resources/db/dev/R__sample_data.sql", "db/views__all.sql"] {
        assert_eq!(said(other), Vec::<String>::new(), "{other}");
    }
}

#[test]
fn an_empty_default_instead_of_none_is_no_change() {
    let (before, after) =
        ("use(process.env.A); use(process.env.B);\n", "use(process.env.A || ''); use(process.env.B || 'b');\n");
    assert_eq!(steps(&[("a.js", before)], &[("a.js", after)]), ["changed-default B"]);
}

#[test]
fn another_reading_with_a_default_of_its_own_changes_none() {
    let before = "from os import environ\na = environ.get('KIND', unknown())\nb = environ.get('SIZE', '1')\n";
    let again = "from os import environ\na = environ.get('KIND', 'plain')\nb = environ.get('SIZE', '2')\n";
    assert_eq!(steps(&[("a.py", before)], &[("a.py", before), ("b.py", again)]), Vec::<String>::new());
    let expected = ["changed-default KIND", "changed-default SIZE"];
    assert_eq!(steps(&[("a.py", before)], &[("a.py", again)]), expected, "the same reading has another default");
}

#[test]
fn an_image_of_another_name_takes_the_place_of_the_only_one_in_its_file() {
    let file = |images: &[&str]| images.iter().map(|image| format!("FROM {image}\n")).collect::<String>();
    let said =
        |before: &[&str], after: &[&str]| steps(&[("Dockerfile", &file(before))], &[("Dockerfile", &file(after))]);
    let expected = ["changed-base-image base image registry.example.com/java:21"];
    assert_eq!(said(&["temurin:21"], &["registry.example.com/java:21"]), expected);
    assert_eq!(said(&["node:24", "temurin:21"], &["node:24", "registry.example.com/java:21"]), expected);
    let unclear = said(&["node:24", "temurin:21"], &["bun:2", "registry.example.com/java:21"]);
    assert_eq!(unclear, Vec::<String>::new(), "which is which is not known");
}

#[test]
fn a_default_in_go_may_stand_further_below() {
    let go = "package main\nimport \"os\"\nfunc main() {\n\ta := os.Getenv(\"A\")\n\tb := os.Getenv(\"B\")\n\tif b == \"\" {\n\t\tpanic(\"B\")\n\t}\n\tif a == \"\" {\n\t\ta = \"/\"\n\t}\n\tuse(a, b)\n}\n";
    let expected = ["new-required-env-var B", "new-start-command start: go run ."];
    assert_eq!(steps(&[], &[("go.mod", "module x\n"), ("main.go", go)]), expected);
}

#[test]
fn a_default_in_go_may_be_what_a_read_takes_the_place_of() {
    let go = "package main\nimport \"os\"\nvar port = \":80\"\nvar token = \"\"\nfunc main() {\n\thost := \"a\"\n\
              \tgiven := os.Getenv(\"PORT\")\n\tuse(1)\n\tif given != \"\" {\n\t\tport = \":\" + given\n\t}\n\
              \tif it, ok := os.LookupEnv(\"HOST\"); ok {\n\t\thost = it\n\t}\n\
              \tif it := os.Getenv(\"TOKEN\"); it != \"\" {\n\t\ttoken = it\n\t}\n\
              \tif it := os.Getenv(\"ELSE\"); it != \"\" {\n\t\tother = port\n\t}\n}\n";
    let expected = ["new-env-var ELSE", "new-env-var TOKEN", "new-start-command start: go run ."];
    assert_eq!(steps(&[], &[("go.mod", "module x\n"), ("main.go", go)]), expected);
}

#[test]
fn a_default_in_go_may_be_what_a_struct_has_before_it_is_filled() {
    let fields = "type Server struct {\n\tPort int `env:\"PORT\"`\n\tHost string `env:\"HOST\"`\n\tToken string `env:\"TOKEN\"`\n}\n\
                  type Config struct {\n\tServer Server\n\tMode string `env:\"MODE\"`\n\tLevel string `env:\"LEVEL\"`\n\tSeed string `env:\"SEED\"`\n}\n";
    let filled = format!(
        "package main\nimport \"github.com/caarlos0/env\"\n{fields}func main() {{\n\tc := &Config{{Mode: \"plain\", Seed: os.Getenv(\"OTHER\")}}\n\
         \tc.Server.Port = 80\n\tc.Server.Host = address()\n\tc.Server.Token = \"\"\n\tc.Level = levels.Info\n\tenv.Parse(c)\n}}\n"
    );
    let expected = ["new-env-var OTHER", "new-env-var SEED", "new-env-var TOKEN", "new-start-command start: go run ."];
    assert_eq!(steps(&[], &[("go.mod", "module x\n"), ("main.go", &filled)]), expected);
}

#[test]
fn what_fills_the_settings_of_a_package_of_node_is_a_variable() {
    let named = r#"{ "mail": { "host": "MAIL_HOST", "port": "MAIL_PORT", "safe": { "__name": "MAIL_SAFE", "__format": "json" } }, "key": "KEY" }"#;
    let default = r#"{ "mail": { "host": "", "port": 25, "safe": false }, "key": null }"#;
    let files = [("config/custom-environment-variables.json", named), ("config/default.json", default)];
    assert_eq!(steps(&[], &files), ["new-env-var KEY", "new-env-var MAIL_HOST"]);
    assert_eq!(steps(&files, &[files[0], (files[1].0, &default.replace("25", "587"))]), ["changed-default MAIL_PORT"]);
}

#[test]
fn an_environment_for_tests_or_developers_has_no_say_in_what_is_deployed() {
    let read = |hour: &str| format!("config.x.start = ENV.fetch(\"START\", \"{hour}\")\n");
    let (own, other) = (read("7:00"), read("00:00"));
    let base = [("config/application.rb", own.as_str())];
    let tests =
        [base[0], ("config/environments/test.rb", &other), ("config/environments/development.rb", "ENV[\"A\"]\n")];
    assert_eq!(steps(&base, &tests), Vec::<String>::new());
    let deployed = [base[0], ("config/environments/production.rb", &other)];
    assert_eq!(steps(&[], &[deployed[1]]), Vec::<String>::new());
    assert_eq!(steps(&tests, &[("config/application.rb", &other), tests[1]]), ["changed-default START"]);
}

#[test]
fn a_reader_of_django_environ_is_made_with_defaults() {
    let settings = "import environ\nenv = environ.FileAwareEnv(\n    A=(bool, False),\n    B=(str, ''),\n    C=(list, names()),\n    D=str,\n    E=(str, 'e'),\n)\n\
                    a, b, c, d = env('A'), env('B'), env('C'), env('D')\n";
    assert_eq!(steps(&[], &[("settings.py", settings)]), ["new-env-var B", "new-env-var D"]);
}

#[test]
fn steps_of_every_language_are_numbered_files_among_migrations() {
    let named = |path: &str| steps(&[], &[(path, "class A < ActiveRecord::Migration[8.0]\n[Migration(22)]\nend\n")]);
    for path in [
        "migration/src/m20220101_000001_users.rs",
        "src/db/migrations/migration_0053.rs",
        "src/main/java/db/migration/V2__Names.java",
        "src/main/kotlin/db/migration/R__Views.kt",
        "db/data/20260303085150_backfill.rb",
        "src/Core/Datastore/Migration/022_names.cs",
        "shop/db_migrations/0229_names.py",
    ] {
        assert_eq!(named(path), [format!("new-migration {path}")]);
    }
    for path in ["src/db/migrations/mod.rs", "src/m20220101_000001_users.rs", "src/main/java/db/migration/View.java"] {
        assert_eq!(named(path), Vec::<String>::new(), "{path}");
    }
}

#[test]
fn an_endpoint_that_may_be_there_still_is_told_as_such_and_never_kept_back() {
    let js = |path: &str| format!("const app = require('express')();\napp.get({path}, show);\napp.listen(80);\n");
    let (base, lost) = (dossier(&[("a.js", &js("'/a'"))]), dossier(&[("a.js", &js("load() + '/a'"))]));
    let said = drift::between(&base, &lost).before_deploy;
    let texts: Vec<_> =
        said.iter().map(|step| (step.rule.as_str(), step.text.contains("or its path is not known"))).collect();
    assert_eq!(texts, [("new-unresolved-route", false), ("removed-endpoint", true)]);
    assert_eq!(steps(&[("a.js", &js("'/a'"))], &[("a.js", &js("'/b'"))]), ["removed-endpoint GET /a"]);
}

#[test]
fn an_application_to_play_with_is_no_deploy() {
    let manifest = r#"{ "name": "play", "scripts": { "start": "node ." }, "dependencies": { "express": "5" } }"#;
    let server = "require('express')().listen(4000);\nuse(process.env.PLAY);\n";
    let head = [("playground/nest/package.json", manifest), ("playground/nest/index.js", server)];
    assert_eq!(steps(&[], &head), Vec::<String>::new());
}

#[test]
fn another_part_that_asks_for_a_known_runtime_asks_for_nothing_new() {
    let project = |framework: &str| {
        format!(
            "<Project Sdk=\"Microsoft.NET.Sdk\"><PropertyGroup><TargetFramework>{framework}</TargetFramework></PropertyGroup></Project>\n"
        )
    };
    let (web, part, newer) = (project("net8.0"), project("net8.0"), project("net9.0"));
    let base = [("Web/Web.csproj", web.as_str())];
    assert_eq!(steps(&base, &[base[0], ("Part/Part.csproj", &part)]), Vec::<String>::new());
    let said = steps(&base, &[base[0], ("Part/Part.csproj", &newer)]);
    assert!(said.iter().any(|row| row.starts_with("changed-runtime")), "{said:?}");
}

#[test]
fn what_a_program_sets_for_itself_is_no_other_default() {
    let server = ("server.js", "const a = process.env.WORKERS || '2'; use(process.env.JOBS);\n");
    let script = "process.env.WORKERS = process.env.WORKERS ?? '10';\nprocess.env.JOBS ||= 'off';\nprocess.env.FRESH ??= 'on';\n";
    assert_eq!(steps(&[server], &[server, ("once.js", script)]), Vec::<String>::new());
}

#[test]
fn what_only_test_runners_builds_and_developers_read_is_nothing_to_do_until_the_product_does() {
    let compose = "services:\n  metrics:\n    image: influxdb:2\n    ports: ['8086:8086']\n    environment:\n      A: ${OF_COMPOSE}\n";
    let runner = ("playwright.config.ts", "export default { workers: process.env.OF_RUNNER ? 1 : 4 };\n");
    let build =
        ("magefile.go", "package main\nimport \"os\"\nfunc Build() string { return os.Getenv(\"OF_BUILD\") }\n");
    let aside = [
        ("docker-compose.local.yml", compose),
        (".devcontainer/docker-compose.yml", compose),
        (".devcontainer/Dockerfile", "FROM mcr.example.com/devcontainers/ruby:3.4\nEXPOSE 9229\n"),
        ("Dockerfile.dev", "FROM ruby:3.4\nEXPOSE 9229\nCMD [\"bin/dev\"]\n"),
        ("maker/src/templates/Dockerfile", "FROM node:24\nCMD [\"node\", \"main.js\"]\n"),
        runner,
        build,
    ];
    assert_eq!(steps(&[], &aside), Vec::<String>::new());
    assert_eq!(steps(&aside, &[]), Vec::<String>::new());
    let mut deployed = aside.to_vec();
    let shop = format!("{compose}  shop:\n    build: .\n    ports: ['3000:3000']\n");
    deployed.push(("docker-compose.yml", &shop));
    deployed.push(("server.js", "use(process.env.OF_RUNNER);\n"));
    let said = steps(&aside, &deployed);
    for row in ["new-env-var OF_COMPOSE", "new-env-var OF_RUNNER", "new-datastore influxdb", "new-port 3000/tcp"] {
        assert!(said.iter().any(|said| said == row), "{row}: {said:?}");
    }
}

#[test]
fn what_is_started_at_a_desk_is_no_start_of_the_product() {
    let make = "run:\n\tgo run .\nup:\n\tdocker compose up\nrun-server:\n\tgo run ./server\nserve:\n\t./shop\n";
    let scripts = r#"{ "name": "a", "scripts": { "start": "node .", "start:prod": "node .", "start:dev": "node .", "start:test:e2e": "node .", "start:static": "http-server ." } }"#;
    let head = [
        ("Makefile", make),
        ("justfile", "psql-prod:\n    psql $URL\nstart-prod:\n    ./shop\n"),
        ("package.json", scripts),
    ];
    let expected = ["just start-prod", "make run-server", "make serve", "npm run start:prod", "npm start"];
    let said = steps(&[], &head);
    let starts: Vec<&String> = said.iter().filter(|row| row.starts_with("new-start-command")).collect();
    assert_eq!(starts, expected.map(|line| format!("new-start-command start: {line}")).iter().collect::<Vec<_>>());
}

#[test]
fn an_operation_more_that_only_a_document_describes_is_no_other_row() {
    let server = ("a.js", "const app = require('express')();\napp.get('/own', one);\napp.listen(80);\n");
    let document = |paths: &[&str]| {
        let paths: String = paths.iter().map(|path| format!("  {path}:\n    get:\n      responses: {{}}\n")).collect();
        format!("openapi: 3.0.0\npaths:\n{paths}")
    };
    let (one, two) = (document(&["/a"]), document(&["/a", "/b"]));
    let base = dossier(&[server, ("openapi.yaml", one.as_str())]);
    let head = dossier(&[server, ("openapi.yaml", two.as_str())]);
    let drift = drift::between(&base, &head);
    assert!(drift.before_deploy.is_empty() && drift.unresolved.added.is_empty(), "{:?}", drift.before_deploy);
    assert!(head.unresolved.iter().any(|open| open.reason.contains("describes 2 operations")));
}

#[test]
fn each_change_set_of_a_log_is_a_migration() {
    let set = |id: &str, table: &str| {
        format!("<changeSet id=\"{id}\" author=\"a\"><dropTable tableName=\"{table}\"/></changeSet>\n")
    };
    let log = |sets: &[String]| format!("<databaseChangeLog>\n{}</databaseChangeLog>\n", sets.concat());
    let one = log(&[set("1", "x")]);
    let base = [("db/log.xml", one.as_str())];
    let of = |text: &str| steps(&base, &[("db/log.xml", text)]);
    assert_eq!(steps(&[], &base), ["new-migration db/log.xml"]);
    assert_eq!(of(&log(&[set("1", "x"), set("2", "y")])), ["new-migration db/log.xml"]);
    assert_eq!(of(&log(&[set("1", "z")])), ["edited-migration db/log.xml"]);
    assert_eq!(of(&log(&[set("1", "z"), set("2", "y")])), ["new-migration db/log.xml", "edited-migration db/log.xml"]);
    assert_eq!(of(&one.replace("><dropTable", ">\n    <dropTable")), Vec::<String>::new());
}

#[test]
fn the_settings_of_dropwizard_name_variables() {
    let program = (
        "src/main/java/a/App.java",
        "package a;\nimport io.dropwizard.configuration.EnvironmentVariableSubstitutor;\nclass App {\n  Object a = new EnvironmentVariableSubstitutor(false);\n}\n",
    );
    let of = |url: &str| format!("server:\n  type: simple\nurl: ${{URL:-{url}}}\nkey: ${{KEY:-}}\nname: ${{NAME}}\n");
    let (before, after) = (of("https://a.example.test"), of("https://b.example.test"));
    let (base, head) =
        ([program, ("config/config.yaml", before.as_str())], [program, ("config/config.yaml", after.as_str())]);
    let said = |rows: Vec<String>| {
        rows.into_iter().filter(|row| row.contains("env-var") || row.contains("default")).collect::<Vec<_>>()
    };
    assert_eq!(said(steps(&[program], &base)), ["new-env-var KEY", "new-env-var NAME"]);
    assert_eq!(said(steps(&base, &head)), ["changed-default URL"]);
}

#[test]
fn a_container_is_started_differently_where_the_script_that_it_runs_is_another() {
    let manifest = |megabytes: &str| {
        format!(
            "{{\"scripts\": {{\"server\": \"node --max-old-space-size={megabytes} dist/server.js\", \"other\": \"x\"}}}}\n"
        )
    };
    let start = ("Dockerfile.backend", "FROM node:24\nCMD [\"npm\", \"run\", \"server\"]\n");
    let said = |before: &str, after: &str| {
        steps(&[("package.json", &manifest(before)), start], &[("package.json", &manifest(after)), start])
    };
    assert_eq!(said("1024", "4096"), ["changed-start-command start: npm run server"]);
    assert_eq!(said("1024", "1024"), Vec::<String>::new());
}

#[test]
fn a_container_is_started_differently_where_its_shell_script_starts_another_server() {
    let script = |wait: &str, start: &str| format!("#!/bin/sh\nset -e\n# exec nothing\n./wait.sh {wait}\n{start}\n");
    let said = |docker: &str, path: &str, [before, after]: [(&str, &str); 2]| {
        let docker = ("deploy/Dockerfile", docker);
        let [before, after] = [before, after].map(|(wait, start)| script(wait, start));
        steps(&[docker, (path, &before)], &[docker, (path, &after)])
    };
    let plain = [("1", "gunicorn app:app -w 2"), ("1", "gunicorn --log-level x \\\n  app:app -w 2")];
    let changed = |line: &str| [format!("changed-start-command start: {line} (in deploy)")];
    let entrypoint = "FROM x\nENTRYPOINT [\"/app/scripts/start.sh\"]\n";
    assert_eq!(said(entrypoint, "scripts/start.sh", plain), changed("/app/scripts/start.sh"));
    assert_eq!(said("FROM x\nCMD sh start.sh web\n", "deploy/start.sh", plain), changed("sh start.sh web"));
    let entry = "FROM x\nENTRYPOINT [\"docker-entrypoint\"]\nCMD [\"serve\"]\n";
    let exec = [("1", "exec gosu app ./shop serve"), ("1", "exec gosu app ./shop serve --prod")];
    assert_eq!(said(entry, "deploy/docker-entrypoint", exec), changed("docker-entrypoint serve"));
    // What only prepares is no start, nor is what the container is told to run.
    for unchanged in [[("1", "exec x"), ("2", "exec x")], [("1", "exec \"$@\""), ("1", "exec tini -- \"$@\"")]] {
        assert_eq!(said(entrypoint, "scripts/start.sh", unchanged), Vec::<String>::new());
    }
    // Two scripts of the name: which one is meant is not known.
    let [one, other] = ["exec x", "exec y"].map(|start| script("1", start));
    let two = |text| [("Dockerfile", entrypoint), ("a/start.sh", text), ("b/start.sh", text)];
    assert_eq!(steps(&two(&one), &two(&other)), Vec::<String>::new());
}

#[test]
fn an_image_with_an_argument_in_its_tag_is_an_image() {
    let file = |version: &str| format!("ARG UBUNTU\nFROM nvidia/cuda:{version}-ubuntu${{UBUNTU}}.04\n");
    let said = steps(&[("Dockerfile", &file("12.8"))], &[("Dockerfile", &file("13.0"))]);
    assert_eq!(said, ["changed-base-image base image nvidia/cuda:13.0-ubuntu${UBUNTU}.04"]);
    assert_eq!(dossier(&[("Dockerfile", "ARG IMAGE\nFROM $IMAGE:1\n")]).unresolved.len(), 1);
}

#[test]
fn a_file_that_builds_on_an_image_of_another_one_is_built_anew() {
    let old = "FROM sdk:10 AS build\nFROM aspnet:10.0.6@sha256:aa\n";
    let new = "FROM sdk:10 AS build\nFROM aspnet:10.0.9@sha256:bb\n";
    let said = |before: [&str; 3], after: [&str; 3]| {
        let files = |texts: [&'static str; 3]| {
            [("a/Dockerfile", texts[0]), ("b/Dockerfile", texts[1]), ("c/Dockerfile.dev", texts[2])]
        };
        let [before, after] = [before, after].map(|texts| texts.map(|text| if text == "old" { old } else { new }));
        steps(&files(before), &files(after))
    };
    let row = ["changed-base-image base image aspnet:10.0.9@sha256:bb"];
    assert_eq!(said(["old", "old", "old"], ["new", "old", "old"]), row);
    assert_eq!(said(["new", "old", "old"], ["new", "new", "old"]), row);
    assert_eq!(said(["new", "new", "old"], ["new", "new", "new"]), row, "the image is deployed elsewhere");
    assert_eq!(said(["old", "old", "old"], ["new", "new", "new"]), row);
    let digest = [("Dockerfile", "FROM aspnet:10@sha256:aa\n"), ("b/Dockerfile", "FROM aspnet:10@sha256:aa\n")];
    let again = [("Dockerfile", "FROM aspnet:10@sha256:bb\n"), digest[1]];
    assert_eq!(steps(&digest, &again), Vec::<String>::new());
}

#[test]
fn the_baseline_of_a_schema_is_a_migration() {
    let path = "src/main/resources/db/migration/H2/B1_20_0__baseline.sql";
    let said = steps(&[(path, "create table a (id int);\n")], &[(path, "create table a (id int, name text);\n")]);
    assert_eq!(said, [format!("edited-migration {path}")]);
}

#[test]
fn a_compose_file_of_developers_is_told_by_what_it_brings() {
    let store = "  store:\n    image: influxdb:2\n    ports: ['8086:8086']\n";
    let only_others = format!("services:\n{store}  cache:\n    image: bitnami/redis:7\n");
    let catches_mail = format!("services:\n{store}  shop:\n    build: .\n  mail:\n    image: axllent/mailpit\n");
    let emulates = format!("services:\n{store}  shop:\n    build: .\n  s3:\n    image: localstack/localstack:3.0\n");
    let mounts = format!("services:\n{store}  shop:\n    build: ./shop\n    volumes: ['./shop:/app:cached']\n");
    let mounts_at_length = format!(
        "services:\n{store}  shop:\n    build: {{ context: . }}\n    volumes: [{{ type: bind, source: ., target: /app }}]\n"
    );
    for compose in [&only_others, &catches_mail, &emulates, &mounts, &mounts_at_length] {
        let files = [("docker-compose.yml", compose.as_str())];
        assert_eq!(steps(&[], &files), Vec::<String>::new(), "{compose}");
        assert_eq!(steps(&files, &[]), Vec::<String>::new(), "{compose}");
    }
    let builds = format!("services:\n{store}  shop:\n    build: .\n    volumes: ['./data:/data', 'code:/app']\n");
    let runs = format!("services:\n{store}  shop:\n    image: ghcr.io/acme/shop:3\n");
    for compose in [&builds, &runs] {
        let rows = steps(&[], &[("docker-compose.yml", compose)]);
        assert!(rows.contains(&"new-datastore influxdb".to_owned()), "{compose}: {rows:?}");
    }
    // Beside a file that runs the product, or as a part of one, datastores are the product's.
    for main in
        ["services:\n  shop:\n    build: .\n", "include: [compose.stores.yml]\nservices:\n  shop:\n    build: .\n"]
    {
        let rows = steps(&[], &[("compose.yml", main), ("compose.stores.yml", &only_others)]);
        assert!(rows.contains(&"new-datastore influxdb".to_owned()), "{main}: {rows:?}");
    }
}

#[test]
fn the_port_of_a_datastores_container_is_the_datastores() {
    let compose = |stores: &str| format!("services:\n  shop:\n    build: .\n    ports: ['8080:80']\n{stores}");
    let store = "  store:\n    image: postgres:17\n    ports: ['5433:5432']\n";
    let rows = steps(&[("compose.yml", &compose(""))], &[("compose.yml", &compose(store))]);
    assert_eq!(rows, ["new-datastore postgres"]);
    // A program that listens there itself opens it.
    let server = ("server.js", "require('http').createServer(() => {}).listen(5432);\n");
    let rows = steps(&[("compose.yml", &compose(store))], &[("compose.yml", &compose(store)), server]);
    assert!(rows.contains(&"new-port 5432/tcp".to_owned()), "{rows:?}");
}

#[test]
fn a_default_that_goes_with_the_file_that_read_it_is_nothing_to_decide_about() {
    let server = ("server.py", "import os\nurl = os.environ['STORE_URL']\n");
    let once = ("purge.py", "import os\nurl = os.environ.get('STORE_URL', 'sqlite:///a.db')\n");
    assert_eq!(steps(&[server, once], &[server]), Vec::<String>::new());
    let other = ("server.py", "import os\nurl = os.environ.get('STORE_URL', 'sqlite:///b.db')\n");
    assert_eq!(steps(&[other, once], &[other]), Vec::<String>::new());
    let without = ("purge.py", "import os\nurl = os.environ.get('STORE_URL')\n");
    assert_eq!(steps(&[once], &[without]), ["changed-default STORE_URL"]);
}

#[test]
fn variables_of_constants_that_another_module_keeps_are_known() {
    let python = [
        ("app/__init__.py", ""),
        ("app/keys.py", "KEY_MAIL = \"MAIL_HOST\"\nclass Keys:\n    PORT = \"MAIL_PORT\"\n"),
        (
            "app/config.py",
            "import os\nfrom app.keys import KEY_MAIL, Keys\nmail = os.environ.get(KEY_MAIL)\nport = os.getenv(Keys.PORT)\n",
        ),
    ];
    assert_eq!(steps(&[], &python), ["new-env-var MAIL_HOST", "new-env-var MAIL_PORT"]);
    let script = [
        ("keys.ts", "export const KEY_MAIL = 'MAIL_HOST';\nexport const Keys = { Port: 'MAIL_PORT' } as const;\n"),
        (
            "config.ts",
            "import { KEY_MAIL, Keys } from './keys';\nuse(process.env[KEY_MAIL], process.env[Keys.Port]);\n",
        ),
    ];
    assert_eq!(steps(&[], &script), ["new-env-var MAIL_HOST", "new-env-var MAIL_PORT"]);
    // Two modules that mean different things by a name tell nothing.
    let mut twice = python.to_vec();
    twice.push(("app/other.py", "KEY_MAIL = \"SMTP_HOST\"\nclass Keys:\n    PORT = \"SMTP_PORT\"\n"));
    assert!(steps(&[], &twice).iter().all(|row| row.starts_with("new-unresolved-env-var")), "{:?}", steps(&[], &twice));
}

#[test]
fn what_a_framework_sets_for_itself_is_nothing_to_decide_about() {
    let next = ("app/page.ts", "if (process.env.NEXT_RUNTIME === 'edge') use(process.env.NEXT_PHASE);\n");
    assert_eq!(steps(&[], &[next]), Vec::<String>::new());
    let config =
        "module.exports = { env: { banner: process.env.NON_PROD_BANNER, API: process.env.API, 'mail-to': 'a' } };\n";
    let page = "use(process.env.banner, process.env.API, process.env['mail-to'], process.env.OTHER);\n";
    let site = [("site/next.config.js", config), ("site/src/page.ts", page)];
    assert_eq!(steps(&[], &site), ["new-env-var API", "new-env-var NON_PROD_BANNER", "new-env-var OTHER"]);
    let beside = [("site/next.config.js", config), ("api/main.ts", "use(process.env.banner);\n")];
    assert!(steps(&[], &beside).contains(&"new-env-var banner".to_owned()));
}

#[test]
fn a_host_at_the_end_of_a_chain_of_calls_is_one() {
    let php = "<?php\n$image = Http::retry(3, 100)\n    ->withToken(config('images.key'))\n    ->get(\"https://images.acme.test.io/photos/{$id}\");\n";
    assert_eq!(steps(&[], &[("app/Images.php", php)]), ["new-outbound-host images.acme.test.io"]);
    let script = "const all = superagent\n  .get('https://api.acme-shop.io/all')\n  .set('a', 'b');\nmenu\n  .link('https://www.acme-shop.io/');\n";
    assert_eq!(steps(&[], &[("images.js", script)]), ["new-outbound-host api.acme-shop.io"]);
}
