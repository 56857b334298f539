// Sending a step leaves the page, and what stands on it is kept nowhere else: while the server or
// its database is away the page stays, says so, and the button can be pressed again.
(() => {
  const form = document.querySelector("form.step");
  if (!form) return;
  const note = document.getElementById("late");
  let sure = false;
  const answers = async () => {
    try {
      const answer = await fetch("/ready", { cache: "no-store", signal: AbortSignal.timeout(8000) });
      return !(await answer.json()).lacking.includes("database");
    } catch {
      return false;
    }
  };
  form.addEventListener("submit", async (event) => {
    if (sure) return;
    event.preventDefault();
    const pressed = event.submitter;
    sure = await answers();
    note.textContent = sure ? "" : note.dataset.late;
    if (sure) form.requestSubmit(pressed);
  });
  // Once it is sent the server may ask another question, whose gate this page hasn't.
  for (const late of ["htmx:beforeRequest", "htmx:beforeSwap"]) {
    form.addEventListener(late, (event) => { if (sure) event.preventDefault(); });
  }
  window.addEventListener("pageshow", () => { sure = false; });
})();
