// The diary without the network: a page that is kept, an entry that waits on the phone, and its
// sending once there is a connection. Each entry carries its own key, so that what is sent twice is
// there once. What is refused stays on the phone with the reason, until it is corrected and sent.
(() => {
  const waiting = document.getElementById("waiting");
  const home = waiting.dataset.home;
  const name = `diary:${home}`;
  const held = () => JSON.parse(localStorage.getItem(name) || "{}");
  const keep = (all) => {
    if (Object.keys(all).length) localStorage.setItem(name, JSON.stringify(all));
    else localStorage.removeItem(name);
  };
  const put = (path, entry) => keep({ ...held(), [path]: entry });
  const drop = (path) => { const all = held(); delete all[path]; keep(all); };

  // Returns "sent", "away" where no answer came, or the sentences that refuse it.
  const send = async (path, entry) => {
    let answer;
    try {
      answer = await fetch(path, {
        method: "POST",
        headers: { Accept: "application/json" },
        body: new URLSearchParams(entry.values),
        signal: AbortSignal.timeout(15000),
      });
      if (answer.ok && (await answer.json()).sent) return "sent";
      return (await answer.json()).refused || "away";
    } catch {
      return "away";
    }
  };

  const show = () => {
    const all = Object.entries(held());
    const list = document.getElementById("waiting-list");
    waiting.hidden = !all.length;
    list.replaceChildren(...all.map(([path, entry]) => {
      const item = document.createElement("li");
      const text = document.createElement("p");
      text.textContent = `${entry.title}: ${entry.shown.map(([label, value]) => `${label} ${value}`).join("; ")}`;
      item.append(text);
      if (entry.refused) {
        const why = document.createElement("p");
        why.className = "problem";
        why.textContent = `${waiting.dataset.refused} ${entry.refused.join(" ")}`;
        const again = document.createElement("a");
        again.href = path;
        again.textContent = waiting.dataset.send;
        item.append(why, again);
      }
      return item;
    }));
  };

  let flushing = false;
  const flush = async () => {
    if (flushing) return;
    flushing = true;
    let came = 0;
    for (const [path, entry] of Object.entries(held())) {
      if (entry.refused) continue;
      const told = await send(path, entry);
      if (told === "away") break;
      if (told === "sent") { drop(path); came += 1; } else put(path, { ...entry, refused: told });
    }
    flushing = false;
    show();
    if (came && location.pathname === home) location.replace(`${home}?sent=${came}`);
  };

  const form = document.querySelector("form.diary");
  const shownOf = () => [...form.querySelectorAll(".field")].map((field) => {
    const label = field.querySelector("legend, label, .label").textContent.trim();
    const chosen = field.querySelector("input[type=radio]:checked");
    const boxes = [...field.querySelectorAll("input:not([type=radio]), select, textarea")];
    const value = chosen ? chosen.parentElement.textContent : boxes.map((box) => box.value).join(" ");
    return [label, value.trim()];
  }).filter(([, value]) => value);

  const fill = (values) => {
    for (const [key, value] of values) {
      if (key === "key" || key === "written_at") continue;
      for (const box of form.querySelectorAll(`[name="${CSS.escape(key)}"]`)) {
        if (box.type === "radio") box.checked = box.value === value;
        else box.value = value;
      }
    }
  };

  if (form) {
    const path = location.pathname;
    const before = held()[path];
    if (before) fill(before.values);
    const note = document.getElementById("late");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (Date.now() < Date.parse(form.dataset.opens)) {
        note.textContent = form.dataset.early;
        return;
      }
      const button = form.querySelector("button");
      button.disabled = true;
      form.elements.written_at.value = new Date().toISOString();
      const values = [...new FormData(form).entries()];
      const title = document.querySelector("h1").textContent + ", " + document.querySelector(".under").textContent;
      const entry = { values, shown: shownOf(), title };
      // On the phone first: whatever becomes of the connection, nothing is lost.
      put(path, entry);
      const told = await send(path, entry);
      button.disabled = false;
      if (told === "sent") drop(path);
      if (told === "sent" || told === "away") {
        location.assign(told === "sent" ? `${home}?sent=1` : home);
        return;
      }
      // Refused: the server's own page says why, beside each question.
      put(path, { ...entry, refused: told });
      form.submit();
    });
  }

  show();
  flush();
  window.addEventListener("online", flush);
  if ("serviceWorker" in navigator) {
    navigator.serviceWorker.register("/diary/worker.js").then(async () => {
      const pages = document.getElementById("offline")?.dataset.pages;
      if (!pages || !navigator.onLine) return;
      const looks = [...document.querySelectorAll("link[rel=stylesheet], link[rel=icon], script[src]")];
      const wanted = [home, ...JSON.parse(pages), ...looks.map((each) => each.href || each.src)];
      const cache = await caches.open("trialwright-diary");
      await Promise.all(wanted.map((each) => cache.add(each).catch(() => {})));
      document.documentElement.dataset.offline = "ready";
    }).catch(() => {});
  }
})();
