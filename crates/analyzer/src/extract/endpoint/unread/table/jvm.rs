//! Frameworks of the languages of the JVM. Those whose routes are read in Java are not read in the other languages.

use super::{UnreadFramework, UnreadLanguage, of};

static JAVA: UnreadLanguage = UnreadLanguage {
    title: "Java",
    ecosystem: "maven",
    endings: &["java", "kt", "groovy", "scala"],
    imports: &["import "],
};
static KOTLIN: UnreadLanguage =
    UnreadLanguage { title: "Kotlin", ecosystem: "maven", endings: &["kt"], imports: &["import "] };
static GROOVY: UnreadLanguage =
    UnreadLanguage { title: "Groovy", ecosystem: "maven", endings: &["groovy"], imports: &["import "] };
static SCALA: UnreadLanguage =
    UnreadLanguage { title: "Scala", ecosystem: "sbt", endings: &["scala", "sc"], imports: &["import "] };
static CLOJURE: UnreadLanguage = UnreadLanguage {
    title: "Clojure",
    ecosystem: "clojars",
    endings: &["clj", "cljc"],
    imports: &["[", "(:require", "(:use"],
};

pub(super) static ALL: &[UnreadFramework] = &[
    of("ActiveJ", &JAVA, &["io.activej:activej-http"]).imports(&["io.activej.http.RoutingServlet"]),
    of("Armeria", &JAVA, &["com.linecorp.armeria:armeria*"]).imports(&["com.linecorp.armeria.server"]),
    of("Blade", &JAVA, &["com.hellokaton:blade-core", "com.bladejava:blade-mvc"]),
    of("com.sun.net.httpserver", &JAVA, &[]).imports(&["com.sun.net.httpserver.HttpServer", "com.sun.net.httpserver"]),
    of("Helidon", &JAVA, &["io.helidon.webserver:helidon-webserver"]).imports(&["io.helidon.webserver"]),
    of("Javalin", &JAVA, &["io.javalin:javalin", "io.javalin:javalin-bundle"]).imports(&["io.javalin"]),
    of("JFinal", &JAVA, &["com.jfinal:jfinal*"]).imports(&["com.jfinal.core.Controller"]),
    of("Jooby", &JAVA, &["io.jooby:jooby*", "org.jooby:jooby*"]).imports(&["io.jooby", "org.jooby"]),
    of("Ninja", &JAVA, &["org.ninjaframework:ninja-core", "org.ninjaframework:ninja-standalone"]),
    of("Play", &JAVA, &["com.typesafe.play:play*", "org.playframework:play*"]).imports(&["play.mvc.Controller"]),
    of("Quarkus reactive routes", &JAVA, &["io.quarkus:quarkus-reactive-routes", "io.quarkus:quarkus-vertx-web"])
        .imports(&["io.quarkus.vertx.web"]),
    of("Ratpack", &JAVA, &["io.ratpack:ratpack-core"]).imports(&["ratpack.server", "ratpack.handling"]),
    of("Restlet", &JAVA, &["org.restlet:org.restlet", "org.restlet.jse:org.restlet"]).imports(&["org.restlet.routing"]),
    of("Solon", &JAVA, &["org.noear:solon*"]).imports(&["org.noear.solon"]),
    of("Spark", &JAVA, &["com.sparkjava:spark-core", "com.sparkjava:spark-kotlin"])
        .imports(&["spark.Spark", "static spark.Spark"]),
    of("Struts", &JAVA, &["org.apache.struts:struts2-core", "org.apache.struts:struts-core", "struts:struts"])
        .imports(&["com.opensymphony.xwork2", "org.apache.struts.action", "org.apache.struts2"])
        .files(&["WEB-INF/struts-config.xml", "struts.xml"]),
    of("Takes", &JAVA, &["org.takes:takes"]).imports(&["org.takes.facets.fork"]),
    of("Tapestry", &JAVA, &["org.apache.tapestry:tapestry-core"]),
    of("Undertow", &JAVA, &["io.undertow:undertow-core"]).imports(&["io.undertow.server.RoutingHandler"]),
    of(
        "Vaadin",
        &JAVA,
        &["com.vaadin:vaadin", "com.vaadin:vaadin-core", "com.vaadin:flow-server", "com.vaadin:vaadin-spring*"],
    )
    .imports(&["com.vaadin.flow.router"]),
    of("Vert.x", &JAVA, &["io.vertx:vertx-web", "io.vertx:vertx-web-openapi*"]).imports(&["io.vertx.ext.web.Router"]),
    of("Wicket", &JAVA, &["org.apache.wicket:wicket-core"]).imports(&["org.apache.wicket.markup.html.WebPage"]),
    of("Grails", &GROOVY, &["org.grails:grails-core", "org.grails:grails-web-boot", "org.apache.grails:grails-core"])
        .files(&["grails-app/"]),
    of("Spring, in Groovy", &GROOVY, &[]).imports(&["org.springframework.web.bind.annotation"]),
    of("Micronaut, in Groovy", &GROOVY, &[]).imports(&["io.micronaut.http.annotation"]),
    of("http4k", &KOTLIN, &["org.http4k:http4k-core"]).imports(&["org.http4k.routing"]),
    of("JAX-RS, in Kotlin", &KOTLIN, &[]).imports(&[
        "jakarta.ws.rs.Path",
        "javax.ws.rs.Path",
        "jakarta.ws.rs.*",
        "javax.ws.rs.*",
    ]),
    of("Ktor", &KOTLIN, &["io.ktor:ktor-server-*", "io.ktor:ktor-server"])
        .imports(&["io.ktor.server.routing", "io.ktor.routing"]),
    of("Micronaut, in Kotlin", &KOTLIN, &[]).imports(&["io.micronaut.http.annotation"]),
    of("Spring, in Kotlin", &KOTLIN, &[]).imports(&[
        "org.springframework.web.bind.annotation",
        "org.springframework.web.servlet.function",
        "org.springframework.web.reactive.function.server",
    ]),
    of("Akka HTTP, Pekko HTTP", &SCALA, &["akka-http", "pekko-http"])
        .imports(&["akka.http.scaladsl.server", "org.apache.pekko.http.scaladsl.server"]),
    of("Cask", &SCALA, &["cask"]).texts(&["extends cask.MainRoutes", "extends cask.Routes"]),
    of("Finatra, Finch", &SCALA, &["finatra-http", "finatra-http-server", "finch-core", "finchx-core"])
        .imports(&["com.twitter.finatra.http", "io.finch"]),
    of("http4s", &SCALA, &["http4s-dsl", "http4s-server", "http4s-ember-server", "http4s-blaze-server"])
        .imports(&["org.http4s.HttpRoutes", "org.http4s.dsl"]),
    of("Lift", &SCALA, &["lift-webkit"]).imports(&["net.liftweb.http"]),
    of("Play", &SCALA, &["sbt-plugin"]).imports(&["play.api.mvc"]),
    of("Scalatra", &SCALA, &["scalatra"]).imports(&["org.scalatra"]),
    of("Spray", &SCALA, &["spray-routing", "spray-can"]).imports(&["spray.routing"]),
    of("Tapir", &SCALA, &["tapir-core", "tapir-http4s-server", "tapir-zio-http-server"]).imports(&["sttp.tapir"]),
    of("ZIO HTTP", &SCALA, &["zio-http", "zhttp"]).imports(&["zio.http", "zhttp.http"]),
    of("bidi", &CLOJURE, &["bidi"]).imports(&["bidi.ring"]),
    of("Compojure", &CLOJURE, &["compojure", "compojure-api"]).imports(&["compojure.core"]),
    of("http-kit, Aleph", &CLOJURE, &["http-kit", "aleph"]).imports(&["org.httpkit.server", "aleph.http"]),
    of("Liberator", &CLOJURE, &["liberator"]).imports(&["liberator.core"]),
    of("Pedestal", &CLOJURE, &["pedestal.service", "pedestal.jetty"]).imports(&["io.pedestal.http"]),
    of("Reitit", &CLOJURE, &["reitit", "reitit-ring", "reitit-core"]).imports(&["reitit.ring"]),
    of("Ring", &CLOJURE, &["ring", "ring-core", "ring-jetty-adapter"]).imports(&["ring.adapter.jetty"]),
];
