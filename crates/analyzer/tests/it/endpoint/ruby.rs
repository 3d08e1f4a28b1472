//! Rails: what route files draw.

use crate::support::endpoints;

fn routes(source: &str) -> Vec<String> {
    let source = format!("Rails.application.routes.draw do\n{source}\nend\n");
    let found = endpoints(&[("config/routes.rb", source)]);
    let mut keys: Vec<String> = found.facts.iter().map(|fact| fact.key.clone()).collect();
    keys.sort();
    keys.dedup();
    keys
}

#[test]
fn shallow_resources_leave_out_the_parents_of_their_members() {
    let expected = [
        "GET /a/posts/{post_id}/comments",
        "GET /a/posts/{post_id}/comments/{comment_id}/replies",
        "GET /a/comments/{id}",
        "GET /b/{id}",
    ];
    let drawn = routes(
        "scope 'a' do\nresources :posts, only: [], shallow: true do\nresources :comments, only: [:index, :show]\n\
         end\nend\nscope 'a' do\nresources :posts, only: [] do\nresources :comments, only: [] do\n\
         resources :replies, only: :index\nend\nend\nend\nresource :b, path: 'b/:id', only: :show",
    );
    let mut expected = expected.map(str::to_owned).to_vec();
    expected.sort();
    assert_eq!(drawn, expected);
}

#[test]
fn an_application_without_pages_has_no_forms() {
    let files = [
        ("config/application.rb", "module A\n  config.api_only = true\nend\n"),
        ("config/routes.rb", "Rails.application.routes.draw { resources :items }\n"),
    ];
    let found = endpoints(&files);
    assert!(found.facts.iter().all(|fact| !fact.key.ends_with("/new") && !fact.key.ends_with("/edit")));
    assert_eq!(found.facts.len(), 6);
}

#[test]
fn a_computed_path_is_unresolved() {
    let source = "Rails.application.routes.draw do\n  scope Settings.prefix do\n    get 'a', to: 'b#c'\n  end\n\
                  \x20 resources :posts, only: Settings.actions\nend\n";
    let found = endpoints(&[("config/routes.rb", source)]);
    assert!(found.facts.is_empty());
    assert_eq!(found.unresolved.len(), 2);
}

#[test]
fn a_loop_over_what_is_not_known_states_only_what_is() {
    let drawn = routes(
        "HelpController.pages.each do |page|\n  get \"help/#{page}\", to: 'help#page'\n  get 'help', to: 'help#index'\n\
         end\nget 'old', to: redirect { |params| \"/new/#{params[:id]}\" }\nhelper_of_a_package('x') do\n  get 'y', to: 'a#b'\nend\n\
         api_version(module: 'V1', path: { value: 'v1' }) do\n  resources :items, only: :index\nend",
    );
    assert_eq!(drawn, ["GET /help", "GET /old", "GET /v1/items"]);
}

#[test]
fn half_written_and_hostile_route_files_end() {
    let deep = format!("{}get 'x', to: 'a#b'{}", "scope 'a' do\n".repeat(5_000), "\nend".repeat(5_000));
    routes(&deep);
    routes(&"resources :a do\n".repeat(300));
    routes("def a\n a\nend\na\nconcern(:x) { concerns :x }\nconcerns :x\ndraw :routes\ndraw '../routes'");
    routes("(1..900).each { |a| (1..900).each { |b| (1..900).each { |c| get \"#{a}/#{b}/#{c}\", to: 'a#b' } } }");
    // Where the blocks end is not known here, so that every path would be a guess.
    let source = "Rails.application.routes.draw do\nget 'x', to: 'a#b'\nscope 'y' do (\nget 'z', to: 'a#b'\nend\n";
    let found = endpoints(&[("config/routes.rb", source)]);
    assert!(found.facts.is_empty() && found.unresolved.len() == 1);
}
