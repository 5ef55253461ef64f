import { formatNumber } from "@/format/numbers.ts";
import { Badge } from "@/ui/badge.tsx";
import type { RunHeaderData } from "./queries.ts";

/** Logits by which the sum of all components may miss the logit. */
const COMPLETENESS_LIMIT = 1e-3;

/** Whether the identities that must hold in every transformer did hold in this run. */
export function Invariants({ run }: { run: RunHeaderData }) {
  const check = run.receipt?.model.selfCheck;
  const completeness = run.prediction?.directLogitAttribution.completenessError;
  if (!check || completeness === undefined) return <div className="h-5" />;
  const parity = {
    "sum of heads": check.headSum,
    "pattern @ v = z": check.patternValue,
    "last lens = logits": check.lensLogits,
  };
  const where = `${check.device}, ${check.computeDtype}`;
  return (
    <div className="flex flex-wrap justify-end gap-1.5">
      <Invariant
        name="residual sum"
        error={check.residualSum}
        holds={check.passed}
        tip={`Embeddings, heads, biases and MLPs add up to the residual stream\nlargest relative error\t${formatNumber(check.residualSum)}\ncomputed on\t${where}`}
      />
      <Invariant
        name="DLA completeness"
        error={completeness}
        holds={completeness < COMPLETENESS_LIMIT}
        tip={`Direct logit attribution: all components add up to the logits\nlargest error\t${formatNumber(completeness)} logits\nallowed\t${COMPLETENESS_LIMIT} logits`}
      />
      <Invariant
        name="parity"
        error={Math.max(...Object.values(parity))}
        holds={check.passed}
        tip={`Parts of the model against the whole: largest relative errors\n${Object.entries(parity)
          .map(([name, error]) => `${name}\t${formatNumber(error)}`)
          .join("\n")}\ncomputed on\t${where}`}
      />
    </div>
  );
}

function Invariant(props: { name: string; error: number; holds: boolean; tip: string }) {
  return (
    <Badge tone={props.holds ? "good" : "bad"} tip={props.tip}>
      {props.holds ? "✓" : "✗"} {props.name} {formatNumber(props.error, 2)}
    </Badge>
  );
}
