const SPECIAL: Record<string, string> = {
  "\\": "\\textbackslash{}",
  "{": "\\{",
  "}": "\\}",
  $: "\\$",
  "&": "\\&",
  "#": "\\#",
  _: "\\_",
  "%": "\\%",
  "^": "\\textasciicircum{}",
  "~": "\\textasciitilde{}",
  "<": "\\textless{}",
  ">": "\\textgreater{}",
  "|": "\\textbar{}",
  '"': "\\textquotedbl{}",
  "'": "\\textquotesingle{}",
  "`": "\\textasciigrave{}",
  // At the start of a row these would belong to the line break before it.
  "[": "{[}",
  "]": "{]}",
  "*": "{*}",
  // Two of them would become one sign.
  "-": "-{}",
  ",": ",{}",
  "?": "?{}",
  "!": "!{}",
};

/**
 * Any text as LaTeX that prints it: nothing in it is a command, a comment or a ligature any more, and its spaces stay. Control
 * characters and halves of pairs, which no font has, are printed as U+XXXX.
 */
export function latexText(text: string): string {
  const chars = Array.from(text);
  const printed = chars.map((char, i) => {
    const code = char.codePointAt(0)!;
    if (char === " ") return i === 0 || i === chars.length - 1 || chars[i - 1] === " " ? "\\ " : " ";
    if (code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0xd800 && code < 0xe000))
      return `\\texttt{U+${code.toString(16).toUpperCase().padStart(4, "0")}}`;
    return SPECIAL[char] ?? char;
  });
  return printed.join("");
}

/**
 * A number in math mode with so many significant digits.
 * @param digits 1 to 17
 */
export function latexNumber(value: number, digits: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 10 ** digits)
    return `$${Object.is(value, -0) ? 0 : value}$`;
  const [mantissa, exponent] = value.toPrecision(digits).split("e");
  return exponent === undefined ? `$${mantissa}$` : `$${mantissa} \\times 10^{${Number(exponent)}}$`;
}
