//! C#: what ASP.NET Core programs serve, and what stands around them.

use ci_feed::analyzer::extract::endpoint;

use super::support::{corpus, files, shown};

#[test]
fn aspnet_endpoints_have_every_prefix_above_them() {
    let found = endpoint::extract(&corpus(files("endpoint/aspnet")));
    insta::assert_snapshot!("aspnet", shown(&found));
}
