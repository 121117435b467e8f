// The repair desk refreshes itself, but never while somebody is choosing from it.
(() => {
  "use strict";

  const choosing = (desk) =>
    desk.querySelector("form:focus-within") !== null
    || [...desk.querySelectorAll("input[type=checkbox]")].some((box) => box.checked !== box.defaultChecked);

  document.addEventListener("htmx:beforeRequest", (event) => {
    const desk = event.detail.elt;
    if (desk.id === "desk" && choosing(desk)) event.preventDefault();
  });
})();
