// A screen left alone shows nobody's data: after so many minutes without a key or a pointer, in any
// tab, one is signed out, and comes back by signing in to the page and the field where one was.
// What stands in the page's form goes along and is kept (see clinical/session.py).
(() => {
  const leave = document.getElementById("leave");
  const IDLE_MS = Number(leave.dataset.idle) * 60_000;
  const AGAIN_MS = 5000;
  const tabs = new BroadcastChannel("trialwright");
  let timer = 0;
  let told = 0;

  const typed = () => {
    const form = document.querySelector("form.paper");
    if (!form) return "";
    const secret = [...form.querySelectorAll("[type=password]")].map((box) => box.name);
    const answers = [...new FormData(form)].filter(([name]) => !secret.includes(name));
    return JSON.stringify(Object.fromEntries(answers));
  };
  const lock = () => {
    // Without a connection nothing could be kept: then the page stays.
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
  };

  tabs.addEventListener("message", wait);
  for (const sign of ["keydown", "pointerdown", "pointermove", "wheel"]) {
    window.addEventListener(sign, active, { passive: true });
  }
  wait();
  document.getElementById(location.hash.slice(1))?.focus();
})();
