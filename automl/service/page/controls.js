// What one can do with a search: pause it, go on, give it more, end it, delete it.

import { call, path } from "/static/api.js";
import { act, choices, field, form, h } from "/static/dom.js";

const MORE = [[60, "1 minute"], [300, "5 minutes"], [900, "15 minutes"], [3600, "1 hour"]];

export function controls(search, patch) {
  const is = (...states) => states.includes(search.state);
  return [
    h("div", { class: "row" },
      is("running", "queued") && act("Pause", () => patch({ state: "paused" })),
      is("paused", "cancelled") && act("Go on", () => patch({ state: "queued" }), { class: "main" }),
      is("failed") && act("Try again", () => patch({ state: "queued" }), { class: "main" }),
      is("running", "queued", "paused") && act("Cancel", () => patch({ state: "cancelled" }), { class: "quiet", sure: "Really cancel it?" }),
      is("paused", "finished", "cancelled", "failed") && act("Delete", async () => {
        await call("DELETE", path("searches", search.id));
        location.hash = "/";
      }, { class: "quiet danger", sure: "Really delete it?" })),
    is("running", "paused", "finished", "cancelled") ? moreForm(search, patch, is) : null,
  ];
}

// A search that has used up its time and finished has spent more than that: the new time is
// counted from there, so that what is given is what there is.
function moreTime(search, seconds) {
  const running = search.state === "running" && search.started ? Date.now() / 1000 - search.started : 0;
  return Math.ceil(Math.max(search.options.time_budget, search.compute_seconds + running)) + seconds;
}

function moreForm(search, patch, is) {
  const { time_budget: time, trials } = search.options;
  const give = async (data) => {
    const body = is("running", "finished") ? {} : { state: "queued" };
    if (time) body.time_budget = moreTime(search, Number(data.get("more")));
    if (!time || trials) body.trials = Number(data.get("trials"));
    await patch(body);
  };
  return h("details", {}, h("summary", {}, "Give it more time"),
    form({}, give,
      time ? choices("How much more?", "more", MORE, 1) : null,
      !time || trials ? field("Trials in all", h("input", { name: "trials", type: "number", min: 1, class: "few", value: trials ? 2 * trials : 200 })) : null,
      h("button", {}, is("running") ? "Give more" : "Give more, and go on")));
}
