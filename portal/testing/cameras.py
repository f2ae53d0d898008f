"""A camera of a browser that shows a drawn document, for tests of what is photographed.

`window.paper` says where the document lies and how it looks; `window.running` counts the cameras that are on.
"""

from typing import Final

DRAWN_CAMERA: Final = """
window.paper = {left: 150, blur: 0, light: 1};
window.running = 0;
const canvas = document.createElement("canvas");
canvas.width = 1200;
canvas.height = 1600;
const context = canvas.getContext("2d");
const draw = () => {
    const {left, blur, light} = window.paper;
    context.filter = `blur(${blur}px) brightness(${light})`;
    context.fillStyle = "#3c3430";
    context.fillRect(-50, -50, 1300, 1700);
    context.fillStyle = "#f4f3ee";
    context.fillRect(left, 150, 1050 - left, 1300);
    context.fillStyle = "#19191e";
    context.font = "26px sans-serif";
    for (let line = 0; line < 32; line++) {
        context.fillText(`Line ${line} of a licence that was given to nobody, ${line * 7919}`, Math.max(left, 0) + 40, 210 + 38 * line);
    }
};
draw();
setInterval(draw, 100);
navigator.mediaDevices.getUserMedia = async () => {
    const stream = canvas.captureStream(10);
    const [track] = stream.getTracks();
    const stop = track.stop.bind(track);
    window.running++;
    track.stop = () => { window.running--; stop(); };
    return stream;
};
"""
