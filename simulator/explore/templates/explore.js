"use strict";
// What a page shows is a function of where its controls stand: `answer` works it out from the draws,
// as simulator/explore/answer.py does, and `show` writes it where the page says what belongs there.

const data = JSON.parse(document.getElementById("data").textContent);
const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const replicate = bytes(data.replicate);
const D = data.draws;
const P = data.plans.length;
const outcomes = {}; // name -> Float64Array of every plan, shape (D,)
for (const [name, { step, codes }] of Object.entries(data.columns)) {
  const all = Float64Array.from(new Uint16Array(bytes(codes).buffer), (code) => code * step);
  outcomes[name] = data.plans.map((_, plan) => all.subarray(plan * D, (plan + 1) * D));
}
const survival = {};
for (const name of Object.keys(data.ages)) {
  const rest = (values) => values.map((value) => 1 - value);
  survival[name] = name.includes("collapse") ? outcomes[name].map(rest) : outcomes[name];
}
for (const control of data.controls) control.codes = bytes(control.codes);
const state = { ...data.setting, stops: data.controls.map((control) => control.start) };

// --- Arithmetic; rows are numbers of draws ---

/** Whether a draw is kept at a stop of a control. */
function holding(control, stop) {
  const { codes } = control, [first, last] = control.stops[stop].keep;
  return stop === control.start ? () => true : (row) => codes[row] >= first && codes[row] <= last;
}

function kish(weights) {
  let sum = 0, squares = 0;
  for (const weight of weights) { sum += weight; squares += weight * weight; }
  return squares ? sum * sum / squares : 0;
}

/** What each replicate gives, and its number of draws. */
function byReplicate(rows, statistic) {
  const parts = new Map();
  for (const row of rows) {
    if (!parts.has(replicate[row])) parts.set(replicate[row], []);
    parts.get(replicate[row]).push(row);
  }
  return [...parts.values()].map((part) => [part.length, statistic(part)]);
}

function replicateError(parts) {
  const R = parts.length;
  if (R < 2) return null;
  const total = parts.reduce((sum, [count]) => sum + count, 0);
  const centre = parts.reduce((sum, [count, found]) => sum + count / total * found, 0);
  const squares = parts.reduce((sum, [count, found]) => sum + (count / total * (found - centre)) ** 2, 0);
  const error = Math.sqrt(squares * R / (R - 1));
  return Number.isFinite(error) ? error : null;
}

function average(values, rows) {
  let sum = 0;
  for (const row of rows) sum += values[row];
  return sum / rows.length;
}

const mean = (values, rows) => {
  const value = average(values, rows);
  const counts = new Float64Array(data.student.length), sums = new Float64Array(data.student.length);
  for (const row of rows) { counts[replicate[row]] += 1; sums[replicate[row]] += values[row]; }
  const parts = [];
  counts.forEach((count, r) => { if (count) parts.push([count, sums[r] / count]); });
  return { value, mcse: replicateError(parts), low: null, high: null };
};

/** Move the k-th smallest of some values to place k, no greater ones before it (Hoare 1961). */
function select(values, k) {
  let left = 0, right = values.length - 1;
  while (left < right) {
    const pivot = values[k];
    let i = left, j = right;
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i <= j) { const one = values[i]; values[i++] = values[j]; values[j--] = one; }
    }
    if (j < k) left = i;
    if (k < i) right = j;
  }
  return values[k];
}

function percentile(values, share) {
  const at = share * (values.length - 1);
  const below = Math.floor(at), part = at - below;
  const low = select(values, below);
  if (part === 0) return low;
  let above = Infinity;
  for (let i = below + 1; i < values.length; i++) above = Math.min(above, values[i]);
  return low + part * (above - low);
}

function estimate(values, rows, ranged = true) {
  const inside = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) inside[i] = values[rows[i]];
  const ends = { low: percentile(inside, 0.05), high: percentile(inside, 0.95) };
  return { ...mean(values, rows), ...(ranged || ends.low === ends.high ? ends : {}) };
}

function ratio(top, bottom, rows) {
  const of = (part) => average(top, part) / average(bottom, part);
  const value = of(rows);
  const mcse = replicateError(byReplicate(rows, of));
  return { value: Number.isFinite(value) ? value : null, mcse, low: null, high: null };
}

const difference = (name, plan, other) => {
  const above = outcomes[name][plan], below = outcomes[name][other];
  return above.map((value, row) => value - below[row]);
};

function ofPlan(plan, rows) {
  const found = { survival: Object.values(survival).map((values) => estimate(values[plan], rows)) };
  for (const name of ["p_collapse_within_2y", "p_holds_20y", "p_holds_30y"]) {
    if (name in outcomes) found[name] = estimate(outcomes[name][plan], rows);
  }
  for (const name of ["peak_troops", "cost_gbp"])
    found[name] = estimate(outcomes[name][plan], rows, data.ranged);
  found.deployed = ratio(outcomes.troop_years[plan], outcomes.rmst_years[plan], rows);
  return found;
}

/** Share of the variance of some values that goes with the codes of a control, less what chance would. */
function share(values, codes, rows) {
  const groups = new Map();
  const centre = average(values, rows);
  let whole = 0, within = 0;
  for (const row of rows) {
    if (!groups.has(codes[row])) groups.set(codes[row], []);
    groups.get(codes[row]).push(row);
    whole += (values[row] - centre) ** 2;
  }
  for (const group of groups.values()) {
    const own = average(values, group);
    for (const row of group) within += (values[row] - own) ** 2;
  }
  if (!whole || groups.size === rows.length) return 0;
  return (whole - within - (groups.size - 1) * within / (rows.length - groups.size)) / whole;
}

/** The control with which most of the variance of a difference goes, if its ends differ clearly. */
function reason(ahead, rows) {
  let found = null;
  data.controls.forEach((control, number) => {
    const parts = [];
    for (const stop of control.ends) {
      const here = rows.filter(holding(control, stop));
      if (here.length < data.fewest) continue;
      const { value, mcse } = mean(ahead, here);
      parts.push({ stop, value, mcse });
    }
    if (parts.length < 2) return;
    const low = parts.reduce((one, part) => part.value < one.value ? part : one);
    const high = parts.reduce((one, part) => part.value > one.value ? part : one);
    const moved = high.value - low.value;
    const clear = moved > data.clear * Math.hypot(high.mcse, low.mcse);
    if (!clear) return;
    const one = share(ahead, control.codes, rows);
    if (!found || one > found.share.value)
      found = { control: number, share: { value: one, mcse: null, low: null, high: null }, low, high };
  });
  return found;
}

/** Which of the lines `slope v + level` are highest at some v >= 0, in the order of v. */
function envelope(slope, level) {
  const plans = slope.map((_, i) => i);
  const first = (i, j) => level[j] - level[i] || slope[j] - slope[i] || i - j;
  const on = [plans.toSorted(first)[0]];
  for (;;) {
    const last = on.at(-1);
    const cross = (i) => (level[last] - level[i]) / (slope[i] - slope[last]);
    const steeper = plans.filter((i) => slope[i] > slope[last]);
    if (!steeper.length) return on;
    on.push(steeper.toSorted((i, j) => cross(i) - cross(j) || slope[j] - slope[i] || i - j)[0]);
  }
}

/** Where two plans are equally good, from what one costs and holds more, with its 95 % interval. */
function change(dearer, more, rows) {
  const a = average(dearer, rows), b = average(more, rows);
  const value = a / b;
  const { mcse } = mean(dearer.map((dear, row) => (dear - value * more[row]) / b), rows);
  const nothing = { value, mcse, low: null, high: null };
  const parts = byReplicate(rows, (part) => [average(dearer, part), average(more, part)]);
  const R = parts.length;
  if (R < 2) return nothing;
  const centre = [0, 1].map((k) => parts.reduce((sum, [, pair]) => sum + pair[k], 0) / R);
  const spread = data.student[R] ** 2 / (R - 1) / R;
  const cov = (j, k) => spread * parts.reduce(
    (sum, [, pair]) => sum + (pair[j] - centre[j]) * (pair[k] - centre[k]), 0);
  const square = b * b - cov(1, 1), half = a * b - cov(0, 1), rest = a * a - cov(0, 0);
  const root = half * half - square * rest;
  if (square <= 0 || root < 0) return nothing;
  return { ...nothing, low: (half - Math.sqrt(root)) / square, high: (half + Math.sqrt(root)) / square };
}

/** Which plan is worth most where peace is worth this, and where it changes. */
function best(worth, rows) {
  const peace = outcomes.p_holds_20y, cost = outcomes.cost_gbp;
  const worths = peace.map((held, plan) => held.map((p, row) => 1e9 * worth * p - cost[plan][row]));
  const means = worths.map((values) => average(values, rows));
  const [plan, second] = means.map((_, i) => i).toSorted((i, j) => means[j] - means[i] || i - j);
  const share = new Float64Array(D);
  for (const row of rows) {
    let most = -Infinity, ties = 0;
    for (const values of worths) {
      if (values[row] > most) { most = values[row]; ties = 1; } else if (values[row] === most) ties += 1;
    }
    share[row] = worths[plan][row] === most ? 1 / ties : 0;
  }
  const on = envelope(peace.map((v) => average(v, rows)), cost.map((v) => -average(v, rows)));
  const steps = on.map((above, i) => [above, i === 0 ? null : change(
    difference("cost_gbp", above, on[i - 1]), difference("p_holds_20y", above, on[i - 1]), rows)]);
  const margin = mean(worths[plan].map((value, row) => value - worths[second][row]), rows);
  return { plan, second, margin, share: mean(share, rows), steps };
}

/** Share of each book once beliefs hold, as if these were independent within a book. */
function bookShares(kept) {
  const control = data.controls.find((one) => one.name === "book");
  if (!control) return {};
  const found = Object.keys(data.books).map((_, book) => {
    const of = [];
    for (let row = 0; row < D; row++) if (control.codes[row] === book) of.push(row);
    return kept.reduce((share, keeps) => share * of.filter(keeps).length / of.length, of.length / D);
  });
  const total = found.reduce((sum, share) => sum + share, 0);
  return Object.fromEntries(Object.keys(data.books).map((book, i) => [book, total ? found[i] / total : 0]));
}

function answer(setting) {
  const kept = data.controls.map((control, i) => holding(control, setting.stops[i]));
  const books = bookShares(kept.filter((_, i) => setting.stops[i] !== data.controls[i].start));
  const weights = new Float64Array(D);
  const rows = [];
  for (let row = 0; row < D; row++) {
    if (kept.every((keeps) => keeps(row))) {
      weights[row] = 1;
      rows.push(row);
    }
  }
  const effective = kish(weights);
  if (effective < data.fewest) return { effective, books, enough: false };
  const [plan, other] = [setting.plan, setting.reference].map(
    (name) => data.plans.findIndex((one) => one.name === name));
  const found = { effective, books, enough: true, plan: ofPlan(plan, rows), reference: ofPlan(other, rows) };
  found.difference = {};
  for (const name of ["p_collapse_within_2y", "p_holds_20y", "p_holds_30y", "peak_troops", "cost_gbp"]) {
    if (name in outcomes)
      found.difference[name] = estimate(difference(name, plan, other), rows, data.ranged);
  }
  found.reason = reason(difference("p_holds_20y", plan, other), rows);
  found.best = best(setting.worth, rows);
  return found;
}

// --- Words and drawings, as simulator/explore/page.py has them ---

function fixed(value, places) {
  const scale = 10 ** -Math.min(places, 0);
  const number = scale * Math.round(value / scale);
  const shown = (places > 0 ? value : number).toFixed(Math.max(places, 0)).replace(/^-(?=[0.]*$)/, "");
  const [whole, rest] = shown.split(".");
  return whole.replace(/\B(?=(\d{3})+$)/g, ",") + (rest ? `.${rest}` : "");
}

function significant(value, count) {
  if (value === 0) return "0";
  const shown = fixed(value, count - 1 - Math.floor(Math.log10(Math.abs(value))));
  return shown.includes(".") ? shown.replace(/\.?0+$/, "") : shown;
}

function decimals(error) {
  const exponent = Math.floor(Math.log10(error));
  return -exponent + (error / 10 ** exponent < 1.95 ? 1 : 0);
}

function withError(value, mcse) {
  if (mcse === null) return significant(value, 2);
  if (mcse === 0) {
    const whole = value === Math.round(value);
    return fixed(value, whole ? 0 : Math.min(3 - Math.floor(Math.log10(Math.abs(value))), 6));
  }
  return fixed(value, Math.min(decimals(mcse), 6));
}

const errorText = (mcse) => fixed(mcse, Math.min(decimals(mcse), 6));

function text(found, path, form, part) {
  let one = found;
  for (const name of path.split(".")) one = one?.[name];
  if (one === undefined || one === null) return "–";
  const factor = data.factors[form];
  if (typeof one === "number") return fixed(one, 0);
  if (part === "range") {
    if (one.low === null || one.high === null) return "–";
    return `${significant(factor * one.low, 2)} to ${significant(factor * one.high, 2)}`;
  }
  if (one.value === null) return "–";
  const value = factor * (part === "size" ? Math.abs(one.value) : one.value);
  const mcse = one.mcse === null ? null : factor * one.mcse;
  return !mcse ? withError(value, mcse) : `${withError(value, mcse)}\u00a0±\u00a0${errorText(mcse)}`;
}

function shows(found) {
  if (!found.enough) return {};
  const ahead = found.difference.p_holds_20y;
  const apart = Math.abs(ahead.value) > 2 * ahead.mcse;
  return {
    more: apart && ahead.value > 0, less: apart && ahead.value < 0, same: !apart,
    reason: found.reason !== null,
  };
}

function names(found) {
  const planned = (name) => fixed(data.plans.find((one) => one.name === name).planned, 0);
  const named = {
    plan: state.plan, reference: state.reference, worth: `${state.worth}`,
    planned: planned(state.plan), planned_reference: planned(state.reference),
  };
  if (!found.enough) return named;
  named.best = data.plans[found.best.plan].name;
  named.second = data.plans[found.best.second].name;
  if (found.reason) {
    const control = data.controls[found.reason.control];
    named.reason = control.title;
    for (const end of ["low", "high"]) named[end] = control.stops[found.reason[end].stop].label;
  }
  return named;
}

function drawing(estimates) {
  const years = [0, ...Object.values(data.ages)];
  const points = (end) => [1, ...estimates.map((one) => one[end])].map(
    (share, i) => `${years[i].toFixed(2)} ${(100 * share).toFixed(2)}`);
  return {
    line: "M" + points("value").join("L"),
    marks: points("value").slice(1).map((point) => `M${point}h0`).join(""),
    range: "M" + [...points("high"), ...points("low").reverse()].join("L") + "Z",
  };
}

function strip(found) {
  const ends = [Math.log10(data.worths[0]), Math.log10(data.worths.at(-1))];
  const at = (value, otherwise) => value === null ? otherwise
    : Math.min(Math.max(Math.log10(Math.max(value / 1e9, 1e-9)), ends[0]), ends[1]);
  const steps = found.best.steps;
  const starts = steps.map(([, one]) => one ? at(one.value, ends[0]) : ends[0]);
  const stops = [...starts.slice(1), ends[1]];
  const ranks = starts.map((start, i) => {
    const [low, high] = [start.toFixed(4), stops[i].toFixed(4)];
    return `M${low} 0H${high}V1H${low}Z`;
  });
  const unsure = steps.filter(([, one]) => one).map(
    ([, one]) => `M${at(one.low, ends[0]).toFixed(4)} .5H${at(one.high, ends[1]).toFixed(4)}`);
  return { ranks, unsure: unsure.join(""),
    now: `M${at(1e9 * state.worth, ends[0]).toFixed(4)} 0V1` };
}

function command(template, said, books = template.books) {
  const parts = said.length ? template.before + said.join(template.between + template.before) : "";
  return (template.head + books + parts + template.tail).replace("{worth}", `${state.worth}`);
}

/** The command that simulates what is believed, under the shares that it leaves to the books. */
function simulate(shares, moved) {
  const left = Object.entries(shares).filter(([, share]) => share > 0);
  const said = moved.map((stop) => stop.setting).filter(Boolean);
  if (!left.length) return command(data.anew, said);
  if (!data.weigh) return command(data.anew, said, left.map(([book]) => ` --book ${book}`).join(""));
  const weights = left.map(([book, share]) => `${data.books[book]}: ${Number(share.toFixed(3))}`);
  return command(data.anew, [data.weigh[0] + weights.join(", ") + data.weigh[1], ...said]);
}

// --- The page ---

const all = (selector) => [...document.querySelectorAll(selector)];
const at = (id) => document.getElementById(id);
const write = (node, words) => { if (node.textContent !== words) node.textContent = words; };
const parts = { text: all("[data-path]"), name: all("[data-name]"), show: all("[data-show]"),
  draw: all("[data-draw]"), step: all("[data-step]"), strip: all("[data-rank]") };
let speaking, linking;

function show() {
  const found = answer(state);
  const held = shows(found), named = names(found);
  document.body.classList.toggle("few", !found.enough);
  at("few").hidden = found.enough;
  for (const node of parts.text) write(node, text(found, node.dataset.path, node.dataset.form, node.dataset.part));
  for (const node of parts.name) write(node, named[node.dataset.name] ?? "–");
  for (const node of parts.show) node.hidden = !held[node.dataset.show];
  const drawn = found.enough
    ? { plan: drawing(found.plan.survival), reference: drawing(found.reference.survival) } : {};
  for (const node of parts.draw) {
    const [who, part] = node.dataset.draw.split(".");
    node.setAttribute("d", drawn[who]?.[part] ?? "");
  }
  showBest(found.enough ? strip(found) : { ranks: [], unsure: "", now: "" }, found);
  const moved = data.controls.map((control, i) => control.stops[state.stops[i]]).filter((stop) => stop.given);
  write(at("again"), command(data.again, moved.map((stop) => stop.belief)));
  write(at("anew"), simulate(found.books, moved));
  write(at("believed"), moved.length ? moved.map((stop) => stop.given).join(", ") : "all as it was drawn");
  stand();
  clearTimeout(speaking);
  speaking = setTimeout(() => write(at("spoken"), at(found.enough ? "sentence" : "few").innerText), 500);
  clearTimeout(linking);
  linking = setTimeout(() => history.replaceState(null, "", link()), 150);
  at("link").setAttribute("href", link());
  return found;
}

function showBest(drawn, found) {
  for (const node of parts.strip) node.setAttribute("d", drawn.ranks[node.dataset.rank] ?? "");
  at("unsure").setAttribute("d", drawn.unsure);
  at("now").setAttribute("d", drawn.now);
  parts.step.forEach((node, rank) => {
    const [plan, one] = found.best?.steps[rank] ?? [null, null];
    node.hidden = plan === null;
    write(node.querySelector("b"), data.plans[plan]?.name ?? "");
    node.querySelector(".first").hidden = one !== null;
    node.querySelector(".change").hidden = one === null;
    write(node.querySelector(".value"), text({ one }, "one", "billion", "value"));
    write(node.querySelector(".between"), text({ one }, "one", "billion", "range"));
  });
}

/** Put every control where the setting is. */
function stand() {
  const plan = data.plans.find((one) => one.name === state.plan);
  write(at("plan-title"), plan.title);
  for (const input of all("[data-lever]")) {
    const lever = data.levers[input.dataset.lever];
    input.value = lever.labels.indexOf(plan.levers[lever.name]);
  }
  at("reference").value = state.reference;
  at("worth").value = data.worths.indexOf(state.worth);
  at("worth").setAttribute("aria-valuetext", `GBP ${state.worth} billion`);
  data.controls.forEach((control, i) => {
    const input = at(`c${i}`), stop = control.stops[state.stops[i]];
    input.value = state.stops[i];
    input.closest(".control").classList.toggle("moved", state.stops[i] !== control.start);
    if (control.kind !== "assumption") return;
    write(at(`o${i}`), stop.label);
    input.setAttribute("aria-valuetext", stop.label);
  });
}

function link() {
  const hash = new URLSearchParams({ plan: state.plan, reference: state.reference, worth: state.worth });
  data.controls.forEach((control, i) => {
    const given = control.stops[state.stops[i]].given;
    if (given) hash.append("given", given);
  });
  return `#${hash}`;
}

/** Take the setting of a link; what the page does not know is named. */
function follow() {
  const hash = new URLSearchParams(location.hash.slice(1));
  const unknown = [];
  Object.assign(state, data.setting, { stops: data.controls.map((control) => control.start) });
  for (const [name, value] of hash) {
    if ((name === "plan" || name === "reference") && data.plans.some((one) => one.name === value)) state[name] = value;
    else if (name === "worth" && data.worths.includes(Number(value))) state.worth = Number(value);
    else if (name !== "given" || !believe(value)) unknown.push(`${name}=${value}`);
  }
  at("unknown").hidden = !unknown.length;
  write(at("unknown"), `This page does not know: ${unknown.join(", ")}. The rest of the link holds.`);
}

function believe(given) {
  return data.controls.some((control, i) => {
    const stop = control.stops.findIndex((one) => one.given === given);
    if (given && stop >= 0) state.stops[i] = stop;
    return given && stop >= 0;
  });
}

/** The simulated plan that has this label of a lever and the most of the others in common. */
function pull(lever, label) {
  const now = data.plans.find((one) => one.name === state.plan).levers;
  const alike = (one) => data.levers.filter(({ name }) => one.levers[name] === now[name]).length;
  const having = data.plans.filter((one) => one.levers[lever.name] === label);
  state.plan = having.reduce((one, other) => alike(other) > alike(one) ? other : one).name;
}

addEventListener("input", ({ target }) => {
  const { lever, control } = target.dataset;
  if (lever !== undefined) pull(data.levers[lever], data.levers[lever].labels[target.value]);
  else if (control !== undefined) state.stops[control] = Number(target.value);
  else if (target.id === "reference") state.reference = target.value;
  else if (target.id === "worth") state.worth = data.worths[target.value];
  show();
});
at("reset").addEventListener("click", () => {
  state.stops = data.controls.map((control) => control.start);
  show();
});
addEventListener("hashchange", () => { follow(); show(); });
for (const node of all(".live")) node.hidden = false;
follow();
show();
