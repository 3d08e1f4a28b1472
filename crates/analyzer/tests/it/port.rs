//! Ports: in programs, in what configures servers, in scripts that start a container.

use crate::support::{keys, ports};

#[test]
fn ports_stand_in_servers_of_gevent_in_variables_and_in_scripts_that_start_a_container() {
    let service = "from flask import Flask\nfrom gevent.pywsgi import WSGIServer\n\napp = Flask(__name__)\n\n\
        if __name__ == \"__main__\":\n    server = WSGIServer((\"0.0.0.0\", 8006), app)\n    server.serve_forever()\n";
    let dockerfile = "FROM alpine\nENV PORT=\"8000\" \\\n    DEBUG=\"\"\nEXPOSE ${PORT} ${METRICS:-9100}\n";
    let entrypoint = "#!/bin/sh\nexec gunicorn -b 0.0.0.0:5000 app:app\n";
    let found = ports(&[
        ("service/main.py", service),
        ("Dockerfile", dockerfile),
        ("docker-entrypoint.sh", entrypoint),
        ("notes.sh", entrypoint.replace("5000", "5001").as_str()),
    ]);
    assert_eq!(keys(&found), ["5000/tcp", "8000/tcp", "8006/tcp", "9100/tcp"]);
}

#[test]
fn the_port_of_a_go_program_stands_in_the_tag_of_the_field_that_it_listens_on() {
    let module = "module example.com/app\n\ngo 1.22\n";
    let main = "package main\n\nimport (\n\t\"fmt\"\n\t\"net/http\"\n)\n\nfunc debug(cfg *Config) {\n\t\
        addr := fmt.Sprintf(\"%s:%s\", cfg.Debug.Host, cfg.Debug.Port)\n\thttp.ListenAndServe(addr, nil)\n}\n\n\
        func main() {\n\tcfg := load()\n\tgo debug(cfg)\n\tserver := &http.Server{\n\t\tReadTimeout: cfg.Web.Timeout,\n\t\t\
        Addr: fmt.Sprintf(\"%s:%s\", cfg.Web.Host, cfg.Web.Port),\n\t}\n\tserver.ListenAndServe()\n}\n";
    let config = "package main\n\ntype Config struct {\n\tWeb WebConfig\n\tDebug DebugConfig\n\tMail MailConfig\n}\n\n\
        type WebConfig struct {\n\tHost string\n\tTimeout int `conf:\"default:10\"`\n\tPort string `conf:\"default:7745\"`\n}\n\n\
        type DebugConfig struct {\n\tPort string `json:\"port\" default:\":4000\"`\n}\n\n\
        type MailConfig struct {\n\tPort int `envDefault:\"587\"`\n}\n";
    let found = ports(&[("go.mod", module), ("main.go", main), ("config.go", config)]);
    assert_eq!(keys(&found), ["4000/tcp", "7745/tcp"]);
    let web = found.facts.iter().find(|fact| fact.key == "7745/tcp").unwrap();
    let paths: Vec<&str> = web.evidence.iter().map(|at| at.path.as_str()).collect();
    assert_eq!(paths, ["config.go", "main.go"]);
    // A name that could be each of them is none.
    let open = main.replace("cfg.Web.Port", "chosen.Port").replace("cfg.Debug.Port", "other.Port");
    let found = ports(&[("go.mod", module), ("main.go", open.as_str()), ("config.go", config)]);
    assert!(keys(&found).is_empty() && !found.unresolved.is_empty(), "{:?}", found.facts);
}

#[test]
fn ports_stand_in_what_configures_the_servers() {
    let flask = "from flask import Flask\n\napp = Flask(__name__)\napp.config.from_pyfile('default.py')\n\n\
        if __name__ == '__main__':\n    app.run(debug=True, host='0.0.0.0', port=app.config.get('PORT', '9191'))\n";
    let gunicorn = "import os\n\nworkers = 4\nbind = f\"0.0.0.0:{os.environ.get('PORT', '8001')}\"\n";
    let nginx = "upstream app { server 127.0.0.1:9999; }\nserver {\n    listen [::]:8443 ssl;\n    # listen 81;\n    \
        listen 8080 default_server;\n    listen unix:/run/nginx.sock;\n    listen ${PORT};\n}\n";
    let role = "services:\n  server:\n    image: acme/app\n    ports:\n      - 3300:3000\n";
    let other = "services:\n  App\\Mailer:\n    ports:\n      - 1:25\n";
    let found = ports(&[
        ("run.py", flask),
        ("gunicorn.conf.py", gunicorn),
        ("docker/nginx/default.conf", nginx),
        ("docker/app.conf", nginx.replace("8080", "8081").as_str()),
        ("deployment/server/base.yml", role),
        ("config/services.yaml", other),
    ]);
    assert_eq!(keys(&found), ["3000/tcp", "8001/tcp", "8080/tcp", "8443/tcp", "9191/tcp"]);
    let bound = found.facts.iter().find(|fact| fact.key == "8001/tcp").unwrap();
    assert_eq!(bound.attrs["env"], serde_json::json!(["PORT"]));
}
