import type { Activation } from "../../architectures/architecture.ts";
import type { GraphBuilder, Value } from "../graph-builder.ts";

/** Derivative of an activation at x, element by element; that of ReLU at 0 is 0. */
export function activationDerivative(graph: GraphBuilder, kind: Activation, x: Value): Value {
  const op = (type: string, ...input: Value[]) => graph.op(type, input);
  const times = (value: Value, factor: number) => op("Mul", value, graph.scalar(factor));
  const plus = (value: Value, term: number) => op("Add", value, graph.scalar(term));
  const oneMinus = (value: Value) => op("Sub", graph.scalar(1), value);
  switch (kind) {
    case "relu":
      return graph.op("Cast", [op("Greater", x, graph.scalar(0))], { to: 1 });
    case "gelu": {
      const cumulative = times(plus(op("Erf", times(x, Math.SQRT1_2)), 1), 0.5);
      const density = times(op("Exp", times(op("Mul", x, x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
      return op("Add", cumulative, op("Mul", x, density));
    }
    case "gelu_new": {
      // x (1 + tanh u) / 2 = x sigmoid(2u) with 2u = x (a x^2 + b): fewer steps than by tanh.
      const b = 2 * Math.sqrt(2 / Math.PI);
      const a = 0.044715 * b;
      const square = op("Mul", x, x);
      const sigmoid = op("Sigmoid", op("Mul", x, plus(times(square, a), b)));
      const inner = op("Mul", x, plus(times(square, 3 * a), b));
      return op("Mul", sigmoid, plus(op("Mul", inner, oneMinus(sigmoid)), 1));
    }
    case "quick_gelu": {
      const sigmoid = op("Sigmoid", times(x, 1.702));
      return op("Mul", sigmoid, plus(op("Mul", times(x, 1.702), oneMinus(sigmoid)), 1));
    }
    case "silu": {
      const sigmoid = op("Sigmoid", x);
      return op("Mul", sigmoid, plus(op("Mul", x, oneMinus(sigmoid)), 1));
    }
  }
}
