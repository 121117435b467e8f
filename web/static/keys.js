/* Keys for people who work the lists all day.

A page declares its keys; nothing here knows a page.

  data-key="c"     on a link, a button, a summary or an input: pressing the key clicks it, or puts
                   the cursor into it when it takes text. Two keys one after the other are written
                   with a space: "g w". Several keys for one thing are parted by a comma: "y, Enter".
                   When several visible elements have the same key, the one in the row that holds
                   the focus wins, then the first on the page. Hidden or disabled ones are left out.
  data-key-label   what the list of keys says about it; else its aria-label or its text.
  data-row         on anything that is one row of a list: j and k (and the arrows while the focus
                   is in a row) go to the next and the one before. A row with a tabindex takes the
                   focus itself, and Enter then opens its first link; of any other row the first
                   link, button or input takes it.
  .tabs            its links are 1 to 9, and 0 for the tenth.

Fixed: ? lists the keys of this page; Escape leaves an input. A reader can turn all single keys off
in that list (kept in this browser); then only the button "Keys" at the foot of the page is left.
Keys do nothing while somebody types, with Ctrl, Alt or Meta held, or while a dialog is open. */

(() => {
  "use strict";

  const OFF = "iort.keys.off";
  const PAUSE = 1200; // milliseconds between the two keys of "g w"
  const TYPED = "textarea, select, [contenteditable], "
    + "input:not([type=checkbox], [type=radio], [type=button], [type=submit], [type=file])";
  const FOCUSABLE = "a[href], button:not(:disabled), summary, input:not([type=hidden]):not(:disabled), "
    + "select:not(:disabled), textarea:not(:disabled)";
  let before = "";
  let timer = 0;

  const stored = (value) => {
    try {
      if (value !== undefined) localStorage.setItem(OFF, value);
      return localStorage.getItem(OFF) === "true";
    } catch {
      return false; // no storage: keys are on
    }
  };
  let off = stored();

  const visible = (element) => element.checkVisibility() && !element.closest("[inert]");
  const keysOf = (element) => element.dataset.key.split(",").map((key) => key.trim());
  const rowOf = (element) => element?.closest("[data-row]") ?? null;

  function declared() {
    const tabs = [...document.querySelectorAll(".tabs a")].slice(0, 10);
    tabs.forEach((tab, place) => { tab.dataset.key ??= String((place + 1) % 10); });
    return [...document.querySelectorAll("[data-key]")]
      .filter((element) => visible(element) && !element.disabled);
  }

  function withKey(key) {
    const all = declared().filter((element) => keysOf(element).includes(key));
    for (let row = rowOf(document.activeElement); row; row = rowOf(row.parentElement)) {
      const inside = all.find((element) => row.contains(element));
      if (inside) return inside;
    }
    return all[0];
  }

  function act(element) {
    if (element.matches(TYPED)) {
      element.focus();
      element.select?.();
    } else {
      element.click();
    }
  }

  function moved(step) {
    const rows = [...document.querySelectorAll("[data-row]")].filter(visible);
    if (!rows.length) return false;
    const current = rows.indexOf(rowOf(document.activeElement));
    const place = current < 0 ? (step > 0 ? 0 : rows.length - 1) : current + step;
    const row = rows[Math.min(Math.max(place, 0), rows.length - 1)];
    const target = row.hasAttribute("tabindex")
      ? row : [...row.querySelectorAll(FOCUSABLE)].find(visible);
    target?.focus();
    return true;
  }

  function pressed(event) {
    const at = document.activeElement;
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
    if (document.querySelector("dialog[open]")) return;
    if (at?.matches(TYPED)) {
      if (event.key === "Escape") at.blur();
      return;
    }
    if (event.key === "Enter" && at?.matches("[data-row][tabindex]") && !withKey("Enter")) {
      [...at.querySelectorAll("a[href]")].find(visible)?.click();
      return;
    }
    const arrow = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (arrow) {
      if (rowOf(at) && moved(arrow)) event.preventDefault();
      return;
    }
    // Enter and Space belong to the link or button that has the focus.
    if (off || ((event.key === "Enter" || event.key === " ") && at?.matches(FOCUSABLE))) return;
    if (single(latin(event))) event.preventDefault();
  }

  // On a Russian or Hindi keyboard the key at the place of J is meant.
  function latin(event) {
    const other = event.key.length === 1 && event.key > "~";
    return other && event.code.startsWith("Key") ? event.code.slice(3).toLowerCase() : event.key;
  }

  function single(key) {
    const both = before && `${before} ${key}`;
    before = "";
    clearTimeout(timer);
    const element = (both && withKey(both)) || withKey(key);
    if (element) {
      act(element);
      return true;
    }
    if (key === "?") {
      help();
      return true;
    }
    if (key === "j" || key === "k") return moved(key === "j" ? 1 : -1);
    if (declared().some((one) => keysOf(one).some((keys) => keys.startsWith(`${key} `)))) {
      before = key;
      timer = setTimeout(() => { before = ""; }, PAUSE);
      return true;
    }
    return false;
  }

  function made(name, text, properties) {
    const element = Object.assign(document.createElement(name), properties);
    if (text) element.textContent = text;
    return element;
  }

  function labelOf(element) {
    const label = element.dataset.keyLabel || element.getAttribute("aria-label")
      || element.labels?.[0]?.textContent || element.textContent;
    return label.trim().replace(/\s+/g, " ");
  }

  function listed() {
    const rows = new Map();
    if (document.querySelector("[data-row]")) {
      rows.set("j", "next row (or arrow down)");
      rows.set("k", "row before (or arrow up)");
      rows.set("Enter", "open the row");
    }
    for (const element of declared()) {
      for (const key of keysOf(element)) if (!rows.has(key)) rows.set(key, labelOf(element));
    }
    rows.set("?", "this list");
    return rows;
  }

  function help() {
    const dialog = made("dialog", "", { className: "keys" });
    dialog.setAttribute("aria-labelledby", "keys-title");
    const table = made("table", "", { className: "plain" });
    const body = table.createTBody();
    for (const [keys, what] of listed()) {
      const head = made("th", "", { scope: "row" });
      keys.split(" ").forEach((key) => head.append(made("kbd", key), " "));
      const row = body.insertRow();
      row.append(head);
      row.insertCell().textContent = what;
    }
    const box = made("input", "", { type: "checkbox", checked: !off });
    const label = made("label", "", { className: "check" });
    label.append(box, " Single keys are on in this browser");
    box.addEventListener("change", () => {
      off = stored(String(!box.checked)) || !box.checked;
      announceKeys();
    });
    const form = made("form", "", { method: "dialog" });
    form.append(made("button", "Close", { autofocus: true }));
    dialog.append(made("h2", "Keys", { id: "keys-title" }), table, label, form);
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }

  // Assistive technology hears of single keys only while they work; two in a row it cannot name.
  function announceKeys() {
    for (const element of declared()) {
      const one = keysOf(element).filter((key) => !key.includes(" ")).join(" ");
      if (one && !off) element.setAttribute("aria-keyshortcuts", one);
      else element.removeAttribute("aria-keyshortcuts");
    }
  }

  document.addEventListener("keydown", pressed);
  document.addEventListener("DOMContentLoaded", () => {
    for (const button of document.querySelectorAll("[data-opens=keys]")) {
      button.hidden = false;
      button.addEventListener("click", help);
    }
    announceKeys();
  });
  document.addEventListener("htmx:afterSwap", announceKeys);
})();
