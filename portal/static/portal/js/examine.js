// Measures the picture of a document: is it sharp, bright and large enough, and are all edges in it?
// photos.js asks it of photos that were chosen, camera.js of what the camera shows. It does nothing by itself.

const SIDE = 1200; // px, the long side at which a photo is looked at
const BLOCK = 40; // px, a side of the squares whose sharpness is compared
const SHARP = 0.12; // Drawn papers: sharp ones 0.36 and more, blurred by 6 px of 4,200 at most 0.06.
const DARK = 50; // of 255, the median
const SMALL = 900; // px, the long side
const BAND = 0.03; // the part of a side that is compared with the middle
const STEP = 40; // of 255, by which a table differs from a document

// The picture in shades of grey, reduced.
const readGrey = (image, width, height) => {
  const scale = Math.min(1, SIDE / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingQuality = "high";
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
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

// The median of the shades in a part of the picture; counted, since the camera's pictures are looked at all the time.
const shadeOf = ({ grey, width, height }, left, top, right, bottom) => {
  const counts = new Uint32Array(256);
  let all = 0;
  for (let y = Math.floor(top * height); y < bottom * height; y += 2) {
    for (let x = Math.floor(left * width); x < right * width; x += 2, all++) counts[Math.round(grey[y * width + x])]++;
  }
  let shade = 0;
  for (let below = counts[0]; below * 2 <= all && shade < 255; below += counts[shade]) shade++;
  return shade;
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

// What is wrong with a photo, or with what a camera shows. That a dark one shows too little to be measured is not said
// as well. A video tells its size elsewhere than a bitmap does.
export const examine = (image, width = image.width, height = image.height) => {
  const picture = readGrey(image, width, height);
  const sharp = sharpness(picture);
  const tables = countTableSides(picture);
  const dark = shadeOf(picture, 0, 0, 1, 1) < DARK;
  const faults = [];
  if (sharp === null && !dark) faults.push("unreadable");
  if (sharp !== null && sharp < SHARP) faults.push("blurred");
  if (tables === 0 && !dark) faults.push("noEdges");
  if (tables > 0 && tables < 4) faults.push("cut");
  if (dark) faults.push("dark");
  if (Math.max(width, height) < SMALL) faults.push("small");
  return { faults, picture, sharp };
};

// The words for it, as the upload field has them in its data.
export const listFaults = (faults, drop) => {
  const words = document.createElement("ul");
  for (const fault of faults.length ? faults : ["good"]) {
    const row = document.createElement("li");
    row.className = faults.length ? "is-warned" : "is-good";
    row.textContent = drop.dataset[`says${fault[0].toUpperCase()}${fault.slice(1)}`];
    words.append(row);
  }
  return words;
};
