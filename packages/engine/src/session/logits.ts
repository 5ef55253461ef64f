import type { ModelSession } from "./model-session.ts";

/** Logits of normed rows `[n, d_model]` before a model's soft cap, into `out` `[n, vocabulary]`. */
export async function linearLogits(
  session: ModelSession,
  rows: Float32Array,
  out: Float32Array,
): Promise<void> {
  const { width, vocabulary } = session.spec.facts;
  const n = rows.length / width;
  await session.runModel(
    "unembed",
    { rows: { data: rows, dims: [n, width] } },
    { logits: { data: out, dims: [n, vocabulary] } },
  );
}

/** The model's logits of normed rows `[n, d_model]`, into `out` `[n, vocabulary]`. */
export async function logitsOfNormed(
  session: ModelSession,
  rows: Float32Array,
  out: Float32Array,
): Promise<void> {
  const { vocabulary, logitCap } = session.spec.facts;
  if (logitCap === null) return linearLogits(session, rows, out);
  const linear = new Float32Array(out.length);
  await linearLogits(session, rows, linear);
  const dims = [out.length / vocabulary, vocabulary];
  await session.runModel("soft-cap", { linear: { data: linear, dims } }, { logits: { data: out, dims } });
}

/** The model's logits of final residual rows `[n, d_model]`, into `out` `[n, vocabulary]`. */
export async function logitsOfResidual(
  session: ModelSession,
  resid: Float32Array,
  out: Float32Array,
): Promise<void> {
  const { width } = session.spec.facts;
  const dims = [resid.length / width, width];
  const rows = new Float32Array(resid.length);
  await session.runModel("final-norm", { resid: { data: resid, dims } }, { rows: { data: rows, dims } });
  await logitsOfNormed(session, rows, out);
}
