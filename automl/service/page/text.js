// Numbers, times and sizes as people read them.

const SHARES = new Set(["accuracy", "balanced_accuracy", "f1", "f1_macro", "auc", "roc_auc"]);

export const KINDS = { table: "a table", arrays: "arrays", pictures: "pictures" };

export const TASKS = {
  binary: "two classes", multiclass: "several classes", regression: "a number", forecast: "a forecast",
};

export function score(metric, value) {
  if (value === null || value === undefined) return "–";
  if (typeof value !== "number") return String(value);
  if (SHARES.has(metric)) return `${(100 * value).toFixed(2)} %`;
  return number(value);
}

// Whole from 1,000 on, and with four significant digits below; powers only where nobody would
// count the zeros.
export function number(value) {
  if (typeof value !== "number") return String(value ?? "–");
  const size = Math.abs(value);
  if (size >= 1e15 || (size > 0 && size < 1e-4)) return value.toExponential(2).replace("e+", "e");
  return size >= 1000 || Number.isInteger(value)
    ? value.toLocaleString("en", { maximumFractionDigits: 0 })
    : value.toLocaleString("en", { maximumSignificantDigits: 4 });
}

// The same where there is little room: 1.5M.
export function short(value) {
  return Math.abs(value) < 1e5 ? number(value) : value.toLocaleString("en", { notation: "compact", maximumFractionDigits: 1 });
}

export function duration(seconds) {
  if (seconds === null || seconds === undefined || !isFinite(seconds)) return "–";
  if (seconds > 0 && seconds < 1) return `${Math.max(0.1, seconds).toFixed(1)} s`;
  const whole = Math.max(0, Math.round(seconds));
  const both = (one, unit, other, part) => (other ? `${one} ${unit} ${other} ${part}` : `${one} ${unit}`);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return both(Math.floor(whole / 60), "min", whole % 60, "s");
  return both(Math.floor(whole / 3600), "h", Math.floor((whole % 3600) / 60), "min");
}

export function size(bytes) {
  for (const [unit, scale] of [["GB", 1e9], ["MB", 1e6], ["kB", 1e3]])
    if (bytes >= scale) return `${(bytes / scale).toFixed(1)} ${unit}`;
  return `${bytes} bytes`;
}

export function when(seconds) {
  return new Date(1000 * seconds).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
}

export function plural(count, one, many) {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many || one + "s"}`;
}

// A name that the service takes, from that of a file.
export function nameOf(file) {
  const stem = file.replace(/^.*[/\\]/, "").replace(/^\.+/, "").split(".")[0];
  return stem.replace(/[^A-Za-z0-9_-]+/g, "-").replace(/^[-_]+|[-_]+$/g, "").slice(0, 100) || "data";
}
