// Trying a model: a form made from its columns, a picture, a row of numbers, or a whole file.

import { call, path } from "/static/api.js";
import { act, dropZone, field, form, h, say, show, table } from "/static/dom.js";
import { number, plural } from "/static/text.js";

const MOST_ROWS = 24;

const FILE = { "content-type": "application/octet-stream" };

export function tryIt(name, facts) {
  const url = `${path("models", name, "predict")}?version=${facts.version}`;
  const answer = h("div", { class: "answer" });
  const ask = async (body, headers, draw = prediction) => {
    show(answer);
    const found = await call("POST", url, body, headers);
    show(answer, draw(found, facts));
    say(`Prediction: ${[found.predictions[0]].flat().map((one) => (typeof one === "number" ? number(one) : one)).join(", ")}`);
  };
  const whole = async (file) => {
    await ask(file, FILE, (found) => [manyRows(found, facts), act("Download them as CSV", () => save(url, file, name))]);
  };
  const inside = facts.forecast ? seriesDrop(facts.forecast, whole)
    : facts.columns.length ? [columnForm(facts, ask), fileDrop(whole)]
    : facts.takes_pictures ? pictureDrop(ask)
    : numbersForm(facts, ask);
  return h("section", { class: "card" }, h("h2", {}, "Try it"),
    h("div", { class: facts.forecast ? "" : "try" }, h("div", {}, inside), answer));
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
  const options = column.kind === "boolean" ? [["true", "yes"], ["false", "no"]]
    : column.kind === "category" ? column.categories.map((one) => [one, one]) : null;
  if (options)
    return h("select", {}, h("option", { value: "" }, "not known"),
      options.map(([value, text]) => h("option", { value, selected: value === usual }, text)));
  if (column.kind === "number") return h("input", { inputmode: "decimal", value: usual, placeholder: "not known", autocomplete: "off" });
  return h("input", { value: usual, placeholder: column.kind === "date" ? "2026-01-31" : "not known", autocomplete: "off" });
}

function valueOf(column, text) {
  if (column.kind === "boolean") return text === "true";
  if (column.kind === "number" && text.trim() !== "" && isFinite(Number(text))) return Number(text);
  return text; // the service says what is wrong with it
}

function fileDrop(whole) {
  return h("details", { class: "whole" }, h("summary", {}, "Or predict a whole file"),
    dropZone({ title: "Drop a table here", hint: "With the columns above; the one to predict may be in it, too.", small: true, accept: ".csv,.tsv,.txt,.parquet,.gz" }, whole));
}

function seriesDrop(forecast, whole) {
  const columns = [forecast.time, forecast.series, forecast.target, ...forecast.past, ...forecast.known].filter(Boolean);
  const ahead = forecast.known.length
    ? ` Behind them come the ${forecast.horizon} steps to forecast, with ${forecast.known.join(", ")} and without ${forecast.target}.` : "";
  return dropZone({
    title: "Drop a table here, to see what comes next",
    hint: `The steps that are known up to now, in the columns ${columns.join(", ")}. The file that it was trained on will do.${ahead}`,
    small: true, accept: ".csv,.tsv,.txt,.parquet,.gz",
  }, whole);
}

function pictureDrop(ask) {
  return dropZone({ title: "Drop a picture here", small: true, accept: "image/*" }, async (file, status) => {
    const source = URL.createObjectURL(file);
    show(status, h("img", { src: source, alt: `The picture ${file.name}`, onload: () => URL.revokeObjectURL(source), onerror: (event) => event.target.remove() }));
    await ask(file, FILE);
  });
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
  const one = facts.shape.length === 1;
  return form({}, send,
    field(one ? `One row: ${plural(facts.shape[0], "number")}` : `One row, of shape ${facts.shape.join(" × ")}`, box,
      one ? "With commas between them, such as 0.5, 1, 2." : "Numbers with commas between them; rows of rows in brackets."),
    h("button", { class: "main" }, "Predict"));
}

const notesOf = (found) => (found.warnings || []).map((text) => h("p", { class: "note" }, text));

function prediction(found, facts) {
  if (!found.classes) {
    const values = [found.predictions[0]].flat();
    return [values.map((value, i) => h("p", { class: "headline" }, h("span", { class: "hint" }, `${facts.targets[i] || ""} `), number(value))), notesOf(found)];
  }
  const shares = found.probabilities ? found.probabilities[0] : [];
  const ranked = found.classes.map((label, i) => [String(label), shares[i]]).filter(([, share]) => share !== undefined);
  ranked.sort((a, b) => b[1] - a[1]);
  return [
    h("p", { class: "headline" }, h("span", { class: "hint" }, `${facts.targets[0]} `), String(found.predictions[0])),
    h("div", { class: "bars" }, h("ul", {}, ranked.slice(0, 5).map(([label, share]) =>
      h("li", {}, h("span", { class: "label" }, label), h("meter", { min: 0, max: 1, value: share, "aria-label": `${label}: ${(100 * share).toFixed(1)} %` }),
        h("span", { class: "value" }, `${(100 * share).toFixed(1)} %`))))),
    notesOf(found),
  ];
}

const written = (value) => (typeof value === "number" ? number(value) : String(value));

// Predictions of a file: a line a row, or of a forecast, a line a step of each series.
function manyRows(found, facts) {
  const { forecast } = facts;
  const lines = forecast && found.times
    ? found.predictions.flatMap((steps, i) => [steps].flat().map((value, j) =>
        [...(forecast.series ? [found.names[i]] : []), found.times[i][j], number(value)]))
    : found.predictions.map((one, i) => [number(i + 1), ...[one].flat().map(written)]);
  const heads = forecast && found.times
    ? [...(forecast.series ? [[forecast.series]] : []), [forecast.time], [forecast.target, "right"]]
    : [["Row", "right"], ...facts.targets.map((name) => [name, found.classes ? "" : "right"])];
  return [
    notesOf(found),
    table(heads, lines.slice(0, MOST_ROWS), { "aria-label": "Predictions" }),
    lines.length > MOST_ROWS ? h("p", { class: "hint" }, `and ${plural(lines.length - MOST_ROWS, "more line")}`) : null,
  ];
}

async function save(url, file, name) {
  const text = await call("POST", url, file, { ...FILE, accept: "text/csv" });
  const source = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  h("a", { href: source, download: `${name}-predictions.csv` }).click();
  setTimeout(() => URL.revokeObjectURL(source), 10_000);
}
