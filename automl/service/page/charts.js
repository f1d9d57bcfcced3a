// Two charts, drawn as SVG: scores of the trials, and learning curves.

import { h, s } from "/static/dom.js";
import { number, score, short } from "/static/text.js";

const [WIDE, NARROW] = [520, 350];

// Text is as large on a phone as elsewhere: the drawing is narrower there.
let WIDTH = WIDE;
const fit = () => (WIDTH = window.innerWidth <= 640 ? NARROW : WIDE);

const HEIGHT = 240;
const LEFT = 58;
const BOTTOM = 34;
const TOP = 12;
const RIGHT = 14;
const MOST_CURVES = 40;

function ticks(low, high, most) {
  const span = high - low || Math.abs(high) || 1;
  const raw = span / most;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= raw);
  const found = [];
  for (let at = Math.ceil(low / step) * step; at <= high + step * 1e-6; at += step)
    found.push(Number(at.toPrecision(12)));
  return found;
}

function scale(values, from, to) {
  let [low, high] = [Math.min(...values), Math.max(...values)];
  if (low === high) [low, high] = [low - (Math.abs(low) * 0.02 || 1), high + (Math.abs(high) * 0.02 || 1)];
  const at = (value) => from + ((value - low) / (high - low)) * (to - from);
  return { low, high, at };
}

function axes(x, y, xName, yName) {
  const written = (value) => {
    const whole = score(yName, value);
    return whole.endsWith(" %") ? whole.replace(/\.?0+ %$/, " %") : short(value);
  };
  const isShare = score(yName, 1).endsWith(" %");
  const lines = ticks(y.low, y.high, 4).filter((value) => !isShare || value <= 1).map((value) => [
    s("line", { class: "grid", x1: LEFT, x2: WIDTH - RIGHT, y1: y.at(value), y2: y.at(value) }),
    s("text", { class: "tick end", x: LEFT - 8, y: y.at(value) + 4 }, written(value)),
  ]);
  const marks = ticks(x.low, x.high, WIDTH === WIDE ? 6 : 4).filter(Number.isInteger).map((value) =>
    s("text", { class: "tick middle", x: x.at(value), y: HEIGHT - BOTTOM + 18 }, number(value)));
  return [
    ...lines, ...marks,
    s("text", { class: "axis middle", x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 2 }, xName),
    s("text", { class: "axis", x: 2, y: TOP - 2 }, yName),
  ];
}

function chart(title, says, ...parts) {
  const drawn = s("svg", { viewBox: `0 -6 ${WIDTH} ${HEIGHT + 10}`, role: "img", "aria-label": says }, ...parts);
  return h("figure", { class: "chart" }, h("figcaption", {}, title), drawn);
}

// Values that are far off the others would press them into a line.
function inner(values) {
  const sorted = [...values].sort((a, b) => a - b);
  if (sorted.length < 8) return [sorted[0], sorted[sorted.length - 1]];
  const at = (share) => sorted[Math.round(share * (sorted.length - 1))];
  const [q1, q3] = [at(0.25), at(0.75)];
  const reach = 3 * (q3 - q1 || Math.abs(q3) * 0.1);
  return [Math.max(sorted[0], q1 - reach), Math.min(sorted[sorted.length - 1], q3 + reach)];
}

export function scoresChart(history, metric, baselines) {
  fit();
  const title = "Every trial, and the best so far";
  if (!history.length) return h("figure", { class: "chart" }, h("figcaption", {}, title), h("p", { class: "hint" }, "The first trial is not done yet."));
  const lines = baselines.filter((one) => typeof one.score === "number");
  const [low, high] = inner(history.map((one) => one.score));
  const x = scale([history[0].number, Math.max(history[history.length - 1].number, history[0].number + 1)], LEFT + 8, WIDTH - RIGHT - 8);
  const y = scale([low, high, ...history.map((one) => one.best).filter((one) => one !== null), ...lines.map((one) => one.score)], HEIGHT - BOTTOM, TOP + 6);
  const clip = (value) => Math.min(HEIGHT - BOTTOM, Math.max(TOP, y.at(value)));
  let step = "";
  for (const one of history.filter((one) => one.best !== null))
    step += step ? `H${x.at(one.number)}V${y.at(one.best)}` : `M${x.at(one.number)} ${y.at(one.best)}`;
  if (step) step += `H${WIDTH - RIGHT}`;
  const best = history[history.length - 1].best;
  return chart(
    title,
    `${history.length} trials; the best ${metric} so far is ${score(metric, best)}`,
    axes(x, y, "trial", metric),
    lines.map((one) => [
      s("line", { class: "baseline", x1: LEFT, x2: WIDTH - RIGHT, y1: y.at(one.score), y2: y.at(one.score) }),
      s("text", { class: "tick end", x: WIDTH - RIGHT, y: y.at(one.score) - 5 }, one.name),
    ]),
    history.map((one) =>
      s("circle", { class: one.counts && one.score === one.best ? "dot best" : "dot", cx: x.at(one.number), cy: clip(one.score), r: 3.5 },
        s("title", {}, `trial ${one.number}: ${score(metric, one.score)}`))),
    step ? s("path", { class: "step", d: step }) : null,
  );
}

// `best` is the number of the best trial, or null; `unit` is an epoch or a fold.
export function curvesChart(curves, best, metric, unit) {
  fit();
  const title = `Learning curves: score after each ${unit}`;
  const shown = [...curves.entries()].filter(([, curve]) => curve.some((one) => typeof one.score === "number"));
  if (!shown.length) return h("figure", { class: "chart" }, h("figcaption", {}, title), h("p", { class: "hint" }, `No ${unit} is done yet.`));
  const newest = shown.slice(-MOST_CURVES);
  const name = best === null ? null : String(best);
  const chosen = shown.find(([one]) => one === name);
  if (chosen && !newest.includes(chosen)) newest.push(chosen);
  newest.sort(([a], [b]) => (a === name) - (b === name)); // the best is drawn over the others
  const points = newest.flatMap(([, curve]) => curve).filter((one) => typeof one.score === "number");
  const [low, high] = inner(points.map((one) => one.score));
  const x = scale([1, Math.max(2, ...points.map((one) => one.epoch))], LEFT + 8, WIDTH - RIGHT - 8);
  const y = scale([low, high], HEIGHT - BOTTOM, TOP + 6);
  const clip = (value) => Math.min(HEIGHT - BOTTOM, Math.max(TOP, y.at(value)));
  const line = ([one, curve]) => {
    const inside = curve.filter((each) => typeof each.score === "number");
    const kind = one === name ? "curve best" : "curve";
    const at = (each) => [x.at(each.epoch), clip(each.score)];
    const tip = s("title", {}, `trial ${one}: ${score(metric, inside[inside.length - 1].score)}`);
    const dot = (each) => s("circle", { class: kind, cx: at(each)[0], cy: at(each)[1], r: one === name ? 4.5 : 2 }, tip);
    if (inside.length === 1) return dot(inside[0]);
    const path = s("path", { class: kind, d: inside.map((each, i) => `${i ? "L" : "M"}${at(each).join(" ")}`).join("") }, tip);
    return one === name ? [path, dot(inside[inside.length - 1])] : path;
  };
  const label = chosen && named(chosen[1].filter((one) => typeof one.score === "number").pop(), x, clip, `trial ${name}`);
  return chart(
    title,
    `Learning curves of ${newest.length} trainings${name === null ? "" : `; the best is trial ${name}`}`,
    axes(x, y, unit, metric),
    newest.map(line),
    label,
  );
}

// The name of the best beside where it ends.
function named(last, x, clip, text) {
  const at = x.at(last.epoch);
  const isLeft = at < WIDTH / 2;
  const kind = `tick strong ${isLeft ? "" : "end"}`;
  return s("text", { class: kind, x: isLeft ? at + 9 : at, y: Math.max(TOP + 8, clip(last.score) - (isLeft ? -4 : 10)) }, text);
}
