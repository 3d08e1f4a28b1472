//! The prefixes under which each router is reached. Routers that are inside each other twice on each level are reached
//! in 2^n ways; so ways are counted, and a router to which not all are followed says so.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use ci_feed_dossier::evidence::Evidence;

use crate::trace::graph::{Graph, Mount, PathText, RouterId};
use crate::trace::join::Join;

/// Ways to reach one router; more is a generated program.
const MAX_CHAINS: usize = 128;
/// Ways to one router that are tried, those that turn out equal among them.
const MAX_TRIED: usize = 10_000;
/// Ways to all routers of a program that are tried, from the applications on; a large one has some ten thousand.
const MAX_WAYS: usize = 1_000_000;
/// Routers inside routers.
pub(super) const MAX_ROUTER_DEPTH: usize = 24;

/// A prefix under which a router is reached, with the mounts that say so.
#[derive(Debug, PartialEq)]
pub(super) struct Chain {
    pub(super) prefix: PathText,
    pub(super) mounts: Vec<Evidence>,
    nesting: usize,
}

/// How a router is reached.
#[derive(Debug, Default)]
pub(super) struct Reached {
    pub(super) chains: Vec<Chain>,
    /// Whether there are more ways than were followed.
    pub(super) is_cut: bool,
}

/// The ways to every router, each looked for once.
pub(super) struct Ways<'g> {
    graph: &'g Graph,
    /// The mounts of each router.
    mounts: BTreeMap<RouterId, Vec<&'g Mount>>,
    /// What holds wherever the question comes from.
    known: BTreeMap<RouterId, Rc<Reached>>,
    /// What holds for a question about the router itself.
    asked: BTreeMap<RouterId, Rc<Reached>>,
    /// Ways that may still be tried.
    left: usize,
}

impl<'g> Ways<'g> {
    pub(super) fn of(graph: &'g Graph) -> Self {
        let mut mounts: BTreeMap<RouterId, Vec<&Mount>> = BTreeMap::new();
        for mount in &graph.mounts {
            mounts.entry(mount.child).or_default().push(mount);
        }
        let mut ways = Self { graph, mounts, known: BTreeMap::new(), asked: BTreeMap::new(), left: MAX_WAYS };
        ways.settle();
        ways
    }

    /// Every router after those that it is mounted in, so that none is looked for twice. What is left are circles.
    fn settle(&mut self) {
        let mut children: BTreeMap<RouterId, Vec<RouterId>> = BTreeMap::new();
        let mut waits_for = vec![0_usize; self.graph.routers.len()];
        for mount in &self.graph.mounts {
            children.entry(mount.parent).or_default().push(mount.child);
            waits_for[mount.child] += 1;
        }
        let mut open: VecDeque<RouterId> = (0..waits_for.len()).filter(|router| waits_for[*router] == 0).collect();
        while let Some(router) = open.pop_front() {
            self.found(router, &mut Vec::new());
            for child in children.remove(&router).unwrap_or_default() {
                waits_for[child] -= 1;
                if waits_for[child] == 0 {
                    open.push_back(child);
                }
            }
        }
    }

    /// How a router is reached.
    pub(super) fn to(&mut self, router: RouterId) -> Rc<Reached> {
        if let Some(asked) = self.asked.get(&router) {
            return Rc::clone(asked);
        }
        let (reached, _) = self.found(router, &mut Vec::new());
        self.asked.insert(router, Rc::clone(&reached));
        reached
    }

    /// Where a router is mounted.
    pub(super) fn places(&self, router: RouterId) -> impl Iterator<Item = &'g Evidence> {
        self.mounts.get(&router).into_iter().flatten().flat_map(|mount| &mount.evidence)
    }

    /// The same, and whether it holds wherever the question comes from: no mount led back into `below`.
    fn found(&mut self, router: RouterId, below: &mut Vec<RouterId>) -> (Rc<Reached>, bool) {
        if let Some(known) = self.known.get(&router) {
            return (Rc::clone(known), true);
        }
        self.left = self.left.saturating_sub(1);
        let is_cut = below.len() >= MAX_ROUTER_DEPTH || self.left == 0;
        if is_cut || below.contains(&router) {
            return (Rc::new(Reached { is_cut, ..Reached::default() }), false);
        }
        let mounts = self.mounts.get(&router).cloned().unwrap_or_default();
        let here = &self.graph.routers[router];
        // An application that is mounted in another is reached there only; a router that is handed to a
        // server and, in another branch, nested is reached both ways.
        let is_root = here.is_root && (mounts.is_empty() || here.framework.join == Join::Nest);
        let mut out = Reached::default();
        let is_kept = mounts.is_empty() && self.graph.kept.contains(&router);
        if is_root || is_kept {
            out.chains.push(Chain::start());
        }
        let (mut is_whole, mut tried) = (true, 0);
        below.push(router);
        for mount in mounts {
            let (parent, is_whole_above) = self.found(mount.parent, below);
            is_whole &= is_whole_above;
            out.is_cut |= parent.is_cut;
            let join = self.graph.routers[mount.parent].framework.join;
            for above in &parent.chains {
                tried += 1;
                self.left = self.left.saturating_sub(1);
                if above.nesting + 1 >= MAX_ROUTER_DEPTH || tried > MAX_TRIED || self.left == 0 {
                    out.is_cut = true;
                    break;
                }
                let chain = above.below(mount, join);
                if !out.chains.contains(&chain) {
                    out.is_cut |= out.chains.len() >= MAX_CHAINS;
                    out.chains.extend((out.chains.len() < MAX_CHAINS).then_some(chain));
                }
            }
        }
        below.pop();
        // What it is mounted in may be served by nobody.
        let is_served_beside = here.is_root && here.framework.is_served_beside_mounts;
        if out.chains.is_empty() && is_served_beside {
            out.chains.push(Chain::start());
        }
        let out = Rc::new(out);
        if is_whole {
            self.known.insert(router, Rc::clone(&out));
        }
        (out, is_whole)
    }
}

impl Chain {
    fn start() -> Self {
        Self { prefix: PathText::empty(), mounts: Vec::new(), nesting: 0 }
    }

    /// The way on through a mount.
    fn below(&self, mount: &Mount, join: Join) -> Self {
        Self {
            prefix: self.prefix.and(&mount.prefix, |above, own| join.join(above, own)),
            mounts: mount.evidence.iter().chain(&self.mounts).cloned().collect(),
            nesting: self.nesting + 1,
        }
    }
}
