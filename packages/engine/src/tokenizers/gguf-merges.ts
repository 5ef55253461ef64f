export interface ScoredPiece {
  token: string;
  score: number;
}

/**
 * Sentencepiece joins the two neighbours whose joint piece has the best score; tokenizers that know merges join by their order. Every way to split a
 * piece into two pieces is a merge, sorted as transformers does when it converts such a vocabulary.
 */
export function mergesOfScores(pieces: readonly ScoredPiece[]): [string, string][] {
  const order = new Map(pieces.map(({ token }, i) => [token, i]));
  const merges = pieces.flatMap(({ token, score }) => {
    const own: { left: string; right: string; score: number }[] = [];
    const characters = [...token];
    for (let i = 1; i < characters.length; i++) {
      const [left, right] = [characters.slice(0, i).join(""), characters.slice(i).join("")];
      if (order.has(left) && order.has(right)) own.push({ left, right, score });
    }
    return own.sort(
      (a, b) => order.get(a.left)! - order.get(b.left)! || order.get(a.right)! - order.get(b.right)!,
    );
  });
  return merges
    .sort((a, b) => b.score - a.score || b.left.length - a.left.length || b.right.length - a.right.length)
    .map(({ left, right }) => [left, right]);
}
