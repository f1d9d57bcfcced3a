"use strict";
(() => {
  const figures = JSON.parse(document.getElementById("charts").textContent);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const themes = {
    light: { ink: "#1d2127", line: "#dfe3e8", raised: "#ffffff", map: [[0, "#f1f5fa"], [1, "#2f74c0"]] },
    dark: { ink: "#e7eaee", line: "#323943", raised: "#1d2128", map: [[0, "#1b222c"], [1, "#4a93e0"]] },
  };
  // A page of A4 or Letter without its margins, in CSS pixels.
  const PAPER_WIDTH = 660;

  function colours(layout, theme) {
    const found = {
      "font.color": theme.ink,
      "font.family": "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
      "font.size": 13,
      "hoverlabel.bgcolor": theme.raised,
      "hoverlabel.bordercolor": theme.line,
      "hoverlabel.font.color": theme.ink,
    };
    for (const axis of Object.keys(layout).filter((key) => /^[xy]axis\d*$/.test(key))) {
      found[`${axis}.gridcolor`] = theme.line;
      found[`${axis}.linecolor`] = theme.line;
    }
    return found;
  }

  function merged(layout, changes) {
    const copy = structuredClone(layout);
    for (const [path, value] of Object.entries(changes)) {
      const keys = path.split(".");
      const last = keys.pop();
      let here = copy;
      for (const key of keys) here = here[key] ??= {};
      here[last] = value;
    }
    return copy;
  }

  // Places of the traces that are coloured from the page's own colour to blue.
  const maps = (data) =>
    data.flatMap((trace, i) => (["heatmap", "contour"].includes(trace.type) ? [i] : []));

  const intervals = (data) => data.flatMap((trace, i) => (trace.error_x ? [i] : []));

  const charts = [...document.querySelectorAll("[data-chart]")];
  const now = () => (dark.matches ? themes.dark : themes.light);

  for (const place of charts) {
    const { data, layout } = figures[place.dataset.chart];
    const options = { displayModeBar: false, responsive: true, displaylogo: false };
    maps(data).forEach((trace) => (data[trace].colorscale = now().map));
    intervals(data).forEach((trace) => (data[trace].error_x.color = now().ink));
    Plotly.newPlot(place, data, merged(layout, colours(layout, now())), options);
  }

  function restyle(more) {
    for (const place of charts) {
      const { data, layout } = figures[place.dataset.chart];
      const found = maps(data);
      if (found.length) Plotly.restyle(place, { colorscale: [more.theme.map] }, found);
      const bars = intervals(data);
      if (bars.length) Plotly.restyle(place, { "error_x.color": more.theme.ink }, bars);
      Plotly.relayout(place, { ...colours(layout, more.theme), ...more.size });
    }
  }

  dark.addEventListener("change", () => restyle({ theme: now(), size: {} }));
  addEventListener("beforeprint", () =>
    restyle({ theme: themes.light, size: { width: PAPER_WIDTH, autosize: false } }));
  addEventListener("afterprint", () =>
    restyle({ theme: now(), size: { width: null, autosize: true } }));
})();
