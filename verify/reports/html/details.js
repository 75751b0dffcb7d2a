
/** A property once it is opened: the counterexample as a drawing, the evidence, and the manifests' text. */

const MOST_LINES = 12;
const MOST_TEXTS = 4;

/** Fills in a property's details, once. */
function drawDetails(details) {
  const body = details.querySelector(".body");
  if (body.dataset.drawn) return;
  body.dataset.drawn = "yes";
  const drawn = data("drawings")[Number(details.dataset.number)];
  body.querySelector(".plain").remove();
  const texts = make("div", { class: "texts" });
  const show = (place) => lookUp(texts, place);
  body.append(
    ...drawn.leads.map((text) => make("p", { class: "lead" }, text)),
    ...(drawn.example ? [flow(drawn.example, show)] : []),
    ...changed(drawn, show),
    ...because(drawn, show),
    ...stands(drawn),
    ...(drawn.openWorld ? [make("p", {}, `In the open world: ${drawn.openWorld}`)] : []),
    ...drawn.notices.map((text) => make("p", {}, `Notice: ${text}`)),
    facts(drawn.facts, "facts"),
  );
  const shown = marked([...drawn.causes, ...drawn.because].map((number) => data("evidence")[number]));
  if (shown.length > 0) body.append(gradually(texts, shown, MOST_TEXTS, manifest, "policies"));
  if (drawn.reproduce.length > 0) body.append(reproduce(drawn.reproduce));
}

function facts(pairs, name) {
  return make("dl", { class: name }, pairs.flatMap(([term, value]) => [make("dt", {}, term), make("dd", {}, value)]));
}

/** A text that may break behind its slashes. */
function breakable(text) {
  return text.split(/(?<=\/)/).flatMap((part, index) => (index > 0 ? [make("wbr"), part] : [part]));
}

/** Source, what governs its egress, the port, what governs the ingress, destination. */
function flow(example, show) {
  const leaves = example.egress.open !== false;
  const enters = leaves && example.ingress.open !== false;
  const what = example.allowed ? "allowed" : "blocked";
  return make("div", { class: "flow", role: "group", "aria-label": example.sentence },
    end("from", example.source), wire(false),
    gate("egress", example.egress, show), wire(!leaves, example.port, what),
    gate("ingress", example.ingress, show), wire(!enters),
    end("to", example.destination));
}

function end(role, card) {
  const made = make("div", { class: card.declared ? "end" : "end hypothetical" },
    make("small", {}, role), make("b", {}, breakable(card.title)), make("small", {}, card.what));
  if (card.rows.length > 0) made.append(facts(card.rows, ""));
  return made;
}

function wire(isCut, port = "", what = "") {
  const made = make("div", { class: `wire${port ? " port" : ""}${isCut ? " cut" : ""}`, "aria-hidden": !port });
  if (port) made.append(make("span", {}, port), make("small", {}, what));
  return made;
}

function gate(direction, found, show) {
  const state = found.open === null ? "" : found.open ? "open" : "closed";
  const lines = found.lines.map((number) => data("evidence")[number]);
  const said = lines.length > 0 ? "" : found.open === null ? "does not matter here" : "no policy governs it";
  const list = make("ul");
  gradually(list, lines, MOST_LINES, (line) => evidenceLine(line, show, `${direction}: `), "lines");
  return make("div", { class: `gate ${state}` }, make("b", {}, state ? `${direction}: ${state}` : direction),
    said ? make("small", {}, said) : list);
}

/** A line of evidence with its place, which leads to the manifest's text. */
function evidenceLine(line, show, prefix = "") {
  const [text, , place, number] = line;
  const shown = text.replace(prefix, "");
  const made = make("li", {}, breakable(shown));
  if (place) {
    made.append(" ", number === null ? make("span", { class: "place" }, breakable(place))
      : button(breakable(place), () => show(line), { class: "place" }));
  }
  return made;
}

function changed(drawn, show) {
  if (drawn.causes.length === 0) return [];
  const list = make("ul", { class: "lines" });
  gradually(list, drawn.causes, MOST_LINES, (number) => evidenceLine(data("evidence")[number], show), "changes");
  return [make("h3", {}, "Changed lines"), list];
}

function because(drawn, show) {
  const notes = (drawn.example?.notes ?? []).map((text) => make("p", { class: "quiet" }, text));
  if (drawn.because.length === 0 || (drawn.example && !drawn.proves && drawn.causes.length === 0)) return notes;
  const list = make("ul", { class: "lines" });
  gradually(list, drawn.because, MOST_LINES, (number) => evidenceLine(data("evidence")[number], show), "lines");
  return [make("h3", {}, drawn.proves ? "Proved because" : "Because"), list, ...notes];
}

function stands(drawn) {
  if (drawn.classes.length > 0) {
    const list = make("ul", { class: "lines" });
    gradually(list, drawn.classes, MOST_LINES, (text) => make("li", {}, text), "classes");
    const all = drawn.complete ? "no counterexample is outside them" : "there are more";
    return [make("h3", {}, `All classes of counterexamples (${drawn.classes.length}; ${all})`), list];
  }
  return drawn.class ? [make("p", {}, make("b", {}, "Stands for "), drawn.class)] : [];
}

function reproduce(lines) {
  return make("details", {}, make("summary", {}, "Reproduce it on a test cluster"), make("pre", {}, lines.join("\n")));
}

/** The texts that lines of evidence name, each once, with all their marks. */
function marked(lines) {
  const found = new Map();
  for (const [, note, , number, first, last] of lines) {
    if (number === null) continue;
    if (!found.has(number)) found.set(number, { number, marks: [] });
    found.get(number).marks.push({ note, first, last });
  }
  return [...found.values()];
}

/** The text of an object with marked lines. */
function manifest({ number, marks }) {
  const text = data("texts")[number];
  const notes = new Map();
  for (const { note, first, last } of marks) {
    for (let line = first; line <= last; line += 1) notes.set(line, notes.get(line) ?? new Set());
    if (note) notes.get(first).add(note);
  }
  const lines = text.lines.map((line, index) => {
    const number = make("span", { class: "no", "aria-hidden": "true" }, String(text.first + index));
    const row = notes.get(index);
    if (!row) return make("div", {}, number, line);
    const note = row.size > 0 ? make("em", {}, `← ${[...row].join(", ")}`) : null;
    return make("div", { class: "marked" }, number, make("mark", {}, line), note);
  });
  const code = make("div", { class: "code", tabindex: "0", role: "region", "aria-label": text.title }, lines);
  const made = make("figure", { class: "text", "data-text": number },
    make("figcaption", {}, make("b", {}, text.title), " ", make("span", { class: "place" }, `${text.file}:${text.first}`)), code);
  requestAnimationFrame(() => {
    const first = code.querySelector(".marked");
    if (first) code.scrollTop = Math.max(0, first.offsetTop - 60);
  });
  return made;
}

/** Shows the line of a place, making its text if it is not there yet. */
function lookUp(texts, line) {
  const [, , , number, first] = line;
  let shown = texts.querySelector(`[data-text="${number}"]`);
  if (!shown) {
    shown = manifest(marked([line])[0]);
    texts.append(shown);
  }
  const code = shown.querySelector(".code");
  code.querySelectorAll(".looked-up").forEach((each) => each.classList.remove("looked-up"));
  const row = code.children[first];
  row.classList.add("looked-up");
  shown.scrollIntoView({ block: "nearest" });
  code.scrollTop = Math.max(0, row.offsetTop - 60);
  code.focus({ preventScroll: true });
}
