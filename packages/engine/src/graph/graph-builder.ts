import path from "node:path";
import type { Dtype, TensorLocation } from "../checkpoints/checkpoint.ts";
import { encodeModel } from "./onnx-proto.ts";

/** The name of a tensor inside one graph. */
export type Value = string;
type Attribute = number | { float: number } | string | readonly number[];
type Dim = number | string;

const FLOAT = 1;
const INT64 = 7;
const WEIGHT_TYPES: Record<Dtype, number> = { F32: FLOAT, F16: 10, BF16: 16 };
const CONTRIB_OPS = new Set(["FusedMatMul"]);

/**
 * Writes one ONNX graph in memory. Weights are external data that point into the model's files: nothing is copied or
 * converted on disk; f16 and bf16 are widened by a Cast inside the graph.
 */
export class GraphBuilder {
  private readonly nodes: object[] = [];
  private readonly initializers: object[] = [];
  private readonly inputs: object[] = [];
  private readonly outputs: object[] = [];
  private readonly known = new Map<string, Value>();
  private counter = 0;

  /** @param folder the folder that every weight file of this graph lies in */
  constructor(private readonly folder: string) {}

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
    return this.once(`weight ${tensor.name} ${shape}`, (name) => {
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
      return tensor.dtype === "F32" ? name : this.op("Cast", [name], { to: FLOAT });
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
