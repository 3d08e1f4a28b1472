//! Asking the forge which repositories an owner has, a page at a time, and for the last commits of one.

use anyhow::{Context as _, bail};
use reqwest::{Client, Response, StatusCode, Url, header, redirect};

use crate::config::{Config, Secret};
use crate::github::listing::{self, ListedCommit, Owner};
use crate::model::{self, RepoName, contains_ignoring_case};

/// Time for one page.
const PAGE_TIME: std::time::Duration = std::time::Duration::from_secs(30);
/// A page of a hundred repositories is a tenth of this.
const MAX_PAGE_BYTES: usize = 8 << 20;
/// Pages of one list; that there are more is said.
const MAX_PAGES: usize = 1_000;

/// The API of the forge of the settings.
pub(super) struct ForgeApi {
    client: Client,
    server: String,
    api: String,
    token: Option<Secret>,
}

impl ForgeApi {
    /// The token is sent for owners that it may be used for. `otherwise`: what to do where there is no API.
    pub(super) fn new(owner: &str, config: &Config, otherwise: &str) -> anyhow::Result<Self> {
        // Only what can be a part of a path.
        RepoName::parse(owner, "name")
            .with_context(|| format!("{owner:?} is not the name of an organization or user"))?;
        let server = config.github_server_url.clone();
        let Some(api) = config.github_api_url.clone() else {
            bail!("GITHUB_SERVER_URL is a folder, which has no list of repositories; {otherwise}");
        };
        let client = Client::builder()
            .user_agent("ci-feed")
            .timeout(PAGE_TIME)
            .redirect(redirect::Policy::limited(3))
            .build()?;
        let may_use_token = contains_ignoring_case(&config.token_owners, owner);
        let token = config.github_token.clone().filter(|_| may_use_token);
        Ok(Self { client, server, api, token })
    }

    async fn get(&self, page: &Url) -> anyhow::Result<Response> {
        let mut request = self.client.get(page.clone()).header(header::ACCEPT, "application/vnd.github+json");
        if let Some(token) = &self.token {
            request = request.bearer_auth(token.expose());
        }
        request.send().await.with_context(|| format!("the forge's API at {} does not answer", self.api))
    }

    /// The body of an answer that is none of a refusal. `what` was asked about, as "organization or user octo".
    async fn body(&self, mut answer: Response, what: &str) -> anyhow::Result<Vec<u8>> {
        self.refused(&answer, what)?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.context("the forge broke off in the middle of its list")? {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_PAGE_BYTES {
                bail!("a page of the forge's list is larger than {} MiB", MAX_PAGE_BYTES >> 20);
            }
        }
        Ok(body)
    }

    fn refused(&self, answer: &Response, what: &str) -> anyhow::Result<()> {
        let (status, server) = (answer.status(), &self.server);
        let header = |name: &str| answer.headers().get(name)?.to_str().ok();
        if let Some(wait) = listing::wait(status.as_u16(), header, model::now()) {
            let hint = if self.token.is_some() {
                ""
            } else {
                "; with GITHUB_TOKEN, and the owner in CI_TOKEN_OWNERS, it allows more"
            };
            bail!(
                "the forge allows no more questions for {} minutes{hint}. The same command goes on then",
                wait.num_minutes() + 1
            );
        }
        match status {
            _ if status.is_success() => Ok(()),
            StatusCode::NOT_FOUND => bail!("{server} has no {what}, or hides it from this caller"),
            StatusCode::UNAUTHORIZED => bail!("{server} does not take GITHUB_TOKEN (any more)"),
            StatusCode::FORBIDDEN => bail!("{server} does not let this caller see the {what}"),
            _ => bail!("{server} answered the question for the {what} with {status}; try again later"),
        }
    }

    /// The default branch of a repository and its last commits, newest first, at most a hundred.
    pub(super) async fn last_commits(&self, repo: &RepoName) -> anyhow::Result<(String, Vec<ListedCommit>)> {
        let what = format!("repository {repo}");
        let branch = self.json(&listing::repository(&self.api, repo), &what).await?;
        let commits = self.json(&listing::commits(&self.api, repo), &what).await?;
        let read = || Some((listing::default_branch(&branch)?, listing::last_commits(&commits)?));
        read().with_context(|| format!("{} answered, but with no list of commits", self.api))
    }

    async fn json(&self, address: &str, what: &str) -> anyhow::Result<Vec<u8>> {
        let answer = self.get(&Url::parse(address)?).await?;
        self.body(answer, what).await
    }
}

/// A list of repositories, read from the front.
pub(super) struct OwnedRepos {
    forge: ForgeApi,
    owner: String,
    /// `None`: the last page was read.
    next: Option<Url>,
    pages: usize,
}

impl OwnedRepos {
    /// The list of an owner at the forge of the settings.
    pub(super) fn new(owner: &str, config: &Config) -> anyhow::Result<Self> {
        let forge = ForgeApi::new(owner, config, "name them in a file for --from")?;
        let next = Some(Url::parse(&listing::first_page(&forge.api, owner, Owner::Organization))?);
        Ok(Self { forge, owner: owner.to_owned(), next, pages: 0 })
    }

    /// The names of the next page; `None` behind the last.
    pub(super) async fn next_page(&mut self) -> anyhow::Result<Option<Vec<String>>> {
        let Some(page) = self.next.take() else { return Ok(None) };
        if self.pages == MAX_PAGES {
            bail!(
                "{} has more than {MAX_PAGES} pages of repositories; name the others in a file for --from",
                self.owner
            );
        }
        let forge = &self.forge;
        let mut answer = forge.get(&page).await?;
        if answer.status() == StatusCode::NOT_FOUND && self.pages == 0 {
            answer = forge.get(&Url::parse(&listing::first_page(&forge.api, &self.owner, Owner::User))?).await?;
        }
        let what = format!("organization or user {:?}", self.owner);
        forge.refused(&answer, &what)?;
        self.pages += 1;
        let link = answer.headers().get(header::LINK).and_then(|link| link.to_str().ok()).unwrap_or_default();
        let next =
            listing::next_page(link).map(Url::parse).transpose().context("the forge's next page has no address")?;
        if next.as_ref().is_some_and(|next| next.origin() != page.origin()) {
            bail!("the forge says that its next page is elsewhere, which is not followed");
        }
        self.next = next;
        let body = forge.body(answer, &what).await?;
        let names = listing::names(&body).with_context(|| format!("{} answered, but with no list", forge.api))?;
        Ok(Some(names))
    }
}
