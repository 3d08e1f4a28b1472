//! Environment variables whose names a program puts together: by its own helpers, by a prefix of a library, out of the whole
//! environment.

use crate::support::{keys, module, variables};

#[test]
fn helpers_in_python_join_a_prefix_and_a_name() {
    let config = "import os\n\nPREFIX = 'APP_'\n\n\ndef number(name, default):\n    full = PREFIX + name\n    return int(text(full, default))\n\n\n\
        def text(name, default):\n    return os.environ.get(name, default)\n\n\n\
        def flag(key):\n    return os.environ[f'{PREFIX}{key.upper().replace(\"-\", \"_\")}'] == '1'\n\n\n\
        OPTIONS = [{'name': 'HOST', 'default': ''}, {'name': 'PORT', 'default': 80}]\n\
        VALUES = {one['name']: number(**one) for one in OPTIONS}\nOTHERS = [number(one['name'], 1) for one in OPTIONS]\n\
        DIRECT = os.environ[PREFIX + 'DIRECT']\n";
    let main = "from config import flag, number\nimport config\n\nflag('read-only')\nnumber('LIMIT', 3)\nconfig.text('APP_NAME', '')\n\
        other.flag('not')\nnumber(given(), 3)\n";
    let stranger = "def flag(x):\n    pass\n\nflag('stranger')\n";
    let found = variables(&[("config.py", config), ("main.py", main), ("stranger.py", stranger)]);
    assert_eq!(keys(&found), ["APP_DIRECT", "APP_HOST", "APP_LIMIT", "APP_NAME", "APP_PORT", "APP_READ_ONLY"]);
    assert!(!found.unresolved.is_empty());
}

#[test]
fn methods_join_the_prefix_of_their_class() {
    let config = "import os\n\n\nclass Settings:\n    prefix = 'APP'\n\n    def get(self, key):\n        return os.getenv('_'.join([self.prefix, key.upper()]))\n\n    \
        def port(self):\n        return self.get('port')\n\n\nsettings = Settings()\nsettings.get('host')\n{}.get('other')\n";
    assert_eq!(keys(&variables(&[("config.py", config)])), ["APP_HOST", "APP_PORT"]);
}

#[test]
fn helpers_in_javascript_join_a_prefix_and_a_name() {
    let config = "const PREFIX = 'APP_';\nexport function setting(name, fallback) {\n  const key = `${PREFIX}${name.toUpperCase().replace(/[-.]/g, '_')}`;\n  \
        return process.env[key] ?? fallback;\n}\nexport const flag = (name) => setting(name, '0') === '1';\n";
    let main = "import { setting, flag } from './config';\nsetting('db.host', 'x');\nflag('read-only');\nother.setting('no');\n\
        ['a.b', 'c'].forEach((one) => setting(one));\nsetting(given);\n";
    let found = variables(&[("src/config.ts", config), ("src/main.ts", main)]);
    assert_eq!(keys(&found), ["APP_A_B", "APP_C", "APP_DB_HOST", "APP_READ_ONLY"]);
}

#[test]
fn options_of_click_are_variables_below_its_prefix() {
    let main = "import click\n\n\n@click.group(context_settings={\"auto_envvar_prefix\": \"APP\"})\n@click.option('-v', '--verbose', is_flag=True)\n\
        def cli(verbose):\n    pass\n\n\n@cli.command('serve-all')\n@click.option('--port', '-p', default=80)\n@click.option('--read-only/--no-read-only')\n\
        @click.option('--dir', 'folder')\n@click.option('--off', allow_from_autoenv=False)\n@click.argument('name')\ndef serve(port, **rest):\n    pass\n\n\n\
        @click.command()\n@click.option('--other')\ndef other(other):\n    pass\n";
    let found = variables(&[("main.py", main)]);
    assert_eq!(keys(&found), ["APP_SERVE_ALL_FOLDER", "APP_SERVE_ALL_PORT", "APP_SERVE_ALL_READ_ONLY", "APP_VERBOSE"]);
    let called = "import click\n\n\n@click.command()\n@click.option('--port')\ndef main(port):\n    pass\n\n\nmain(auto_envvar_prefix='X')\n";
    assert_eq!(keys(&variables(&[("main.py", called)])), ["X_PORT"]);
}

#[test]
fn a_switch_over_the_whole_environment_names_its_cases() {
    let main = "package main\nimport (\n\t\"os\"\n\t\"strings\"\n)\nfunc main() { parse(os.Environ()) }\n\
        func parse(lines []string) {\n\tfor _, line := range lines {\n\t\tfields := strings.SplitN(line, \"=\", 2)\n\
        \t\tkey, value := strings.TrimSpace(fields[0]), fields[1]\n\t\tswitch strings.ToUpper(key) {\n\
        \t\tcase \"APP_HOST\", \"HOST\":\n\t\t\tuse(value)\n\t\tcase \"APP_PORT\":\n\t\t\tswitch mode {\n\t\t\tcase \"FAST\":\n\t\t\t}\n\t\t}\n\t}\n}\n\
        func other(lines []string) {\n\tfor _, line := range lines {\n\t\tkey := strings.Split(line, \"=\")[0]\n\
        \t\tswitch key {\n\t\tcase \"NOT_THIS\":\n\t\t}\n\t}\n}\n";
    assert_eq!(keys(&variables(&module(main))), ["APP_HOST", "APP_PORT", "HOST"]);
}

#[test]
fn a_definition_of_a_setting_may_have_several_names() {
    let config = "export const config = {\n  id: { doc: 'x', env: ['WORKER_ID', `DYNO`, given], default: 'a' },\n  \
        url: { doc: 'x', env: `APP_URL`, default: '' },\n  port: { doc: 'x', env: `${prefix}_PORT`, default: 1 },\n};\n";
    assert_eq!(keys(&variables(&[("config.ts", config)])), ["APP_URL", "DYNO", "WORKER_ID"]);
}
