// An element with data-key="n" is followed, pressed or focused by that key; `?` lists the keys of the page. A key opens
// a panel and never closes it: in an open one it goes to the first field that is wrong, or to the first field.

const isTyping = (target) => target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
const targets = () => [...document.querySelectorAll("[data-key]")].filter((one) => !one.disabled && one.checkVisibility?.() !== false);

const nameOf = (element) => {
  if (element.dataset.keyName || element.ariaLabel) return element.dataset.keyName || element.ariaLabel;
  // A label may hold its control, and a disclosure its form: their texts are no part of the name.
  const named = element.labels?.[0] ?? (element.matches("details") ? element.querySelector("summary") : element);
  const copy = named.cloneNode(true);
  for (const hint of copy.querySelectorAll("kbd, select, input, textarea")) hint.remove();
  return copy.textContent.trim().replace(/\s+/g, " ");
};

const showHelp = () => {
  const dialog = document.getElementById("key-help").content.firstElementChild.cloneNode(true);
  const list = dialog.querySelector("[data-keys]");
  for (const element of targets().filter((one) => one.dataset.key !== "?").reverse()) {
    const key = document.createElement("kbd");
    const term = document.createElement("dt");
    const name = document.createElement("dd");
    key.textContent = element.dataset.key;
    name.textContent = nameOf(element);
    term.append(key);
    list.prepend(term, name);
  }
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
};

const act = (element) => {
  if (element.matches("input:not([type=checkbox], [type=radio]), textarea, select")) {
    element.focus();
  } else if (element.matches("details")) {
    element.open = true;
    element.querySelector("summary").focus();
  } else if (element.matches("details[open] > summary")) {
    const fields = "input:not([type=hidden]), textarea, select";
    const panel = element.parentElement;
    (panel.querySelector("[aria-invalid=true]") ?? panel.querySelector(fields) ?? element).focus();
  } else {
    element.click();
  }
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const target = event.key === "?" ? null : targets().find((one) => one.dataset.key === event.key);
  if (event.key !== "?" && !target) return;
  event.preventDefault();
  if (target) act(target);
  else showHelp();
});
