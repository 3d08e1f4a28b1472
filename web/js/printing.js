// Whether the page is being printed: then lists are whole and tabs stand below each
// other, drawn at once, because the browser takes the page as it is right then.

let printing = false;

export function isPrinting() {
  return printing;
}

/** @param {() => void} draw draws everything anew before it returns */
export function startPrinting(draw) {
  window.addEventListener("beforeprint", () => {
    printing = true;
    draw();
  });
  window.addEventListener("afterprint", () => {
    printing = false;
    draw();
  });
}
