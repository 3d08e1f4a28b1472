// The search box over any page: results by kind while one types, walked with the
// arrow keys after the ARIA pattern of a combobox. What is typed is kept nowhere.
import { getJson, problem } from "../api.js";
import { formatNumber, visible } from "../format.js";
import { allOf, countOf, groupsOf, lookedAt, PREFIXES, searchApi } from "../found.js";
import { follow } from "../router.js";
import { useMayWrite } from "../session.js";
import { html, useEffect, useRef, useState } from "../view.js";
import { Badge } from "./badge.js";
import { Dialog } from "./dialog.js";
import { Icon } from "./icon.js";

/** @typedef {import("../found.js").Hit & {fill?: string}} Option fill: what it puts into the box instead of leading anywhere */
/** @typedef {{title: string, hits: Option[]}} Options */

/** How long a person stops typing before the server is asked. */
const SETTLED_MS = 150;
const OF_EACH = 6;

/** @type {Options[]} */
const EMPTY = [
  { title: "Look only for", hits: PREFIXES.map(({ start, words }) => ({ href: "", name: start, isCode: true, where: words, fill: start })) },
  { title: "Pages", hits: [
    { href: "/", name: "Repositories", where: "" },
    { href: "/feed", name: "Feed", where: "the runs of all repositories" },
    { href: "/compare", name: "Compare", where: "two branches, commits, runs, pull requests, or what is deployed" },
    { href: "/setup", name: "Set-up", where: "connect a repository" },
    { href: "/status", name: "Status", where: "queue, webhooks, health" },
  ] },
];

/** @param {string} word @param {Found | null} found @returns {Options[]} */
function optionsOf(word, found) {
  if (word === "") return EMPTY;
  const groups = found === null ? [] : groupsOf(found, word).map(({ title, hits }) => ({ title, hits: hits.slice(0, OF_EACH) }));
  return groups.length === 0 ? [] : [...groups, { title: "More", hits: [allOf(word)] }];
}

/**
 * What the server finds for a word, once nobody types any more.
 * @param {string} word
 */
function useFound(word) {
  const [answer, setAnswer] = useState({ word: "", found: /** @type {Found | null} */ (null), error: /** @type {Problem | null} */ (null) });
  useEffect(() => {
    if (word === "") return undefined;
    const abort = new AbortController();
    const ask = () => getJson(searchApi(word), { signal: abort.signal, keep: false }).then(
      (found) => setAnswer({ word, found: /** @type {Found} */ (found), error: null }),
      (cause) => abort.signal.aborted || setAnswer({ word, found: null, error: problem(cause) }),
    );
    const timer = setTimeout(ask, SETTLED_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [word]);
  return answer;
}

/** @param {{onClose: () => void}} props */
export function Palette({ onClose }) {
  const [text, setText] = useState("");
  const [active, setActive] = useState(0);
  const word = text.trim();
  const answer = useFound(word);
  // Enter before the answer is there means its first line.
  const enters = useRef(false);
  const box = useRef(/** @type {HTMLInputElement | null} */ (null));
  const isAnswered = word === "" || answer.word === word;
  const groups = optionsOf(word, word === "" ? null : answer.found);
  const options = groups.flatMap((group) => group.hits);
  const current = Math.min(active, options.length - 1);

  useEffect(() => {
    if (!isAnswered || !enters.current) return;
    enters.current = false;
    choose(options[0]);
  }, [answer]);

  /** @param {string} value */
  function type(value) {
    enters.current = false;
    setText(value);
    setActive(0);
  }

  /** @param {Option | undefined} option */
  function choose(option) {
    if (option === undefined) return;
    if (option.fill !== undefined) {
      type(option.fill);
      box.current?.focus();
      return;
    }
    // The focus goes back to where it was before it goes on.
    box.current?.closest("dialog")?.close();
    follow(option.href);
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && options.length > 0) {
      event.preventDefault();
      const next = (current + step + options.length) % options.length;
      setActive(next);
      document.getElementById(`option-${next}`)?.scrollIntoView({ block: "nearest" });
    }
    if (event.key !== "Enter") return;
    event.preventDefault();
    if (isAnswered) choose(options[current]);
    else enters.current = true;
  }

  const isOpen = options.length > 0;
  return html`<${Dialog} title="Search" bare=${true} onClose=${onClose}>
    <div class="palette-head"><${Icon} name="search" />
      <input type="text" role="combobox" class="palette-box" aria-label="Search" aria-autocomplete="list" aria-expanded=${isOpen ? "true" : "false"}
        aria-controls="palette-list" aria-activedescendant=${isOpen ? `option-${current}` : undefined} placeholder="Commit, run, repository, branch, env:NAME, /path"
        autocomplete="off" autocapitalize="off" spellcheck="false" enterkeyhint="go" maxlength="200" ref=${box} value=${text}
        onInput=${(/** @type {FieldEvent} */ event) => type(event.target.value)} onKeyDown=${onKey} />
      <button type="button" class="button button-quiet button-icon" aria-label="Close" onClick=${() => box.current?.closest("dialog")?.close()}><${Icon} name="cross" /></button></div>
    <${List} key=${answer.word} groups=${groups} current=${current} onPoint=${setActive} onChoose=${choose} />
    <${Said} word=${word} answer=${answer} isAnswered=${isAnswered} />
  <//>`;
}

/** @param {{groups: Options[], current: number, onPoint: (index: number) => void, onChoose: (option: Option) => void}} props */
function List({ groups, current, onPoint, onChoose }) {
  if (groups.length === 0) return null;
  let index = -1;
  return html`<div class="palette-list" role="listbox" id="palette-list" aria-label="Results">
    ${groups.map(({ title, hits }, place) => html`<div role="group" aria-labelledby=${`options-${place}`} key=${title}>
      <p class="palette-title" role="presentation" id=${`options-${place}`}>${title}</p>
      ${hits.map((hit) => {
        const at = (index += 1);
        return html`<div role="option" class="palette-option" id=${`option-${at}`} key=${at} aria-selected=${at === current ? "true" : "false"}
          onMouseMove=${() => onPoint(at)} onClick=${() => onChoose(hit)}><${Line} hit=${hit} /></div>`;
      })}</div>`)}
  </div>`;
}

/** @param {{hit: Option}} props */
function Line({ hit }) {
  return html`${hit.badge && html`<${Badge} of=${hit.badge.of} value=${hit.badge.value} />`}
    <span class="palette-name">${hit.isCode ? html`<code><bdi>${hit.name}</bdi></code>` : html`<bdi>${hit.name}</bdi>`}</span>
    <span class="palette-where"><bdi>${hit.where}</bdi></span>`;
}

/**
 * What became of the question, for those who hear it too.
 * @param {{word: string, answer: ReturnType<typeof useFound>, isAnswered: boolean}} props
 */
function Said({ word, answer, isAnswered }) {
  const withDeliveries = useMayWrite(true);
  const count = answer.found === null ? 0 : countOf(answer.found);
  return html`<p class="palette-said" role="status">${!isAnswered ? "Searching…"
    : word === "" ? html`<kbd>↑</kbd> <kbd>↓</kbd> choose, <kbd>Enter</kbd> opens, <kbd>Esc</kbd> closes`
      : answer.error !== null ? html`<span class="text-bad">${visible(answer.error.message)}</span>`
        : count === 0 ? html`<strong>Nothing found.</strong> ${lookedAt(word, withDeliveries)}`
          : answer.found?.truncated ? "There are more than these: write more of it, or begin with what it is (env:, endpoint:, …)."
            : `${formatNumber(count)} found`}</p>`;
}
