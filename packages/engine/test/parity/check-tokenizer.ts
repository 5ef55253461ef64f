/**
 * Compares a model's real tokenizer with what the reference library answered for it:
 *
 *     python packages/engine/test/fixtures/tokenizers/parity.py MODEL_FOLDER answers.json.gz 20000
 *     npx tsx packages/engine/test/parity/check-tokenizer.ts MODEL_FOLDER answers.json.gz
 */
import { openTokenizer } from "../../src/tokenizers/open-tokenizer.ts";
import { type Answer, difference, readZipped } from "../tokenizers/compare.ts";

const [folder, file] = process.argv.slice(2);
if (folder === undefined || file === undefined) throw new Error("give a model folder and the answers");
const { texts, answers } = readZipped(file) as { texts: string[]; answers: Answer[] };
const tokenizer = await openTokenizer(folder);
const differences = texts.flatMap((text, i) => difference(tokenizer, text, answers[i]!) ?? []);
console.log(`${texts.length} texts, ${differences.length} differences`);
for (const line of differences.slice(0, 20)) console.log(line);
process.exitCode = differences.length === 0 ? 0 : 1;
