// Says what examine.js finds in a photo of a document before it is sent.
// It only warns, also of what could not be measured; the photo can be sent all the same. Nothing leaves the browser here. Without this file nothing is said.

import { examine, listFaults } from "./examine.js";

// The photo, reduced, with the frame in which the document should lie.
const drawFrame = ({ canvas, width, height }, label) => {
  const shown = document.createElement("canvas");
  const scale = 240 / Math.max(width, height);
  shown.width = Math.round(width * scale);
  shown.height = Math.round(height * scale);
  shown.setAttribute("role", "img");
  shown.setAttribute("aria-label", label);
  const context = shown.getContext("2d");
  context.drawImage(canvas, 0, 0, shown.width, shown.height);
  const inset = Math.round(Math.min(shown.width, shown.height) * 0.06);
  for (const [colour, dash] of [["#000", []], ["#fff", [6, 6]]]) {
    context.strokeStyle = colour;
    context.lineWidth = 2;
    context.setLineDash(dash);
    context.strokeRect(inset, inset, shown.width - 2 * inset, shown.height - 2 * inset);
  }
  return shown;
};

const say = (place, drop, { faults, picture }) => {
  const box = document.createElement("div");
  box.className = "photo-check";
  box.append(drawFrame(picture, drop.dataset.saysFrame), listFaults(faults, drop));
  place.append(box);
};

document.addEventListener("change", async (event) => {
  const field = event.target;
  const drop = field.type === "file" && field.closest?.("[data-says-blurred]");
  if (!drop) return;
  const name = field.name;
  drop.querySelector(`.photo-checks[data-of="${CSS.escape(name)}"]`)?.remove();
  const photos = [...field.files].filter((file) => /^image\//.test(file.type));
  if (!photos.length) return;
  const place = document.createElement("div");
  place.className = "photo-checks";
  place.dataset.of = name;
  place.setAttribute("role", "status");
  drop.append(place);
  for (const photo of photos) {
    try {
      const bitmap = await createImageBitmap(photo, { imageOrientation: "from-image" });
      say(place, drop, examine(bitmap));
      bitmap.close();
    } catch {
      // What the browser cannot open is judged after it was sent.
    }
  }
});
