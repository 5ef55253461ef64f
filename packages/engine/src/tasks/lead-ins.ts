/** Sentence openings put before a core clause, shared by all tasks; the empty one gives the plain frame. */
export const LEAD_INS = [
  { id: "none", text: "" },
  { id: "fact", text: "Fact:" },
  { id: "agreed", text: "Everyone agreed that" },
  { id: "notes", text: "My notes say that" },
  { id: "guide", text: "The guide explained that" },
  { id: "known", text: "It is widely known that" },
  { id: "wrote", text: "She wrote down that" },
  { id: "quiz", text: "The quiz answer was that" },
  { id: "travellers", text: "Travellers soon learn that" },
  { id: "almanac", text: "The almanac states that" },
  { id: "remembered", text: "He remembered that" },
  { id: "reflection", text: "On reflection," },
  { id: "clear", text: "One thing is clear:" },
] as const;
