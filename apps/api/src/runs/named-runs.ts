import type { Prisma, RunStatus } from "../generated/prisma/client.ts";
import type { Tx } from "../services.ts";
import { isUuid } from "../uuid.ts";

/** What a person wrote for a run, and the run that it means, or why it means none. */
export interface NamedRun {
  given: string;
  id: string | null;
  problem: string | null;
}

/** Fewer characters of a key would often mean several runs. */
const SHORTEST_KEY = 4;
const KEY_START = new RegExp(`^[0-9a-f]{${SHORTEST_KEY},16}$`);
const SHOTS = /^(?:(\d+)-shot|(zero)-shot)$/;
/** So many of the keys that a name may mean are listed. */
const LISTED = 5;

interface Found {
  id: string;
  key: string;
  shots: number;
  status: RunStatus;
}

/**
 * The runs that people name: by id, by the key or its beginning, by the address of a page, or as MODEL/TASK, with `/2-shot` behind where that
 * is not enough. Of runs with one key it is the newest finished one. Every name gets an answer.
 * @param idOf the plain id of what is an id of the API, any other text as it is
 */
export async function namedRuns(
  tx: Tx,
  given: readonly string[],
  idOf: (text: string) => string,
): Promise<NamedRun[]> {
  const out: NamedRun[] = [];
  for (const text of given) out.push({ given: text, ...(await meaning(tx, idOf(idInAddress(text.trim())))) });
  return out;
}

async function meaning(tx: Tx, text: string): Promise<Omit<NamedRun, "given">> {
  const where = whereNamed(text);
  if (!where)
    return {
      id: null,
      problem: `neither the id or key of a run (at least ${SHORTEST_KEY} characters of it), nor MODEL/TASK`,
    };
  const runs = await tx.run.findMany({
    where,
    orderBy: { id: "desc" },
    select: { id: true, key: true, shots: true, status: true },
  });
  // A name asks for results; a key or an id names the run whatever became of it.
  const byName = text.includes("/");
  const candidates = byName && runs.some(isFinished) ? runs.filter(isFinished) : runs;
  const exact = candidates.filter(({ key }) => key === text);
  const wanted = exact.length > 0 ? exact : candidates;
  const keys = [...new Map(wanted.map((run) => [run.key, run])).values()];
  if (keys.length === 0) return { id: null, problem: "there is no such run (was it deleted?)" };
  if (keys.length > 1) return { id: null, problem: ambiguous(keys, byName) };
  return { id: (wanted.find(isFinished) ?? wanted[0]!).id, problem: null };
}

const isFinished = ({ status }: Found): boolean => status === "SUCCEEDED";

function ambiguous(keys: readonly Found[], byName: boolean): string {
  const listed = keys.slice(0, LISTED).map(({ key, shots }) => (byName ? `${key} (${shots}-shot)` : key));
  const rest = keys.length > LISTED ? `, and ${keys.length - LISTED} more` : "";
  return `${keys.length} runs are meant: ${listed.join(", ")}${rest} (write one of these keys)`;
}

function whereNamed(text: string): Prisma.RunWhereInput | null {
  if (isUuid(text)) return { id: text };
  const start = text.toLowerCase();
  if (KEY_START.test(start))
    return { OR: [{ key: { startsWith: start } }, { requestKey: { startsWith: start } }] };
  const parts = text.split("/");
  const shots = SHOTS.exec(parts.at(-1)!);
  const names = shots ? parts.slice(0, -1) : parts;
  if (names.length < 2 || names.includes("")) return null;
  const model = names.slice(0, -1).join("/");
  return {
    // The last part of a hub id is what lists show of it.
    model: { OR: [{ name: model }, { name: { endsWith: `/${model}` } }] },
    task: { slug: names.at(-1)! },
    ...(shots && { shots: Number(shots[1] ?? 0) }),
  };
}

/** `http://host/runs/KEY?tab=heads` -> `KEY` */
function idInAddress(text: string): string {
  const found = /^https?:\/\/[^/]+(?:\/.*)?\/runs\/([^/?#]+)/.exec(text);
  if (!found) return text;
  try {
    return decodeURIComponent(found[1]!);
  } catch {
    return found[1]!;
  }
}
