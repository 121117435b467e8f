// Draws a box over a page with the pointer; without it, two presses on the picture do the same.
"use strict";
for (const form of document.querySelectorAll("form.press")) {
  const picture = form.querySelector("input[type=image]");
  let start = null, drawn = null;
  const at = (event) => {
    const frame = picture.getBoundingClientRect();
    const scale = Number(form.dataset.scale) / frame.width;
    return { x: (event.clientX - frame.left) * scale, y: (event.clientY - frame.top) * scale, scale };
  };
  const field = (name, value) => {
    const input = form.querySelector(`input[name=${name}]`) || document.createElement("input");
    Object.assign(input, { type: "hidden", name, value: value.toFixed(1) });
    form.append(input);
  };
  picture.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.pointerType === "touch") return;
    start = at(event);
    drawn = document.createElement("div");
    drawn.className = "drawn";
    form.append(drawn);
    picture.setPointerCapture(event.pointerId);
  });
  picture.addEventListener("pointermove", (event) => {
    if (!start) return;
    const end = at(event), size = (value) => `${value / end.scale}px`;
    drawn.style.left = size(Math.min(start.x, end.x)); drawn.style.top = size(Math.min(start.y, end.y));
    drawn.style.width = size(Math.abs(end.x - start.x)); drawn.style.height = size(Math.abs(end.y - start.y));
  });
  picture.addEventListener("pointerup", (event) => {
    if (!start) return;
    const end = at(event), begin = start;
    start = null; drawn.remove();
    if (Math.abs(end.x - begin.x) < 6 || Math.abs(end.y - begin.y) < 6) return; // a press: the form says where
    picture.dataset.drawn = "1";
    field("x0", begin.x); field("top", begin.y); field("x1", end.x); field("bottom", end.y);
    form.submit();
  });
  picture.addEventListener("click", (event) => { if (picture.dataset.drawn) event.preventDefault(); });
  picture.addEventListener("dragstart", (event) => event.preventDefault());
}
