import { z } from "zod";

/** Control characters and halves of surrogate pairs: a text column holds neither, and nobody sees them. */
const UNSEEN = /[\p{Cc}\p{Cs}]/u;
const UNSEEN_IN_NOTES = /[^\P{Cc}\n\r\t]|\p{Cs}/u;

/** Whether a one-line text holds characters that a text column cannot hold, or that nobody sees. */
export const hasUnseen = (text: string): boolean => UNSEEN.test(text);

export const MAX_NAME = 200;
export const MAX_NOTE = 10_000;

/** One line that somebody writes: 1 to `most` characters, without outer blanks. @param what how errors call it */
export const line = (what: string, most: number) => {
  const error = `${what}: allowed are 1 to ${most} characters in one line`;
  return z
    .string()
    .transform((text) => text.trim().normalize("NFC"))
    .refine((text) => text.length > 0 && text.length <= most && !hasUnseen(text), { error });
};

/** The same kept as it is, and perhaps empty. */
export const optionalLine = (what: string, most: number) =>
  z.string().refine((text) => text.length <= most && !hasUnseen(text), {
    error: `${what}: allowed are up to ${most} characters in one line`,
  });

/** The name of something that people keep. */
export const name = (what: string) => line(`${what} name`, MAX_NAME);

/** A note in plain text or Markdown; an empty one is none. */
export const note = z
  .string()
  .transform((text) => text.trim() || null)
  .refine((text) => text === null || (text.length <= MAX_NOTE && !UNSEEN_IN_NOTES.test(text)), {
    error: `note: allowed are up to ${MAX_NOTE} characters of plain text`,
  })
  .nullish();
