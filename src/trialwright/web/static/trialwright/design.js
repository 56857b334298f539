// Sliders beside the boxes, and the address that follows what is moved. The boxes alone are sent;
// the answer is htmx's (see the form's hx- attributes). Without this the form has a button.
(() => {
  const form = document.getElementById("design");
  if (!form) return;
  const LOW = Number(form.dataset.low), HIGH = Number(form.dataset.high);
  // No rate is certain.
  const CLOSE = HIGH === 1 ? 0.99 : HIGH;

  const changed = (box) => box.dispatchEvent(new Event("input", { bubbles: true }));
  const labelOf = (box) => form.querySelector(`label[for="${box.id}"]`)?.textContent.trim() ?? "";
  const decimals = (step) => (String(step).split(".")[1] ?? "").length;

  const slider = (low, high, step, value, label) => {
    const range = document.createElement("input");
    Object.assign(range, { type: "range", min: low, max: high, step, value });
    range.setAttribute("aria-label", label);
    return range;
  };

  const numbered = (box) => {
    const { low, high, step } = box.dataset;
    const range = slider(low, high, step, box.value || low, labelOf(box));
    range.addEventListener("input", (event) => {
      event.stopPropagation();
      box.value = Number(range.value).toFixed(decimals(step));
      if (box.name === "a.doses") reshape(Number(range.value));
      changed(box);
    });
    box.addEventListener("input", () => { if (box.value.trim()) range.value = box.value; });
    box.after(range);
  };

  const ratesOf = (box) => box.value.split(",").map((part) => part.trim()).filter(Boolean);
  const isRates = (rates) => rates.length > 0 && rates.every((rate) => Number(rate) >= LOW && Number(rate) <= HIGH);

  const rated = (box) => {
    box.parentElement.querySelector(".sliders")?.remove();
    const rates = ratesOf(box);
    if (!isRates(rates)) return;
    const group = document.createElement("div");
    group.className = "sliders";
    rates.forEach((rate, i) => {
      const range = slider(LOW, CLOSE, 0.01, rate, `${labelOf(box)}, ${form.dataset.dose} ${i + 1}`);
      range.addEventListener("input", (event) => {
        event.stopPropagation();
        const now = ratesOf(box);
        now[i] = Number(range.value).toFixed(2);
        box.value = now.join(", ");
        box.dataset.sliding = "yes";
        changed(box);
      });
      group.append(range);
    });
    box.after(group);
  };

  // More doses: the last step is gone on with; fewer: the highest are left out.
  const reshape = (doses) => {
    for (const box of form.querySelectorAll("[data-rates]")) {
      const rates = ratesOf(box);
      if (!isRates(rates)) continue;
      while (rates.length > doses) rates.pop();
      while (rates.length < doses) {
        const last = Number(rates.at(-1));
        const step = rates.length > 1 ? last - Number(rates.at(-2)) : 0.1;
        rates.push(Math.min(CLOSE, last + Math.max(step, 0.01)).toFixed(2));
      }
      box.value = rates.join(", ");
      rated(box);
    }
  };

  for (const box of form.querySelectorAll("input[data-step]")) numbered(box);
  for (const box of form.querySelectorAll("[data-rates]")) {
    rated(box);
    box.addEventListener("input", () => {
      if (box.dataset.sliding) delete box.dataset.sliding; else rated(box);
    });
  }
  for (const select of form.querySelectorAll("[data-reload]")) {
    select.addEventListener("input", (event) => { event.stopPropagation(); form.submit(); });
  }

  // What can't be answered (400) says why; it takes the answer's place like any other.
  document.body.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.xhr.status === 400) Object.assign(detail, { shouldSwap: true, isError: false });
  });

  document.body.addEventListener("htmx:afterSettle", () => {
    const answer = document.getElementById("answer");
    const problems = JSON.parse(answer.dataset.problems ?? "{}");
    document.querySelector(".errors")?.remove(); // it spoke of what was typed before
    history.replaceState(null, "", answer.dataset.address);
    document.getElementById("said").textContent = answer.querySelector("figcaption")?.textContent ?? "";
    for (const place of form.querySelectorAll(".problem")) {
      const id = place.id.replace("problem-", "");
      const box = document.getElementById(id);
      if (place.textContent !== (problems[id] ?? "")) place.textContent = problems[id] ?? "";
      if (problems[id]) box?.setAttribute("aria-invalid", "true");
      else box?.removeAttribute("aria-invalid");
    }
  });
})();
