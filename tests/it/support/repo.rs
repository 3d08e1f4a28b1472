//! Bare repositories with real commits, laid out as a forge has them: `<root>/<owner>/<name>.git`.

use std::collections::BTreeMap;
use std::path::Path;

use git2::{Oid, Repository, Signature, Time};

/// One repository under the test's hands.
pub(crate) struct TestRepo {
    repository: Repository,
    files: BTreeMap<String, Vec<u8>>,
    commits: i64,
}

impl TestRepo {
    pub(crate) fn create(root: &Path, owner: &str, name: &str) -> Self {
        let path = root.join(owner).join(format!("{name}.git"));
        std::fs::create_dir_all(&path).unwrap();
        Self { repository: init(&path), files: BTreeMap::new(), commits: 0 }
    }

    /// Add or replace files on top of what is there, and move the branch `main`. Answers the commit's id.
    pub(crate) fn commit(&mut self, files: &[(&str, &str)]) -> String {
        self.commit_on("main", files)
    }

    /// The same on another branch, which starts where `main` is.
    pub(crate) fn commit_on(&mut self, branch: &str, files: &[(&str, &str)]) -> String {
        for (path, content) in files {
            self.files.insert((*path).to_owned(), content.as_bytes().to_vec());
        }
        self.commits += 1;
        let tree = self.write_tree("");
        let tree = self.repository.find_tree(tree).unwrap();
        let author =
            Signature::new("Ada Example", "ada@example.com", &Time::new(1_700_000_000 + self.commits, 0)).unwrap();
        let own = format!("refs/heads/{branch}");
        let head = self.repository.find_reference(&own).or_else(|_| self.repository.find_reference("refs/heads/main"));
        let parent = head.ok().map(|head| head.peel_to_commit().unwrap());
        let parents: Vec<_> = parent.iter().collect();
        let message = format!("Commit number {}", self.commits);
        let id = self.repository.commit(None, &author, &author, &message, &tree, &parents);
        let id = id.unwrap();
        self.repository.reference(&own, id, true, "commit").unwrap();
        id.to_string()
    }

    fn write_tree(&self, folder: &str) -> Oid {
        let mut builder = self.repository.treebuilder(None).unwrap();
        let mut below = BTreeMap::<String, ()>::new();
        for (path, content) in &self.files {
            let Some(rest) = path.strip_prefix(folder) else { continue };
            match rest.split_once('/') {
                Some((child, _)) => {
                    below.insert(child.to_owned(), ());
                }
                None => {
                    let blob = self.repository.blob(content).unwrap();
                    builder.insert(rest, blob, 0o100_644).unwrap();
                }
            }
        }
        for child in below.into_keys() {
            let tree = self.write_tree(&format!("{folder}{child}/"));
            builder.insert(&child, tree, 0o040_000).unwrap();
        }
        builder.write().unwrap()
    }
}

fn init(path: &Path) -> Repository {
    let mut options = git2::RepositoryInitOptions::new();
    Repository::init_opts(path, options.bare(true).initial_head("main")).unwrap()
}

/// A small Express service: enough for every kind of fact that the tests look at.
pub(crate) const EXPRESS_APP: &[(&str, &str)] = &[
    ("README.md", "# shop\n\nRun `npm run dev`. Needs `DATABASE_URL`.\n\nThen:\n\n```sh\nnpm run serve\n```\n"),
    (
        "package.json",
        "{\n  \"name\": \"shop\",\n  \"scripts\": { \"dev\": \"node server.js\" },\n  \"dependencies\": { \"express\": \"^5.0.0\" }\n}\n",
    ),
    (
        "server.js",
        "const express = require('express');\nconst items = require('./routes/items');\nconst app = express();\napp.use('/api/items', items);\nmodule.exports.db = process.env.DATABASE_URL;\napp.listen(process.env.PORT || 3000);\n",
    ),
    (
        "routes/items.js",
        "const router = require('express').Router();\nrouter.get('/:id', (req, res) => res.json({}));\nrouter.post('/', (req, res) => res.end());\nmodule.exports = router;\n",
    ),
];
