// Elements of the page, and what is said to whoever does not see them.

const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && typeof value === "boolean") element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

// Text is never read as HTML here: children are elements or text.
export const h = (tag, attributes, ...children) =>
  fill(document.createElement(tag), attributes, children);

export const s = (tag, attributes, ...children) =>
  fill(document.createElementNS(SVG, tag), attributes, children);

export function show(container, ...children) {
  container.replaceChildren(...children.flat(Infinity).filter(Boolean));
}

export function say(text) {
  document.getElementById("said").textContent = text;
}

export function alertBox(text) {
  return h("p", { class: "alert", role: "alert" }, text);
}

let made = 0;

export function field(label, input, hint) {
  const id = `field-${++made}`;
  input.id = id;
  const note = hint ? h("p", { class: "hint", id: `${id}-hint` }, hint) : null;
  if (note) input.setAttribute("aria-describedby", note.id);
  return h("div", { class: "field" }, h("label", { for: id }, label), input, note);
}

// Choices of which one is taken; `at` is the place of the first one to be.
export function choices(label, name, options, at) {
  return h("fieldset", { class: "choices" }, h("legend", {}, label),
    options.map(([value, text], i) =>
      h("label", {}, h("input", { type: "radio", name, value, checked: i === at }), h("span", {}, text))));
}

// A zone that takes one file, dropped or chosen.
export function dropZone({ title, hint, accept, small }, take) {
  const id = `file-${++made}`;
  const input = h("input", { type: "file", class: "unseen", id, accept, "aria-describedby": hint ? `${id}-hint` : null });
  const status = h("div", { class: "status" });
  const zone = h("div", { class: small ? "drop small" : "drop" }, input,
    h("label", { for: id }, h("strong", {}, title), h("span", {}, "or choose a file")),
    hint ? h("p", { class: "hint", id: `${id}-hint` }, hint) : null, status);
  const begin = async (file) => {
    input.disabled = true;
    try {
      await take(file, status);
    } catch (error) {
      status.append(alertBox(error.message));
    } finally {
      input.disabled = false;
      input.value = ""; // the same file may be chosen again
    }
  };
  input.addEventListener("change", () => input.files[0] && begin(input.files[0]));
  for (const name of ["dragenter", "dragover"])
    zone.addEventListener(name, (event) => {
      event.preventDefault();
      zone.classList.add("over");
    });
  zone.addEventListener("dragleave", (event) => zone.contains(event.relatedTarget) || zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    if (event.dataTransfer.files[0] && !input.disabled) begin(event.dataTransfer.files[0]);
  });
  return zone;
}

const STATES = {
  queued: "waiting", running: "running", pausing: "pausing", paused: "paused",
  cancelling: "ending", cancelled: "cancelled", finished: "finished", failed: "failed",
};

export const badge = (state) => h("span", { class: `badge ${state}` }, STATES[state] || state);

// A form whose button waits for what it does, and shows in one line what went wrong.
export function form(attributes, action, ...children) {
  const errors = h("div", { class: "errors" });
  const made = h("form", { ...attributes, novalidate: true }, ...children, errors);
  made.addEventListener("submit", async (event) => {
    event.preventDefault();
    const buttons = [...made.querySelectorAll("button")];
    show(errors);
    buttons.forEach((button) => (button.disabled = true));
    try {
      await action(new FormData(made));
    } catch (error) {
      show(errors, alertBox(error.message));
    } finally {
      buttons.forEach((button) => (button.disabled = false));
    }
  });
  return made;
}

// A button that does something, and says in one line beside it what went wrong. Where `sure` is
// given, it is asked a second time, on the button itself.
export function act(label, action, { sure, ...attributes } = {}) {
  const button = h("button", { type: "button", ...attributes }, label);
  let asked = 0;
  button.addEventListener("click", async () => {
    if (sure && Date.now() - asked > 5000) {
      asked = Date.now();
      button.textContent = sure;
      setTimeout(() => (button.textContent = label), 5000);
      return;
    }
    button.disabled = true;
    button.parentElement?.querySelectorAll(".alert").forEach((old) => old.remove());
    try {
      await action();
    } catch (error) {
      button.after(alertBox(error.message));
    } finally {
      button.disabled = false;
    }
  });
  return button;
}

export function table(heads, rows, attributes) {
  const head = h("tr", {}, heads.map(([text, kind]) => h("th", { scope: "col", class: kind }, text)));
  const body = rows.map((row) =>
    h("tr", {}, row.map((cell, i) => h("td", { class: heads[i][1] }, cell))));
  const inner = h("table", {}, h("thead", {}, head), h("tbody", {}, body));
  return h("div", { class: "scroll", tabindex: "0", role: "region", ...attributes }, inner);
}
