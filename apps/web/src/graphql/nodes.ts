/** Nodes of a Relay connection's edges. */
export const nodes = <Node>(edges: readonly ({ node: Node } | null)[] | undefined): Node[] =>
  (edges ?? []).flatMap((edge) => (edge ? [edge.node] : []));
