const SVG = "http://www.w3.org/2000/svg";

/** A copy of a part of the page that needs no program behind it: what is on the screen, without anything to press. */
export function stillCopy(part: HTMLElement): HTMLElement {
  const copy = part.cloneNode(true) as HTMLElement;
  for (const element of copy.querySelectorAll("[data-export=no], [role=progressbar], .skeleton"))
    element.remove();
  for (const group of copy.querySelectorAll<HTMLElement>("[role=group], [role=radiogroup]")) sayChosen(group);
  copySelects(part, copy);
  for (const button of copy.querySelectorAll("button")) {
    // Names of runs and verdicts are pressed in tables; what stands elsewhere acts on the page.
    if (button.closest("table") && button.textContent?.trim()) become(button, "span");
    else button.remove();
  }
  for (const link of copy.querySelectorAll("a")) become(link, "span");
  for (const element of copy.querySelectorAll<HTMLElement | SVGElement>("[data-tip]")) tipToTitle(element);
  for (const element of copy.querySelectorAll("[tabindex]")) element.removeAttribute("tabindex");
  for (const element of copy.querySelectorAll("[data-hovered], [data-selected]"))
    for (const name of ["data-hovered", "data-selected"]) element.removeAttribute(name);
  return copy;
}

/** A row of choices becomes the one that is chosen. */
function sayChosen(group: HTMLElement): void {
  const chosen = group.querySelector("[data-state=on], [aria-checked=true]");
  if (!chosen) return;
  const text = document.createElement("span");
  text.className = "label";
  text.textContent = chosen.textContent;
  group.replaceWith(text);
}

/** A list of choices becomes the one that is chosen; copies do not know it, the originals do. */
function copySelects(part: HTMLElement, copy: HTMLElement): void {
  const originals = [...part.querySelectorAll("select")];
  [...copy.querySelectorAll("select")].forEach((select, at) => {
    const text = document.createElement("span");
    text.className = "label";
    text.textContent = originals[at]?.selectedOptions[0]?.textContent ?? "";
    select.replaceWith(text);
  });
}

function become(element: Element, name: string): void {
  const other = document.createElement(name);
  for (const attribute of ["class", "data-tip"]) {
    const value = element.getAttribute(attribute);
    if (value !== null) other.setAttribute(attribute, value);
  }
  other.append(...element.childNodes);
  element.replaceWith(other);
}

/** Tooltips that the browser shows by itself. */
function tipToTitle(element: HTMLElement | SVGElement): void {
  const tip = (element.getAttribute("data-tip") ?? "").replaceAll("\t", ": ");
  element.removeAttribute("data-tip");
  if (element instanceof SVGElement) {
    const title = document.createElementNS(SVG, "title");
    title.textContent = tip;
    element.prepend(title);
    // The title says the same and more: one name is enough.
    element.removeAttribute("aria-label");
  } else {
    element.title = tip;
  }
}

/** All rules of the page's style sheets. */
export const pageStyles = (): string =>
  [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules].map(({ cssText }) => cssText)).join("\n");
