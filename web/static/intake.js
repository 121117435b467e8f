// The intake form saves itself while it is filled in; without this script each step saves when sent.
(() => {
  "use strict";
  const form = document.querySelector("form[data-saves]");
  if (form) savesItself(form);
  for (const button of document.querySelectorAll("button.copy")) copies(button);

  function savesItself(form) {
    const said = form.querySelector(".saved");
    const zone = form.elements.namedItem("time_zone");
    if (zone && !zone.value) zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
    let kept = written();
    let timer = 0;
    let running = null;
    let leaving = false;

    function written() {
      return new URLSearchParams(new FormData(form)).toString();
    }

    async function save(keepalive) {
      clearTimeout(timer);
      const now = written();
      if (leaving || now === kept) return;
      if (running) running.abort();
      running = new AbortController();
      try {
        const answer = await fetch(form.action, {
          method: "POST",
          body: new URLSearchParams(new FormData(form)),
          headers: { "X-Autosave": "1" },
          redirect: "manual",
          signal: running.signal,
          keepalive,
        });
        if (answer.status === 204) {
          kept = now;
          said.textContent = said.dataset.words;
        }
      } catch {
        // No connection: the next pause tries again, and sending the step saves in any case.
      }
    }

    form.addEventListener("input", () => {
      said.textContent = "";
      clearTimeout(timer);
      timer = setTimeout(save, 1500, false);
    });
    form.addEventListener("focusout", () => {
      clearTimeout(timer);
      timer = setTimeout(save, 300, false);
    });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") save(true);
    });
    form.addEventListener("submit", () => {
      leaving = true;
      clearTimeout(timer);
      if (running) running.abort();
    });
    window.addEventListener("pageshow", () => { leaving = false; });
  }

  function copies(button) {
    if (!navigator.clipboard) return;
    const source = document.getElementById(button.dataset.copies);
    const said = button.parentElement.querySelector(".copied");
    button.hidden = false;
    button.addEventListener("click", async () => {
      source.select();
      await navigator.clipboard.writeText(source.value);
      said.textContent = said.dataset.words;
    });
  }
})();
