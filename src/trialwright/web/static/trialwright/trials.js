// A registered trial's page: share, print, save. What is saved stays in this browser alone, and the
// search lists it. Without scripts the link that writes a mail is there.
"use strict";

const KEPT = "trialwright.trials";
const MOST_SAVED = 50;
const MOST_COMPARED = 5;

const saved = () => {
  try {
    const found = JSON.parse(localStorage.getItem(KEPT) ?? "[]");
    return Array.isArray(found) ? found.filter((each) => each?.number) : [];
  } catch {
    return [];
  }
};

// False where the browser keeps nothing: storage may be off or full.
const keep = (trials) => {
  try {
    localStorage.setItem(KEPT, JSON.stringify(trials.slice(0, MOST_SAVED)));
    return true;
  } catch {
    return false;
  }
};

const tools = document.querySelector("[data-trial]");
if (tools) {
  const { trial: number, title } = tools.dataset;
  const said = tools.querySelector("[role=status]");
  const button = (name) => tools.querySelector(`[data-act=${name}]`);
  const isSaved = () => saved().some((each) => each.number === number);
  const show = () => {
    const there = isSaved();
    button("save").textContent = there ? button("save").dataset.undo : button("save").dataset.label;
  };
  const acts = {
    copy: async () => {
      const address = location.origin + location.pathname;
      try {
        await navigator.clipboard.writeText(address);
        said.textContent = tools.dataset.copied;
      } catch {
        // Browsers let only secure pages write there: show it, to be copied by hand.
        said.textContent = address;
      }
    },
    print: () => window.print(),
    save: () => {
      const others = saved().filter((each) => each.number !== number);
      const done = keep(isSaved() ? others : [{ number, title }, ...others]);
      said.textContent = done ? (isSaved() ? tools.dataset.saved : "") : tools.dataset.refused;
      show();
    },
  };
  for (const [name, act] of Object.entries(acts)) {
    button(name).hidden = false;
    button(name).addEventListener("click", act);
  }
  show();
}

const list = document.querySelector(".saved");
if (list) {
  const line = ({ number, title }) => {
    const link = Object.assign(document.createElement("a"), { textContent: title || number });
    link.href = `/trials/${encodeURIComponent(number)}`;
    link.lang = "en";
    const code = Object.assign(document.createElement("span"), { className: "code", textContent: number });
    const item = document.createElement("li");
    item.append(link, " ", code);
    return item;
  };
  const show = () => {
    const trials = saved();
    list.hidden = !trials.length;
    list.querySelector("ul").replaceChildren(...trials.map(line));
    const compare = list.querySelector("[data-compare]");
    const some = trials.slice(0, MOST_COMPARED);
    compare.hidden = some.length < 2;
    compare.href = `/trials/compare?${some.map(({ number }) => `n=${encodeURIComponent(number)}`).join("&")}`;
  };
  list.querySelector("button").addEventListener("click", () => {
    keep([]);
    show();
    document.querySelector("#q")?.focus();
  });
  // A page that the browser kept may be older than what was saved since.
  window.addEventListener("pageshow", show);
  show();
}
