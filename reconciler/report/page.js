"use strict";
const search = document.getElementById("search");
const boxes = [...document.querySelectorAll(".filter [type=checkbox]")];
const cards = [...document.querySelectorAll("article")].map((card) => ({
  card,
  kinds: card.dataset.kinds.split(" "),
  text: card.textContent.toLowerCase(),
}));

function filter() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = boxes.filter((box) => box.checked).map((box) => box.value);
  let shown = 0;
  for (const { card, kinds, text } of cards) {
    const kind = wanted.length === 0 || wanted.some((one) => kinds.includes(one));
    const hit = kind && words.every((word) => text.includes(word));
    card.hidden = !hit;
    shown += hit;
  }
  document.getElementById("shown").textContent = shown.toLocaleString("en");
  document.getElementById("none").hidden = shown > 0;
}

search.addEventListener("input", filter);
boxes.forEach((box) => box.addEventListener("change", filter));
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && event.target !== search && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    search.focus();
  }
});
document.querySelector(".filter").hidden = false;
filter(); // a browser that reloads the page fills in what was typed before
