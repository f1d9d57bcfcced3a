// A model with its versions, and a form to try it.

import { call, get, path } from "/static/api.js";
import { act, alertBox, field, form, h, say, show, table } from "/static/dom.js";
import { number, score, when } from "/static/text.js";

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
    h("p", { class: "facts" }, `${{ regression: "predicts a number" }[facts.task] || "tells classes apart"}: ${facts.targets.join(", ")}`),
    tryIt(name, facts),
    head,
    howTo(name, facts),
    mine ? h("p", { class: "end" }, act("Delete this model", async () => {
      await call("DELETE", path("models", name));
      location.hash = "/";
    }, { class: "quiet danger", sure: "Really delete it?" })) : null,
  );
}

function tryIt(name, facts) {
  const answer = h("div", { class: "answer", "aria-live": "polite" });
  const ask = async (body, headers) => {
    const found = await call("POST", `${path("models", name, "predict")}?version=${facts.version}`, body, headers);
    show(answer, prediction(found, facts));
    say(`Prediction: ${found.predictions[0]}`);
  };
  const inside = facts.columns.length ? columnForm(facts, ask) : facts.takes_pictures ? pictureDrop(ask) : numbersForm(facts, ask);
  return h("section", { class: "card" }, h("h2", {}, "Try it"), h("div", { class: "try" }, inside, answer));
}

function columnForm(facts, ask) {
  const inputs = facts.columns.map((column) => [column, inputFor(column)]);
  const send = () => {
    const row = Object.fromEntries(inputs.map(([column, input]) => [column.name, input.value === "" ? null : valueOf(column, input.value)]));
    return ask({ rows: [row] });
  };
  return form({ class: "columns" }, send,
    h("div", { class: "grid" }, inputs.map(([column, input]) => field(column.name, input))),
    h("button", { class: "main" }, "Predict"));
}

function inputFor(column) {
  const usual = column.usual === null || column.usual === undefined ? "" : String(column.usual);
  const choices = column.kind === "boolean" ? [["true", "yes"], ["false", "no"]]
    : column.kind === "category" ? column.categories.map((one) => [one, one]) : null;
  if (choices)
    return h("select", {}, h("option", { value: "" }, "not known"),
      choices.map(([value, text]) => h("option", { value, selected: value === usual }, text)));
  if (column.kind === "number") return h("input", { inputmode: "decimal", value: usual, placeholder: "not known", autocomplete: "off" });
  return h("input", { value: usual, placeholder: column.kind === "date" ? "2026-01-31" : "not known", autocomplete: "off" });
}

function valueOf(column, text) {
  if (column.kind === "boolean") return text === "true";
  if (column.kind === "number" && text.trim() !== "" && isFinite(Number(text))) return Number(text);
  return text; // the service says what is wrong with it
}

function pictureDrop(ask) {
  const seen = h("div", { class: "seen" });
  const input = h("input", { type: "file", accept: "image/*", class: "unseen", id: "picture" });
  const zone = h("div", { class: "drop small" }, input,
    h("label", { for: "picture" }, h("strong", {}, "Drop a picture here"), h("span", {}, "or choose one")), seen);
  const take = async (file) => {
    const source = URL.createObjectURL(file);
    show(seen, h("img", { src: source, alt: `The picture ${file.name}`, onload: () => URL.revokeObjectURL(source) }));
    try {
      await ask(file, { "content-type": "application/octet-stream" });
    } catch (error) {
      seen.append(alertBox(error.message));
    }
  };
  input.addEventListener("change", () => input.files[0] && take(input.files[0]));
  zone.addEventListener("dragover", (event) => event.preventDefault());
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files[0]) take(event.dataTransfer.files[0]);
  });
  return zone;
}

function numbersForm(facts, ask) {
  const box = h("textarea", { rows: 4, spellcheck: "false", required: true });
  const send = () => {
    let row;
    try {
      row = JSON.parse(box.value.trim().startsWith("[") ? box.value : `[${box.value}]`);
    } catch {
      throw new Error("Type numbers with commas between them.");
    }
    return ask({ rows: [row] });
  };
  return form({}, send, field(`One row, of shape ${facts.shape.join(" × ")}`, box, "Numbers with commas between them; rows of rows in brackets."),
    h("button", { class: "main" }, "Predict"));
}

function prediction(found, facts) {
  const notes = (found.warnings || []).map((text) => h("p", { class: "note" }, text));
  if (!found.classes) {
    const values = [found.predictions[0]].flat();
    return [values.map((value, i) => h("p", { class: "headline" }, h("span", { class: "hint" }, `${facts.targets[i] || ""} `), number(value))), notes];
  }
  const ranked = found.classes.map((label, i) => [String(label), found.probabilities[0][i]]).sort((a, b) => b[1] - a[1]).slice(0, 5);
  return [
    h("p", { class: "headline" }, String(found.predictions[0])),
    h("div", { class: "bars" }, h("ul", {}, ranked.map(([label, share]) =>
      h("li", {}, h("span", { class: "label" }, label), h("meter", { min: 0, max: 1, value: share, "aria-label": `${label}: ${(100 * share).toFixed(1)} %` }),
        h("span", { class: "value" }, `${(100 * share).toFixed(1)} %`))))),
    notes,
  ];
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
    return [number(one.version), one.family, test ? score(one.metric, test.score) : "–", when(one.created), names.join(", "), promote || ""];
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
  const row = facts.columns.length
    ? Object.fromEntries(facts.columns.slice(0, 3).map((one) => [one.name, one.usual])) : ["…"];
  const url = `${location.origin}${path("models", name, "predict")}`;
  const data = JSON.stringify({ rows: [row] });
  return h("details", { class: "card" }, h("summary", {}, "From a program"),
    h("pre", { tabindex: "0" }, `curl ${url} \\\n  -H "Authorization: Bearer $AUTOML_TOKEN" \\\n  --json '${data}'`),
    h("p", { class: "hint" }, "A token is made under your name, above. The same model answers to the Open Inference Protocol, version 2."));
}
