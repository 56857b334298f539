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
  // A draft that reaches the server after the form was saved would stand there as another version:
  // once one saves, no draft is begun, and one under way is waited for.
  let saving = false;
  let sending = false;
  let pressed = null;

  const note = () => document.getElementById("saved");
  const late = (event) => {
    const ended = event.detail.xhr?.status === 401;
    note().textContent = ended ? form.dataset.ended : form.dataset.late;
    note().classList.add("late");
    clearTimeout(retry);
    if (!ended) retry = setTimeout(() => htmx.trigger(form, "save"), RETRY_MS);
  };

  form.addEventListener("input", () => { mark(true); });
  form.addEventListener("submit", (event) => {
    mark(false);
    saving = true;
    clearTimeout(retry);
    if (sending) {
      event.preventDefault();
      pressed = event.submitter;
    }
  });
  window.addEventListener("pageshow", () => { saving = false; });
  form.addEventListener("htmx:beforeRequest", (event) => {
    clearTimeout(retry);
    if (saving) event.preventDefault();
    else sending = true;
  });
  for (const failure of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
    form.addEventListener(failure, late);
  }
  form.addEventListener("htmx:afterRequest", (event) => {
    sending = false;
    if (event.detail.successful) mark(false);
    if (saving) form.requestSubmit(pressed);
  });
  window.addEventListener("beforeunload", (event) => { if (unsaved()) event.preventDefault(); });
})();
