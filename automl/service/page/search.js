// A search while it runs, and what it has found.

import { call, get, path } from "/static/api.js";
import { act, alertBox, field, form, h, say, show, table } from "/static/dom.js";
import { curvesChart, scoresChart } from "/static/charts.js";
import { elapsed, emptyStory, fold, history, isBetter } from "/static/fold.js";
import { badge } from "/static/home.js";
import { duration, number, plural, score } from "/static/text.js";

const PHASES = [
  ["trials", "trying networks"], ["finalists", "training the best again"], ["export", "writing the model"],
  ["baselines", "comparing"], ["test", "testing on rows kept apart"], ["report", "writing the report"],
];

const EVENTS = ["queued", "started", "plan", "phase", "epochs", "trial", "best", "baseline", "note",
  "paused", "cancelled", "finished", "failed"];

const DRAW_MILLISECONDS = 400;

export async function searchView(page, { me, name: id }) {
  let search = await get(path("searches", id));
  const mine = me.role !== "reader";
  let story = emptyStory();
  const state = h("span", {});
  const parts = Object.fromEntries(
    ["head", "buttons", "result", "live", "trials", "notes"].map((name) => [name, h("div", { class: name })]));
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
  };
  const patch = async (body) => {
    await call("PATCH", path("searches", id), body);
    await refresh();
  };

  let drawnButtons = "";
  function drawState() {
    show(state, badge(search.state));
    if (search.state === "queued" && search.position)
      show(state, badge("queued"), ` number ${search.position} in the queue`);
    if (drawnButtons !== search.state) {
      drawnButtons = search.state;
      show(parts.buttons, mine ? controls(search, patch, id) : null);
      drawResult(parts.result, search, mine).catch(() => null);
    }
  }

  let waiting = null;
  let said = null;
  function draw() {
    waiting = null;
    show(parts.head, progress(story, search));
    const past = history(story);
    if (past.length || story.curves.size) {
      const best = story.best ? story.best.number : null;
      show(parts.live, h("div", { class: "charts" },
        scoresChart(past, metricOf(story), [...story.baselines.values()]),
        curvesChart(story.curves, best, metricOf(story))));
      show(parts.trials, trialTable(story, search.id));
    }
    show(parts.notes, story.notes.slice(-5).map((text) => h("p", { class: "note" }, text)));
    const now = story.best && `Best so far: ${score(metricOf(story), story.best.score)}`;
    if (now && now !== said) say((said = now));
  }
  const drawSoon = () => {
    if (waiting === null) waiting = setTimeout(draw, DRAW_MILLISECONDS);
  };

  const source = new EventSource(path("searches", id, "events"));
  for (const name of EVENTS)
    source.addEventListener(name, (event) => {
      fold(story, name, JSON.parse(event.data));
      drawSoon();
      if (["queued", "started", "paused", "cancelled", "finished", "failed"].includes(name)) refreshSoon();
    });
  let refreshing = null;
  const refreshSoon = () => {
    clearTimeout(refreshing);
    refreshing = setTimeout(() => refresh().catch(() => null), 150);
  };
  const timer = setInterval(() => {
    if (story.since !== null) drawSoon();
    if (["queued", "pausing", "cancelling"].includes(search.state)) refreshSoon();
  }, 1000);
  drawState();
  draw();
  return () => {
    source.close();
    clearInterval(timer);
    clearTimeout(waiting);
    clearTimeout(refreshing);
  };
}

const metricOf = (story) => (story.plan ? story.plan.metric : "score");

function progress(story, search) {
  const plan = story.plan;
  const done = story.trials.size;
  const budget = search.options.time_budget ?? (plan && plan.time_budget);
  const total = search.options.trials ?? (plan && plan.trials);
  const spent = elapsed(story, Date.now() / 1000);
  const share = search.state === "finished" ? 1 : budget ? spent / budget : total ? done / total : null;
  const isOn = search.state === "running";
  const phase = PHASES.find(([name]) => name === story.phase);
  const best = story.best ? score(metricOf(story), story.best.score) : "–";
  const left = !isOn ? "–" : !budget ? "until all trials are done" : story.phase && story.phase !== "trials" ? "finishing" : duration(budget - spent);
  return h(
    "section",
    { class: "card" },
    h("dl", { class: "figures" },
      h("div", { class: "most" }, h("dt", {}, `Best so far (${metricOf(story)})`), h("dd", {}, best)),
      h("div", {}, h("dt", {}, "Trials"), h("dd", {}, total ? `${done} of ${number(total)}` : number(done))),
      h("div", {}, h("dt", {}, "Time"), h("dd", {}, duration(spent))),
      isOn && h("div", {}, h("dt", {}, "Left"), h("dd", {}, left))),
    share !== null && search.state !== "queued"
      ? h("progress", { max: 1, value: Math.min(1, share), "aria-label": "How much of the search is done" }) : null,
    isOn && phase ? h("p", { class: "now" }, `Now: ${phase[1]}.`) : null,
    plan ? h("p", { class: "plan" }, h("strong", {}, "The plan: "), planOf(plan, budget, total)) : null,
    plan ? [plan.described].flat().filter(Boolean).map((line) => h("p", { class: "plan" }, line)) : null,
    search.state === "failed" ? alertBox(search.error || story.error || "The search failed.") : null,
  );
}

function planOf(plan, budget, total) {
  const trials = total ? plural(total, "trial") : "as many trials as fit";
  const time = budget ? ` in ${duration(budget)}` : "";
  const workers = plan.workers > 1 ? `, ${plan.workers} at a time` : "";
  const epochs = plan.max_epochs ? `; those that do well are trained for ${plural(plan.max_epochs, "epoch")}` : "";
  return `${trials}${time}${workers}${epochs}.`;
}

function controls(search, patch, id) {
  const is = (...states) => states.includes(search.state);
  const more = form(
    { class: "inline" },
    async (data) => patch({ time_budget: data.get("more"), ...(is("paused", "finished", "cancelled", "failed") ? { state: "queued" } : {}) }),
    field("Time in all", h("input", { name: "more", placeholder: "10m", required: true, size: 6, value: search.options.time_budget ? `${2 * search.options.time_budget}s` : "" })),
    h("button", {}, "Give more time"),
  );
  return [
    h("div", { class: "row" },
      is("running", "queued") && act("Pause", () => patch({ state: "paused" })),
      is("paused") && act("Go on", () => patch({ state: "queued" }), { class: "main" }),
      is("running", "queued", "paused") && act("Cancel", () => patch({ state: "cancelled" }), { class: "quiet", sure: "Really cancel it?" }),
      is("paused", "finished", "cancelled", "failed") && act("Delete", async () => {
        await call("DELETE", path("searches", id));
        location.hash = "/";
      }, { class: "quiet danger", sure: "Really delete it?" })),
    is("running", "paused", "finished", "cancelled") ? h("details", {}, h("summary", {}, "More time"), more) : null,
  ];
}

async function drawResult(place, search, mine) {
  show(place);
  const has = (file) => search.files.includes(file);
  if (!["finished", "cancelled", "paused"].includes(search.state) || !has("result")) return;
  const result = await get(path("searches", search.id, "result"));
  const link = (what, text) => h("a", { class: "button", href: path("searches", search.id, what) }, text);
  const keep = async () => {
    const model = await call("PUT", path("models", search.name), { search: search.id });
    location.hash = `/models/${encodeURIComponent(model.name)}`;
  };
  const measured = result.test && typeof result.test.score === "number" ? result.test : null;
  show(
    place,
    h("section", { class: "card result" },
      h("h2", {}, "What it found"),
      measured && h("p", { class: "headline" }, score(result.metric, measured.score),
        h("span", { class: "hint" }, ` ${result.metric} on rows that nothing was chosen by`)),
      result.headline ? h("p", {}, result.headline) : null,
      result.verdict ? h("details", {}, h("summary", {}, "In detail"), h("p", {}, result.verdict)) : null,
      h("div", { class: "row" },
        mine && act("Keep and try the model", keep, { class: "main" }),
        has("report") && h("a", { class: "button", href: path("searches", search.id, "report"), target: "_blank", rel: "noopener" }, "Read the report"),
        has("bundle") && link("bundle", "Download the model"),
        has("model.onnx") && link("model.onnx", "Download it as ONNX"))),
  );
}

function trialTable(story, id) {
  const every = [...story.trials.values()];
  if (!every.length) return null;
  const scored = every.filter((one) => one.status === "complete" && typeof one.score === "number");
  scored.sort((a, b) => (isBetter(story, a.score, b.score) ? -1 : 1));
  const rows = scored.slice(0, 10).map((one) => [
    number(one.number), one.family, score(metricOf(story), one.score), number(one.epochs),
    duration(one.seconds), number(one.n_weights),
  ]);
  const more = { href: path("searches", id, "dashboard"), target: "_blank", rel: "noopener" };
  const stopped = every.filter((one) => one.status === "pruned").length;
  const failed = every.filter((one) => one.status === "failed").length;
  return h("section", { class: "card" },
    h("h2", {}, `The best of ${plural(every.length, "trial")}`),
    table([["Trial", "right"], ["Family"], ["Score", "right"], ["Epochs", "right"], ["Time", "right"], ["Weights", "right"]],
      rows, { "aria-label": "The best trials" }),
    stopped ? h("p", { class: "hint" }, `${plural(stopped, "trial")} of them stopped early, because others were better.`) : null,
    failed ? h("p", { class: "hint" }, `${plural(failed, "trial")} failed; the report says why.`) : null,
    h("p", {}, h("a", more, "All trials, in optuna-dashboard")));
}
