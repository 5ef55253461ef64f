/**
 * Shapley values of three players from all 8 coalition values, indexed by bit mask (player i = bit i); they add up to
 * `values[7] - values[0]` exactly.
 */
export function shapley3(values: ArrayLike<number>): [number, number, number] {
  const share = (player: number): number => {
    const bit = 1 << player;
    const [a, b] = [0, 1, 2].filter((other) => other !== player).map((other) => 1 << other) as [
      number,
      number,
    ];
    const gain = (coalition: number) => values[coalition | bit]! - values[coalition]!;
    return (2 * gain(0) + gain(a) + gain(b) + 2 * gain(a | b)) / 6;
  };
  return [share(0), share(1), share(2)];
}
