// Where one is on the page: the part of the address behind the #.

import { call, get } from "/static/api.js";
import { h, show } from "/static/dom.js";
import { loginView, invitationView } from "/static/login.js";
import { homeView } from "/static/home.js";
import { datasetView } from "/static/dataset.js";
import { searchView } from "/static/search.js";
import { modelView } from "/static/model.js";
import { accountView } from "/static/account.js";

const main = document.getElementById("main");
const top = document.getElementById("top");

// Whether to ask who one is: without a session the answer would be an error in the console.
let hasSession = document.documentElement.dataset.session === "open";
let me = null;
let leave = null;
let turn = 0;

const ROUTES = [
  [/^\/?$/, homeView],
  [/^\/data\/([^/]+)$/, datasetView],
  [/^\/searches\/([^/]+)$/, searchView],
  [/^\/models\/([^/]+)$/, modelView],
  [/^\/account$/, accountView],
];

function header(place) {
  const link = (to, text) =>
    h("a", { href: `#${to}`, "aria-current": place === to ? "page" : null }, text);
  const out = h("button", { type: "button", class: "quiet", onclick: logOut }, "Log out");
  show(
    top,
    h("a", { class: "brand", href: "#/" }, h("img", { src: "/static/icon.svg", alt: "", width: 24, height: 24 }), "automl"),
    me && h("nav", { "aria-label": "Main" }, link("/", "Searches"), link("/account", me.name), out),
  );
}

async function logOut() {
  await call("POST", "/v1/logout").catch(() => null);
  hasSession = false;
  me = null;
  if (location.hash) location.hash = "";
  else route();
}

async function route() {
  const mine = ++turn;
  if (leave) leave();
  leave = null;
  const place = decodeURI(location.hash.slice(1));
  const invitation = /^invitation=(.+)$/.exec(place);
  if (invitation) {
    header("");
    show(main, invitationView(invitation[1], entered));
    return focus("Welcome");
  }
  if (!me && hasSession) me = await get("/v1/me").catch(() => null);
  if (mine !== turn) return; // one has gone on meanwhile
  header(place || "/");
  if (!me) {
    show(main, loginView(entered));
    return focus("Log in");
  }
  const [, view, found] = ROUTES.map(([form, view]) => [form, view, form.exec(place)])
    .find(([, , found]) => found) || [null, null, null];
  if (!view) {
    location.hash = "/";
    return;
  }
  const page = h("div", { class: "page" });
  show(main, page);
  try {
    const end = await view(page, { me, name: found[1] && decodeURIComponent(found[1]) });
    if (mine !== turn) return end && end(); // one has gone on meanwhile
    leave = end;
  } catch (error) {
    if (mine !== turn) return;
    show(page, h("h1", {}, "This is not there"), h("p", {}, error.message), h("p", {}, h("a", { href: "#/" }, "Back to all searches")));
  }
  focus();
}

function focus(title) {
  const heading = main.querySelector("h1");
  document.title = `${title || heading?.textContent || "automl"} – automl`;
  if (!main.contains(document.activeElement) || document.activeElement === main) {
    heading?.setAttribute("tabindex", "-1");
    heading?.focus({ preventScroll: true });
  }
  window.scrollTo(0, 0);
}

function entered() {
  hasSession = true;
  history.replaceState(null, "", "#/");
  route();
}

document.getElementById("skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
// A file that is dropped beside its zone would be shown in place of the page.
for (const name of ["dragover", "drop"]) window.addEventListener(name, (event) => event.preventDefault());
window.addEventListener("hashchange", route);
window.addEventListener("logged-out", () => {
  hasSession = false;
  if (me) {
    me = null;
    route();
  }
});
route();
