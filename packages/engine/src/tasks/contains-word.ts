/** Whether a text contains a word or phrase as such: not as a part of a longer word. Case counts. */
export const containsWord = (text: string, word: string): boolean => wordPlaces(text, word).length > 0;

/** Where a word or phrase stands in a text as such: offsets of its first characters. */
export function wordPlaces(text: string, word: string): number[] {
  // Tasks ask this of every clause and fact, and the answer is nearly always no.
  if (!text.includes(word)) return [];
  const escaped = word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])`, "gu");
  return [...text.matchAll(pattern)].map(({ index }) => index);
}
