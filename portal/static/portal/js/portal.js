// What every page may use: keys for things on the page, and upload fields that take dropped files.
// Every page works without this file.

const typing = (target) => target.closest("input, textarea, select, [contenteditable]");

// An element with data-key="n" is followed, pressed or focused by that key.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!target) return;
  event.preventDefault();
  if (target.matches("input, textarea, select, details")) {
    target.focus();
    if (target.matches("details")) target.open = true;
  } else {
    target.click();
  }
});

// Only one menu of the header is open, and Escape or a click elsewhere closes it.
const closeMenus = (except) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (menu !== except) menu.open = false;
};
document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
document.addEventListener("keydown", (event) => event.key === "Escape" && closeMenus());

// Files may be dropped on an upload field; the browser's own field stays the one that sends them.
for (const field of document.querySelectorAll('input[type="file"]')) {
  const zone = field.closest(".upload-drop") ?? field;
  for (const name of ["dragover", "dragleave", "drop"]) {
    zone.addEventListener(name, (event) => {
      event.preventDefault();
      zone.classList.toggle("is-over", name === "dragover");
      if (name === "drop") {
        field.files = event.dataTransfer.files;
        field.dispatchEvent(new Event("change", { bubbles: true }));
      }
    });
  }
}

// A form is sent once: a second click while the first is under way does nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 8000);
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// After a refused form the reader stands at the summary of what is wrong.
document.getElementById("error-summary")?.focus();
