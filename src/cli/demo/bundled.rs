//! A small history of our own, for a demo where there is no repository: three commits of a little web service.

use std::path::Path;

use git2::{Repository, Signature, Time};

/// A commit: its message, and the files that it adds or replaces.
struct Step {
    message: &'static str,
    files: &'static [(&'static str, &'static str)],
}

const STEPS: &[Step] = &[
    Step {
        message: "Serve the shelf's books",
        files: &[
            (
                "README.md",
                "# bookshelf\n\nA small service that keeps books.\n\n```sh\nnpm install\nnpm run dev\n```\n\nSet `DATABASE_URL` before you start it.\n",
            ),
            (
                "package.json",
                "{\n  \"name\": \"bookshelf\",\n  \"scripts\": {\n    \"start\": \"node server.js\",\n    \"dev\": \"node --watch server.js\"\n  },\n  \"dependencies\": {\n    \"express\": \"^5.0.0\"\n  }\n}\n",
            ),
            (
                "server.js",
                "const express = require('express');\nconst books = require('./routes/books');\n\nconst app = express();\napp.use('/api/books', books);\napp.listen(process.env.PORT || 3000);\n",
            ),
            (
                "routes/books.js",
                "const { Router } = require('express');\nconst db = process.env.DATABASE_URL;\n\nconst router = Router();\nrouter.get('/', (req, res) => res.json([]));\nrouter.get('/:id', (req, res) => res.json({ id: req.params.id, db }));\nmodule.exports = router;\n",
            ),
        ],
    },
    Step {
        message: "Lend books out",
        files: &[
            (
                "routes/loans.js",
                "const { Router } = require('express');\n\nconst router = Router();\nrouter.post('/', (req, res) => res.status(201).end());\nrouter.delete('/:id', (req, res) => res.status(204).end());\nmodule.exports = router;\n",
            ),
            (
                "server.js",
                "const express = require('express');\nconst books = require('./routes/books');\nconst loans = require('./routes/loans');\n\nconst app = express();\napp.use('/api/books', books);\napp.use('/api/loans', loans);\napp.listen(process.env.PORT || 3000);\n",
            ),
        ],
    },
    Step {
        message: "Send reminders; rename the dev script\n\nThe README still names the old one: the dossier should say so.",
        files: &[
            (
                "package.json",
                "{\n  \"name\": \"bookshelf\",\n  \"scripts\": {\n    \"start\": \"node server.js\",\n    \"watch\": \"node --watch server.js\"\n  },\n  \"dependencies\": {\n    \"express\": \"^5.0.0\",\n    \"nodemailer\": \"^7.0.0\"\n  }\n}\n",
            ),
            (
                "routes/loans.js",
                "const { Router } = require('express');\nconst nodemailer = require('nodemailer');\n\nconst mail = nodemailer.createTransport(process.env.SMTP_URL);\nconst router = Router();\nrouter.post('/', (req, res) => res.status(201).end());\nrouter.post('/:id/reminder', (req, res) => mail.sendMail(req.body).then(() => res.end()));\nrouter.delete('/:id', (req, res) => res.status(204).end());\nmodule.exports = router;\n",
            ),
        ],
    },
];

/// Write the history as a repository at `path`.
pub(super) fn create(path: &Path) -> Result<(), git2::Error> {
    let path = path.join("bookshelf");
    let mut options = git2::RepositoryInitOptions::new();
    let repository = Repository::init_opts(&path, options.initial_head("main"))?;
    let write = |error: std::io::Error| git2::Error::from_str(&error.to_string());
    for (step, at) in STEPS.iter().zip(1..) {
        let mut index = repository.index()?;
        for (name, content) in step.files {
            let file = path.join(name);
            std::fs::create_dir_all(file.parent().unwrap_or(&path)).map_err(write)?;
            std::fs::write(&file, content).map_err(write)?;
            index.add_path(Path::new(name))?;
        }
        index.write()?;
        let tree = repository.find_tree(index.write_tree()?)?;
        // Fixed times give the commits the same ids everywhere.
        let author = Signature::new("Ada Example", "ada@example.com", &Time::new(1_750_000_000 + at * 3600, 0))?;
        let parent = repository.head().ok().map(|head| head.peel_to_commit()).transpose()?;
        let parents: Vec<_> = parent.iter().collect();
        repository.commit(Some("HEAD"), &author, &author, step.message, &tree, &parents)?;
    }
    Ok(())
}
