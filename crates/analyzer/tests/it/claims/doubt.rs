//! What must not be contradicted because the document speaks of another project, place or time, or of files that
//! somebody makes; and beside each what still is.

use crate::support::dossier;

const TREE: &[(&str, &str)] = &[
    ("package.json", "{\"name\": \"shop\", \"scripts\": {\"dev\": \"x\"}}"),
    ("Makefile", "lint:\n\ttrue\n"),
    ("requirements.txt", "x\n"),
    ("scripts/lint.sh", "#!/bin/sh\n"),
    ("src/one.js", "\n"),
    ("web/package.json", "{\"scripts\": {\"storybook\": \"x\"}}"),
    ("compose.yml", "services:\n  web:\n    image: x\n"),
    ("LICENSE", "MIT, of Shop\n"),
];

/// The contradicted claims of a document among the files of a shop and some others.
fn contradicted(path: &str, text: &str, others: &[(&str, &str)]) -> Vec<String> {
    let mut files = TREE.to_vec();
    files.extend(others);
    files.push((path, text));
    let dossier = dossier(&files);
    let claims = dossier.claims.iter().filter(|claim| claim.verdict == "CONTRADICTED" && claim.doc == path);
    claims.map(|claim| claim.text.clone()).collect()
}

fn of_readme(text: &str) -> Vec<String> {
    contradicted("README.md", text, &[])
}

#[test]
fn files_that_the_reader_makes_are_not_missing() {
    for text in [
        "Create a file named `scripts/up.sh` with this text.\n\n```sh\nbash scripts/up.sh\n```",
        "Write `scripts/up.sh`:\n\n```sh\n./scripts/up.sh\n```",
        "```sh\ncat > scripts/up.sh <<'EOF'\nnpm run gone\nEOF\nbash scripts/up.sh\n```",
        "```sh\necho x | tee scripts/up.sh\n```\n\n```sh\nbash scripts/up.sh\n```",
        "```sh\nmake lint > scripts/up.sh\nbash scripts/up.sh\n```",
        "```sh\ntouch scripts/up.sh\n```\n\nThen\n\n```sh\nbash scripts/up.sh\n```",
        "```sh\ncp scripts/lint.sh scripts/up.sh\nbash scripts/up.sh\n```",
        "```sh\nnano scripts/up.sh\nbash scripts/up.sh\n```",
        "```sh\ncurl -fsSLO https://example.org/up.sh\n```\n\n```sh\nbash up.sh\n```",
        "```sh\nwget https://example.org/x/compose.up.yml\n```\n\n```sh\ndocker compose -f compose.up.yml up\n```",
        "```yaml\n# compose.up.yml\nservices: {}\n```\n\n```sh\ndocker compose -f compose.up.yml up\n```",
        "`app.py`:\n\n```python\nrun()\n```\n\n```sh\npython app.py\n```",
        "```python\nimport shop\n```\n\n```sh\npython demo.py\n```",
        "```sh\nbash scripts/lint.local.sh\n```",
        "The [key](src/two.js). This file is automatically created at the first start.",
    ] {
        assert_eq!(of_readme(text), [] as [&str; 0], "{text}");
    }
    for (text, gone) in [
        ("To create the data:\n\n```sh\nbash scripts/up.sh\n```", "bash scripts/up.sh"),
        ("Run `scripts/up.sh` to create the data.\n\n```sh\nbash scripts/up.sh\n```", "bash scripts/up.sh"),
        ("```sh\npython demo.py\n```", "python demo.py"),
        ("The [key](src/two.js). It is read at the first start.", "src/two.js"),
    ] {
        assert_eq!(of_readme(text), [gone], "{text}");
    }
}

#[test]
fn a_file_that_is_made_from_a_sample_beside_it_is_not_missing() {
    let text = "[a](src/shop.yml)\n\n```sh\nbash scripts/up.sh\n```\n\nThe goods are in `src/goods.js`.\n";
    let gone = ["src/shop.yml", "bash scripts/up.sh", "src/goods.js"];
    assert_eq!(contradicted("README.md", text, &[]), gone);
    for samples in [
        ["src/shop.yml.template", "scripts/up.sh.in", "src/goods.example.js"],
        ["src/shop.sample.yml", "scripts/up.sh.j2", "src/goods.js.dist"],
    ] {
        assert_eq!(contradicted("README.md", text, &samples.map(|path| (path, "x\n"))), [] as [&str; 0]);
    }
    let others = ["lib/shop.yml.template", "scripts/up.sh.md", "src/goods.old.js"].map(|path| (path, "x\n"));
    assert_eq!(contradicted("README.md", text, &others), gone);
}

#[test]
fn a_listing_of_a_guide_in_the_documentation_may_be_saved_at_the_root() {
    let go = [("go.mod", "module example.org/shop\n"), ("lib.go", "package shop\n")];
    let run = "```sh\n> go build main.go\n```";
    for path in ["docs/getting-started.md", "README.md"] {
        let listing = format!("We start a program.\n\n```go\npackage main\n```\n\n{run}\n");
        assert_eq!(contradicted(path, &listing, &go), [] as [&str; 0], "{path}");
        assert_eq!(contradicted(path, run, &go), ["go build main.go"], "{path}");
    }
}

#[test]
fn files_that_a_program_or_another_document_makes_are_not_missing() {
    let text = "```sh\nbash scripts/up.sh\n```";
    for (path, other) in [
        ("tools/all.mk", "scripts/up.sh: x.in\n\ttrue\n"),
        ("scripts/gen.py", "with open('scripts/up.sh', 'w') as file:\n    pass\n"),
        ("scripts/gen.js", "fs.writeFileSync(path.join(dir, 'up.sh'), text)\n"),
        ("Dockerfile", "FROM x\nRUN curl -o up.sh https://example.org/x\n"),
        ("docs/setup.md", "Save the script as `up.sh`.\n"),
    ] {
        assert_eq!(contradicted("README.md", text, &[(path, other)]), [] as [&str; 0], "{path}");
    }
    let uses = [("ci.yml", "run: bash scripts/up.sh\n"), ("docs/use.md", "Run `scripts/up.sh`.\n")];
    assert_eq!(contradicted("README.md", text, &uses), ["bash scripts/up.sh"]);
}

#[test]
fn what_the_tree_says_is_not_in_it_is_not_missing() {
    let text = "[x](part/README.md) [y](notes.md)\n";
    assert_eq!(contradicted("README.md", text, &[]), ["notes.md", "part/README.md"]);
    let others =
        [(".gitmodules", "[submodule \"part\"]\n\tpath = part\n"), (".gitattributes", "/notes.md export-ignore\n")];
    assert_eq!(contradicted("README.md", text, &others), [] as [&str; 0]);
    for line in ["./scripts/tool.exe", "cd scripts && ./tool", "./tool"] {
        assert_eq!(of_readme(&format!("```sh\n{line}\n```")), [] as [&str; 0], "{line}");
    }
}

#[test]
fn commands_in_another_project_are_not_contradicted() {
    for text in [
        "```sh\ncd ../other\nnpm run gone\n```",
        "```sh\ncd other\n```\n\n```sh\nnpm run gone\n```",
        "```sh\ngit clone https://github.com/acme/other && cd other\n```\n\n### Then\n\n```sh\nnpm run gone\n```",
        "```sh\nnpx create-app x\ncd x\n```\n\n```sh\nnpm run gone\n```",
        "```sh\ncargo new x && cd x\nmake gone\n```",
        "```sh\ngh repo clone acme/other\nmake gone\n```",
        "```sh\ncd /opt/web\nnpm run gone\n```",
        "```sh\ndocker compose exec web bash\nmake gone\n```",
        "Clone the repository of [the app](https://github.com/acme/app), then\n\n```sh\nmake gone\n```",
        "In the `billing` repository:\n\n```sh\nmake gone\n```",
        "Run it from within the `docs` repo.\n\n```sh\nmake gone\n```",
        "In the server repository:\n\n```sh\nmake gone\n```",
        "Run it from the Spark folder:\n\n```sh\nmake gone\n```",
        "In your project:\n\n```sh\nnpm run gone\n```",
        "Don't run this:\n\n```sh\nmake gone\n```",
        "Unpack the archive.\n\n```sh\nbash scripts/gone.sh\n```",
        "```sh\nnpm pkg set scripts.gone=x\nnpm run gone\n```",
    ] {
        assert_eq!(of_readme(&format!("# Shop\n\n## Set-up\n\n{text}\n")), [] as [&str; 0], "{text}");
    }
    for text in [
        "```sh\ngit clone https://github.com/acme/other && cd other\n```\n\n## Then\n\n```sh\nnpm run gone\n```",
        "```sh\ngit clone <repository-url>\ncd <folder>\nnpm run gone\n```",
        "```sh\ngit clone https://github.com/your-name/anything.git\ncd anything\nnpm run gone\n```",
        "```sh\ngit clone -b main https://github.com/acme/shop.git\ncd shop\n```\n\n```sh\nnpm run gone\n```",
        "Needs [Node](https://example.org/download).\n\n```sh\nnpm run gone\n```",
        "Download the database, then\n\n```sh\ngit clone https://github.com/acme/shop.git\ncd shop\nnpm run gone\n```",
        "We use [just](https://github.com/casey/just).\n\n```sh\nnpm run gone\n```",
        "```sh\ncd web && npm run storybook\n```\n\n```sh\nnpm run gone\n```",
        "In the `docs` folder:\n\n```sh\nnpm run gone\n```",
        "```sh\ncd web && npm run storybook\nnpm run gone\n```",
    ] {
        assert_eq!(of_readme(&format!("# Shop\n\n## Set-up\n\n{text}\n")), ["npm run gone"], "{text}");
    }
}

#[test]
fn a_line_that_enters_a_folder_and_runs_something_there_leaves_open_where_the_next_one_runs() {
    for (text, expected) in [
        ("cd web && npm run storybook\nnpm run dev", &[][..]),
        ("cd web && npm run storybook\n# from the root\nnpm run dev", &[]),
        ("cd web\nnpm run storybook\nnpm run dev", &["npm run dev"]),
        ("cd web && npm run dev", &["npm run dev"]),
        ("git clone https://github.com/acme/shop && cd shop && npm i\nnpm run gone", &["npm run gone"]),
    ] {
        assert_eq!(of_readme(&format!("```sh\n{text}\n```")), expected, "{text}");
    }
}

#[test]
fn a_folder_below_the_name_of_the_project_is_one_at_the_root() {
    let others = [("docs/web/a.js", "\n"), ("web/run.sh", "\n")];
    let text = "```sh\ngit clone https://github.com/acme/shop\n```\n\n```sh\ncd shop/web/\nbash run.sh\n```\n";
    assert_eq!(contradicted("docs/getting-started.md", text, &others), [] as [&str; 0]);
    let gone = text.replace("run.sh", "gone.sh");
    assert_eq!(contradicted("docs/getting-started.md", &gone, &others), ["bash gone.sh"]);
}

#[test]
fn the_project_goes_by_its_title_and_by_the_address_of_its_badges() {
    let text = "# Corner Shop: goods\n\n![a](https://github.com/acme/corner/x.svg) [b](https://github.com/acme/corner)\n\n\
                ```sh\ngit clone https://github.com/acme/corner && cd corner\nnpm run gone\n```";
    assert_eq!(of_readme(text), ["npm run gone"]);
    let tool = "# Shop\n\nUse [kit](https://github.com/acme/kit), the [kit](https://github.com/acme/kit).\n\n\
                ```sh\ngit clone https://github.com/acme/kit && cd kit\nnpm run gone\n```";
    assert_eq!(of_readme(tool), [] as [&str; 0]);
}

#[test]
fn documents_of_other_projects_in_the_tree_are_not_contradicted() {
    let text = "# Picker\n\n![x](picture.png)\n\n```sh\nnpm install picker\n```";
    let manifest = "{\"name\": \"picker\", \"repository\": \"https://github.com/acme/picker\"}";
    let own = "{\"name\": \"picker\", \"repository\": {\"url\": \"https://github.com/acme/shop.git\"}}";
    let path = "static/picker/README.md";
    assert_eq!(contradicted(path, text, &[]), [] as [&str; 0]);
    let text = "# Picker\n\n![x](picture.png)\n";
    assert_eq!(contradicted(path, text, &[("static/picker/package.json", manifest)]), [] as [&str; 0]);
    assert_eq!(contradicted(path, text, &[("static/picker/LICENSE", "BSD, of Picker\n")]), [] as [&str; 0]);
    let licence = ("static/picker/LICENSE", "BSD, of Picker\n");
    assert_eq!(contradicted(path, text, &[("static/picker/package.json", own)]), ["picture.png"]);
    assert_eq!(contradicted(path, text, &[("static/picker/package.json", own), licence]), ["picture.png"]);
    assert_eq!(contradicted(path, text, &[("static/picker/LICENSE", "MIT, of Shop\n")]), ["picture.png"]);
    for path in ["lib/picker-2.4.1/notes/README.md", "core/3rdparty/picker/scripts/README.md"] {
        assert_eq!(contradicted(path, text, &[]), [] as [&str; 0], "{path}");
    }
    let inside = "static/picker/docs/README.md";
    assert_eq!(contradicted(inside, text, &[licence]), [] as [&str; 0]);
    let pages = "# Box\n\n![x](picture.png) [bugs](https://github.com/acme/docker-box/issues)\n";
    assert_eq!(contradicted("box/README.md", pages, &[]), [] as [&str; 0]);
    let both = "# Notes\n\n![x](picture.png) [y](gone.md)\n";
    assert_eq!(contradicted("web/README.md", both, &[]), [] as [&str; 0]);
    let one_right = "# Notes\n\n![x](picture.png) [y](gone.md) [z](package.json)\n";
    assert_eq!(contradicted("web/README.md", one_right, &[]), ["gone.md", "picture.png"]);
}

#[test]
fn documents_of_another_time_and_templates_are_not_contradicted() {
    let text = "```sh\nmake lint\nnpm run gone\n```\n";
    assert_eq!(contradicted("docs/work.md", text, &[]), ["npm run gone"]);
    // Whose readers have the program only.
    assert_eq!(contradicted("docs/work.md", "```sh\nnpm run gone\n```\n", &[]), [] as [&str; 0]);
    assert_eq!(contradicted("docs/development.md", "```sh\nnpm run gone\n```\n", &[]), ["npm run gone"]);
    for path in [
        "docs/plans/search.md",
        "docs/2026-01-02-search.md",
        "docs/checks/SEARCH_PROOF_2026-01-02.md",
        "docs/search-design.md",
        "docs/rfc-7.md",
        "docs/templates/guide.md",
    ] {
        assert_eq!(contradicted(path, text, &[]), [] as [&str; 0], "{path}");
    }
    for start in ["> **Removed** with version 2.", "## Status\n\nSuperseded by the search.", "Status: draft"] {
        let said = format!("# Search\n\n{start}\n\n{text}");
        assert_eq!(contradicted("docs/work.md", &said, &[]), [] as [&str; 0], "{start}");
    }
    for start in ["> Written for version 2.", "A removed script is gone."] {
        let said = format!("# Search\n\n{start}\n\n{text}");
        assert_eq!(contradicted("docs/work.md", &said, &[]), ["npm run gone"], "{start}");
    }
    assert_eq!(contradicted("docs/plans/search.md", "[x](gone.md)", &[]), ["gone.md"]);
}

#[test]
fn links_that_an_unknown_generator_gives_their_meaning_are_left_open() {
    let dead: String = (0..9).map(|n| format!("![x](class/{n}.png)\n")).collect();
    assert_eq!(contradicted("help/README.md", &format!("{dead}[y](../package.json)\n"), &[]), [] as [&str; 0]);
    let alive: String = (0..9).map(|_| "[y](../package.json) [z](../scripts/lint.sh) [w](../src/one.js)\n").collect();
    let others: String = ["LICENSE", "Makefile", "compose.yml", "requirements.txt", "src", "web", "scripts"]
        .map(|name| format!("[x](../{name})\n"))
        .concat();
    assert_eq!(contradicted("help/README.md", &format!("{dead}{alive}{others}"), &[]).len(), 9);
}

#[test]
fn where_documents_are_more_often_wrong_than_right_about_one_kind_they_are_left_open() {
    let anchors = |from: usize, to: usize| (from..to).map(|n| format!("[x](#part-{n})\n")).collect::<String>();
    let headings = |to: usize| (0..to).map(|n| format!("# Part {n}\n\n")).collect::<String>();
    assert_eq!(of_readme(&format!("{}{}", headings(4), anchors(0, 9))).len(), 5);
    assert_eq!(of_readme(&format!("{}{}", headings(4), anchors(0, 12))), [] as [&str; 0]);
    assert_eq!(of_readme(&format!("{}{}", headings(8), anchors(0, 16))).len(), 8);
    // What they say of another kind is not in doubt by it.
    let text = format!("{}[gone](src/two.js)\n[there](src/one.js)\n", anchors(0, 8));
    assert_eq!(of_readme(&text), ["src/two.js"]);
    let scripts: String = (0..8).map(|n| format!("npm run gone{n}\n")).collect();
    assert_eq!(of_readme(&format!("```sh\n{scripts}npm run dev\nmake lint\n```\n")), [] as [&str; 0]);
    let other = format!("{}{}", headings(1), anchors(0, 5));
    assert_eq!(contradicted("web/README.md", &anchors(0, 4), &[("README.md", &other)]), [] as [&str; 0]);
}

#[test]
fn links_of_documents_that_are_to_be_read_elsewhere_are_left_open() {
    let page = "[x](gone.md) [y](work.md)\n";
    let readme = |said| ("docs/README.md", said);
    assert_eq!(contradicted("docs/work.md", page, &[readme("# Documentation\n")]), ["gone.md"]);
    let away = readme("They are part of another site; links may not work here.\n");
    assert_eq!(contradicted("docs/work.md", page, &[away]), [] as [&str; 0]);
    assert_eq!(contradicted("web/README.md", page.replace("work", "README").as_str(), &[away]), ["gone.md"]);
}

#[test]
fn values_of_options_are_no_services_targets_or_files() {
    for line in [
        "docker compose up --scale web=3 -d",
        "docker compose --profile all --ansi never up --pull always web",
        "docker compose -p shop --env-file x.env logs -n 100 web",
        "docker compose up -t 5 --exit-code-from web",
        "docker compose up -d -f compose.arm.yml",
        "docker compose run -l a=b --cap-add X web sh",
        "make -j 4 lint",
        "pip install -r https://example.org/requirements.x.txt",
        "npm run env",
        "make lint or",
        "make lint and make lint",
    ] {
        assert_eq!(of_readme(&format!("```sh\n{line}\n```")), [] as [&str; 0], "{line}");
    }
    for line in ["docker compose --ansi never up --pull always gone", "make -j 4 gone"] {
        assert_eq!(of_readme(&format!("```sh\n{line}\n```")), [line]);
    }
}

#[test]
fn a_path_alone_in_a_block_of_no_language_may_be_of_a_listing() {
    assert_eq!(of_readme("```\nscripts/gone.sh\nscripts/lint.sh\n```"), [] as [&str; 0]);
    assert_eq!(of_readme("```sh\nscripts/gone.sh\n```"), ["scripts/gone.sh"]);
    assert_eq!(of_readme("```sh\nfix/the-till\nscripts/the-till\n```"), [] as [&str; 0]);
    assert_eq!(of_readme("```sh\nnpm run dev\nscripts/the-till\n```"), ["scripts/the-till"]);
}

#[test]
fn usual_ports_of_tools_that_the_tree_or_the_document_names_are_left_open() {
    let server = ("server.js", "const app = require('express')();\napp.listen(4100);\nconst PORT_BASE = 4300;\n");
    let manifest = ("package.json", "{\"dependencies\": {\"express\": \"4\"}}");
    for (text, expected) in [
        ("Open http://localhost:16686.", &[][..]),
        ("Open http://localhost:8025.", &[]),
        ("Documentation is made with MkDocs: http://localhost:8000.", &[]),
        ("See http://localhost:8000.", &["port 8000"]),
        ("Storybook: http://localhost:6006.", &[]),
        ("Run `tilt up` and open http://localhost:10350.", &[]),
        ("Open http://localhost:10350.", &["port 10350"]),
        ("See http://localhost:4101.", &["port 4101"]),
        ("See http://localhost:4301.", &[]),
        ("The peers, e.g. http://localhost:4177.", &[]),
        ("By default [`probe`] binds to `localhost:4177`.", &[]),
        ("Open [the page](http://localhost:4177).", &["port 4177"]),
        ("The peers: `localhost:4176,localhost:4177`.", &[]),
        ("See http://localhost:6006.", &["port 6006"]),
        ("It runs at http://localhost:58635.", &[]),
        ("You should see output similar to:\n\n```sh\nit runs at http://localhost:4177\n```", &[]),
        ("You should see the page at:\n\n```sh\nopen http://localhost:4177\n```", &["port 4177"]),
    ] {
        let dossier = dossier(&[server, manifest, ("README.md", text)]);
        let wrong = dossier.claims.iter().filter(|claim| claim.verdict == "CONTRADICTED");
        assert_eq!(wrong.map(|claim| claim.text.as_str()).collect::<Vec<_>>(), expected, "{text}");
    }
}

#[test]
fn an_endpoint_that_a_program_names_is_not_contradicted() {
    let server = "const app = require('express')();\napp.get('/api/goods', a);\napp.post('/api/orders', c);\n";
    let verdict = |other: &str| {
        let files = [
            ("package.json", "{\"dependencies\": {\"express\": \"4\"}}"),
            ("server.js", server),
            ("other.js", other),
            ("README.md", "`GET /api/customers`"),
        ];
        dossier(&files).claims.iter().find(|claim| claim.kind == "endpoint").map(|claim| claim.verdict.clone())
    };
    assert_eq!(verdict("").as_deref(), Some("CONTRADICTED"));
    assert_eq!(verdict("const customers = 1;\n").as_deref(), Some("CONTRADICTED"));
    assert_eq!(verdict("legacy.serve('/customers');\n").as_deref(), Some("UNVERIFIABLE"));
}

#[test]
fn a_port_that_is_counted_from_a_base_is_not_contradicted() {
    let ports = ("server.js", "require('http').createServer().listen(4100);\n");
    let said = "Run it, then open http://localhost:30276.\n";
    let with = |script: &str| contradicted("README.md", said, &[ports, ("scripts/env.sh", script)]);
    assert_eq!(with("APP_PORT=$((30200 + SLOT))\n"), [] as [&str; 0]);
    assert_eq!(with("APP_PORT=$((SLOT + 30200))\n"), [] as [&str; 0]);
    assert_eq!(with("APP_PORT=30200\n"), ["port 30276"], "nothing is added");
    assert_eq!(with("APP_PORT=$((20200 + SLOT))\n"), ["port 30276"], "too far below");
    let usual = "Run the pages (typically on http://localhost:30276).\n";
    assert_eq!(contradicted("README.md", usual, &[ports]), [] as [&str; 0]);
}

#[test]
fn what_is_run_in_a_repository_that_is_checked_out_is_not_ours() {
    for lead in [
        "Checkout the `till` repo in another terminal and run:",
        "Then clone the `till` repository and run:",
        "Go to your local till repo and run:",
    ] {
        assert_eq!(of_readme(&format!("{lead}\n\n```sh\nmake all-of-it\n```")), [] as [&str; 0], "{lead}");
    }
    assert_eq!(of_readme("Check out the code and run:\n\n```sh\nmake all-of-it\n```"), ["make all-of-it"]);
}

#[test]
fn names_of_programs_parts_of_documents_and_rules_that_a_macro_makes_are_left_open() {
    assert_eq!(of_readme("A [ByteString](akka.util.ByteString).\n"), [] as [&str; 0]);
    assert_eq!(of_readme("A [file](docs.of.something).\n"), ["docs.of.something"]);
    let part = "See [droplets](#droplets-of-an-app).\n";
    for path in ["docs/_apps.md", "docs/includes/apps.md"] {
        assert_eq!(contradicted(path, part, &[]), [] as [&str; 0], "{path}");
    }
    assert_eq!(contradicted("docs/apps.md", part, &[]), ["#droplets-of-an-app"]);
    let run = "```sh\ncd web\nmake help\n```\n";
    let made = ("web/Makefile", "$(call help,make help,print this)\n\ntest:\n\ttrue\n");
    assert_eq!(contradicted("README.md", run, &[made]), [] as [&str; 0]);
    assert_eq!(contradicted("README.md", run, &[("web/Makefile", "test:\n\ttrue\n")]), ["make help"]);
}

#[test]
fn quoted_addresses_and_badges_that_a_tool_writes_are_no_dead_links() {
    assert_eq!(of_readme("[License](\"https://example.org/licenses/2.0.html\")\n"), [] as [&str; 0]);
    let badge = "[![All](https://example.org/all.svg)](#people-)\n";
    let marked = format!("<!-- ALL-CONTRIBUTORS-BADGE:START - x -->\n{badge}<!-- ALL-CONTRIBUTORS-BADGE:END -->\n");
    assert_eq!(of_readme(&marked), [] as [&str; 0]);
    assert_eq!(of_readme(badge), ["#people-"]);
}

#[test]
fn a_script_beside_a_submodule_may_be_of_that() {
    let text = "# augeas\n\n```sh\n./autogen.sh\n```\n";
    let beside = ("libraries/augeas/CMakeLists.txt", "\n");
    let modules = (".gitmodules", "[submodule \"augeas\"]\n\tpath = libraries/augeas/src\n\turl = ../augeas\n");
    assert_eq!(contradicted("libraries/augeas/README.md", text, &[beside, modules]), [] as [&str; 0]);
    assert_eq!(contradicted("libraries/augeas/README.md", text, &[beside]), ["./autogen.sh"]);
}

#[test]
fn values_that_are_counted_stand_for_others() {
    let tree =
        [("Cargo.toml", "[package]\nname = \"shop\"\n[features]\nsqlite = []\n"), ("src/main.rs", "fn main() {}\n")];
    let with =
        |features: &str| contradicted("README.md", &format!("```sh\ncargo build --features {features}\n```\n"), &tree);
    assert_eq!(with("feature1,feature2,feature3"), [] as [&str; 0]);
    assert_eq!(with("sqlite,lmdb"), ["cargo build --features sqlite,lmdb"]);
}

#[test]
fn a_script_of_another_package_manager_may_be_of_the_readers_project() {
    let text = "```sh\nyarn start\nyarn run serve\n```\n";
    assert_eq!(contradicted("README.md", text, &[("package-lock.json", "{}\n")]), [] as [&str; 0]);
    assert_eq!(contradicted("README.md", text, &[("yarn.lock", "\n")]), ["yarn start", "yarn run serve"]);
    assert_eq!(contradicted("README.md", text, &[]), ["yarn start", "yarn run serve"]);
}

#[test]
fn credits_numbers_that_are_given_out_and_pages_that_a_site_lists_are_left_open() {
    let row = "<td><a href=\"https://github.com/octo\"><img src=\"https://example.org/x.png\" /></a><a href=\"#design-octo\" title=\"Design\">d</a></td>\n";
    assert_eq!(of_readme(&format!("## Contributors\n\n<table><tr>\n{row}</tr></table>\n")), [] as [&str; 0]);
    assert_eq!(of_readme("[d](#design-octo)\n"), ["#design-octo"]);
    let server = ("server.js", "require('http').createServer().listen(4100);\n");
    assert_eq!(contradicted("README.md", "Open http://localhost:37975.\n", &[server]), [] as [&str; 0]);
    let site = ("mkdocs.yml", "site_name: x\nnav:\n  - Testing:\n      - Made: 'development/core/made.md'\n");
    let page = "[made](core/made.md) and [gone](core/gone.md)\n";
    let other = ("shop/docs/development/core/other.md", "x\n");
    assert_eq!(contradicted("shop/docs/development/testing.md", page, &[site, other]), ["core/gone.md"]);
}

#[test]
fn links_of_documents_that_a_symbolic_link_shows_elsewhere_are_seen_from_there_too() {
    let folder = crate::support::folder(&[
        ("packaging/README.md", "[tasks](./Tasks.yml) and [gone](./gone.md)\n"),
        ("mkdocs.yml", "site_name: shop\n"),
        ("shop/docs/testing.md", "[made](made/one.md)\n"),
        ("shop/other/README.md", "[made](made/one.md)\n"),
        ("Tasks.yml", "x: 1\n"),
    ]);
    std::os::unix::fs::symlink("packaging/README.md", folder.path().join("PACKAGING.md")).unwrap();
    std::os::unix::fs::symlink("./shop/docs", folder.path().join("docs")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("shop/README.md")).unwrap();
    let bare = tempfile::tempdir().unwrap();
    let sha = crate::support::commit(folder.path(), bare.path());
    for tree in [crate::support::read(folder.path(), None), crate::support::read(bare.path(), Some(&sha))] {
        let claims = crate::support::dossier_of(&tree).claims;
        let claims: Vec<String> =
            claims.iter().map(|claim| format!("{} {} {}", claim.verdict, claim.doc, claim.text)).collect();
        assert_eq!(
            claims,
            [
                "UNVERIFIABLE packaging/README.md ./Tasks.yml",
                "CONTRADICTED packaging/README.md ./gone.md",
                "UNVERIFIABLE shop/docs/testing.md made/one.md",
                "CONTRADICTED shop/other/README.md made/one.md",
            ]
        );
    }
}

#[test]
fn a_program_in_a_folder_of_the_source_may_lie_in_that_of_the_build() {
    let text = "```sh\ncmake --build build\n./test/unit/orders --all\n```\n";
    let test = ("test/unit/orders.cc", "int main() {}\n");
    assert_eq!(contradicted("README.md", text, &[test]), ["./test/unit/orders --all"]);
    for list in ["CMakeLists.txt", "test/unit/CMakeLists.txt", "test/meson.build"] {
        assert_eq!(contradicted("README.md", text, &[test, (list, "x\n")]), [] as [&str; 0], "{list}");
    }
    let script = text.replace("orders --all", "orders.sh");
    assert_eq!(contradicted("README.md", &script, &[test, ("CMakeLists.txt", "x\n")]), ["./test/unit/orders.sh"]);
}

#[test]
fn lines_of_files_makefiles_that_a_step_writes_and_pages_called_like_those_of_the_forge_are_left_open() {
    assert_eq!(of_readme("[read](src/one.js:12) [gone](src/two.js:12)\n"), ["src/two.js:12"]);
    let text =
        "```sh\n./configure\nmake format\n```\n\n```sh\ncd docker\nmake image\ncd ..\n```\n\n```sh\nmake tidy\n```\n";
    let docker = ("docker/Makefile", "image:\n\ttrue\n");
    let of_coturn = |more: (&str, &str)| {
        let files = [docker, ("README.md", text), ("configure", "#!/bin/sh\n"), more];
        let dossier = dossier(&files);
        dossier.claims.iter().filter(|claim| claim.verdict == "CONTRADICTED").count()
    };
    assert_eq!(of_coturn(("Makefile.in", "format:\n")) + of_coturn((".gitignore", "/Makefile\n")), 0);
    let page = "---\ntitle: Bundle\n---\n[gone](../profile)\n[md](gone.md)\n";
    assert_eq!(contradicted("docs/sources/support_bundle.md", page, &[]), [] as [&str; 0]);
    assert_eq!(contradicted("docs/SUPPORT.md", page, &[]), ["gone.md"]);
}
