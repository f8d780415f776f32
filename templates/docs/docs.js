// The language of the samples (remembered), the copy buttons, the place in the sidebar, and the menu of a narrow screen.
const remembered = "invorec-docs-language";
const menu = document.querySelector(".side");
const narrow = matchMedia("(max-width: 760px)");

function showLanguage(language) {
  for (const sample of document.querySelectorAll(".sample")) {
    const codes = [...sample.querySelectorAll("pre[data-language]")];
    if (!codes.some((code) => code.dataset.language === language)) continue;
    for (const code of codes) code.hidden = code.dataset.language !== language;
    for (const button of sample.querySelectorAll("button[data-language]"))
      button.setAttribute("aria-pressed", String(button.dataset.language === language));
  }
}

function choose(button) {
  const before = button.getBoundingClientRect().top;
  showLanguage(button.dataset.language);
  scrollBy({ top: button.getBoundingClientRect().top - before, behavior: "instant" }); // samples above changed height
  try { localStorage.setItem(remembered, button.dataset.language); } catch { /* a browser that keeps nothing */ }
}

function addCopyButton(bar) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    const shown = bar.parentElement.querySelector("pre:not([hidden])");
    await navigator.clipboard.writeText(shown.textContent.trimEnd());
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
  bar.append(button);
}

function followReading() {
  const links = new Map([...menu.querySelectorAll("a[href*='#']")].map((link) => [link.hash.slice(1), link]));
  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      for (const link of links.values()) link.removeAttribute("aria-current");
      const link = links.get(entry.target.id);
      link?.setAttribute("aria-current", "true");
      if (!narrow.matches) link?.scrollIntoView({ block: "nearest" });
    }
  }, { rootMargin: "-10% 0px -85% 0px" });
  for (const section of document.querySelectorAll("section[id]")) watcher.observe(section);
}

let language = null;
try { language = localStorage.getItem(remembered); } catch { /* as above */ }
if (language) showLanguage(language);
for (const button of document.querySelectorAll("button[data-language]"))
  button.addEventListener("click", () => choose(button));
if (navigator.clipboard) document.querySelectorAll(".bar").forEach(addCopyButton);
menu.open = !narrow.matches;
narrow.addEventListener("change", () => { menu.open = !narrow.matches; });
menu.addEventListener("click", (event) => { if (narrow.matches && event.target.closest("a")) menu.open = false; });
menu.querySelector("summary").addEventListener("click", (event) => { if (!narrow.matches) event.preventDefault(); });
followReading();
