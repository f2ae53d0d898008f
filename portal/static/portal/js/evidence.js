// Lays the copy's picture over the original's with a line that divides them. Without this file the two pictures
// lie beside each other.

for (const part of document.querySelectorAll(".comparison-evidence [data-needs-script]")) part.hidden = false;

for (const figure of document.querySelectorAll("[data-wipe]")) {
  const slider = figure.querySelector("[data-wipe-at]");
  const show = () => figure.style.setProperty("--wipe", `${slider.value}%`);
  figure.classList.add("is-wiping");
  slider.addEventListener("input", show);
  show();
  // A mouse or finger on the picture moves the line, too; the keyboard has the slider.
  const pictures = figure.querySelector(".wipe-pictures");
  const follow = (event) => {
    const box = pictures.getBoundingClientRect();
    slider.value = Math.round(((event.clientX - box.left) / box.width) * 100);
    show();
  };
  pictures.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    pictures.setPointerCapture(event.pointerId);
    follow(event);
  });
  pictures.addEventListener("pointermove", (event) => pictures.hasPointerCapture(event.pointerId) && follow(event));
}
