// What every page may use: menus that close, forms that are sent once. Every page works without this file.

// Times are shown in the reader's own zone from their second page on (portal/web/middleware.py).
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && !document.cookie.includes(`timezone=${zone}`)) {
  document.cookie = `timezone=${zone}; path=/; max-age=31536000; samesite=lax`;
}

// Only one menu of the header is open, and Escape or a click elsewhere closes it.
const closeMenus = (except) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (menu !== except) menu.open = false;
};
document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (!menu) return;
  closeMenus();
  menu.querySelector("summary").focus();
});

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

// A button beside a text that is to be carried elsewhere; without a clipboard it stays hidden.
for (const button of document.querySelectorAll("button[data-copies]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).textContent);
    button.parentElement.querySelector("[role=status]").textContent = button.dataset.copied;
  });
}

// Sharing by whatever the device offers, and printing; both need a script, so without one there is no button.
for (const button of document.querySelectorAll("button[data-shares]")) {
  button.hidden = !navigator.share;
  button.addEventListener("click", () => {
    // Whoever closes the device's own dialogue has changed their mind; nothing is to be said.
    navigator.share({ title: button.dataset.title, url: button.dataset.shares }).catch(() => {});
  });
}
for (const button of document.querySelectorAll("button[data-prints]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// After a refused form the reader stands at the summary of what is wrong.
document.getElementById("error-summary")?.focus();
