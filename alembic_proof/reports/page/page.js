"use strict";
(() => {
  const root = document.documentElement, by = (id) => document.getElementById(id);
  const links = [...document.querySelectorAll(".graph li a")], rows = links.map((link) => link.parentElement);
  const circles = [...document.querySelectorAll(".graph svg a")];
  const pages = [...document.querySelectorAll(".page")];
  const name = (link) => decodeURIComponent(link.getAttribute("href").slice(1));
  let kept = null;
  try { kept = localStorage.getItem("alembic-proof-theme"); } catch { /* a file may have no storage */ }
  const system = matchMedia("(prefers-color-scheme: dark)");
  const paint = () => { root.dataset.theme = kept || (system.matches ? "dark" : "light"); };
  const turn = () => {
    kept = root.dataset.theme === "dark" ? "light" : "dark";
    try { localStorage.setItem("alembic-proof-theme", kept); } catch { /* then only until the page is closed */ }
    paint();
  };
  paint();
  system.addEventListener("change", paint);
  by("-theme").addEventListener("click", turn);

  document.body.classList.add("paged");
  const show = () => {
    let wanted = location.hash.slice(1);
    try { wanted = decodeURIComponent(wanted); } catch { /* as it stands */ }
    const page = pages.find((one) => one.id === wanted) || by("overview");
    pages.forEach((one) => one.classList.toggle("shown", one === page));
    links.forEach((link) => {
      if (name(link) === page.id) { link.setAttribute("aria-current", "page"); link.scrollIntoView({ block: "nearest" }); }
      else link.removeAttribute("aria-current");
    });
    document.title = (page.id === "overview" ? "" : page.id + " – ") + title;
    if (innerWidth > 800 || page.id === "overview") scrollTo(0, 0); else page.scrollIntoView();
  };
  const title = document.title;
  addEventListener("hashchange", show);
  show();

  const search = by("-search"), fields = ["-outcome", "-database", "-check"].map(by);
  const fits = (row) => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const text = row.textContent.toLowerCase();
    const [outcome, database, check] = fields.map((field) => field.value);
    return words.every((word) => text.includes(word)) && (!(outcome || database || check) ||
      row.dataset.outcomes.trim().split(" ").some((one) => {
        const cut = one.indexOf("|"), last = one.lastIndexOf("|");
        return (!outcome || one.slice(0, cut) === outcome) && (!database || one.slice(cut + 1, last) === database) &&
          (!check || one.slice(last + 1) === check);
      }));
  };
  const filter = () => {
    let number = 0;
    rows.forEach((row, place) => {
      const fit = fits(row);
      number += fit;
      row.classList.toggle("apart", !fit);
      circles[place].classList.toggle("apart", !fit);
    });
    by("-none").hidden = number > 0;
    document.querySelectorAll("#overview .finding").forEach((finding) => {
      const [, database, check] = fields.map((field) => field.value);
      finding.hidden = (database && finding.dataset.database !== database) || (check && finding.dataset.check !== check);
    });
  };
  [search, ...fields].forEach((field) => field.addEventListener("input", filter));
  by("-filters").addEventListener("submit", (event) => {
    event.preventDefault();
    const first = links.find((link, place) => !rows[place].classList.contains("apart"));
    if (first) { location.hash = first.getAttribute("href"); search.blur(); }
  });

  const step = (way, is_wanted) => {
    const now = links.findIndex((link) => link.hasAttribute("aria-current"));
    for (let place = now < 0 ? (way > 0 ? 0 : links.length - 1) : now + way; place >= 0 && place < links.length; place += way)
      if (is_wanted(place)) { location.hash = links[place].getAttribute("href"); return; }
  };
  const near = (place) => !rows[place].classList.contains("apart");
  const broken = (place) => near(place) && /(^| )broken\|/.test(rows[place].dataset.outcomes);
  const keys = {
    j: () => step(1, near), k: () => step(-1, near), n: () => step(1, broken), p: () => step(-1, broken),
    o: () => { location.hash = "overview"; }, t: turn, "/": () => search.focus(), "?": () => by("-help").showModal(),
  };
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target === search) search.blur();
    if (event.ctrlKey || event.metaKey || event.altKey || /INPUT|SELECT|TEXTAREA/.test(event.target.tagName) || by("-help").open) return;
    if (keys[event.key]) { event.preventDefault(); keys[event.key](); }
  });
  by("-help-button").addEventListener("click", keys["?"]);

  document.querySelectorAll(".bar i").forEach((part) => { part.style.flexGrow = part.dataset.share; });
  document.querySelectorAll(".copy").forEach((button) => button.addEventListener("click", async () => {
    const text = button.parentElement.querySelector("pre");
    getSelection().selectAllChildren(text);
    let done = false;
    try { await navigator.clipboard.writeText(text.textContent); done = true; } catch { done = document.execCommand("copy"); }
    button.textContent = done ? "copied" : "selected";
  }));
})();
