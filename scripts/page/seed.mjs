// Runs as a feed has them: services that change from push to push, a branch, a commit that is gone. Names are invented.

const PEOPLE = ["Mira Okafor", "Jonas Lindqvist", "Priya Raman", "Tomasz Wrona"];
const TITLES = ["Cancel an order within the hour", "Retry what the carrier refused", "Say why a payment failed", "Move the totals to the ledger", "Drop the old import", "Count what is in stock"];
const SERVICES = ["harbour/orders", "harbour/catalog", "harbour/ledger", "quay/parcels", "quay/labels", "quay/returns", "tide/notify", "tide/search"];

/** A service of some routes and variables. @param {number} turn how often it was changed */
function service(name, turn) {
  const words = ["orders", "lines", "refunds", "totals", "labels", "events", "imports", "reports", "prices", "quotes"];
  const some = words.slice(0, 3 + (turn % 8));
  const routes = some.map((word, index) => `router.get('/${word}/:id', (req, res) => res.json({}));\n${index % 2 ? `router.post('/${word}', requireAuth, (req, res) => res.status(201).end());\n` : ""}`).join("");
  const variables = some.slice(0, 2 + (turn % 4)).map((word) => `const ${word}Url = process.env.${word.toUpperCase()}_URL;\n`).join("");
  return {
    "package.json": JSON.stringify({ name: name.split("/")[1], scripts: { start: "node server.js", [turn % 3 === 2 ? "watch" : "dev"]: "node --watch server.js", test: "node --test" }, dependencies: { express: `^5.${turn % 3}.0`, pg: "^8.16.0" } }, null, 2),
    "server.js": "const express = require('express');\nconst routes = require('./routes');\nconst app = express();\napp.use('/api', routes);\napp.get('/healthz', (req, res) => res.json({ ok: true }));\napp.listen(process.env.PORT || 3000);\n",
    "routes.js": `const router = require('express').Router();\nconst { requireAuth } = require('./auth');\n${variables}\n${routes}module.exports = router;\n`,
    "auth.js": "exports.requireAuth = (req, res, next) => (req.headers.authorization ? next() : res.status(401).end());\n",
    "README.md": `# ${name.split("/")[1]}\n\n\`\`\`sh\nnpm install\nnpm run dev\nnpm test\n\`\`\`\n\nNeeds \`DATABASE_URL\`. Listens on port 3000. See [the API](docs/api.md).\n`,
    "docs/api.md": "# API\n\n`GET /api/orders/{id}` answers one order.\n",
    ...(turn > 0 && turn % 4 === 0 ? { [`migrations/${String(turn).padStart(4, "0")}_more.sql`]: "create table more (id integer primary key);\n" } : {}),
  };
}

/**
 * So many runs of several repositories, all worked on.
 * @param {Awaited<ReturnType<typeof import("./server.mjs").startServer>>} server
 * @param {number} count
 */
export async function seed(server, count) {
  /** @type {Map<string, {sha: string, turn: number}>} */
  const heads = new Map();
  let latest = "";
  for (let n = 0; n < count - 2; n += 1) {
    // The first is pushed most, so that it has a trend.
    const name = n % 2 === 0 ? SERVICES[0] : SERVICES[1 + (Math.floor(n / 2) % (SERVICES.length - 1))];
    const { sha: before, turn } = heads.get(name) ?? { sha: "0".repeat(40), turn: 0 };
    const [title, author] = [turn === 0 ? `The ${name.split("/")[1]} service` : TITLES[(n + turn) % TITLES.length], PEOPLE[n % PEOPLE.length]];
    const sha = server.commit(name, "main", service(name, turn), title, author);
    heads.set(name, { sha, turn: turn + 1 });
    const run = await server.push(name, sha, { before, title, author });
    if (name === SERVICES[0]) latest = run;
    await server.tick();
  }
  const { sha: before } = heads.get(SERVICES[0]) ?? { sha: "" };
  const branch = server.commit(SERVICES[0], "refunds", { "refunds.js": "module.exports = process.env.PAYMENT_URL;\n" }, "Refund within 14 days", PEOPLE[2]);
  await server.push(SERVICES[0], branch, { branch: "refunds", before, title: "Refund within 14 days", author: PEOPLE[2] });
  await server.push(SERVICES[1], "5d0b1e0c".repeat(5), { branch: "prices", title: "Prices in minor units", author: PEOPLE[1] });
  await server.tick();
  return { repository: SERVICES[0], run: latest };
}

/** A dossier of many facts, as an analyzer hands it over. @param {number} count */
export function manyFacts(count) {
  const kinds = ["endpoint", "env_var", "table"];
  const facts = Array.from({ length: count }, (_, n) => ({
    id: `${kinds[n % 3]}:${n}`, kind: kinds[n % 3], key: `GET /api/part${n % 97}/items/${n}`, status: "EVIDENCED",
    attrs: { framework: "express", handler: `handler${n}`, guards: ["requireAuth", "rateLimit"] },
    evidence: [{ path: `src/module${n % 311}/file${n % 17}.js`, start_line: (n % 900) + 1, end_line: (n % 900) + 1, excerpt: `router.get('/${n}', handler${n});`, sha256: "ab".repeat(32) }],
  }));
  const counts = Object.fromEntries(kinds.map((kind) => [kind, facts.filter((fact) => fact.kind === kind).length]));
  return {
    "dossier.json": JSON.stringify({ schema: "ci-feed.dossier.v1", facts, claims: [], unknowns: [], findings: [], unresolved: [] }),
    "summary.json": JSON.stringify({ schema: "ci-feed.summary.v1", facts: counts, unresolved: 0 }),
  };
}
