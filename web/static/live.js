/* A list that brings itself up to date.

#live asks for its rows every 20 seconds (htmx), says which state it shows, and gets 204 when that
is still so. Nothing is asked while the tab is hidden; rows are not exchanged under somebody who
types or selects; the focus, what is unfolded and the place on the screen stay. The header
"background" keeps such a request from prolonging the session. New rows are marked, and their number
is said once in #news. Without scripts the link "Refresh" does the same. */

(() => {
  "use strict";

  const list = document.getElementById("live");
  const news = document.getElementById("news");
  if (!list) return;
  const rows = () => [...list.querySelectorAll("[data-row]")];
  let kept = null;
  let skipped = false;

  const busy = () => {
    const typed = [...list.querySelectorAll("input:not([type=hidden]), textarea")];
    const selection = getSelection();
    return typed.some((input) => input === document.activeElement || input.value !== input.defaultValue)
      || (!selection.isCollapsed && list.contains(selection.anchorNode));
  };

  const rowOf = (element) => element?.closest("[data-row]") ?? null;

  list.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["list-state"] = list.dataset.state;
    event.detail.headers.background = "true";
  });

  list.addEventListener("htmx:beforeRequest", (event) => {
    skipped = false;
    if (document.hidden || busy()) event.preventDefault();
  });

  list.addEventListener("htmx:beforeSwap", (event) => {
    if (!event.detail.shouldSwap) return;
    skipped = busy();
    if (skipped) {
      event.detail.shouldSwap = false;
      return;
    }
    const first = rows().find((row) => row.getBoundingClientRect().bottom > 0);
    kept = {
      known: new Set(rows().map((row) => row.dataset.row)),
      open: [...list.querySelectorAll("details[open][id]")].map((details) => details.id),
      focused: list.contains(document.activeElement) && document.activeElement !== list,
      place: rows().indexOf(rowOf(document.activeElement)),
      first: first?.dataset.row,
      top: first?.getBoundingClientRect().top,
    };
  });

  list.addEventListener("htmx:afterSwap", () => {
    if (!kept) return;
    for (const id of kept.open) document.getElementById(id)?.setAttribute("open", "");
    const fresh = rows().filter((row) => !kept.known.has(row.dataset.row));
    for (const row of fresh) row.classList.add("fresh");
    if (fresh.length) news.textContent = `${fresh.length} new`;
    // The row that held the focus is gone: the one now in its place takes it.
    if (kept.focused && document.activeElement === document.body && kept.place >= 0) {
      const row = rows()[Math.min(kept.place, rows().length - 1)];
      row?.querySelector("a[href], summary")?.focus({ preventScroll: true });
    }
    const first = rows().find((row) => row.dataset.row === kept.first);
    if (first && scrollY > 0) scrollBy(0, first.getBoundingClientRect().top - kept.top);
    kept = null;
  });

  list.addEventListener("htmx:afterRequest", (event) => {
    const state = event.detail.xhr?.getResponseHeader("list-state");
    if (state && event.detail.successful && !skipped) list.dataset.state = state;
  });

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) htmx.trigger(list, "refresh");
  });
})();
