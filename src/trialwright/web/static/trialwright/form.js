// While someone fills in a form: say when the draft could not be saved, try again, and warn before
// unsaved answers are left behind. Nothing is kept in the browser's storage: it is clinical data.
// The saving itself, and what follows from the answers, is htmx's (see the form's hx- attributes).
(() => {
  const form = document.querySelector("form[hx-post]");
  if (!form) return;
  const RETRY_MS = 5000;
  // On the form itself, so that an idle screen waits for what isn't saved yet.
  const unsaved = () => form.hasAttribute("data-unsaved");
  const mark = (is) => form.toggleAttribute("data-unsaved", is);
  let retry = 0;
  // Saving leaves the page, so what was typed is kept as a draft first: while the server or its
  // database is away the page stays, with all that stands on it. A draft that reached the server
  // after the form was saved would stand there as another version: once one saves, none is begun.
  let saving = false;
  let sending = false;
  // How often something was typed, now and when the draft that is on its way was sent: its answer
  // says that it is kept, and nothing of what was typed since.
  let typed = 0;
  let sent = 0;
  let wanted = false;
  let pressed = null;

  const note = () => document.getElementById("saved");
  const late = (event) => {
    const ended = event.detail.xhr?.status === 401;
    note().textContent = ended ? form.dataset.ended : form.dataset.late;
    note().classList.add("late");
    clearTimeout(retry);
    if (!ended) retry = setTimeout(() => htmx.trigger(form, "save"), RETRY_MS);
  };

  form.addEventListener("input", () => {
    typed += 1;
    mark(true);
  });
  // A column copied from a sheet fills the rows from here on; a second column is the value.
  form.addEventListener("paste", (event) => {
    const table = event.target.closest?.("table.results");
    const lines = event.clipboardData.getData("text").replace(/[\r\n]+$/, "").split(/\r\n|\r|\n/);
    if (!table || lines.length < 2) return;
    event.preventDefault();
    const boxes = [...table.querySelectorAll("input.number")];
    const rest = boxes.slice(boxes.indexOf(event.target));
    const said = table.nextElementSibling;
    const filled = lines.length <= rest.length;
    said.textContent = filled ? "" : said.dataset.late.replace("{lines}", lines.length).replace("{rows}", rest.length);
    if (!filled) return;
    lines.forEach((line, place) => {
      const value = line.split("\t").pop().trim();
      if (value) rest[place].value = value;
    });
    rest[lines.length - 1].focus();
    rest[0].dispatchEvent(new Event("input", { bubbles: true }));
    rest[0].dispatchEvent(new Event("change", { bubbles: true }));
  });
  form.addEventListener("submit", (event) => {
    clearTimeout(retry);
    if (!sending && !unsaved()) {
      saving = true;
      return;
    }
    event.preventDefault();
    pressed = event.submitter;
    wanted = true;
    if (!sending) htmx.trigger(form, "save");
  });
  window.addEventListener("pageshow", () => { saving = false; });
  form.addEventListener("htmx:beforeRequest", (event) => {
    clearTimeout(retry);
    if (saving) {
      event.preventDefault();
      return;
    }
    sending = true;
    sent = typed;
  });
  for (const failure of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
    form.addEventListener(failure, late);
  }
  form.addEventListener("htmx:afterRequest", (event) => {
    sending = false;
    const status = event.detail.xhr?.status ?? 0;
    if (event.detail.successful) mark(typed !== sent);
    if (!wanted) return;
    wanted = false;
    // What the server refuses to keep, it says on the page that answers to saving.
    if (status < 200 || status >= 500) return;
    mark(false);
    form.requestSubmit(pressed);
  });
  window.addEventListener("beforeunload", (event) => { if (unsaved()) event.preventDefault(); });
})();
