/** What a head is called everywhere, e.g. L9H8. */
export const headLabel = ({ layer, head }: { layer: number; head: number }): string => `L${layer}H${head}`;
