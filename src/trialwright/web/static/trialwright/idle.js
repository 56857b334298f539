// A screen left alone shows nobody's data: after so many minutes without a key or a pointer, in any
// tab, one is signed out, and comes back by signing in to the page and the field where one was.
// A form has its draft; what stands on a step goes along (see clinical/session.py).
(() => {
  const leave = document.getElementById("leave");
  const IDLE_MS = Number(leave.dataset.idle) * 60_000;
  const AGAIN_MS = 5000;
  const NOTED_MS = 30_000;
  const tabs = new BroadcastChannel("trialwright");
  let timer = 0;
  let told = 0;
  let noted = Date.now();

  const typed = () => {
    const step = document.querySelector("form.step");
    return step ? JSON.stringify(Object.fromEntries(new FormData(step))) : "";
  };
  const lock = () => {
    // Without a connection nothing could be kept, so the page stays; so it does until all is.
    if (!navigator.onLine || document.querySelector("form[data-unsaved]")) {
      timer = setTimeout(lock, AGAIN_MS);
      return;
    }
    const field = document.activeElement.id;
    leave.elements.next.value = location.pathname + location.search + (field && `#${field}`);
    leave.elements.carried.value = typed();
    leave.submit();
  };
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(lock, IDLE_MS);
  };
  const active = () => {
    wait();
    if (Date.now() - told < 1000) return;
    told = Date.now();
    tabs.postMessage("active");
    // The server ends a session that nobody uses; who reads or types long uses it.
    if (Date.now() - noted < NOTED_MS) return;
    noted = Date.now();
    fetch("/still-here", { cache: "no-store" }).catch(() => {});
  };

  tabs.addEventListener("message", wait);
  for (const sign of ["keydown", "pointerdown", "pointermove", "wheel"]) {
    window.addEventListener(sign, active, { passive: true });
  }
  wait();
  document.getElementById(location.hash.slice(1))?.focus();
})();
