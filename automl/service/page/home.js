// The first view: drop data, and everything that is there.

import { get, path, upload } from "/static/api.js";
import { badge, dropZone, field, form, h, say, show } from "/static/dom.js";
import { KINDS, TASKS, duration, nameOf, plural, score, size, when } from "/static/text.js";

export async function homeView(page, { me }) {
  const searches = h("div", {});
  const data = h("div", {});
  const models = h("div", {});
  show(
    page,
    h("h1", {}, "What would you like to predict?"),
    me.role === "reader" ? null : dataDrop(),
    h("section", { class: "list" }, h("h2", {}, "Searches"), searches),
    h("section", { class: "list" }, h("h2", {}, "Models"), models),
    h("section", { class: "list" }, h("h2", {}, "Data"), data),
  );
  let drawn = null;
  const draw = async () => {
    const found = await Promise.all([path("searches"), path("datasets"), path("models")].map(get));
    const now = JSON.stringify(found);
    if (now === drawn) return; // the focus stays where it is
    drawn = now;
    const [s, d, m] = found;
    show(searches, searchList(s));
    show(data, dataList(d));
    show(models, modelList(m));
  };
  await draw();
  const timer = setInterval(() => draw().catch(() => null), 5000);
  return () => clearInterval(timer);
}

const HINT = "A table (CSV or Parquet), a ZIP of pictures with a folder for each class, or arrays (NPZ with X and y)."
  + " It stays on this service.";

function dataDrop() {
  return dropZone(
    { title: "Drop your data here", hint: HINT, accept: ".csv,.tsv,.txt,.parquet,.zip,.npz,.npy,.gz" },
    (file, status) => send(file, nameOf(file.name), status),
  );
}

async function send(file, name, status) {
  const bar = h("progress", { max: 1, value: 0, "aria-label": `Uploading ${file.name}` });
  show(status, h("p", {}, `Uploading ${file.name} (${size(file.size)})`), bar);
  say(`Uploading ${file.name}`);
  try {
    const made = await upload(path("datasets", name), file, (share) => (bar.value = share));
    location.hash = `/data/${encodeURIComponent(made.name)}`;
  } catch (error) {
    show(status);
    if (error.status !== 409) throw error;
    // There is other data of that name, and the file on the user's disk keeps its own.
    const box = h("input", { name: "name", value: await freeName(name), maxlength: 100, autocomplete: "off" });
    show(status, form({ class: "start" }, (data) => send(file, nameOf(data.get("name")), status),
      h("p", {}, `There is other data called ${name} already.`),
      field("Name for the new one", box), h("button", { class: "main" }, "Upload it under this name")));
    box.focus();
  }
}

async function freeName(name) {
  const taken = new Set((await get(path("datasets"))).map((one) => one.name));
  let number = 2;
  while (taken.has(`${name}-${number}`)) number += 1;
  return `${name}-${number}`;
}

const nothing = (text) => h("p", { class: "hint" }, text);

function item(to, name, facts, mark) {
  return h("li", {}, h("a", { href: to }, h("span", { class: "name" }, name), mark,
    h("span", { class: "facts" }, facts.filter(Boolean).join(" · "))));
}

function searchList(found) {
  if (!found.length) return nothing("None yet. Drop some data, and start one.");
  return h("ul", { class: "items" }, found.map((one) => {
    const waiting = one.state === "queued" && one.position ? `number ${one.position} in the queue` : null;
    const found = one.score === null ? null : `${one.metric} ${score(one.metric, one.score)}`;
    return item(`#/searches/${one.id}`, one.name,
      [one.dataset === one.name ? null : one.dataset, found, waiting, one.compute_seconds >= 1 ? duration(one.compute_seconds) : null, when(one.created)],
      badge(one.state));
  }));
}

function dataList(found) {
  if (!found.length) return nothing("None yet.");
  return h("ul", { class: "items" }, found.map((one) =>
    item(`#/data/${encodeURIComponent(one.name)}`, one.name, [KINDS[one.kind], size(one.bytes), when(one.created)])));
}

function modelList(found) {
  if (!found.length) return nothing("None yet. A search that has finished can be kept as one.");
  return h("ul", { class: "items" }, found.map((one) => {
    const newest = one.versions[one.versions.length - 1];
    const production = one.aliases.production ? `version ${one.aliases.production} in production` : null;
    return item(`#/models/${encodeURIComponent(one.name)}`, one.name,
      [newest && (TASKS[newest.task] || newest.task), plural(one.versions.length, "version"), production]);
  }));
}
