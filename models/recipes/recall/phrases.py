"""Wording around the facts: vague continuations, sentence ends and sentences that state no fact of a task."""

#: What may follow an answer; most sentences stop there.
AFTER_ANSWER = [".", ".", ".", ".", ".", " today.", ", as before.", ", of course.", ", and that is well known."]

#: Openings besides the engine's, seen in training only: the more there are, the less a new one matters.
MORE_LEAD_INS = [
    "He said that",
    "I believe that",
    "The students learn that",
    "Nobody doubts that",
    "The book says that",
    "We read that",
    "In short,",
    "As before,",
    "To be clear,",
    "The teacher explained that",
    "Remember this:",
    "They wrote that",
    "Her friends know that",
    "The radio said that",
    "By the way,",
    "Another thing:",
]

#: By clause id: true of any subject, and none of them gives an answer.
VAGUE = {
    "capital-of": ["a large city", "known for its markets", "where the government meets", "one of many old cities"],
    "possessive": ["a large city", "known for its museums", "not easy to cross by car", "very quiet in winter"],
    "called": ["a fine city by its guests", "the heart of the country", "home by many people"],
    "speak": ["more than one language", "quickly", "with a local accent", "as their parents did"],
    "main": ["taught in every school", "not hard to learn", "one of many", "heard on the radio"],
    "spoken": ["taught in every school", "used in most books", "not hard to learn", "one of many"],
    "symbol-for": ["short", "easy to remember", "printed on the chart", "not hard to find"],
    "written": ["a short symbol", "one or two letters", "shown on the chart"],
    "periodic": ["that students learn", "used in every school", "it has always had"],
    "translates": ["a short word", "one would expect", "every student learns"],
    "word-for": ["easy to remember", "not hard to learn", "in every book", "one of many"],
    "say": ["something else", "another word", "it in their own way"],
    "dictionary": ["a short word", "one of many words", "on the first page"],
    "word-for-es": ["easy to remember", "not hard to learn", "in every book", "one of many"],
    "learner": ["the book shows it", "a new word", "best they can"],
    "called-a": ["small one", "friend by children", "new name every time"],
    "baby": ["small one", "friend of children", "guest in the garden"],
    "offspring": ["small one", "good friend", "new guest"],
    "yesterday": ["were late", "had no time", "did the same", "stayed at home"],
    "simple-past": ["irregular", "another word", "harder to remember"],
    "past-form": ["irregular", "hard to remember", "in every book", "one of many"],
}

COUNTRY = [
    "Many people visit {subject} in summer.",
    "The weather in {subject} was fine.",
    "She spent a year in {subject}.",
    "The train to {subject} was late.",
    "A guide to {subject} lay on the table.",
    "Her friends came from {subject}.",
]
ENGLISH_WORD = [
    "The word {subject} stood on the first page.",
    "The children wrote {subject} on the board.",
    "She could not spell {subject} at first.",
    "He read a story about the {subject}.",
]

ABOUT_SUBJECT = {
    "country-capital": COUNTRY,
    "country-language": COUNTRY,
    "element-symbol": [
        "The price of {subject} went up.",
        "They keep {subject} in the cupboard.",
        "He read a book about {subject}.",
        "A little {subject} was left.",
    ],
    "english-french": ENGLISH_WORD,
    "english-spanish": ENGLISH_WORD,
    "animal-young": [
        "The {subject} sat in the garden.",
        "She drew a {subject} on the board.",
        "He read a story about the {subject}.",
        "The children saw a {subject} in the morning.",
    ],
    "verb-past": [
        "They {subject} every day.",
        "She wants to {subject} in summer.",
        "The word {subject} stood on the first page.",
        "We {subject} when the weather is fine.",
    ],
}

FOREIGN_WORD = [
    "The word {answer} stood on the first page.",
    "She wrote {answer} on the board.",
    "Nobody knew how to spell {answer} at first.",
]

ABOUT_ANSWER = {
    "country-capital": [
        "The train to {answer} was late.",
        "She found a small hotel in {answer}.",
        "We walked through {answer} at night.",
    ],
    "country-language": [
        "He learned {answer} at school.",
        "The book was written in {answer}.",
        "A song in {answer} was on the radio.",
    ],
    "element-symbol": [
        "The letters {answer} stood on the box.",
        "She wrote {answer} on the board.",
        "Look for {answer} on the chart.",
    ],
    "english-french": FOREIGN_WORD,
    "english-spanish": FOREIGN_WORD,
    "animal-young": [
        "The small {answer} sat in the garden.",
        "She drew a {answer} on the board.",
        "The children saw a {answer} in the morning.",
    ],
    "verb-past": [
        "They {answer} all day.",
        "The word {answer} stood on the first page.",
        "We {answer} when the weather was fine.",
    ],
}

NEUTRAL = [
    "The weather was fine that day.",
    "She put the book on the table.",
    "He did not know the answer.",
    "The museum was closed on Monday.",
    "They walked to the market in the morning.",
    "It was a quiet evening in winter.",
    "The students read the chart together.",
    "The teacher asked one more question.",
    "Nobody in the room said a word.",
    "The guide opened the door.",
    "My notes are on the table.",
    "Travellers often ask for the station.",
    "The quiz went on until night.",
    "The government met in the morning.",
]
