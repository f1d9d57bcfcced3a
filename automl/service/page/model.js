// A model with its versions, and a form to try it.

import { call, get, path } from "/static/api.js";
import { act, h, show, table } from "/static/dom.js";
import { number, plural, score, when } from "/static/text.js";
import { tryIt } from "/static/tryit.js";

export async function modelView(page, { me, name }) {
  const head = h("div", {});
  const mine = me.role !== "reader";
  const draw = async () => {
    const model = await get(path("models", name));
    show(head, versionTable(model, mine, draw));
    return model;
  };
  const model = await draw();
  const newest = model.versions[model.versions.length - 1];
  const facts = await get(path("models", name, "versions", String(newest.version)));
  show(
    page,
    h("p", { class: "back" }, h("a", { href: "#/" }, "All searches")),
    h("h1", {}, model.name),
    h("p", { class: "facts" }, about(facts)),
    tryIt(name, facts),
    head,
    howTo(name, facts),
    mine ? h("p", { class: "end" }, act("Delete this model", async () => {
      await call("DELETE", path("models", name));
      location.hash = "/";
    }, { class: "quiet danger", sure: "Really delete it?" })) : null,
  );
}

function about(facts) {
  if (facts.forecast) return `forecasts ${facts.forecast.target}, ${plural(facts.forecast.horizon, "step")} ahead`;
  return `predicts ${facts.targets.join(", ")}`;
}

function versionTable(model, mine, draw) {
  const production = path("models", model.name, "aliases", "production");
  const rows = [...model.versions].reverse().map((one) => {
    const names = Object.entries(model.aliases).filter(([, version]) => version === one.version).map(([alias]) => alias);
    const promote = mine && !names.includes("production") && act("Make it production", async () => {
      await call("PUT", production, { version: one.version });
      await draw();
    }, { class: "quiet" });
    const test = one.scores.test;
    return [number(one.version), one.family, test ? `${one.metric} ${score(one.metric, test.score)}` : "–", when(one.created), names.join(", "), promote || ""];
  });
  const back = mine && model.aliases.production !== undefined
    ? act("Roll production back", async () => {
        await call("POST", `${production}/rollback`);
        await draw();
      }, { class: "quiet" }) : null;
  return h("section", { class: "card" }, h("h2", {}, "Versions"),
    table([["Version", "right"], ["Family"], ["Test score", "right"], ["Kept"], ["Alias"], ["Action"]], rows, { "aria-label": "Versions" }),
    back ? h("div", { class: "row" }, back) : null);
}

function howTo(name, facts) {
  const url = `${location.origin}${path("models", name, "predict")}`;
  const row = facts.columns.length ? Object.fromEntries(facts.columns.map((one) => [one.name, one.usual])) : ["…"];
  const body = facts.forecast || facts.takes_pictures
    ? `-H "Content-Type: application/octet-stream" \\\n  --data-binary @${facts.forecast ? "table.csv" : "picture.png"}`
    : `--json '${JSON.stringify({ rows: [row] })}'`;
  return h("details", { class: "card" }, h("summary", {}, "From a program"),
    h("pre", { tabindex: "0" }, `curl ${url} \\\n  -H "Authorization: Bearer $AUTOML_TOKEN" \\\n  ${body}`),
    h("p", { class: "hint" }, h("a", { href: "#/account" }, "A token"), " is made under your name. The same model answers to the Open Inference Protocol, version 2."));
}
