//! The reference model of the queue: a list of jobs, the newest run of each commit, the deliveries that are remembered, where
//! things stand, and who is next. For one repository, whose name changes and which is deleted: that several take turns is
//! tests/it/turns.rs.

use uuid::Uuid;

pub(super) const MAX_ATTEMPTS: i64 = 3;
/// Times are in days; see model.rs.
pub(super) const LEASE_DAYS: i64 = 10;
pub(super) const WINDOW_DAYS: i64 = 20;
pub(super) const KEEP_DAYS: i64 = 30;

/// What the repository may be called.
pub(super) const NAMES: [(&str, &str); 3] = [("octo", "shop"), ("octo", "store"), ("acme", "shop")];
/// A job that was deleted with its repository.
pub(super) const GONE: &str = "GONE";
/// Branches and pull requests.
pub(super) const PLACES: usize = 2;
/// From here on what an event says of its time is later than the time at which anything is seen.
pub(super) const LATER: i64 = 6;

/// What the model knows of a job. Times are days and, within one, the number of the step that set them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Job {
    pub(super) run: Uuid,
    pub(super) commit: usize,
    pub(super) status: &'static str,
    pub(super) attempts: i64,
    pub(super) epoch: i64,
    /// READY: due. LEASED: when the lease ends.
    pub(super) at: (i64, usize),
    pub(super) class: &'static str,
    /// None while it has no place.
    pub(super) turn: Option<i64>,
}

/// What an event was of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    Push(usize),
    Wish(usize),
    Pull(usize),
}

/// A line of the log: its job, unless that was deleted, and its day.
type Line = (Option<usize>, i64);

#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) day: i64,
    pub(super) step: usize,
    pub(super) jobs: Vec<Job>,
    pub(super) key: [Option<(usize, i64)>; 4],
    /// The newest job of each commit.
    newest: [Option<usize>; 4],
    /// Job, unless it was deleted, commit and day of each delivery id.
    deliveries: [Option<(Option<usize>, usize, i64)>; 6],
    renamed: [[Option<Line>; 4]; 6],
    /// What the repository is called.
    pub(super) name: usize,
    /// Head, and the hour that its push said; `None` where a look found it there, or the push said none.
    pub(super) branches: [Option<(usize, Option<i64>)>; PLACES],
    /// Head, whether it is open, and the hour.
    pub(super) pulls: [Option<(usize, bool, Option<i64>)>; PLACES],
    /// The last turn that was given.
    pub(super) turn: Option<i64>,
    was_asked: bool,
    /// The events of each job, with the step of the last one.
    events: Vec<(usize, Lane, usize)>,
    /// The branch that the forge calls the default one; what is known of it here.
    pub(super) says: usize,
    pub(super) default: Option<usize>,
    /// Whether a webhook named the repository.
    pub(super) is_known: bool,
}

impl Model {
    /// The job of a delivery that was seen before. One commit under another's id is kept under a name of its own.
    pub(super) fn redelivered(&self, commit: usize, id: usize) -> Option<usize> {
        match self.deliveries[id]? {
            (job, of, _) if of == commit => job,
            _ => self.renamed[id][commit].and_then(|(job, _)| job),
        }
    }

    /// The job that answers the event, or `None` for a new one.
    pub(super) fn answering(&self, commit: usize, delivery: Option<usize>) -> Option<usize> {
        if let Some(job) = delivery.and_then(|id| self.redelivered(commit, id)) {
            return Some(job);
        }
        let (job, since) = self.key[commit]?;
        let gone = match delivery {
            Some(_) => self.day - since >= WINDOW_DAYS || self.jobs[job].status == "DEAD",
            None => matches!(self.jobs[job].status, "DONE" | "DEAD"),
        };
        (!gone).then_some(job)
    }

    /// Whether an event is later than what is known of its branch.
    pub(super) fn moves(&self, branch: usize, before: Option<usize>, said: Option<i64>) -> bool {
        let Some((head, known)) = self.branches[branch] else { return true };
        let follows = before == Some(head);
        match (said, known) {
            (Some(said), Some(known)) => said > known || (follows && said == known),
            (Some(said), None) => follows || said >= LATER,
            (None, _) => follows,
        }
    }

    /// Answers whether it was new, and the turn that it freed.
    pub(super) fn pulled(
        &mut self,
        number: usize,
        commit: usize,
        is_open: bool,
        said: Option<i64>,
    ) -> (bool, Option<i64>) {
        let known = self.pulls[number].and_then(|(_, _, known)| known);
        if said.zip(known).is_some_and(|(said, known)| said < known) {
            return (false, None);
        }
        let left = self.pulls[number].replace((commit, is_open, said));
        (true, self.left(left.map(|(head, ..)| head)))
    }

    pub(super) fn moved(&mut self, branch: usize, to: Option<(usize, Option<i64>)>) -> Option<i64> {
        let left = std::mem::replace(&mut self.branches[branch], to);
        self.left(left.map(|(head, _)| head))
    }

    pub(super) fn looked(&mut self, forge: &[Option<usize>; PLACES], touched: Option<usize>) {
        let moves: Vec<_> = forge
            .iter()
            .enumerate()
            .filter(|(n, found)| touched != Some(*n) && self.branches[*n].map(|(head, _)| head) != **found)
            .collect();
        // What is gone comes last.
        let (there, gone): (Vec<_>, Vec<_>) = moves.into_iter().partition(|(_, found)| found.is_some());
        for (n, found) in there.into_iter().chain(gone) {
            let freed = self.moved(n, found.map(|commit| (commit, None)));
            match found.and_then(|commit| self.newest[commit]) {
                Some(job) => {
                    self.attach(job, Lane::Push(n), true);
                    self.step_up(job, freed);
                }
                None => self.give_up(freed),
            }
        }
    }

    /// A verified event tells which branch is the default one.
    pub(super) fn told(&mut self) {
        (self.is_known, self.default) = (true, Some(self.says));
    }

    pub(super) fn attach(&mut self, job: usize, lane: Lane, again: bool) {
        let now = self.step;
        match self.events.iter_mut().find(|(of, at, _)| (*of, *at) == (job, lane)) {
            Some((.., step)) if again => *step = now,
            Some(_) => {}
            None => self.events.push((job, lane, now)),
        }
    }

    /// The commit whose facts stand at the default branch, or at a pull request.
    pub(super) fn dossier(&self, pull: Option<usize>) -> Option<usize> {
        let is_done = |job: &usize| self.jobs[*job].status == "DONE";
        let of_head = |head: usize| {
            let of = |job: &usize| is_done(job) && self.jobs[*job].commit == head;
            (0..self.jobs.len()).rfind(of)
        };
        let of_lanes = |lanes: [Lane; 2]| {
            let events = self.events.iter().filter(|(job, lane, _)| is_done(job) && lanes.contains(lane));
            events.max_by_key(|(.., step)| *step).map(|(job, ..)| *job)
        };
        let job = match (pull, self.default) {
            (Some(number), _) => {
                let (head, is_open, _) = self.pulls[number]?;
                let of_events = || of_lanes([Lane::Pull(number); 2]);
                if is_open { of_head(head).or_else(of_events) } else { None }
            }
            (None, Some(branch)) => {
                let head = self.branches[branch].and_then(|(head, _)| of_head(head));
                head.or_else(|| of_lanes([Lane::Push(branch), Lane::Wish(branch)]))
            }
            (None, None) => {
                let is_branch =
                    |job: &usize| self.events.iter().any(|(of, lane, _)| of == job && !matches!(lane, Lane::Pull(_)));
                (0..self.jobs.len()).rfind(|job| is_done(job) && is_branch(job))
            }
        };
        job.map(|job| self.jobs[job].commit)
    }

    fn stands(&self, commit: usize) -> bool {
        self.branches.iter().flatten().any(|(head, _)| *head == commit)
            || self.pulls.iter().flatten().any(|(head, is_open, _)| *head == commit && *is_open)
    }

    /// What nothing stands at any more goes last; answers the turn that it had.
    fn left(&mut self, commit: Option<usize>) -> Option<i64> {
        let commit = commit.filter(|commit| !self.stands(*commit))?;
        let (job, _) = self.key[commit]?;
        let now = (self.day, self.step);
        let job = Some(&mut self.jobs[job]).filter(|job| job.status == "READY" && job.class == "HEAD")?;
        let turn = job.turn;
        (job.class, job.turn) = ("PAST", (job.at <= now).then_some(0));
        turn
    }

    fn step_up(&mut self, job: usize, freed: Option<i64>) {
        let now = (self.day, self.step);
        let Job { status, class, turn, at, .. } = self.jobs[job];
        let unused = match (status, class, turn, freed) {
            ("READY", "PAST", ..) => {
                let turn = freed.unwrap_or_else(|| self.next_turn());
                (self.jobs[job].class, self.jobs[job].turn) = ("HEAD", (at <= now).then_some(turn));
                None
            }
            ("READY", "HEAD", Some(turn), Some(freed)) if freed < turn => {
                self.jobs[job].turn = Some(freed);
                Some(turn)
            }
            _ => freed,
        };
        self.give_up(unused);
    }

    fn next_turn(&mut self) -> i64 {
        let heads = self.jobs.iter().filter(|job| job.status == "READY" && job.class == "HEAD");
        let first = heads.filter_map(|job| job.turn).min().or(self.turn).unwrap_or(1);
        let turn = self.turn.map_or(first, |last| first.max(last + 1));
        self.turn = Some(turn);
        turn
    }

    pub(super) fn give_up(&mut self, turn: Option<i64>) {
        if turn.is_some() && turn == self.turn {
            self.turn = turn.map(|turn| turn - 1);
        }
    }

    /// `news`: whether the event was new, and the turn that it freed; `None` without an event.
    pub(super) fn enqueued(
        &mut self,
        commit: usize,
        delivery: Option<usize>,
        (answering, run): (Option<usize>, Uuid),
        news: Option<(bool, Option<i64>)>,
    ) {
        let job = answering.unwrap_or(self.jobs.len());
        if answering.is_none() {
            let at = (self.day, self.step);
            self.jobs.push(Job {
                run,
                commit,
                status: "READY",
                attempts: 0,
                epoch: 0,
                at,
                class: "PAST",
                turn: Some(0),
            });
            self.key[commit] = Some((job, self.day));
            self.newest[commit] = Some(job);
        }
        match news {
            Some((is_new, freed)) if is_new || (answering.is_none() && self.stands(commit)) => self.step_up(job, freed),
            Some(_) => {}
            None if delivery.is_none() && self.jobs[job].status == "READY" => {
                let asked = &mut self.jobs[job];
                let turn = asked.turn.filter(|_| asked.class == "HEAD");
                (asked.class, asked.turn) = ("ASKED", (asked.at <= (self.day, self.step)).then_some(0));
                self.give_up(turn);
            }
            None => {}
        }
        let Some(id) = delivery.filter(|id| self.redelivered(commit, *id).is_none()) else { return };
        match &mut self.deliveries[id] {
            None => self.deliveries[id] = Some((Some(job), commit, self.day)),
            // Its run was deleted: the line is the one that was there.
            Some((line, of, _)) if *of == commit => *line = Some(job),
            Some(_) => self.renamed[id][commit].get_or_insert((None, self.day)).0 = Some(job),
        }
    }

    /// Nothing is left but that deliveries were seen.
    pub(super) fn deleted(&mut self) {
        self.jobs.iter_mut().for_each(|job| job.status = GONE);
        (self.key, self.newest, self.branches, self.pulls) = Default::default();
        (self.turn, self.was_asked, self.default, self.is_known) = (None, false, None, false);
        self.events.clear();
        self.deliveries.iter_mut().flatten().for_each(|(job, ..)| *job = None);
        self.renamed.iter_mut().flatten().flatten().for_each(|(job, _)| *job = None);
    }

    /// Forget what is older than the deliveries are kept.
    pub(super) fn prune(&mut self) {
        let day = self.day;
        for delivery in &mut self.deliveries {
            *delivery = delivery.filter(|(_, _, since)| day - since < KEEP_DAYS);
        }
        for delivery in self.renamed.iter_mut().flatten() {
            *delivery = delivery.filter(|(_, since)| day - since < KEEP_DAYS);
        }
    }

    /// Take back what has expired, give a place to what is due, then lease what is next.
    pub(super) fn lease(&mut self) -> Option<usize> {
        let now = (self.day, self.step);
        for job in self.jobs.iter_mut().filter(|job| job.status == "LEASED" && job.at < now) {
            (job.status, job.at) = (if job.attempts >= MAX_ATTEMPTS { "DEAD" } else { "READY" }, now);
            job.turn = None;
        }
        let due = |n: &usize| {
            let job = &self.jobs[*n];
            job.status == "READY" && job.turn.is_none() && job.at <= now
        };
        let mut due: Vec<_> = (0..self.jobs.len()).filter(due).collect();
        due.sort_by_key(|n| (self.jobs[*n].at, *n));
        for n in due {
            let turn = if self.jobs[n].class == "HEAD" { self.next_turn() } else { 0 };
            self.jobs[n].turn = Some(turn);
        }
        let next = |behind: &str| {
            let waits = |(_, job): &(usize, &Job)| job.status == "READY" && job.turn.is_some() && job.class > behind;
            let place = |(n, job): &(usize, &Job)| (job.class, job.turn, job.at, *n);
            self.jobs.iter().enumerate().filter(waits).min_by_key(place).map(|(n, _)| n)
        };
        let n = if self.was_asked { next("ASKED").or_else(|| next("")) } else { next("") }?;
        let job = &mut self.jobs[n];
        (job.status, job.attempts, job.epoch) = ("LEASED", job.attempts + 1, job.epoch + 1);
        job.at = (self.day + LEASE_DAYS, self.step);
        self.was_asked = job.class == "ASKED";
        Some(n)
    }

    /// The job of a lease, if it is still that lease's.
    pub(super) fn held(&mut self, (job, epoch): (usize, i64)) -> Option<&mut Job> {
        Some(&mut self.jobs[job]).filter(|job| job.status == "LEASED" && job.epoch == epoch)
    }
}
