// What a search has found: its score beside that of other models, and what can be had of it.

import { call, get, path } from "/static/api.js";
import { act, h, table } from "/static/dom.js";
import { isBetter, isWhole } from "/static/fold.js";
import { metricOf } from "/static/progress.js";
import { duration, number, plural, score } from "/static/text.js";

const ENDED = ["finished", "cancelled", "paused"];

// Return what was found, or null where there is nothing yet.
export async function fetchResult(search) {
  if (!ENDED.includes(search.state) || !search.files.includes("result")) return null;
  return get(path("searches", search.id, "result"));
}

export function resultCard(search, result, mine) {
  const has = (file) => search.files.includes(file);
  const link = (what, text, more) => h("a", { class: "button", href: path("searches", search.id, what), ...more }, text);
  const keep = async () => {
    const model = await call("PUT", path("models", search.name), { search: search.id });
    location.hash = `/models/${encodeURIComponent(model.name)}`;
  };
  const test = result.test && typeof result.test.score === "number" ? result.test : null;
  return h("section", { class: "card result" },
    h("h2", {}, search.state === "finished" ? "What it found" : "What it has found so far"),
    test ? h("p", { class: "headline" }, score(result.metric, test.score),
      h("span", { class: "hint" }, ` ${result.metric} on the test rows, which had no part in the search`)) : null,
    result.headline ? h("p", {}, result.headline) : null,
    has("bundle") ? null : h("p", {}, "There is no model yet: no trial came to its end."),
    h("div", { class: "row" },
      mine && has("bundle") && act("Keep and try the model", keep, { class: "main" }),
      has("report") && link("report", "Read the report", { target: "_blank", rel: "noopener" }),
      has("bundle") && link("bundle", "Download the model"),
      has("model.onnx") && link("model.onnx", "Download it as ONNX")),
    test ? rivals(result, test) : null,
    result.verdict ? h("details", {}, h("summary", {}, "In detail"), h("p", {}, result.verdict)) : null,
  );
}

function rivals(result, test) {
  const together = result.ensemble && result.ensemble.handed_over;
  const others = Object.entries(result.baselines || {}).filter(([, one]) => one.test && typeof one.test.score === "number");
  if (!others.length) return null;
  const sign = result.direction === "minimize" ? 1 : -1;
  const range = (one) => (typeof one.low === "number" ? `${score(result.metric, one.low)} to ${score(result.metric, one.high)}` : "–");
  const every = [[h("strong", {}, together ? "this model (several networks)" : "this model"), test], ...others.map(([name, one]) => [name, one.test])];
  every.sort(([, a], [, b]) => sign * (a.score - b.score));
  return table([["Model"], [result.metric, "right"], ["95 % interval", "right"]],
    every.map(([name, one]) => [name, score(result.metric, one.score), range(one)]),
    { "aria-label": "This model and others, on the test rows" });
}

// The best trials; `chosen` is the number of the one that won in the end, where that is known.
export function trialTable(story, id, chosen) {
  const every = [...story.trials.values()];
  if (!every.length) return null;
  const scored = every.filter((one) => isWhole(story, one) || one.number === chosen);
  scored.sort((a, b) => (isBetter(story, a.score, b.score) ? -1 : 1));
  const unit = story.plan && story.plan.unit === "fold" ? "Folds" : "Epochs";
  const rows = scored.slice(0, 10).map((one) => [
    one.number === chosen ? h("strong", {}, `${one.number} (chosen)`) : number(one.number),
    one.family, score(metricOf(story), one.score), number(one.epochs),
    duration(one.seconds), number(one.n_weights),
  ]);
  const more = { href: path("searches", id, "dashboard"), target: "_blank", rel: "noopener" };
  const count = (status) => every.filter((one) => one.status === status).length;
  const [stopped, failed] = [count("pruned"), count("failed")];
  return h("section", { class: "card" },
    h("h2", {}, `The best of ${plural(every.length, "trial")}`),
    rows.length && table([["Trial", "right"], ["Family"], [metricOf(story), "right"], [unit, "right"], ["Time", "right"], ["Weights", "right"]],
      rows, { "aria-label": "The best trials" }),
    stopped ? h("p", { class: "hint" }, `${plural(stopped, "trial")} stopped early, because others were better.`) : null,
    failed ? h("p", { class: "hint" }, `${plural(failed, "trial")} failed; the report says why.`) : null,
    h("p", {}, h("a", more, "All trials, in optuna-dashboard")));
}
