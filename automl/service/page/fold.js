// What the events of a search add up to.

export function emptyStory() {
  return {
    plan: null, phase: null, state: null, best: null, error: null, verdict: null, test: null,
    trials: new Map(), curves: new Map(), baselines: new Map(), notes: [],
    spent: 0, since: null,
  };
}

const ENDS = new Set(["paused", "cancelled", "finished", "failed"]);

export function fold(story, name, data) {
  switch (name) {
    case "started":
      story.since = data.at;
      story.state = "running";
      story.error = null;
      break;
    case "plan":
      story.plan = data;
      break;
    case "phase":
      story.phase = data.name;
      break;
    case "epochs":
      for (const one of data.epochs) {
        if (!story.curves.has(one.trial)) story.curves.set(one.trial, []);
        const curve = story.curves.get(one.trial);
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
  if (ENDS.has(name)) {
    if (story.since !== null) story.spent += data.at - story.since;
    story.since = null;
    story.state = name;
    story.error = data.error || null;
    if (data.verdict) story.verdict = data.verdict;
    if (data.score !== undefined && data.score !== null) story.test = data.score;
  }
  return story;
}

// Seconds of searching so far: pauses do not count.
export function elapsed(story, now) {
  return story.spent + (story.since === null ? 0 : Math.max(0, now - story.since));
}

export function isBetter(story, one, other) {
  return story.plan && story.plan.direction === "minimize" ? one < other : one > other;
}

// The trials that have a score, by number, each with the best one up to it. A trial that was
// stopped early is not compared: its score is of fewer epochs or folds.
export function history(story) {
  const scored = [...story.trials.values()].filter((one) => typeof one.score === "number");
  scored.sort((a, b) => a.number - b.number);
  let best = null;
  return scored.map((one) => {
    const counts = one.status === "complete";
    if (counts && (best === null || isBetter(story, one.score, best))) best = one.score;
    return { ...one, best };
  });
}
