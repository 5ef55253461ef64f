/** A picture of a figure that stands alone. Sizes are CSS pixels. */
export interface Drawing {
  svg: string;
  width: number;
  height: number;
}

const SVG = "http://www.w3.org/2000/svg";
const FOOTER = { size: 10, line: 14, padding: 14 };

/** What the browser computes for a shape from classes and variables, written out. */
const INLINED = [
  "fill",
  "fill-opacity",
  "stroke",
  "stroke-width",
  "stroke-opacity",
  "stroke-dasharray",
  "opacity",
  "font-family",
  "font-size",
  "font-weight",
  "font-variant-numeric",
  "text-anchor",
  "dominant-baseline",
  "paint-order",
] as const;

/**
 * A figure as it is on the screen: its words, legend and shapes at their places, in the theme's colours, with `footer` below.
 * Buttons and other things to use (`data-export="no"`) are left out; tooltips become titles.
 */
export function drawFigure(figure: HTMLElement, footer: readonly string[]): Drawing {
  const frame = figure.getBoundingClientRect();
  const style = getComputedStyle(figure);
  const svg = create("svg", { xmlns: SVG, "font-family": style.fontFamily });
  const paper = create("rect", { width: "100%", height: "100%", fill: style.backgroundColor });
  svg.append(paper);
  for (const child of figure.childNodes) draw(child, svg, frame);

  const padding = Number.parseFloat(style.paddingLeft);
  const ink = getComputedStyle(document.documentElement).getPropertyValue("--ink-3");
  const font = `${FOOTER.size}px ${style.fontFamily}`;
  const lines = footer.flatMap((line) => wrap(line, frame.width - 2 * padding, font));
  lines.forEach((line, at) => {
    const y = frame.height + FOOTER.line * (at + 0.7);
    svg.append(textAt(line, { x: padding, y, "font-size": FOOTER.size, fill: ink }));
  });
  const width = Math.ceil(frame.width);
  const height = Math.ceil(
    frame.height + (lines.length > 0 ? lines.length * FOOTER.line + FOOTER.padding : 0),
  );
  for (const [name, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}` }))
    svg.setAttribute(name, String(value));
  return { svg: new XMLSerializer().serializeToString(svg), width, height };
}

/** Pixels of a drawing at twice its size. */
export async function rasterise({ svg, width, height }: Drawing): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = width * 2;
  canvas.height = height * 2;
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("this browser makes no PNG files")))),
  );
}

function draw(node: Node, into: Element, frame: DOMRect): void {
  if (node instanceof Text) drawText(node, into, frame);
  if (!(node instanceof HTMLElement || node instanceof SVGSVGElement)) return;
  if (node.matches("[data-export=no], button, input, select, [role=slider]")) return;
  const style = getComputedStyle(node);
  const box = node.getBoundingClientRect();
  if (style.visibility === "hidden" || style.opacity === "0" || box.width <= 1) return;
  if (node instanceof SVGSVGElement) drawShapes(node, box, into, frame);
  else {
    drawBox(style, box, into, frame);
    for (const child of node.childNodes) draw(child, into, frame);
  }
}

/** Background and border of an element, such as a legend's swatch. */
function drawBox(style: CSSStyleDeclaration, box: DOMRect, into: Element, frame: DOMRect): void {
  const border = style.borderTopStyle === "none" ? 0 : Number.parseFloat(style.borderTopWidth);
  const lines = style.borderLeftStyle === "none" ? 0 : Number.parseFloat(style.borderLeftWidth);
  const filled = !/^(transparent|rgba\(.*, 0\))$/.test(style.backgroundColor);
  const place = { x: box.left - frame.left, y: box.top - frame.top, width: box.width, height: box.height };
  if (filled || (border > 0 && lines > 0))
    into.append(
      create("rect", {
        x: place.x + border / 2,
        y: place.y + border / 2,
        width: Math.max(0, place.width - border),
        height: Math.max(0, place.height - border),
        rx: Math.min(Number.parseFloat(style.borderTopLeftRadius) || 0, place.height / 2),
        fill: filled ? style.backgroundColor : "none",
        ...(border > 0 && { stroke: style.borderTopColor, "stroke-width": border }),
      }),
    );
  else if (border > 0) into.append(create("rect", { ...place, height: border, fill: style.borderTopColor }));
}

/** A copy of a drawing inside the figure, its styles written out. */
function drawShapes(svg: SVGSVGElement, box: DOMRect, into: Element, frame: DOMRect): void {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const originals = [svg, ...svg.querySelectorAll<SVGElement>("*")];
  const copies = [copy, ...copy.querySelectorAll<SVGElement>("*")];
  copies.forEach((element, index) => {
    const style = getComputedStyle(originals[index] as Element);
    for (const property of INLINED) {
      const value = style.getPropertyValue(property);
      if (value && value !== "none" && value !== "normal") element.setAttribute(property, value);
    }
    const tip = element.getAttribute("data-tip");
    if (tip) {
      const title = document.createElementNS(SVG, "title");
      title.textContent = tip.replaceAll("\t", ": ");
      element.prepend(title);
    }
    for (const name of ["class", "style", "data-tip", "data-hovered", "tabindex", "role"])
      element.removeAttribute(name);
  });
  for (const style of copy.querySelectorAll("style")) style.remove();
  const place = { x: box.left - frame.left, y: box.top - frame.top, width: box.width, height: box.height };
  for (const [name, value] of Object.entries({
    ...place,
    overflow: "visible",
    color: getComputedStyle(svg).color,
  }))
    copy.setAttribute(name, String(value));
  into.append(copy);
}

/** The words of a text node, line by line as the browser broke them. */
function drawText(node: Text, into: Element, frame: DOMRect): void {
  const parent = node.parentElement;
  if (!parent || !node.data.trim()) return;
  const style = getComputedStyle(parent);
  const range = document.createRange();
  const lines: { words: string[]; left: number; rect: DOMRect }[] = [];
  for (const { 0: word, index } of node.data.matchAll(/\S+/g)) {
    range.setStart(node, index);
    range.setEnd(node, index + word.length);
    const rect = range.getBoundingClientRect();
    const line = lines.at(-1);
    if (line && Math.abs(line.rect.top - rect.top) < 2) line.words.push(word);
    else lines.push({ words: [word], left: rect.left, rect });
  }
  const font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  const { fontBoundingBoxAscent: ascent, fontBoundingBoxDescent: descent } = measure("x", font);
  for (const { words, left, rect } of lines) {
    const y = rect.top - frame.top + (rect.height - ascent - descent) / 2 + ascent;
    const text = textAt(words.join(" "), {
      x: left - frame.left,
      y,
      fill: style.color,
      "font-size": style.fontSize,
      "font-weight": style.fontWeight,
      "font-style": style.fontStyle,
      "font-family": style.fontFamily,
      "font-variant-numeric": style.fontVariantNumeric,
      "letter-spacing": style.letterSpacing,
    });
    into.append(text);
  }
}

let pen: CanvasRenderingContext2D | null = null;
function measure(text: string, font: string): TextMetrics {
  pen ??= document.createElement("canvas").getContext("2d");
  if (!pen) throw new Error("this browser measures no text");
  pen.font = font;
  return pen.measureText(text);
}

function wrap(text: string, width: number, font: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const longer = lines.length === 0 ? word : `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && measure(longer, font).width <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

const textAt = (text: string, attributes: Record<string, string | number>): SVGElement => {
  const element = create("text", attributes);
  element.textContent = text;
  return element;
};

function create(name: string, attributes: Record<string, string | number>): SVGElement {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}
