// Files are sent in pieces and go on where they stopped: after a lost connection by themselves,
// after the page was loaded again when the same file is chosen again. Nothing is kept in the
// browser: the page lists what is unfinished, with a fingerprint of each file.
(() => {
  "use strict";
  const PIECE = 1024 * 1024;
  const EDGE = 64 * 1024;
  const AT_ONCE = 2;
  const WAITS = [0, 1000, 3000, 5000, 10000, 20000];
  const TRY_AGAIN = 15000;

  for (const box of document.querySelectorAll("[data-uploads]")) {
    if (window.tus && window.tus.isSupported) sendsFrom(box);
  }

  function sendsFrom(box) {
    const words = box.dataset;
    const list = box.querySelector(".files");
    const picker = box.querySelector(".picker input[type=file]");
    const queue = [];
    let running = 0;
    box.querySelector(".without-script").hidden = true;
    picker.addEventListener("change", async () => {
      const chosen = [...picker.files];
      for (const file of chosen) await add(file);
      picker.value = "";
    });
    window.addEventListener("beforeunload", (event) => { if (running) event.preventDefault(); });

    async function add(file) {
      const mark = await fingerprint(file);
      const known = mark && list.querySelector(`[data-fingerprint="${mark}"]`);
      if (known && known.dataset.state !== "receiving") {
        say(known, words.known);
        return;
      }
      if (known && known.upload) return;
      const line = known || newLine(file.name, file.size);
      if (mark) line.dataset.fingerprint = mark;
      line.dataset.state = "receiving";
      for (const old of line.querySelectorAll("form, progress")) old.remove();
      line.querySelector(".state").before(bar(file));
      line.append(button(words.cancel, file.name, () => cancel(line)));
      line.upload = upload(file, mark, line);
      queue.push(line);
      next();
    }

    function next() {
      box.querySelector(".interrupted").hidden = true;
      while (running < AT_ONCE && queue.length) {
        const line = queue.shift();
        if (!line.isConnected) continue;
        running += 1;
        line.runs = true;
        show(line, words.sending);
        line.upload.start();
      }
    }

    function ended(line) {
      if (line.runs) running -= 1;
      line.runs = false;
      next();
    }

    function upload(file, mark, line) {
      const metadata = { filename: file.name };
      if (mark) metadata.fingerprint = mark;
      return new window.tus.Upload(file, {
        endpoint: words.endpoint,
        uploadUrl: line.dataset.id ? `${words.endpoint}/${line.dataset.id}` : null,
        headers: { "Upload-Ticket": words.ticket },
        chunkSize: PIECE,
        retryDelays: WAITS,
        storeFingerprintForResuming: false,
        removeFingerprintOnSuccess: false,
        metadata,
        onShouldRetry: (error) => {
          show(line, words.waiting);
          return passing(error);
        },
        onUploadUrlAvailable: () => { line.dataset.id = line.upload.url.split("/").pop(); },
        onProgress: (sent, total) => {
          line.querySelector("progress").value = sent;
          show(line, `${words.sending} ${total ? Math.floor((100 * sent) / total) : 100} %`);
        },
        onSuccess: () => arrived(line, file),
        onError: (error) => failed(line, error),
      });
    }

    function passing(error) {
      const status = error.originalResponse ? error.originalResponse.getStatus() : 0;
      return status === 0 || status === 409 || status === 423 || status >= 500;
    }

    function failed(line, error) {
      if (passing(error)) {
        show(line, words.waiting);
        const again = () => {
          window.removeEventListener("online", again);
          clearTimeout(timer);
          if (line.isConnected) line.upload.start();
        };
        const timer = setTimeout(again, TRY_AGAIN);
        window.addEventListener("online", again);
        return;
      }
      line.dataset.state = "failed";
      line.querySelector("progress").remove();
      say(line, refusal(error) || words.failed);
      ended(line);
    }

    function refusal(error) {
      try {
        const { code } = JSON.parse(error.originalResponse.getBody());
        return box.getAttribute(`data-refused-${code.replaceAll("_", "-")}`);
      } catch {
        return null;
      }
    }

    async function arrived(line, file) {
      line.dataset.state = "arrived";
      line.querySelector("progress").remove();
      line.querySelector("button").remove();
      line.append(button(words.remove, file.name, () => cancel(line)));
      const photo = file.type.startsWith("image/");
      say(line, photo ? words.looking : words.arrived);
      ended(line);
      const hints = await look(line);
      if (photo) show(line, words.arrived);
      for (const code of hints) {
        const hint = document.createElement("span");
        hint.className = "take-again";
        hint.textContent = box.getAttribute(`data-hint-${code.replaceAll("_", "-")}`);
        line.append(hint);
        announce(`${file.name}: ${hint.textContent}`);
      }
    }

    async function look(line) {
      try {
        const answer = await fetch(`${words.endpoint}/${line.dataset.id}/look`, {
          headers: { "Upload-Ticket": words.ticket },
        });
        return answer.ok ? (await answer.json()).hints : [];
      } catch {
        return [];
      }
    }

    async function cancel(line) {
      const state = line.dataset.state;
      if (state === "receiving") {
        await line.upload.abort();
        ended(line);
      }
      if (line.dataset.id && state !== "failed") {
        try {
          const answer = await fetch(`${words.endpoint}/${line.dataset.id}`, {
            method: "DELETE",
            headers: { "Upload-Ticket": words.ticket, "Tus-Resumable": "1.0.0" },
          });
          if (!answer.ok && answer.status !== 404) return;
        } catch {
          return;
        }
      }
      line.remove();
      picker.focus();
    }

    function newLine(name, size) {
      const line = document.createElement("li");
      line.className = "file";
      line.append(span("name", name), " ", span("size hint", inWords(size)), span("state", ""));
      line.querySelector(".name").dir = "auto";
      line.querySelector(".size").dir = "ltr";
      list.append(line);
      return line;
    }

    function bar(file) {
      const one = document.createElement("progress");
      one.max = file.size || 1;
      one.value = 0;
      one.setAttribute("aria-label", file.name);
      return one;
    }

    function button(text, name, act) {
      const one = document.createElement("button");
      one.type = "button";
      one.className = "quiet";
      one.textContent = text;
      one.setAttribute("aria-label", `${text} ${name}`);
      one.addEventListener("click", act);
      return one;
    }

    function span(kind, text) {
      const one = document.createElement("span");
      one.className = kind;
      one.textContent = text;
      return one;
    }

    function show(line, text) {
      line.querySelector(".state").textContent = text;
    }

    function say(line, text) {
      show(line, text);
      announce(`${line.querySelector(".name").textContent}: ${text}`);
    }

    function announce(text) {
      box.querySelector("[data-said]").textContent = text;
    }
  }

  // Of the file's name, size, beginning and end: the same file chosen again, on any device.
  async function fingerprint(file) {
    if (!window.crypto.subtle) return null;
    try {
      const parts = [
        new TextEncoder().encode(`${file.name}|${file.size}|`),
        await file.slice(0, EDGE).arrayBuffer(),
        await file.slice(Math.max(0, file.size - EDGE)).arrayBuffer(),
      ];
      const hash = await crypto.subtle.digest("SHA-256", await new Blob(parts).arrayBuffer());
      return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    } catch {
      return null;
    }
  }

  function inWords(size) {
    const [unit, by] = size < 1024 * 1024 ? ["kB", 1024] : ["MB", 1024 * 1024];
    return `${Math.max(1, Math.round(size / by))} ${unit}`;
  }
})();
