"use strict";
const search = document.getElementById("search");
const boxes = [...document.querySelectorAll(".filter [type=checkbox]")];
const parts = [...document.querySelectorAll(".part")];
const text = (element) => element.textContent.toLowerCase();
let index; // of every card's text, made when somebody first asks: a third of the time that a large page takes to open
const made = () => [...document.querySelectorAll("article")].map((card) => ({
  card,
  kinds: card.dataset.kinds.split(" "),
  text: card.dataset.id ? text(card) : text(card.querySelector("h3")) + text(card.querySelector("dl")),
  list: card.querySelector(".members"),
  members: card.dataset.id
    ? [{ id: card.dataset.id, text: "" }]
    : [...card.querySelectorAll(".members li")].map((line) => ({ line, id: String(parseInt(line.textContent)), text: text(line) })),
}));

function filter() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = boxes.filter((box) => box.checked).map((box) => box.value);
  const shown = new Set();
  index ??= made();
  for (const { card, kinds, text, list, members } of index) {
    const kind = wanted.length === 0 || wanted.some((one) => kinds.includes(one));
    const left = words.filter((word) => !text.includes(word));
    let hits = 0;
    for (const { line, id, text } of members) {
      const hit = kind && left.every((word) => text.includes(word));
      if (line) line.hidden = !hit;
      if (hit) shown.add(id);
      hits += hit;
    }
    card.hidden = hits === 0;
    if (list) list.open = left.length > 0 && hits > 0;
  }
  for (const part of parts) part.hidden = !part.querySelector("article:not([hidden])");
  document.getElementById("shown").textContent = shown.size.toLocaleString("en");
  document.getElementById("none").hidden = shown.size > 0;
}

search.addEventListener("input", filter);
boxes.forEach((box) => box.addEventListener("change", filter));
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && event.target !== search && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    search.focus();
  }
});
const folded = () => document.querySelectorAll("details:not([open])");
window.addEventListener("beforeprint", () => folded().forEach((one) => one.setAttribute("open", "print")));
window.addEventListener("afterprint", () =>
  document.querySelectorAll('details[open="print"]').forEach((one) => one.removeAttribute("open")),
);
document.querySelector(".filter").hidden = false;
if (search.value || boxes.some((box) => box.checked)) filter(); // a browser that reloads the page fills in what was typed before
