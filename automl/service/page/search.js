// A search while it runs, and what it has found.

import { call, get, path } from "/static/api.js";
import { badge, h, say, show } from "/static/dom.js";
import { curvesChart, scoresChart } from "/static/charts.js";
import { controls } from "/static/controls.js";
import { bestOf, emptyStory, fold, history } from "/static/fold.js";
import { metricOf, progressCard } from "/static/progress.js";
import { fetchResult, resultCard, trialTable } from "/static/result.js";
import { score } from "/static/text.js";

const EVENTS = ["queued", "started", "plan", "phase", "epochs", "trial", "best", "baseline", "note",
  "paused", "cancelled", "finished", "failed"];

const TURNS = new Set(["queued", "started", "paused", "cancelled", "finished", "failed"]);

const DRAW_MILLISECONDS = 400;

export async function searchView(page, { me, name: id }) {
  let search = await get(path("searches", id));
  const mine = me.role !== "reader";
  const story = emptyStory();
  let result = null;
  const state = h("span", {});
  const parts = Object.fromEntries(
    ["buttons", "result", "head", "live", "trials", "notes"].map((name) => [name, h("div", { class: name })]));
  show(
    page,
    h("p", { class: "back" }, h("a", { href: "#/" }, "All searches")),
    h("div", { class: "title" }, h("h1", {}, search.name), state),
    h("p", { class: "facts" }, "searches ", h("a", { href: `#/data/${encodeURIComponent(search.dataset)}` }, search.dataset),
      search.options.target ? ` for ${[search.options.target].flat().join(", ")}` : ""),
    Object.values(parts),
  );

  const refresh = async () => {
    search = await get(path("searches", id));
    drawState();
    drawSoon();
  };
  const patch = async (body) => {
    search = await call("PATCH", path("searches", id), body);
    drawState();
    drawSoon();
  };

  let drawn = "";
  function drawState() {
    const place = search.state === "queued" && search.position ? ` number ${search.position} in the queue` : "";
    show(state, badge(search.state), place);
    // The time that it has is in the form for more of it.
    const now = [search.state, search.options.time_budget, search.options.trials, search.files].join();
    if (drawn === now) return;
    drawn = now;
    show(parts.buttons, mine ? controls(search, patch) : null);
    drawResult(search).catch(() => null);
  }
  async function drawResult(of) {
    const found = await fetchResult(of);
    if (of.state !== search.state) return;
    result = found;
    show(parts.result, result ? resultCard(search, result, mine) : null);
    drawSoon();
  }

  let waiting = null;
  let said = null;
  function draw() {
    waiting = null;
    show(parts.head, progressCard(story, search));
    const past = history(story);
    // Which network wins, the finalists decide: it need not be the best of the trials.
    const chosen = result && search.state === "finished" && result.best ? result.best.number : null;
    const best = bestOf(story);
    if (past.length || story.curves.size) {
      const unit = story.plan && story.plan.unit === "fold" ? "fold" : "epoch";
      show(parts.live, h("div", { class: "charts" },
        scoresChart(past, metricOf(story), [...story.baselines.values()]),
        curvesChart(story.curves, chosen ?? (best ? best.number : null), metricOf(story), unit)));
      // What is read by keyboard is not taken away under the fingers.
      if (!parts.trials.contains(document.activeElement)) show(parts.trials, trialTable(story, search.id, chosen));
    }
    show(parts.notes, story.notes.length
      ? h("section", { class: "card" }, h("h2", {}, "Notes"), story.notes.slice(-5).map((text) => h("p", { class: "note" }, text))) : null);
    const now = best && `Best so far: ${score(metricOf(story), best.score)}`;
    if (now && now !== said && search.state === "running") say((said = now));
  }
  function drawSoon() {
    if (waiting === null) waiting = setTimeout(draw, DRAW_MILLISECONDS);
  }

  let refreshing = null;
  const refreshSoon = () => {
    clearTimeout(refreshing);
    refreshing = setTimeout(() => refresh().catch(() => null), 150);
  };
  let source = null;
  let after = 0;
  // A stream ends with the search; one that is given more goes on behind what was seen.
  function watch() {
    source = new EventSource(`${path("searches", id, "events")}?after=${after}`);
    for (const name of EVENTS)
      source.addEventListener(name, (event) => {
        after = event.lastEventId;
        fold(story, name, JSON.parse(event.data));
        drawSoon();
        if (TURNS.has(name)) refreshSoon();
      });
  }
  const timer = setInterval(() => {
    if (story.stretch) drawSoon();
    if (["queued", "pausing", "cancelling"].includes(search.state)) refreshSoon();
    if (source.readyState === EventSource.CLOSED && ["queued", "running"].includes(search.state)) watch();
  }, 1000);
  watch();
  drawState();
  draw();
  return () => {
    source.close();
    clearInterval(timer);
    clearTimeout(waiting);
    clearTimeout(refreshing);
  };
}
