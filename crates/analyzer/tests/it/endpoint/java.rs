//! JAX-RS below servlets, types that extend each other, guards in annotations.

use crate::support::{endpoints, keys};

#[test]
fn jax_rs_is_below_the_servlets_that_the_program_maps_by_itself() {
    let resource = |package: &str, name: &str, path: &str| {
        format!(
            "package {package};\n\nimport jakarta.ws.rs.GET;\nimport jakarta.ws.rs.Path;\n\n@Path(\"{path}\")\n\
             public class {name} {{\n    @GET\n    public String get() {{ return \"\"; }}\n}}\n"
        )
    };
    let first = resource("app.resources.v1", "UserResource", "users");
    let second = resource("app.resources.v2", "TeamResource", "teams");
    let program = "package app;\n\nimport org.glassfish.jersey.servlet.ServletContainer;\n\npublic class Application {\n    \
        void start() {\n        var config = new ResourceConfig();\n        config.packages(\n            \"app.filters\",\n            \
        \"app.resources.v1\");\n        final var servlet = new ServletHolder(\"v1\", new ServletContainer(config));\n        \
        context.addServlet(servlet, \"/api/*\");\n        \
        context.addServlet(new ServletHolder(new ServletContainer(new app.resources.v2.Config())), \"/api/v2/*\");\n        \
        context.addServlet(new ServletHolder(\"default\", DefaultServlet.class), \"/\");\n    }\n}\n";
    let files = [
        ("src/main/java/app/Application.java", program),
        ("src/main/java/app/resources/v1/UserResource.java", first.as_str()),
        ("src/main/java/app/resources/v2/TeamResource.java", second.as_str()),
    ];
    assert_eq!(keys(&endpoints(&files)), ["GET /api/users", "GET /api/v2/teams"]);
    let descriptor = "<web-app>\n  <servlet>\n    <servlet-name>rest</servlet-name>\n    \
        <servlet-class>org.glassfish.jersey.servlet.ServletContainer</servlet-class>\n  </servlet>\n  <servlet-mapping>\n    \
        <servlet-name>rest</servlet-name>\n    <url-pattern>/rest/*</url-pattern>\n  </servlet-mapping>\n</web-app>\n";
    let files = [("src/main/webapp/WEB-INF/web.xml", descriptor), files[1]];
    assert_eq!(keys(&endpoints(&files)), ["GET /rest/users"]);
}

#[test]
fn jax_rs_is_below_the_path_of_the_server_that_the_program_starts() {
    let resource = "package app;\n\nimport jakarta.ws.rs.GET;\nimport jakarta.ws.rs.Path;\n\n@Path(\"users\")\n\
        public class Users {\n    @GET\n    public String get() { return \"\"; }\n}\n";
    let program = |body: &str| {
        format!(
            "package app;\nimport io.dropwizard.core.Application;\npublic class Main {{\n    static final String AT = \"/otp\";\n    \
            void run() {{\n        {body}\n    }}\n}}\n"
        )
    };
    let found = |body: &str, more: &[(&str, &str)]| {
        let main = program(body);
        let mut files =
            vec![("src/main/java/app/Main.java", main.as_str()), ("src/main/java/app/Users.java", resource)];
        files.extend(more);
        let found = endpoints(&files);
        (keys(&found).join(" "), found.unresolved.len())
    };
    let known = [
        (
            "HttpHandler handler = ContainerFactory.createContainer(HttpHandler.class, app);\n\
          server.getServerConfiguration().addHttpHandler(handler, \"/otp/\");\n\
          server.getServerConfiguration().addHttpHandler(new StaticHttpHandler(folder), \"/client\");",
            "GET /otp/users",
        ),
        (
            "GrizzlyHttpServerFactory.createHttpServer(URI.create(\"http://\" + host + \":\" + port + \"/api/\"), config);",
            "GET /api/users",
        ),
        (
            "JdkHttpServerFactory.createHttpServer(UriBuilder.fromUri(\"http://localhost/\").port(80).build(), config);",
            "GET /users",
        ),
        ("context.addServlet(ServletContainer.class, AT + \"/*\");", "GET /otp/users"),
        (
            "ServletContextHandler context = new ServletContextHandler(server, \"/app\");\n\
          context.addServlet(new ServletHolder(new ServletContainer(config)), \"/api/*\");",
            "GET /app/api/users",
        ),
        ("context.addServlet(\"rest\", new ServletContainer(config)).addMapping(\"/rest/*\");", "GET /rest/users"),
        ("return new ServletRegistrationBean<>(new ServletContainer(config), \"/jersey/*\");", "GET /jersey/users"),
        ("deployment.setMappingPrefix(\"/api\");", "GET /api/users"),
        ("new UndertowJaxrsServer().deploy(deployment, \"/root\");", "GET /root/users"),
        ("environment.jersey().setUrlPattern(\"/api/*\");", "GET /api/users"),
        ("serve(\"/guice/*\").with(GuiceContainer.class, options);", "GET /guice/users"),
        (
            "filter(\"/*\").through(Log.class);\nserve(\"/api/*\").with(ResteasyAllInOneDispatcher.class);",
            "GET /api/users",
        ),
    ];
    for (body, expected) in known {
        assert_eq!(found(body, &[]), (expected.to_owned(), 0), "{body}");
    }
    let unknown = [
        "HttpHandler handler = RuntimeDelegate.getInstance().createEndpoint(app, HttpHandler.class);\n\
         server.getServerConfiguration().addHttpHandler(handler, settings.path());",
        "GrizzlyHttpServerFactory.createHttpServer(settings.address(), config);",
        "GrizzlyHttpServerFactory.createHttpServer(URI.create(\"http://localhost/\" + path), config);",
        "context.addServlet(new ServletHolder(new ServletContainer(config)), path + \"/*\");",
        "deployment.setMappingPrefix(prefix);",
        "serve(pattern).with(HttpServletDispatcher.class);",
    ];
    for body in unknown {
        assert_eq!(found(body, &[]), (String::new(), 1), "{body}");
    }
    let configured = |text: &str| found("", &[("config.yml", text)]);
    assert_eq!(configured("server:\n  rootPath: /api/*\n").0, "GET /api/users");
    assert_eq!(
        configured("server:\n  type: simple\n  applicationContextPath: /\n  rootPath: '/v1/'\n").0,
        "GET /v1/users"
    );
    assert_eq!(configured("server:\n  type: simple\n").0, "GET /application/users");
    assert_eq!(configured("server:\n  rootPath: ${ROOT}\n"), (String::new(), 1));
    assert_eq!(configured("server:\n  port: 80\n").0, "GET /users");
    let descriptor = "<web-app>\n  <servlet-mapping>\n    <servlet-name>javax.ws.rs.core.Application</servlet-name>\n    \
        <url-pattern>/rest/*</url-pattern>\n  </servlet-mapping>\n</web-app>\n";
    assert_eq!(found("", &[("src/main/webapp/WEB-INF/web.xml", descriptor)]).0, "GET /rest/users");
}

#[test]
fn types_that_extend_each_other_come_to_an_end() {
    let one = "package a;\nimport org.springframework.web.bind.annotation.*;\n@RestController\npublic class One extends Two.Inner {\n    static final String A = Two.B;\n    @GetMapping(A)\n    public void one() { }\n}\n";
    let two = "package a;\npublic class Two extends One.Other {\n    static final String B = One.A;\n}\n";
    let meta = "package a;\n@Meta\npublic @interface Meta { }\n";
    let files =
        [("src/main/java/a/One.java", one), ("src/main/java/a/Two.java", two), ("src/main/java/a/Meta.java", meta)];
    let found = endpoints(&files);
    assert!(found.facts.is_empty());
    assert_eq!(found.unresolved.len(), 1);
}

#[test]
fn an_expression_that_negates_or_chooses_is_no_guard() {
    let found = [
        "hasRole('A')",
        "(hasAuthority('or not !'))",
        "hasRole('A') and !hasRole('B')",
        "hasRole('A') || hasAnyAuthority('B', 'C')",
        "#id == principal.id && @access.hasRole(#id)",
    ];
    let unknown = [
        "!hasRole('A')",
        "not hasAuthority('A')",
        "! (isAuthenticated())",
        "hasRole('A') == false",
        "hasRole('A') eq false",
        "hasRole('A') ? true : true",
        "hasRole('A') or #id == 1",
        "(hasRole('A'))or(permitAll())",
        "#free or (hasRole('A') and hasRole('B'))",
        "!(hasRole('A') and hasRole('B'))",
        "{hasRole('A'), true}[1]",
        "hasAnyRole('USER', 'ANONYMOUS')",
        "#map.get(hasRole('A'))",
        "hasRole('A'",
    ];
    let method = |number: usize, expression: &str| {
        format!(
            "    @PreAuthorize(\"{expression}\")\n    @GetMapping(\"/{number:02}\")\n    public void m{number}() {{ }}\n"
        )
    };
    let methods: String =
        found.iter().chain(&unknown).enumerate().map(|(number, expression)| method(number, expression)).collect();
    let source = format!(
        "package a;\nimport org.springframework.web.bind.annotation.*;\n\
         import org.springframework.security.access.prepost.PreAuthorize;\n@RestController\npublic class One {{\n{methods}}}\n"
    );
    let stated = endpoints(&[("src/main/java/a/One.java", source)]);
    let guards: Vec<&str> = stated.facts.iter().map(|fact| fact.attrs["guard"].as_str().unwrap()).collect();
    let expected = [vec!["found"; found.len()], vec!["unknown"; unknown.len()]].concat();
    assert_eq!(guards, expected);
}

#[test]
fn a_segment_that_may_be_left_out_makes_two_paths_of_micronaut() {
    let controller = "package a;\nimport io.micronaut.http.annotation.Controller;\nimport io.micronaut.http.annotation.Get;\n\
        @Controller(\"/api\")\npublic class Misc {\n    @Get(\"{/tenant}/configs{?page}\")\n    public String configs() { return \"\"; }\n}\n";
    let found = endpoints(&[("src/main/java/a/Misc.java", controller)]);
    assert_eq!(keys(&found), ["GET /api/configs", "GET /api/{tenant}/configs"]);
}

#[test]
fn a_descriptor_that_names_the_application_of_jax_rs_takes_the_place_of_its_path() {
    let application = "package a;\nimport javax.ws.rs.ApplicationPath;\nimport javax.ws.rs.core.Application;\n@ApplicationPath(\"/\")\npublic class Main extends Application {}\n";
    let resource = "package a;\nimport javax.ws.rs.GET;\nimport javax.ws.rs.Path;\n@Path(\"/items\")\npublic class Items {\n    @GET\n    public String all() { return \"\"; }\n}\n";
    let descriptor = "<web-app>\n<servlet><servlet-name>api</servlet-name><servlet-class>org.glassfish.jersey.servlet.ServletContainer</servlet-class>\n\
        <init-param><param-name>javax.ws.rs.Application</param-name><param-value>a.Main</param-value></init-param></servlet>\n\
        <servlet-mapping><servlet-name>api</servlet-name><url-pattern>/api/*</url-pattern></servlet-mapping>\n</web-app>\n";
    let files = [("src/main/java/a/Main.java", application), ("src/main/java/a/Items.java", resource)];
    assert_eq!(keys(&endpoints(&files)), ["GET /items"]);
    let files = [files[0], files[1], ("src/main/webapp/WEB-INF/web.xml", descriptor)];
    assert_eq!(keys(&endpoints(&files)), ["GET /api/items"]);
}
