import { saveFile } from "./saveFile";

/** Pixels of the picture for one of the screen: sharp in slides and on dense screens. */
const SCALE = 2;
/** Browsers draw nothing that is higher, in pixels. */
const MAX_HEIGHT = 16_000;
/** Around what is pictured, in pixels of the screen. */
const MARGIN = 16;
/** What only serves people at the screen, such as buttons. */
const NOT_PICTURED = "[data-not-pictured]";
const SVG = "http://www.w3.org/2000/svg";

/**
 * Save an element, as it is shown, as a PNG file.
 *
 * A copy of it with the page's styles is drawn as an image. In the copy it has the attribute `data-picture`, by which
 * styles show what the window does not. Libraries write the computed style of each element beside it instead, which
 * takes more than half a minute for a grid of retention.
 *
 * @param name of the file, without its ending.
 */
export async function savePicture(element: HTMLElement, name: string): Promise<void> {
  // Charts that were never in the window draw themselves, as for paper.
  window.dispatchEvent(new Event("beforeprint"));
  const drawn = await copyOf(element);
  const { width, height } = sizeOf(drawn);
  const [outerWidth, outerHeight] = [width + 2 * MARGIN, height + 2 * MARGIN];
  const page = pageOf(drawn, await pageStyles(), height);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(page))}`;
  await image.decode();
  const scale = Math.min(SCALE, MAX_HEIGHT / outerHeight);
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(outerWidth * scale);
  canvas.height = Math.round(outerHeight * scale);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("This browser has no canvas.");
  context.fillStyle = getComputedStyle(document.body).backgroundColor;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.scale(scale, scale);
  context.drawImage(image, MARGIN, MARGIN);
  const file = await new Promise<Blob | null>((resolve) => {
    canvas.toBlob(resolve, "image/png");
  });
  if (!file) throw new Error("The picture is too large for this browser.");
  saveFile(file, `${name.slice(0, 80)}.png`);
}

/** A copy with what a document elsewhere would lack: the state of its fields, and its images. */
async function copyOf(element: HTMLElement): Promise<HTMLElement> {
  const copy = element.cloneNode(true) as HTMLElement;
  const fields = element.querySelectorAll("input");
  for (const [index, field] of copy.querySelectorAll("input").entries()) {
    field.toggleAttribute("checked", fields[index]?.checked);
  }
  for (const one of copy.querySelectorAll(NOT_PICTURED)) one.remove();
  await Promise.all([...copy.querySelectorAll("img")].map(async (image) => {
    image.src = await dataAddress(image.src);
  }));
  copy.style.width = `${String(element.clientWidth)}px`;
  copy.dataset["picture"] = "";
  return copy;
}

/** How large a copy is, in pixels; it is higher or lower than what it is a copy of. */
function sizeOf(copy: HTMLElement): { width: number; height: number } {
  copy.style.position = "absolute";
  copy.style.visibility = "hidden";
  document.body.append(copy);
  const { width, height } = copy.getBoundingClientRect();
  copy.remove();
  copy.style.position = "";
  copy.style.visibility = "";
  return { width: Math.ceil(width), height: Math.ceil(height) };
}

/** A page with only this element, as an image. It is as wide as the window, by which styles differ. */
function pageOf(element: HTMLElement, styles: string, height: number): SVGElement {
  const svg = document.createElementNS(SVG, "svg");
  // Styles for the page's root find it here.
  for (const { name, value } of document.documentElement.attributes) svg.setAttribute(name, value);
  svg.setAttribute("width", String(window.innerWidth));
  svg.setAttribute("height", String(height));
  const style = document.createElementNS(SVG, "style");
  style.textContent = styles;
  const place = document.createElementNS(SVG, "foreignObject");
  place.setAttribute("width", "100%");
  place.setAttribute("height", "100%");
  const body = document.body.cloneNode(false) as HTMLElement;
  body.append(element);
  place.append(body);
  svg.append(style, place);
  return svg;
}

/** Every style of the page, with the fonts that it uses. */
async function pageStyles(): Promise<string> {
  const used = new Set([...document.fonts].filter(({ status }) => status === "loaded").map(({ unicodeRange }) => unicodeRange));
  const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules].map((rule) => ({ rule, base: sheet.href ?? location.href })));
  const texts = await Promise.all(rules.map(async ({ rule, base }) => {
    if (!(rule instanceof CSSFontFaceRule)) return rule.cssText;
    return used.has(rule.style.getPropertyValue("unicode-range")) ? withFont(rule.cssText, base) : "";
  }));
  return texts.join("\n");
}

async function withFont(rule: string, base: string): Promise<string> {
  const address = /url\("?([^")]+)"?\)/u.exec(rule)?.[1];
  return address === undefined ? rule : rule.replace(address, await dataAddress(new URL(address, base).href));
}

/** What an address has, as an address of its own: an image may load nothing. */
async function dataAddress(address: string): Promise<string> {
  const content = await (await fetch(address)).blob();
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => {
      resolve(reader.result as string);
    };
    reader.onerror = () => {
      reject(reader.error ?? new Error());
    };
    reader.readAsDataURL(content);
  });
}
