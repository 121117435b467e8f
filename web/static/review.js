/* Checking findings: the page and the list show each other, the keys settle one after the other.

The keys themselves stand on the elements (data-key, see keys.js); here is what they do. Without
this script the same form is filled in by hand. */

(() => {
  "use strict";

  const ZOOMS = ["", "zoom-150", "zoom-200", "zoom-300"];
  const pane = document.querySelector("[data-pane]");
  const form = document.querySelector("[data-review]");
  const cards = [...document.querySelectorAll("[data-card]")];
  let zoom = 0;
  let dirty = false;

  const rowOf = (id) => document.getElementById(`f${id}`);
  const placesOf = (id) => [...document.querySelectorAll(`[data-pane] [data-finding~="${id}"]`)];

  // --- the page and the list ---

  function show(id) {
    for (const old of document.querySelectorAll(".active")) old.classList.remove("active");
    rowOf(id)?.classList.add("active");
    for (const place of placesOf(id)) {
      place.classList.add("active");
      scrollTo(place);
    }
  }

  // Scrolls the pane only: the list stays where the reader is.
  function scrollTo(place) {
    const box = place.closest(".pictures, .texts");
    if (!box || !box.checkVisibility()) return;
    const at = place.getBoundingClientRect();
    const view = box.getBoundingClientRect();
    if (at.top >= view.top + 20 && at.bottom <= view.bottom - 20
      && at.left >= view.left && at.right <= view.right) return;
    box.scrollTop += at.top - view.top - view.height / 3;
    box.scrollLeft += at.left - view.left - Math.max(0, (view.width - at.width) / 2);
  }

  function goTo(row) {
    row.closest("details:not([open])")?.setAttribute("open", "");
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
    show(row.dataset.finding);
  }

  // Several findings may stand at one place: another click there goes to the next of them.
  function under(place, event) {
    const ids = place.closest(".texts") || !event.clientX
      ? place.dataset.finding.split(" ")
      : document.elementsFromPoint(event.clientX, event.clientY)
        .map((element) => element.closest("[data-pane] [data-finding]")?.dataset.finding)
        .filter(Boolean);
    const at = ids.indexOf(document.activeElement?.closest("li[data-finding]")?.dataset.finding);
    return ids[(at + 1) % ids.length];
  }

  document.addEventListener("mousedown", (event) => {
    // The finding keeps the focus while a frame is pressed, so that the click knows which it was.
    if (event.target.closest("[data-pane] [data-finding]")) event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    const place = event.target.closest("[data-pane] [data-finding]");
    const where = event.target.closest("a.where");
    if (place) {
      const row = rowOf(under(place, event));
      if (!row) return;
      event.preventDefault();
      goTo(row);
    } else if (where) {
      const row = where.closest("[data-finding]");
      if (!row || !placesOf(row.dataset.finding).length) return;
      event.preventDefault();
      show(row.dataset.finding);
    }
  });

  document.addEventListener("focusin", (event) => {
    const row = event.target.closest("li[data-finding]");
    if (row && !row.classList.contains("active")) show(row.dataset.finding);
  });

  // --- pages and zoom ---

  function setZoom(step) {
    const pages = pane.querySelector(".pictures");
    const middle = pages.scrollTop / Math.max(1, pages.scrollHeight);
    zoom = Math.min(Math.max(zoom + step, 0), ZOOMS.length - 1);
    pages.classList.remove(...ZOOMS.filter(Boolean));
    if (ZOOMS[zoom]) pages.classList.add(ZOOMS[zoom]);
    pages.scrollTop = middle * pages.scrollHeight;
    const active = document.querySelector("li.active");
    if (active) show(active.dataset.finding);
  }

  if (pane) {
    for (const bar of pane.querySelectorAll("[data-zooms]")) bar.hidden = false;
    pane.addEventListener("click", (event) => {
      const button = event.target.closest("[data-zoom]");
      const link = event.target.closest("[data-page]");
      if (button) setZoom(Number(button.dataset.zoom));
      if (link) {
        const sheet = document.getElementById(`p${link.dataset.page}`);
        if (!sheet?.checkVisibility()) return;
        event.preventDefault();
        const pages = sheet.closest(".pictures");
        pages.scrollTop += sheet.getBoundingClientRect().top - pages.getBoundingClientRect().top;
      }
    });
  }

  // --- verdicts ---

  const choiceOf = (card) => card.querySelector("input[type=radio]:checked")?.value ?? "";
  const valueOf = (card) => card.querySelector("[data-read]");
  const whyOf = (card) => [...card.querySelectorAll(".why select, .why input")];
  const hasReason = (card) => whyOf(card).some((input) => input.value.trim());
  const isSettled = (card) => {
    const choice = choiceOf(card);
    return Boolean(choice) && (choice !== "reject" || hasReason(card));
  };

  function choose(card, value) {
    for (const radio of card.querySelectorAll("input[type=radio]")) {
      radio.checked = radio.value === value;
    }
    refresh(card);
  }

  function refresh(card) {
    const choice = choiceOf(card);
    card.classList.remove("confirm", "correct", "reject");
    if (choice) card.classList.add(choice);
    card.querySelector("[data-undo]").hidden = !choice;
    whyOf(card)[0].setCustomValidity(
      choice === "reject" && !hasReason(card) ? "Choose a reason, or give one in your words." : "");
    progress();
  }

  function progress() {
    const total = Number(form.dataset.total);
    const settled = Number(form.dataset.before) + cards.filter(isSettled).length;
    form.querySelector("[data-progress]").textContent = `${settled} of ${total} settled`;
    const open = total - settled;
    const own = cards.filter((card) => "own" in card.dataset && !isSettled(card)).length;
    form.querySelector("[data-finish]").textContent = open > own
      ? `Confirm the other ${open - own} and finish` : "Finish";
    const left = form.querySelector("[data-own-left]");
    if (left) left.textContent = own
      ? `${own} to be looked at one by one first` : open ? "" : `All ${total} are settled`;
  }

  function undo(card) {
    valueOf(card).value = valueOf(card).dataset.read;
    for (const input of whyOf(card)) input.value = "";
    choose(card, "");
    goTo(card);
  }

  function step(by) {
    const at = cards.indexOf(document.activeElement?.closest("[data-card]"));
    const next = at < 0 ? (by > 0 ? 0 : cards.length - 1) : at + by;
    if (cards[next]) goTo(cards[next]);
    else if (by > 0) form.querySelector("[data-finish]").focus();
  }

  // After a verdict: the next finding that waits, below first, then from the top.
  function onward(card) {
    const at = cards.indexOf(card);
    const next = [...cards.slice(at + 1), ...cards.slice(0, at)].find((one) => !isSettled(one));
    if (next) goTo(next);
    else form.querySelector("[data-finish]").focus();
  }

  function chosen(radio) {
    const card = radio.closest("[data-card]");
    const input = valueOf(card);
    if (radio.value !== "correct" && input.value !== input.dataset.read) {
      input.value = input.dataset.read; // the typed value belonged to another verdict
    }
    refresh(card);
    if (radio.value === "confirm") onward(card);
    else if (radio.value === "correct") input.select();
    else whyOf(card)[0].focus({ preventScroll: true });
    if (radio.value !== "confirm") card.scrollIntoView({ block: "nearest" });
  }

  function pressedIn(card, event) {
    if (event.key === "Escape" && event.target !== card) {
      event.preventDefault();
      goTo(card);
    } else if (event.key === "Enter" && event.target.matches("input:not([type=radio]), select")) {
      event.preventDefault();
      if (choiceOf(card) === "reject" && !hasReason(card)) whyOf(card)[0].reportValidity();
      else if (choiceOf(card)) onward(card);
    }
  }

  function watch(card) {
    let byKey = false; // the arrow keys walk through the radios; only a decision moves on
    card.addEventListener("keydown", (event) => {
      byKey = event.target.matches("[type=radio]") && event.key.startsWith("Arrow");
      pressedIn(card, event);
    });
    card.addEventListener("click", (event) => {
      if (event.target.matches("input[type=radio]")) {
        if (byKey) refresh(card);
        else chosen(event.target);
      }
      if (event.target.closest("[data-undo]")) undo(card);
      byKey = false;
    });
    card.addEventListener("input", (event) => {
      const input = event.target;
      if (input.matches("[data-read]")) {
        choose(card, input.value === input.dataset.read ? "" : input.value.trim() ? "correct" : "reject");
      } else if (!input.matches("[type=radio]")) refresh(card);
      dirty = true;
    });
    refresh(card);
  }

  if (form) {
    for (const moves of form.querySelectorAll("[data-moves]")) moves.hidden = false;
    form.addEventListener("click", (event) => {
      const button = event.target.closest("[data-step]");
      if (button) step(Number(button.dataset.step));
    });
    form.addEventListener("submit", () => { dirty = false; });
    window.addEventListener("beforeunload", (event) => {
      if (dirty) event.preventDefault();
    });
    cards.forEach(watch);
    progress();
  }

  const wanted = location.hash.match(/^#[fb](\d+)$/);
  if (wanted) show(wanted[1]);
})();
