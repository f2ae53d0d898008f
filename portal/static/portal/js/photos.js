// Looks at a photo of a document before it is sent: is it sharp, bright and large enough, and are all edges in it?
// It only warns, also of what it could not measure; the photo can be sent all the same. Nothing leaves the browser here. Without this file nothing is said.

const SIDE = 1200; // px, the long side at which a photo is looked at
const BLOCK = 40; // px, a side of the squares whose sharpness is compared
const SHARP = 0.12; // Drawn papers: sharp ones 0.36 and more, blurred by 6 px of 4,200 at most 0.06.
const DARK = 50; // of 255, the median
const SMALL = 900; // px, the long side
const BAND = 0.03; // the part of a side that is compared with the middle
const STEP = 40; // of 255, by which a table differs from a document

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1] ?? 0;

// The picture in shades of grey, reduced.
const readGrey = (bitmap) => {
  const scale = Math.min(1, SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  const grey = new Float32Array(canvas.width * canvas.height);
  for (let at = 0; at < grey.length; at++) {
    grey[at] = 0.299 * data[at * 4] + 0.587 * data[at * 4 + 1] + 0.114 * data[at * 4 + 2];
  }
  return { canvas, grey, width: canvas.width, height: canvas.height };
};

const variance = (sum, squares, count) => squares / count - (sum / count) ** 2;

// How steep edges are in squares that have some: the variance of the Laplacian over that of the shades, upper quartile.
// Null where there are too few such squares: nothing is written there, or it is blurred too much to be seen.
const sharpness = ({ grey, width, height }) => {
  const found = [];
  for (let top = 1; top + BLOCK < height; top += BLOCK) {
    for (let left = 1; left + BLOCK < width; left += BLOCK) {
      let sum = 0, squares = 0, steep = 0, steepSquares = 0;
      for (let y = top; y < top + BLOCK; y++) {
        for (let at = y * width + left, end = at + BLOCK; at < end; at++) {
          const shade = grey[at];
          const edge = 4 * shade - grey[at - 1] - grey[at + 1] - grey[at - width] - grey[at + width];
          sum += shade; squares += shade * shade; steep += edge; steepSquares += edge * edge;
        }
      }
      const contrast = variance(sum, squares, BLOCK * BLOCK);
      if (contrast > 200) found.push(variance(steep, steepSquares, BLOCK * BLOCK) / contrast);
    }
  }
  found.sort((a, b) => a - b);
  return found.length < 8 ? null : found[Math.floor(found.length * 0.75)];
};

const shadeOf = ({ grey, width, height }, left, top, right, bottom) => {
  const found = [];
  for (let y = Math.floor(top * height); y < bottom * height; y += 2) {
    for (let x = Math.floor(left * width); x < right * width; x += 2) found.push(grey[y * width + x]);
  }
  return median(found);
};

// How many of the four sides show a table. Where none does, the edges cannot be seen: the document reaches over all of
// them, as a scan does, or it lies on something as light as itself.
const countTableSides = (picture) => {
  const middle = shadeOf(picture, 0.3, 0.3, 0.7, 0.7);
  const sides = [
    shadeOf(picture, 0.2, 0, 0.8, BAND), shadeOf(picture, 0.2, 1 - BAND, 0.8, 1),
    shadeOf(picture, 0, 0.2, BAND, 0.8), shadeOf(picture, 1 - BAND, 0.2, 1, 0.8),
  ];
  return sides.filter((shade) => Math.abs(shade - middle) > STEP).length;
};

// What is wrong with a photo. That a dark one shows too little to be measured is not said as well.
export const examine = (bitmap) => {
  const picture = readGrey(bitmap);
  const sharp = sharpness(picture);
  const tables = countTableSides(picture);
  const dark = shadeOf(picture, 0, 0, 1, 1) < DARK;
  const faults = [];
  if (sharp === null && !dark) faults.push("unreadable");
  if (sharp !== null && sharp < SHARP) faults.push("blurred");
  if (tables === 0 && !dark) faults.push("noEdges");
  if (tables > 0 && tables < 4) faults.push("cut");
  if (dark) faults.push("dark");
  if (Math.max(bitmap.width, bitmap.height) < SMALL) faults.push("small");
  return { faults, picture, sharp };
};

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
  const words = document.createElement("ul");
  for (const fault of faults.length ? faults : ["good"]) {
    const row = document.createElement("li");
    row.className = faults.length ? "is-warned" : "is-good";
    row.textContent = drop.dataset[`says${fault[0].toUpperCase()}${fault.slice(1)}`];
    words.append(row);
  }
  box.append(drawFrame(picture, drop.dataset.saysFrame), words);
  place.append(box);
};

// Where there is a camera to hold, a second button opens it; the field itself offers files as well.
const offerCamera = () => {
  if (!matchMedia("(pointer: coarse)").matches) return;
  for (const camera of document.querySelectorAll("template[data-camera]")) camera.replaceWith(camera.content);
};
offerCamera();
document.addEventListener("portal:shown", offerCamera);
document.addEventListener("htmx:load", offerCamera);

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
