// While someone fills in a form: say when the draft could not be saved, try again, and warn before
// unsaved answers are left behind. Nothing is kept in the browser's storage: it is clinical data.
// The saving itself, and what follows from the answers, is htmx's (see the form's hx- attributes).
(() => {
  const form = document.querySelector("form[hx-post]");
  if (!form) return;
  const RETRY_MS = 5000;
  let unsaved = false;
  let retry = 0;

  const note = () => document.getElementById("saved");
  const late = (event) => {
    const ended = event.detail.xhr?.status === 401;
    note().textContent = ended ? form.dataset.ended : form.dataset.late;
    note().classList.add("late");
    clearTimeout(retry);
    if (!ended) retry = setTimeout(() => htmx.trigger(form, "save"), RETRY_MS);
  };

  form.addEventListener("input", () => { unsaved = true; });
  form.addEventListener("submit", () => { unsaved = false; clearTimeout(retry); });
  form.addEventListener("htmx:beforeRequest", () => { clearTimeout(retry); });
  for (const failure of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
    form.addEventListener(failure, late);
  }
  form.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) unsaved = false;
  });
  window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
})();
