// Usual values below a field, and errors that go once their field is changed. Pages work without this file.

import { isChanged } from "./typed.js";

const pad = (number) => String(number).padStart(2, "0");
const dayAgo = (days) => {
  const day = new Date();
  day.setDate(day.getDate() - days);
  return `${day.getFullYear()}-${pad(day.getMonth() + 1)}-${pad(day.getDate())}`;
};

const showPresets = (place) => {
  for (const presets of place.querySelectorAll(".presets")) presets.hidden = false;
};
showPresets(document);
document.addEventListener("portal:shown", (event) => showPresets(event.target));
document.addEventListener("click", (event) => {
  const button = event.target.closest(".presets button");
  if (!button) return;
  const field = document.getElementById(button.parentElement.dataset.fills);
  field.value = button.dataset.fill ?? dayAgo(Number(button.dataset.daysAgo));
  for (const name of ["input", "change"]) field.dispatchEvent(new Event(name, { bubbles: true }));
});

// What was refused is the value that the page came with: the error stands for as long as the field holds it.
const mend = (input) => {
  const place = input.closest("fieldset, .field");
  const errors = place ? [...place.querySelectorAll(".field-error")].filter((one) => one.id.includes("_error")) : [];
  if (!errors.length) return;
  const mended = isChanged(input);
  for (const error of errors) error.hidden = mended;
  if (mended) input.removeAttribute("aria-invalid");
  else input.setAttribute("aria-invalid", "true");
  const summary = document.getElementById("error-summary");
  const lines = [...(summary?.querySelectorAll("li") ?? [])];
  for (const line of lines) {
    const target = document.getElementById(line.querySelector("a")?.hash.slice(1));
    if (target && place.contains(target)) line.hidden = mended;
  }
  if (lines.length) summary.hidden = lines.every((line) => line.hidden);
};
for (const name of ["input", "change"]) document.addEventListener(name, (event) => mend(event.target));

// The date of a document is stored with its file, so it is asked for once a file is chosen.
const showDates = () => {
  for (const place of document.querySelectorAll("[data-shown-with]")) {
    const file = document.getElementById(place.dataset.shownWith);
    const date = place.querySelector("input");
    place.hidden = !file?.files.length && !date.value && date.getAttribute("aria-invalid") !== "true";
  }
};
showDates();
for (const name of ["input", "change", "portal:shown", "htmx:afterSettle"]) document.addEventListener(name, showDates);
