// A server on a free port of this machine with repositories of its own, for what is measured of the page. Everything lies in a
// temporary folder, which goes with it.
import { createHmac, randomUUID } from "node:crypto";
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const SECRET = "measured here and nowhere else";

/** The binary that is measured: `FEED_BINARY`, else the release build, which is what people run; with the page of `CI_WEB_DIR`, if that is set. */
export const BINARY = process.env.FEED_BINARY ?? join(dirname(new URL(import.meta.url).pathname), "../../target/release/ci-feed");

function freePort() {
  return new Promise((resolve) => {
    const socket = createServer().listen(0, "127.0.0.1", () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
}

/** @param {Record<string, string>} [settings] more of them */
export async function startServer(settings = {}) {
  const folder = mkdtempSync(join(tmpdir(), "ci-feed-page-"));
  const git = join(folder, "git");
  mkdirSync(git);
  const base = `http://127.0.0.1:${await freePort()}`;
  const env = {
    PATH: process.env.PATH, HOME: folder, CI_FEED_BIND: base.slice("http://".length), GITHUB_WEBHOOK_SECRET: SECRET, GITHUB_SERVER_URL: `file://${git}`,
    DATABASE_URL: `sqlite://${join(folder, "ci-feed.db")}?mode=rwc`, CI_ARTIFACTS_URL: join(folder, "out"), CI_TMP_DIR: join(folder, "work"),
    CI_RATE_LIMIT_PER_MINUTE: "0", CI_RETRY_BACKOFF_SECONDS: "0", CI_RECONCILE: "0", CI_MAX_ATTEMPTS: "1", RUST_LOG: "error",
    ...(process.env.CI_WEB_DIR ? { CI_WEB_DIR: process.env.CI_WEB_DIR } : {}), ...settings,
  };
  const child = spawn(BINARY, ["serve"], { cwd: folder, env, stdio: ["ignore", "inherit", "inherit"] });
  const ended = new Promise((resolve) => child.on("exit", resolve));
  for (let tries = 0; ; tries += 1) {
    const answer = await fetch(`${base}/api/ci/health`).catch(() => null);
    if (answer !== null) break;
    if (child.exitCode !== null || tries > 300) throw new Error(`${BINARY} did not start`);
    await new Promise((next) => setTimeout(next, 100));
  }

  /** Make a commit on a branch; answers its id. @param {string} name @param {string} branch @param {Record<string, string>} files @param {string} title @param {string} author */
  function commit(name, branch, files, title, author = "Mira Okafor") {
    const work = join(folder, "trees", name);
    const run = (/** @type {string[]} */ ...args) => execFileSync("git", ["-C", work, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], env: { ...env, GIT_CONFIG_NOSYSTEM: "1" } }).trim();
    try {
      run("rev-parse", "--git-dir");
    } catch {
      mkdirSync(work, { recursive: true });
      run("init", "--quiet", "--initial-branch=main");
      const bare = join(git, `${name}.git`);
      mkdirSync(dirname(bare), { recursive: true });
      execFileSync("ln", ["-s", join(work, ".git"), bare]);
    }
    if (branch !== "main") run("checkout", "--quiet", "-B", branch);
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(work, path)), { recursive: true });
      writeFileSync(join(work, path), text);
    }
    run("add", "--all");
    run("-c", `user.name=${author}`, "-c", "user.email=nobody@example.com", "commit", "--quiet", "--allow-empty", "--message", title);
    const sha = run("rev-parse", "HEAD");
    if (branch !== "main") run("checkout", "--quiet", "main");
    return sha;
  }

  /** Deliver a push as GitHub does; answers the run. @param {string} name `owner/repo` */
  async function push(name, sha, { branch = "main", before = "0".repeat(40), title = "", author = "Mira Okafor" } = {}) {
    const [owner, repo] = name.split("/");
    const body = JSON.stringify({
      ref: `refs/heads/${branch}`, before, after: sha, deleted: false, pusher: { name: author },
      repository: { name: repo, full_name: name, owner: { login: owner, name: owner }, private: false, default_branch: "main" },
      head_commit: { id: sha, message: title, author: { name: author } },
    });
    const signature = `sha256=${createHmac("sha256", SECRET).update(body).digest("hex")}`;
    const headers = { "content-type": "application/json", "x-github-event": "push", "x-github-delivery": randomUUID(), "x-hub-signature-256": signature };
    const answer = await (await fetch(`${base}/api/webhooks/github`, { method: "POST", headers, body })).json();
    if (!answer.run_id) throw new Error(JSON.stringify(answer));
    return answer.run_id;
  }

  /** Work until nothing waits. */
  async function tick() {
    for (;;) {
      const answer = await (await fetch(`${base}/api/ci/worker/tick`, { method: "POST" })).json();
      if (answer.processed !== true) return;
    }
  }

  async function stop() {
    child.kill("SIGTERM");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
  return { base, folder, commit, push, tick, stop };
}
