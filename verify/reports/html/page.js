"use strict";

/** The list of properties: filters, details drawn when they are opened, printing. */

const parsed = {};

/** A part of the page's data, read when it is first needed. */
function data(name) {
  parsed[name] ??= JSON.parse(document.getElementById(`data-${name}`).textContent);
  return parsed[name];
}

/** An element with attributes and children; strings become text, never markup. */
function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== ""));
  return made;
}

/** A button that does something, with a text or several children. */
function button(text, act, attributes = {}) {
  const made = make("button", { type: "button", ...attributes }, ...[text].flat());
  made.addEventListener("click", () => act(made));
  return made;
}

/** The first of many elements, and a button for the others, which are made when they are wanted. */
function gradually(parent, items, most, create, what) {
  const next = (from) => {
    parent.append(...items.slice(from, from + most).map(create));
    const left = items.length - from - most;
    if (left <= 0) return;
    const number = Math.min(left, most);
    const holder = make(parent.matches("ul, ol") ? "li" : "div");
    const more = button(`show ${number} more of ${left} ${what}`, () => {
      holder.remove();
      next(from + most);
    }, { class: "more" });
    holder.append(more);
    parent.append(holder);
  };
  next(0);
  return parent;
}

const form = document.getElementById("filters");
const rows = [...document.querySelectorAll(".row")];
const words = new Map();

/** Everything that a property's row may be found by, in small letters. */
function findable(row) {
  if (!words.has(row)) {
    const drawn = data("drawings")[Number(row.querySelector("details").dataset.number)];
    const evidence = [...drawn.because, ...drawn.causes].map((number) => data("evidence")[number]);
    const texts = [row.textContent, ...evidence.map((line) => `${line[0]} ${line[2]}`), ...drawn.facts.flat()];
    words.set(row, texts.join("\n").toLowerCase());
  }
  return words.get(row);
}

function filter() {
  const wanted = new Set([...form.querySelectorAll("[name=status]:checked")].map((box) => box.value));
  const severity = form.elements.severity.value;
  const typed = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const row of rows) {
    const fits = wanted.has(row.dataset.status) && (!severity || row.dataset.severity === severity) &&
      typed.every((word) => findable(row).includes(word));
    row.hidden = !fits;
    shown += fits ? 1 : 0;
  }
  document.getElementById("shown").textContent = `${shown} of ${rows.length} shown`;
  document.getElementById("none").hidden = shown > 0 || rows.length === 0;
}

/** Opens the property that the address names after its #. */
function openNamed() {
  let name = location.hash.slice(1);
  try {
    name = decodeURIComponent(name);
  } catch {
    return;
  }
  const row = rows.find((each) => each.querySelector(".name").textContent === name);
  if (!row) return;
  row.hidden = false;
  row.querySelector("details").open = true;
  row.scrollIntoView();
}

function startList() {
  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  const list = document.querySelector(".rows");
  list.addEventListener("toggle", ({ target }) => target.open && target.matches("[data-number]") && drawDetails(target), true);
  list.querySelectorAll("details[open]").forEach(drawDetails);
  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input, select, textarea");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    form.elements.text.focus();
  });
  filter();
  openNamed();
  window.addEventListener("hashchange", openNamed);
}

const MOST_PRINTED = 30;

/** What fails is printed with its details, whatever lies open on the screen. */
function startPrinting() {
  let opened = [];
  window.addEventListener("beforeprint", () => {
    const grave = rows.filter((row) => !row.hidden && ["fail", "unknown"].includes(row.dataset.status));
    opened = grave.map((row) => row.querySelector("details")).filter((each) => !each.open).slice(0, MOST_PRINTED);
    for (const details of opened) {
      drawDetails(details);
      details.open = true;
    }
  });
  window.addEventListener("afterprint", () => {
    for (const details of opened) details.open = false;
  });
}

document.addEventListener("DOMContentLoaded", () => {
  startList();
  startPrinting();
  startPicture();
});
