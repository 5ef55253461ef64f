/** Sentence parts that ask for no fact, to stand behind a lead-in: what a model does at the end of any sentence. */
export const NEUTRAL_CLAUSES = [
  { id: "weather", text: "the weather this morning was rather" },
  { id: "table", text: "the old table in the kitchen needed a new" },
  { id: "meeting", text: "the meeting on Thursday lasted until" },
  { id: "walk", text: "a long walk after dinner is good for the" },
  { id: "letter", text: "the letter on the desk had been opened by" },
  { id: "garden", text: "the flowers in the garden were about to" },
  { id: "bus", text: "the last bus of the evening was already" },
  { id: "idea", text: "nobody at the office had a better" },
] as const;
