//! Files of the tree that a route file names.

use crate::extract::endpoint::rails::machine::RouteMachine;
use crate::extract::endpoint::rails::scope::Site;
use crate::extract::endpoint::rails::value::RubyValue;

impl<'c> RouteMachine<'c, '_> {
    /// The files of the tree that a pattern with `*` names.
    pub(in crate::extract::endpoint::rails) fn glob(&self, pattern: &str) -> Option<RubyValue<'c>> {
        let pattern = self.application.rooted(pattern);
        let (head, tail) = pattern.split_once('*')?;
        let tail = tail.trim_start_matches(['*', '/']);
        let tail = tail.strip_prefix('*').unwrap_or(tail);
        let fits = |path: &&str| path.starts_with(head) && path.ends_with(tail);
        let paths = self.corpus.application().map(|file| file.path.as_str()).filter(fits);
        Some(RubyValue::List(paths.map(|path| RubyValue::Text(format!("/{path}"))).collect()))
    }

    /// The routes of another file, in the scope that is open here.
    pub(in crate::extract::endpoint::rails) fn draw_file(&mut self, path: &str, site: Site<'c>) {
        let path = self.application.rooted(path);
        match self.corpus.file(&path) {
            Some(file) if self.spend() => {
                self.depth += 1;
                let scope = self.scope_at(site);
                self.within(scope, |machine| machine.run(file));
                self.depth -= 1;
            }
            _ => self.open(format!("the route file `{path}` is not in the tree"), site),
        }
    }
}
