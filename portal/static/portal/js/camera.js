// A button beside an upload field opens the camera in the page: the live picture, a frame in which the document should
// lie, and what is wrong right now. Where a page may not use the camera, the button opens the phone's own. Without this
// file there is neither; the field itself offers files as well. Nothing leaves the browser before the form is sent.

import { examine, listFaults } from "./examine.js";

const LOOK_MS = 330;
const WORDS_MS = 1000; // words that change faster can be neither read nor listened to
const TAKE_MS = 5000; // some cameras never answer
const WANTED = { facingMode: { ideal: "environment" }, width: { ideal: 4096 }, height: { ideal: 3072 } };
// What is said of the live picture, most important first: one at a time. That it is small says nothing of the photo.
const SAID = ["dark", "cut", "noEdges", "unreadable", "blurred"];

const later = (ms) => new Promise((_, fail) => setTimeout(() => fail(new Error("late")), ms));
const toJpeg = (image, width, height) => {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  canvas.getContext("2d").drawImage(image, 0, 0);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.92));
};
let current = null; // the camera that is open

class Camera {
  constructor(opener) {
    this.opener = opener;
    this.drop = opener.closest(".upload-drop");
    this.field = this.drop.querySelector('input[type="file"]').id;
    this.dialog = this.drop.querySelector("template[data-camera-dialog]").content.firstElementChild.cloneNode(true);
    this.words = this.dialog.querySelector("[role=status]");
    this.view = this.dialog.querySelector(".camera-view");
    this.video = this.dialog.querySelector("video");
    this.dialog.addEventListener("close", () => this.closed());
    this.dialog.addEventListener("click", ({ target }) => this[target.closest("button")?.dataset.does]?.());
    document.body.append(this.dialog);
    this.dialog.showModal();
  }

  button(name) {
    return this.dialog.querySelector(`[data-does="${name}"]`);
  }

  // Live or still: which buttons there are, and that "take" waits for a picture.
  show(still, canTake = false) {
    for (const group of this.dialog.querySelectorAll("[data-while]")) {
      group.hidden = (group.dataset.while === "still") !== still;
    }
    this.button("take").disabled = !canTake;
    this.video.hidden = still;
    if (!still) this.view.querySelector("canvas")?.remove();
  }

  async start() {
    this.show(false);
    this.say("opening");
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ video: WANTED, audio: false });
      this.stream = stream;
      if (!this.dialog.open) return this.stop();
      for (const track of stream.getTracks()) track.addEventListener("ended", () => this.fail());
      this.video.srcObject = stream;
      await this.video.play();
    } catch (error) {
      return this.fail(error);
    }
    this.show(false, true);
    this.button("take").focus();
    this.look();
  }

  look() {
    if (!this.stream) return;
    const { videoWidth, videoHeight } = this.video;
    if (videoWidth) {
      const { faults } = examine(this.video, videoWidth, videoHeight);
      this.tell(SAID.find((fault) => faults.includes(fault)) ?? "good");
    }
    setTimeout(() => this.look(), LOOK_MS);
  }

  // What was found twice in succession is said, and stands for a while.
  tell(found) {
    const again = found === this.found;
    this.found = found;
    if (again && found !== this.said && performance.now() - this.saidAt > WORDS_MS) this.say(found);
  }

  say(what) {
    this.said = what;
    this.saidAt = performance.now();
    this.words.textContent = this.words.dataset[what];
    this.view.classList.toggle("is-good", what === "good");
  }

  async take() {
    this.button("take").disabled = true;
    try {
      this.taken = await this.photograph();
      if (!this.dialog.open) return;
      this.stop();
      const bitmap = await createImageBitmap(this.taken, { imageOrientation: "from-image" });
      const { faults, picture } = examine(bitmap);
      bitmap.close();
      picture.canvas.setAttribute("role", "img");
      picture.canvas.setAttribute("aria-label", this.drop.dataset.saysFrame);
      this.view.append(picture.canvas);
      this.view.classList.toggle("is-good", !faults.length);
      this.words.replaceChildren(listFaults(faults, this.drop));
      this.show(true);
      this.button("use").focus();
    } catch (error) {
      this.fail(error);
    }
  }

  // A photo of all the pixels that the camera has, where the browser can take one; else the picture that is shown.
  async photograph() {
    try {
      const taken = new ImageCapture(this.stream.getVideoTracks()[0]).takePhoto();
      const photo = await Promise.race([taken, later(TAKE_MS)]);
      if (photo.type === "image/jpeg") return photo;
      const bitmap = await createImageBitmap(photo);
      return await toJpeg(bitmap, bitmap.width, bitmap.height);
    } catch {
      return toJpeg(this.video, this.video.videoWidth, this.video.videoHeight);
    }
  }

  again() {
    this.start();
  }

  use() {
    const field = document.getElementById(this.field);
    const name = `photo-${new Date().toLocaleString("sv").replace(/\D/g, "-")}.jpg`;
    const files = new DataTransfer();
    for (const file of field.multiple ? field.files : []) files.items.add(file);
    files.items.add(new File([this.taken], name, { type: this.taken.type }));
    this.dialog.close();
    field.files = files.files;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }

  cancel() {
    this.dialog.close();
  }

  stop() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = this.video.srcObject = null;
  }

  closed() {
    this.stop();
    this.dialog.remove();
    this.opener.focus();
    current = null;
  }

  // The phone's own camera needs no permission of the page. Who refused it learns why it is another one.
  fail(error) {
    if (!this.dialog.open) return;
    this.dialog.close();
    const place = this.opener.closest(".upload-camera");
    const own = preferOwn(place);
    const status = place.querySelector("[role=status]");
    if (error?.name === "NotAllowedError") status.textContent = status.dataset.refused;
    own.focus();
    own.click();
  }
}

const preferOwn = (place, own = true) => {
  place.querySelector("[data-opens-camera]").hidden = own;
  place.querySelector("[data-own-camera]").hidden = !own;
  return place.querySelector("input[capture]");
};

// Where there is a camera to hold.
const offerCamera = () => {
  if (!matchMedia("(pointer: coarse)").matches) return;
  for (const camera of document.querySelectorAll("template[data-camera]")) {
    preferOwn(camera.content, !navigator.mediaDevices?.getUserMedia);
    camera.replaceWith(camera.content);
  }
};
offerCamera();
document.addEventListener("portal:shown", offerCamera);
document.addEventListener("htmx:load", offerCamera);

document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-opens-camera]");
  if (!opener || current) return;
  current = new Camera(opener);
  current.start();
});

// Nobody is filmed who does not look. A photo that was taken stays.
const leave = () => current?.stream && current.cancel();
window.addEventListener("pagehide", leave);
document.addEventListener("visibilitychange", () => document.hidden && leave());
