import { EngineError } from "../../errors.ts";
import type { Tokenizer } from "../../tokenizers/tokenizer.ts";

/** Everyday sentences that ask for no fact: what a model predicts in ordinary text. */
const SENTENCES = [
  "We walked along the river until it started to rain.",
  "She put the keys on the table and closed the door.",
  "There was a long line in front of the bakery this morning.",
  "He opened the window because the room was too warm.",
  "The children were playing in the garden behind the house.",
  "I will call you back as soon as the meeting is over.",
  "They decided to wait a little longer before leaving.",
  "The train was late again, so we missed the first part.",
  "After dinner he washed the dishes and swept the floor.",
  "You can leave your coat on the chair next to the door.",
  "It took her almost an hour to find the right street.",
  "The old dog slept in the sun for most of the day.",
  "We should buy some bread and milk on the way home.",
  "He wrote a short note and left it on her desk.",
  "The lights went out just as the film was about to begin.",
  "My sister painted the walls of her room last week.",
  "There is not much time left, but we can still try.",
  "The water in the lake was cold and very clear.",
  "She smiled, picked up her bag and walked away.",
  "Nobody had told them that the shop would be closed.",
  "The wind was so strong that the trees were bending.",
  "He looked at the clock and ran down the stairs.",
  "In the evening they sat around the fire and told stories.",
  "The soup needs a little more salt and some pepper.",
  "I have never seen so many birds in one place.",
  "The teacher asked them to be quiet for a moment.",
  "It is hard to say what will happen next year.",
  "She had been reading the same book for three days.",
  "The road ahead was empty and covered with snow.",
  "We were both tired, so we went to bed early.",
  "He cut the apples into small pieces and ate them slowly.",
  "The meeting was moved to the afternoon without any notice.",
  "They could hear music coming from the house next door.",
  "If you turn left here, you will see the park.",
  "The baby finally fell asleep in the back of the car.",
  "She forgot her umbrella on the bus and came home wet.",
  "It was the best cup of coffee he had had in weeks.",
  "The plan looked simple, but nothing went as expected.",
  "He fixed the broken chair with a few nails and some glue.",
  "We took a different path and soon lost our way.",
  "The letters were kept in a small box under the bed.",
  "Everyone was happy when the long winter came to an end.",
  "I would rather stay at home than go out tonight.",
  "The cat jumped onto the shelf and knocked over a cup.",
  "She answered every question calmly and without hurry.",
  "There were only two people left in the waiting room.",
  "He has worked in the same office for many years.",
  "The sky turned grey and the first drops began to fall.",
  "We planted some flowers near the fence in spring.",
  "They talked about the weather and then about their plans.",
  "The shoes were too small, so he took them back.",
  "She always carries a pencil and a piece of paper.",
  "It is a good idea to rest before a long journey.",
  "The boy threw the ball over the wall by mistake.",
  "On the other side of the street stood a large tree.",
  "He heard a noise, but there was no one outside.",
  "The market is busy in the morning and quiet at noon.",
  "We have to be careful, because the steps are wet.",
  "She learned to swim when she was a little girl.",
  "The cake was still warm when the guests arrived.",
  "Most of the work was done before the end of the week.",
  "He turned off the lamp and listened to the rain.",
  "The two friends had not met for a very long time.",
  "At the end of the day the streets were full of people.",
  "I am not sure whether this is the right answer.",
  "The machine makes a strange sound when it is cold.",
  "She folded the clothes and put them into the drawer.",
  "We stood on the bridge and watched the boats below.",
] as const;

export interface NeutralText {
  /** Tokens of each sentence that this tokenizer can spell and that fits the model, start token included. */
  sentences: number[][];
  /** Sentences left out because the tokenizer has no tokens for them or the model no positions. */
  skipped: number;
}

/** The built-in sentences in a model's tokens. */
export function neutralText(tokenizer: Tokenizer, positions: number): NeutralText {
  const sentences = SENTENCES.flatMap((text) => {
    const tokens = encoded(text, tokenizer);
    return tokens && tokens.length > 1 && tokens.length <= positions ? [tokens] : [];
  });
  return { sentences, skipped: SENTENCES.length - sentences.length };
}

/** Null where the tokenizer does not know the sentence's words. */
function encoded(text: string, tokenizer: Tokenizer): number[] | null {
  try {
    return tokenizer.encode(text).map(({ id }) => id);
  } catch (error) {
    if (error instanceof EngineError && error.code === "BAD_TOKENIZER") return null;
    throw error;
  }
}
