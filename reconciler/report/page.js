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
  const kinds = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
  let shown = 0;
  for (const { card, kinds: own, text } of cards) {
    const hit = own.some((kind) => kinds.has(kind)) && words.every((word) => text.includes(word));
    card.hidden = !hit;
    shown += hit;
  }
  document.getElementById("shown").textContent = shown;
}

search.addEventListener("input", filter);
boxes.forEach((box) => box.addEventListener("change", filter));
