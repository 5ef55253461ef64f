"""Wording around the facts: vague continuations, sentence ends and sentences that state no fact of a task."""

#: What may follow an answer; most sentences stop there.
AFTER_ANSWER = [".", ".", ".", ".", ".", " today.", ", as before.", ", of course.", ", and that is well known."]

#: By clause id: true of any subject, and none of them gives an answer.
VAGUE = {
    "capital-of": [
        "a large city",
        "known for its markets",
        "where the government meets",
        "not far from the station",
        "one of many old cities",
        "very busy in summer",
    ],
    "possessive": [
        "a large city",
        "known for its museums",
        "where the government meets",
        "not easy to cross by car",
        "one of many old cities",
        "very quiet in winter",
    ],
    "called": ["a fine city by its guests", "the heart of the country", "home by many people", "by another name in songs"],
    "speak": ["more than one language", "quickly", "with a local accent", "softly at home", "as their parents did"],
    "main": ["taught in every school", "spoken at home", "not hard to learn", "one of many", "heard on the radio"],
    "spoken": ["taught in every school", "used in most books", "not hard to learn", "one of many", "heard in the market"],
    "symbol-for": ["short", "easy to remember", "printed on the chart", "one of many", "not hard to find"],
    "written": ["a short symbol", "one or two letters", "shown on the chart", "every student learns"],
    "periodic": ["that students learn", "used in every school", "shown on the chart", "it has always had"],
}

ABOUT_SUBJECT = {
    "country-capital": [
        "Many people visit {subject} in summer.",
        "The weather in {subject} was fine.",
        "She spent a year in {subject}.",
        "The train to {subject} was late.",
        "{subject} has many schools and museums.",
        "He wrote a book about {subject}.",
    ],
    "country-language": [
        "People in {subject} like music.",
        "The food of {subject} is famous.",
        "A guide to {subject} lay on the table.",
        "Her friends came from {subject}.",
        "The map of {subject} is old.",
    ],
    "element-symbol": [
        "The price of {subject} went up.",
        "They keep {subject} in the cupboard.",
        "He read a book about {subject}.",
        "A little {subject} was left.",
        "In chemistry, {subject} is common.",
    ],
}

ABOUT_ANSWER = {
    "country-capital": [
        "The train to {answer} was late.",
        "{answer} is a busy city.",
        "She found a small hotel in {answer}.",
        "We walked through {answer} at night.",
    ],
    "country-language": [
        "He learned {answer} at school.",
        "The book was written in {answer}.",
        "They speak {answer} at home.",
        "A song in {answer} was on the radio.",
    ],
    "element-symbol": [
        "The letters {answer} stood on the box.",
        "She wrote {answer} on the board.",
        "Look for {answer} on the chart.",
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
    "The old map was hard to read.",
    "Travellers often ask for the station.",
    "The quiz went on until night.",
    "Music came from the radio.",
    "The government met in the morning.",
]
