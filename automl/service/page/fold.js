// What the events of a search add up to.

export function emptyStory() {
  return {
    plan: null, phase: null, state: null, best: null, error: null, verdict: null, test: null,
    trials: new Map(), curves: new Map(), baselines: new Map(), notes: [],
    planned: null, last: 0, stretch: null, seconds: { starting: 0, searching: 0, finishing: 0 },
  };
}

const ENDS = new Set(["paused", "cancelled", "finished", "failed"]);

// The phases that the time of a search is for; what comes after them is finishing.
const SEARCHING = new Set(["trials", "finalists"]);

function turn(story, kind, at) {
  if (story.stretch && story.stretch.kind === kind) return;
  if (story.stretch) story.seconds[story.stretch.kind] += Math.max(0, at - story.stretch.since);
  story.stretch = kind && { kind, since: at };
}

export function fold(story, name, data) {
  switch (name) {
    case "queued":
      turn(story, null, story.last); // its process was killed perhaps, and said nothing
      break;
    case "started":
      turn(story, "starting", data.at);
      story.state = "running";
      story.phase = null;
      story.error = null;
      break;
    case "plan":
      turn(story, "searching", data.at);
      story.plan = data;
      story.planned = { before: story.seconds.searching, trials: story.trials.size };
      break;
    case "phase":
      turn(story, SEARCHING.has(data.name) ? "searching" : "finishing", data.at);
      story.phase = data.name;
      break;
    case "epochs":
      for (const one of data.epochs) {
        // A finalist's run is a training of its own beside the trial's.
        const name = one.run === undefined ? String(one.trial) : `${one.trial}, run ${one.run}`;
        if (!story.curves.has(name)) story.curves.set(name, []);
        const curve = story.curves.get(name);
        while (curve.length && curve[curve.length - 1].epoch >= one.epoch) curve.pop();
        curve.push(one);
      }
      break;
    case "trial":
      story.trials.set(data.number, data);
      break;
    case "best":
      story.best = data;
      break;
    case "baseline":
      story.baselines.set(data.name, data);
      break;
    case "note":
      story.notes.push(data.text);
      break;
  }
  story.last = data.at;
  if (ENDS.has(name)) {
    turn(story, null, data.at);
    story.state = name;
    story.error = data.error || null;
    if (data.verdict) story.verdict = data.verdict;
    if (data.score !== undefined && data.score !== null) story.test = data.score;
  }
  return story;
}

// Seconds of a kind so far: pauses do not count.
export function elapsed(story, kind, now) {
  const open = story.stretch && story.stretch.kind === kind ? now - story.stretch.since : 0;
  return story.seconds[kind] + Math.max(0, open);
}

// How far the searching is, from 0 to 1, and the seconds that are left of it; null where nothing
// tells. The time counts from the beginning of this run, the trials of all runs together.
export function progressOf(story, now) {
  if (!story.plan) return { share: null, left: null };
  const { trials, time_budget: budget } = story.plan;
  const spent = elapsed(story, "searching", now);
  const done = story.trials.size;
  const found = [];
  if (budget) {
    const all = story.planned.before + budget;
    found.push({ share: spent / all, left: all - spent });
  }
  if (trials) {
    const mine = done - story.planned.trials;
    const each = mine > 1 ? (spent - story.planned.before) / mine : null;
    found.push({ share: done / trials, left: each === null ? null : each * Math.max(0, trials - done) });
  }
  const share = found.length ? Math.min(1, Math.max(...found.map((one) => one.share))) : null;
  const lefts = found.map((one) => one.left).filter((one) => one !== null);
  return { share, left: lefts.length ? Math.max(0, Math.min(...lefts)) : null };
}

export function isBetter(story, one, other) {
  return story.plan && story.plan.direction === "minimize" ? one < other : one > other;
}

// A trial that was stopped early is not compared: its score is of fewer epochs or folds.
export function isWhole(story, one) {
  const short = story.plan && story.plan.unit === "fold" && one.epochs < story.plan.max_epochs;
  return one.status === "complete" && typeof one.score === "number" && !short;
}

// The trials that have a score, by number, each with the best one up to it.
export function history(story) {
  const scored = [...story.trials.values()].filter((one) => typeof one.score === "number");
  scored.sort((a, b) => a.number - b.number);
  let best = null;
  return scored.map((one) => {
    const counts = isWhole(story, one);
    if (counts && (best === null || isBetter(story, one.score, best))) best = one.score;
    return { ...one, counts, best };
  });
}

// The best trial so far; while none has come to its end, what the search calls so.
export function bestOf(story) {
  const past = history(story);
  const best = past.length ? past[past.length - 1].best : null;
  return best === null ? story.best : past.find((one) => one.counts && one.score === best);
}
