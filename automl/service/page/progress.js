// How a search is getting on: the best so far, the time, the step that it is at, and its plan.

import { alertBox, h } from "/static/dom.js";
import { bestOf, elapsed, progressOf } from "/static/fold.js";
import { duration, number, plural, score } from "/static/text.js";

const STEPS = [
  ["Trying networks", ["trials"]],
  ["Training the best again", ["finalists"]],
  ["Testing, and writing it down", ["test", "export", "baselines", "report"]],
];

const NOW = {
  test: "testing on rows that were kept apart",
  export: "writing the model",
  baselines: "comparing it with other models",
  report: "writing the report",
};

export const metricOf = (story) => (story.plan ? story.plan.metric : "score");

export function progressCard(story, search) {
  const now = Date.now() / 1000;
  const isOn = search.state === "running" && story.stretch !== null;
  const { share, left } = progressOf(story, now);
  const kind = isOn ? story.stretch.kind : null;
  const best = bestOf(story);
  const total = story.plan && story.plan.trials;
  const finishing = Math.round(elapsed(story, "finishing", now));
  const spent = Math.round(elapsed(story, "searching", now));
  const isOver = search.state === "finished";
  return h(
    "section",
    { class: "card", "aria-label": "Progress" },
    h("dl", { class: "figures" },
      figure(`Best so far (${metricOf(story)})`, best ? score(metricOf(story), best.score) : "–", "most"),
      figure("Trials", total ? `${number(story.trials.size)} of ${number(total)}` : number(story.trials.size)),
      figure("Time searched", duration(spent)),
      kind === "searching" && figure("Time left", left === null ? "–" : `about ${duration(Math.round(left))}`),
      (kind === "finishing" || isOver) && figure("Finishing", duration(finishing))),
    share !== null && search.state !== "queued"
      ? h("progress", { max: 1, value: isOver || kind === "finishing" ? 1 : share, "aria-label": "How much of the searching is done" }) : null,
    search.state === "running" ? steps(story, kind) : null,
    search.state === "pausing" ? h("p", { class: "now" }, story.phase === "baselines"
      ? "Its model is chosen: what is left is the comparison with other models, and it comes to its end in place of a pause."
      : "It is pausing: the best model so far is written first.") : null,
    story.plan ? planLines(story.plan) : null,
    ["failed", "paused"].includes(search.state) && (search.error || (search.state === "failed" && "The search failed."))
      ? alertBox(search.error || story.error || "The search failed.") : null,
  );
}

export const figure = (name, value, kind) => h("div", { class: kind }, h("dt", {}, name), h("dd", {}, value));

function steps(story, kind) {
  const at = STEPS.findIndex(([, names]) => names.includes(story.phase));
  const about = kind === "starting" ? "It is starting, and reads the data."
    : kind === "finishing" ? `The searching is over, and what is left does not count as its time. Now: ${NOW[story.phase]}.`
    : null;
  return [
    h("ol", { class: "steps" }, STEPS.map(([text], i) =>
      h("li", { class: i < at ? "done" : i === at ? "now" : null, "aria-current": i === at ? "step" : null },
        text, i < at ? h("span", { class: "unseen" }, ", done") : null))),
    about ? h("p", { class: "plan" }, about) : null,
  ];
}

function planLines(plan) {
  const trials = plan.trials ? plural(plan.trials, "trial") : "as many trials as fit";
  const time = plan.time_budget ? ` in ${duration(plan.time_budget)}` : "";
  const workers = plan.workers > 1 ? `, ${plan.workers} at a time` : "";
  const most = !plan.max_epochs ? ""
    : plan.unit === "fold" ? `; those that do well are judged on ${plural(plan.max_epochs, "fold")} of the data`
    : `; those that do well are trained for up to ${plural(plan.max_epochs, "epoch")}`;
  const facts = [plan.described].flat().filter(Boolean).map((line) => {
    const [, name, text] = /^([a-z ]+): (.*)$/s.exec(line) || [null, "", line];
    return [name, text];
  });
  return [["plan", `${trials}${time}${workers}${most}`], ...facts].map(([name, text]) =>
    h("p", { class: "plan" }, name ? h("strong", {}, `${name[0].toUpperCase()}${name.slice(1)}: `) : null, text));
}
