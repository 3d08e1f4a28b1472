//! ASP.NET Core: conventions for all controllers, endpoint classes of packages.

use crate::support::{endpoints, keys};

#[test]
fn what_a_program_says_about_all_controllers_counts_for_each() {
    let startup = "var app = builder.Build();\n\
        builder.Services.AddControllers(options => {\n\
            options.UseRoutePrefix(\"api\");\n\
            options.Conventions.Add(new RouteTokenTransformerConvention(new Slugs()));\n\
        });\n\
        builder.Services.AddRouting(options => options.LowercaseUrls = true);\n\
        app.MapControllers();\n";
    let conventions = "public static class Extensions {\n\
            public static void UseRoutePrefix(this MvcOptions options, string prefix)\n\
                => options.Conventions.Insert(0, new PrefixConvention(prefix));\n\
        }\n\
        public class PrefixConvention : IApplicationModelConvention {\n\
            public void Apply(ApplicationModel model) { AttributeRouteModel.CombineAttributeRouteModel(one, two); }\n\
        }\n\
        public class Slugs : IOutboundParameterTransformer {\n\
            public string? TransformOutbound(object? value)\n\
                => Regex.Replace(value.ToString(), \"([a-z])([A-Z])\", \"$1-$2\").ToLower();\n\
        }\n";
    let controller = "[Route(\"[controller]\")]\n\
        public class OrderItemsController : ControllerBase {\n\
            [HttpGet(\"Open/{orderId}\")] public int Get(int orderId) => 1;\n\
            [HttpGet(\"/Alone\")] public int Alone() => 1;\n\
        }\n";
    let found =
        endpoints(&[("Program.cs", startup), ("Conventions.cs", conventions), ("OrderItemsController.cs", controller)]);
    assert_eq!(keys(&found), ["GET /alone", "GET /api/order-items/open/{orderId}"]);
}

#[test]
fn a_function_that_maps_routes_may_be_given_their_prefix() {
    let program = "var app = WebApplication.CreateBuilder(args).Build();\n\
        app.MapOrders(\"/api/orders\");\n\
        app.MapOrders(prefix: \"/v2/orders\");\n\
        app.MapThings();\n\
        app.MapThings(prefix: Given());\n\
        Outer.Map(app, \"shop\");\n";
    let maps = "public static class Maps {\n\
            public static IEndpointConventionBuilder MapOrders(this IEndpointRouteBuilder app, string prefix) {\n\
                var group = app.MapGroup(prefix + \"/{customer}\");\n\
                group.MapGet(\"/\", () => 1);\n\
                app.MapGet($\"{prefix}/all\", () => 1);\n\
                return group;\n\
            }\n\
            public static void MapThings(this IEndpointRouteBuilder app, string? prefix = \"things\") { app.MapPost(prefix, () => 1); }\n\
        }\n\
        public static class Outer {\n\
            public static void Map(IEndpointRouteBuilder app, string name) { Inner(app.MapGroup(\"in\"), \"/\" + name); }\n\
            static void Inner(RouteGroupBuilder group, string path) { group.MapPut(path, () => 1); }\n\
            static void Nobody(WebApplication app, string path) { app.MapPut(path, () => 1); }\n\
        }\n";
    let found = endpoints(&[("Program.cs", program), ("Maps.cs", maps)]);
    let expected = [
        "GET /api/orders/all",
        "GET /api/orders/{customer}",
        "GET /v2/orders/all",
        "GET /v2/orders/{customer}",
        "POST /things",
        "PUT /in/shop",
    ];
    assert_eq!(keys(&found), expected);
    let unknown: Vec<_> = found.unresolved.iter().map(|one| one.reason.as_str()).collect();
    assert!(unknown.iter().any(|one| one.contains("POST") && one.contains("`Given()` is computed")), "{unknown:?}");
}

#[test]
fn endpoint_classes_of_packages_say_their_routes() {
    let program = "var app = builder.Build();\n\
        app.UseFastEndpoints(c => c.Endpoints.RoutePrefix = \"api\");\n\
        app.MapCarter();\n";
    let fast = "public class Admin : Group { public Admin() { Configure(\"admin\", ep => {}); } }\n\
        public class Users : SubGroup<Admin> { public Users() { Configure(\"users\", ep => {}); } }\n\
        public class List : Endpoint<Req, Res> {\n\
            public override void Configure() { Get(\"list\", \"all\"); Group<Users>(); AllowAnonymous(); }\n\
            public override Task HandleAsync(Req r, CancellationToken c) { Get(\"not-ours\"); return Task.CompletedTask; }\n\
        }\n\
        public class Save : EndpointWithoutRequest {\n\
            public override void Configure() { Verbs(Http.PUT, Http.PATCH); Routes(\"/save/{id:int}\"); }\n\
        }\n";
    let carter = "public class Carts : CarterModule {\n\
            public Carts() : base(\"/carts\") { }\n\
            public override void AddRoutes(IEndpointRouteBuilder app) { app.MapDelete(\"{id}\", () => 1); }\n\
        }\n";
    let found = endpoints(&[("Program.cs", program), ("Fast.cs", fast), ("Carter.cs", carter)]);
    let expected = [
        "DELETE /carts/{id}",
        "GET /api/admin/users/all",
        "GET /api/admin/users/list",
        "PATCH /api/save/{id}",
        "PUT /api/save/{id}",
    ];
    assert_eq!(keys(&found), expected);
}

#[test]
fn broken_and_deep_files_end() {
    let deep = format!("class A {{ void M() {{ app{}; }} }}", ".MapGroup(\"a\")".repeat(3_000));
    let nested = format!("class B {{ void M() {{ {} }} }}", "app.Map(\"/a\", b => ".repeat(900));
    let cycle = "class C : D { } class D : C { public const string X = D.X; }\n\
        [Route(D.X)] public class LoopController : C { [HttpGet(D.X)] public int Get() => 1; }\n\
        static class E { static void MapA(this WebApplication app) => app.MapB();\n\
            static void MapB(this WebApplication app) { app.MapA(); app.MapGet(\"/b\", () => 1); } }\n\
        class F { void Configure(WebApplication app) { app.MapA(); app.MapControllers(); } }";
    let found = endpoints(&[("Deep.cs", deep.as_str()), ("Nested.cs", &nested), ("Cycle.cs", cycle)]);
    assert_eq!(keys(&found), ["GET /b"]);
}
