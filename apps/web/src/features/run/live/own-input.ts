/** A text of one's own, and the one token that should follow. */
export interface OwnText {
  text: string;
  want: string;
}

/** As the API takes it; null while there is no text. */
export const ownInput = ({ text, want }: OwnText): { text: string; answer?: string } | null =>
  text === ""
    ? null
    : { text, ...(want.trim() !== "" && { answer: want.startsWith(" ") ? want : ` ${want}` }) };
