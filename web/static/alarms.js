/* Red flags reach whoever has a page of the console open, also behind other tabs.

Every 15 seconds the page asks for the open ones; the header "background" keeps that from prolonging
the session. The title counts them, the banner shows them, and a notification of the browser tells
each once on every rung: a reference, nothing of the patient. The permission is asked for once, by a
button, because browsers want a hand on it. Without scripts the banner stands as it was drawn. */

(() => {
  "use strict";

  const place = document.getElementById("alarms");
  const ask = document.getElementById("alarm-ask");
  if (!place) return;
  const EVERY = 15000;
  const TOLD = "alarms-told";
  const ASKED = "alarms-asked";
  const plain = document.title.replace(/^\(\d+\) /, "");
  const rows = () => [...place.querySelectorAll("[data-alarm]")];

  const kept = (name) => {
    try { return localStorage.getItem(name) ?? ""; } catch { return ""; }
  };
  const keep = (name, value) => {
    try { localStorage.setItem(name, value); } catch { /* a browser that keeps nothing tells twice */ }
  };

  const tell = () => {
    const told = new Set(kept(TOLD).split(" "));
    const open = rows();
    const fresh = open.filter((row) => !told.has(row.dataset.alarm));
    if (!fresh.length) return;
    keep(TOLD, open.map((row) => row.dataset.alarm).join(" "));
    if (!("Notification" in window) || Notification.permission !== "granted") return;
    for (const row of fresh) {
      const note = new Notification(row.dataset.words, {
        tag: `alarm-${row.dataset.task}`, requireInteraction: true,
      });
      note.addEventListener("click", () => {
        window.focus();
        location.assign(`/tasks/${row.dataset.task}`);
      });
    }
  };

  const show = () => {
    const count = rows().length;
    document.title = count ? `(${count}) ${plain}` : plain;
    place.hidden = !count;
    tell();
  };

  const look = async () => {
    try {
      const answer = await fetch("/api/alarms", { headers: { background: "true" }, redirect: "error" });
      if (!answer.ok) return;
      const { state, html } = await answer.json();
      if (state !== place.dataset.state) {
        place.dataset.state = state;
        place.innerHTML = html;
      }
      show();
    } catch { /* the server is away, or the session has ended: the next look tells */ }
  };

  if (ask && "Notification" in window && Notification.permission === "default" && !kept(ASKED)) {
    ask.hidden = false;
    ask.addEventListener("click", () => {
      keep(ASKED, "yes");
      ask.hidden = true;
      Notification.requestPermission();
    });
  }

  show();
  setInterval(look, EVERY);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
})();
