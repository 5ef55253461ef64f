import type { Activation } from "../../architectures/architecture.ts";
import type { GraphBuilder, Value } from "../graph-builder.ts";

export function activation(graph: GraphBuilder, kind: Activation, x: Value): Value {
  switch (kind) {
    case "relu":
      return graph.op("Relu", [x]);
    case "gelu":
      return graph.op("Gelu", [x], { approximate: "none" });
    case "gelu_new":
      return graph.op("Gelu", [x], { approximate: "tanh" });
    case "quick_gelu":
      return graph.op("Mul", [x, graph.op("Sigmoid", [graph.op("Mul", [x, graph.scalar(1.702)])])]);
    case "silu":
      return graph.op("Mul", [x, graph.op("Sigmoid", [x])]);
  }
}
