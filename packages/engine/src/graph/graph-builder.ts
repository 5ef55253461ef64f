import path from "node:path";
import type { Dtype, TensorLocation } from "../checkpoints/checkpoint.ts";
import { encodeModel } from "./onnx-proto.ts";

/** The name of a tensor inside one graph. */
export type Value = string;
type Attribute = number | { float: number } | string | readonly number[];
type Dim = number | string;

export const FLOAT = 1;
export const FLOAT16 = 10;
const INT64 = 7;
const WEIGHT_TYPES: Record<Dtype, number> = { F32: FLOAT, F16: FLOAT16, BF16: 16 };
/** Rows of zeros are divided by it. */
const LEAST_SIZE = 1e-30;
const CONTRIB_OPS = new Set(["FusedMatMul"]);

/** What the operators of a device do otherwise than those of the CPU. */
export interface GraphTraits {
  /** RMSNorm's operator gives what it divided by as its second output. */
  rmsScale: boolean;
  /** Products with the model's matrices are computed in float16. */
  halfProducts: boolean;
}

const USUAL_TRAITS: GraphTraits = { rmsScale: true, halfProducts: false };

/** How a compiled graph keeps its weights. */
export interface WeightStorage {
  /** Matrices are kept in the order in which the matrix product reads them. */
  packed: boolean;
  /** All of them are copied into the memory of a device, whatever their type. */
  copied?: boolean;
}

/** Bytes of weights that a compiled graph holds for itself; all others stay in their file, which is mapped. */
export interface PrivateWeights {
  bytes: number;
  /** Of the largest of them, which stands in memory twice while the graph is compiled. */
  largest: number;
}

/**
 * Writes one ONNX graph in memory. Weights are external data that point into the model's files: nothing is copied or
 * converted on disk; f16 and bf16 are widened by a Cast, which onnxruntime carries out once, when it compiles the graph.
 */
export class GraphBuilder {
  private readonly nodes: object[] = [];
  private readonly initializers: object[] = [];
  private readonly inputs: object[] = [];
  private readonly outputs: object[] = [];
  private readonly known = new Map<string, Value>();
  /** Weights of the graph as it reads them, by the values that stand for them. */
  private readonly weights = new Map<Value, { tensor: TensorLocation; half: boolean; reordered: boolean }>();
  private counter = 0;

  /** @param folder the folder that every weight file of this graph lies in */
  constructor(
    private readonly folder: string,
    readonly traits: GraphTraits = USUAL_TRAITS,
  ) {}

  input(name: string, dims: readonly Dim[], type: "float" | "int64" = "float"): Value {
    this.inputs.push(valueInfo(name, type === "float" ? FLOAT : INT64, dims));
    return name;
  }

  /** Declares `value` as an output called `name`. */
  output(name: string, value: Value, dims: readonly Dim[], type: "float" | "int64" = "float"): void {
    this.nodes.push({ opType: "Identity", input: [value], output: [name], name: `output_${name}` });
    this.outputs.push(valueInfo(name, type === "float" ? FLOAT : INT64, dims));
  }

  /** A weight as float32, viewed with `shape` (same number of elements, row-major) when given. */
  weight(tensor: TensorLocation, shape: readonly number[] = tensor.shape): Value {
    return this.once(`weight ${tensor.name} ${shape}`, () => {
      const stored = this.stored(tensor, shape);
      const value = tensor.dtype === "F32" ? stored : this.op("Cast", [stored], { to: FLOAT });
      this.weights.set(value, { tensor, half: false, reordered: false });
      return value;
    });
  }

  /** A weight that rows are multiplied with: in float16 where products are, else as `weight`. */
  matrix(tensor: TensorLocation, shape: readonly number[] = tensor.shape): Value {
    if (!this.traits.halfProducts) return this.weight(tensor, shape);
    return this.once(`matrix ${tensor.name} ${shape}`, () => {
      const stored = this.stored(tensor, shape);
      const value = tensor.dtype === "F16" ? stored : this.op("Cast", [stored], { to: FLOAT16 });
      this.weights.set(value, { tensor, half: true, reordered: false });
      return value;
    });
  }

  /**
   * Rows `x` times a `matrix`, by `opType` and its attributes. In float16 each row is divided by its largest magnitude first and multiplied by it afterwards, in float32: states of
   * thousands would overflow otherwise, and gradients of millionths vanish.
   */
  product(
    opType: "Gemm" | "MatMul",
    x: Value,
    matrix: Value,
    attributes: Record<string, Attribute> = {},
  ): Value {
    if (!this.traits.halfProducts) return this.op(opType, [x, matrix], attributes);
    const largest = this.op("ReduceMax", [this.op("Abs", [x]), this.ints([-1])], { keepdims: 1 });
    const size = this.op("Max", [largest, this.scalar(LEAST_SIZE)]);
    const half = this.op("Cast", [this.op("Div", [x, size])], { to: FLOAT16 });
    const product = this.op("Cast", [this.op(opType, [half, matrix], attributes)], { to: FLOAT });
    return this.op("Mul", [product, size]);
  }

  /** Rows of a matrix of weights by `ids`, as float32: only what is asked for is widened. */
  rows(tensor: TensorLocation, ids: Value): Value {
    const rows = this.op("Gather", [this.stored(tensor, tensor.shape), ids], { axis: 0 });
    return tensor.dtype === "F32" ? rows : this.op("Cast", [rows], { to: FLOAT });
  }

  privateWeights({ packed, copied = false }: WeightStorage): PrivateWeights {
    const copies = [...this.weights.values()]
      .filter(
        ({ tensor, half, reordered }) =>
          copied || half || tensor.dtype !== "F32" || reordered || (packed && tensor.shape.length === 2),
      )
      .map(({ tensor: { shape }, half }) => (half ? 2 : 4) * shape.reduce((a, b) => a * b, 1));
    return { bytes: copies.reduce((a, b) => a + b, 0), largest: Math.max(0, ...copies) };
  }

  /** A weight in the type that its file has. */
  private stored(tensor: TensorLocation, shape: readonly number[]): Value {
    return this.once(`stored ${tensor.name} ${shape}`, (name) => {
      this.initializers.push({
        name,
        dims: shape,
        dataType: WEIGHT_TYPES[tensor.dtype],
        dataLocation: 1,
        externalData: [
          { key: "location", value: path.relative(this.folder, tensor.file) },
          { key: "offset", value: String(tensor.offset) },
          { key: "length", value: String(tensor.length) },
        ],
      });
      return name;
    });
  }

  ints(values: readonly number[], dims: readonly number[] = [values.length]): Value {
    return this.once(`ints ${values} ${dims}`, (name) => {
      const data = BigInt64Array.from(values, BigInt);
      this.initializers.push({ name, dims, dataType: INT64, rawData: new Uint8Array(data.buffer) });
      return name;
    });
  }

  scalar(value: number): Value {
    return this.once(`scalar ${value}`, (name) => {
      this.initializers.push({
        name,
        dims: [],
        dataType: FLOAT,
        rawData: new Uint8Array(Float32Array.of(value).buffer),
      });
      return name;
    });
  }

  op(opType: string, input: readonly Value[], attributes: Record<string, Attribute> = {}): Value {
    return this.ops(opType, input, attributes, 1)[0]!;
  }

  /** An operator with several outputs. */
  ops(
    opType: string,
    input: readonly Value[],
    attributes: Record<string, Attribute>,
    outputs: number,
  ): Value[] {
    const output = Array.from({ length: outputs }, () => this.fresh());
    this.nodes.push({
      opType,
      input,
      output,
      name: `${opType}_${this.nodes.length}`,
      domain: CONTRIB_OPS.has(opType) ? "com.microsoft" : "",
      attribute: Object.entries(attributes).map(attributeProto),
    });
    return output;
  }

  reshape(value: Value, dims: readonly number[]): Value {
    return this.op("Reshape", [value, this.ints(dims)]);
  }

  transpose(value: Value, perm: readonly number[]): Value {
    const weight = this.weights.get(value);
    if (weight) weight.reordered = true;
    return this.op("Transpose", [value], { perm });
  }

  bytes(): Uint8Array {
    return encodeModel({
      irVersion: 9,
      producerName: "recallscope",
      opsetImport: [
        { domain: "", version: 20 },
        { domain: "com.microsoft", version: 1 },
      ],
      graph: {
        name: "graph",
        node: this.nodes,
        initializer: this.initializers,
        input: this.inputs,
        output: this.outputs,
      },
    });
  }

  private fresh(): Value {
    return `t${this.counter++}`;
  }

  private once(key: string, make: (name: string) => Value): Value {
    const existing = this.known.get(key);
    if (existing !== undefined) return existing;
    const value = make(this.fresh());
    this.known.set(key, value);
    return value;
  }
}

const valueInfo = (name: string, elemType: number, dims: readonly Dim[]) => ({
  name,
  type: {
    tensorType: {
      elemType,
      shape: { dim: dims.map((dim) => (typeof dim === "number" ? { dimValue: dim } : { dimParam: dim })) },
    },
  },
});

const attributeProto = ([name, value]: [string, Attribute]) => {
  if (typeof value === "number") return { name, type: 2, i: value };
  if (typeof value === "string") return { name, type: 3, s: Buffer.from(value) };
  if ("float" in value) return { name, type: 1, f: value.float };
  return { name, type: 7, ints: value };
};
