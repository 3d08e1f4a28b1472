// What a side of a comparison may be called, as the server reads it; pure.
import { oneLine, shortSha } from "./format.js";

/**
 * @typedef {{is: "run", id: string} | {is: "commit", sha: string} | {is: "pull", number: number}
 *   | {is: "deployed", environment: string} | {is: "branch", branch: string}} SideName
 */

/** @param {string} text @returns {SideName} */
export function sideOf(text) {
  const pull = /^(?:#|pr:|pull:)(\d+)$/.exec(text);
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return { is: "run", id: text };
  if (text.startsWith("deployed:")) return { is: "deployed", environment: text.slice("deployed:".length) };
  if (text.startsWith("branch:")) return { is: "branch", branch: text.slice("branch:".length) };
  if (pull) return { is: "pull", number: Number(pull[1]) };
  if (/^[0-9a-f]{7,64}$/i.test(text)) return { is: "commit", sha: text.toLowerCase() };
  return { is: "branch", branch: text };
}

/** As people call it. @param {string} text */
export function sideWords(text) {
  const side = sideOf(text);
  switch (side.is) {
    case "run": return `run ${side.id.slice(0, 8)}`;
    case "commit": return `commit ${shortSha(side.sha)}`;
    case "pull": return `pull request ${side.number}`;
    case "deployed": return oneLine(text);
    case "branch": return oneLine(side.branch);
  }
}

/** What a branch is asked for by: its name, unless that means something else. @param {string} branch */
export function branchSide(branch) {
  const side = sideOf(branch);
  return side.is === "branch" && side.branch === branch ? branch : `branch:${branch}`;
}
