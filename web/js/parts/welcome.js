// What a first visitor sees instead of an empty table: three steps.
import { html } from "../view.js";

export function Welcome() {
  return html`<section class="welcome" aria-labelledby="welcome-title">
    <h2 id="welcome-title">No runs yet</h2>
    <p>ci-feed turns every push into a dossier: what the code exposes and needs, each line with its evidence, and which
      statements of the documentation the code contradicts. It reads the code and never runs it.</p>
    <ol class="steps">
      <li><h3>Add the webhook</h3><p>On GitHub, point the repository's webhook here. <a href="/setup">The set-up page</a> has
        this server's address to copy and turns green when the first ping arrives.</p></li>
      <li><h3>Push, or enqueue by hand</h3><p>The next push appears here within seconds. To look at a commit that is already
        there, <a href="/setup#enqueue">enqueue it by hand</a>.</p></li>
      <li><h3>Leave this page open</h3><p>It drives the queue while it is open. For the hours when nobody
        looks, <a href="/setup#cron">add one line to cron</a>.</p></li>
    </ol>
  </section>`;
}
