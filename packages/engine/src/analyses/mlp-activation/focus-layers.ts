import type { ModelFacts } from "../../architectures/architecture.ts";
import { firstMlpAfter } from "../../hooks/block-order.ts";
import type { RunReport } from "../../results/report.ts";

type Mlps = Pick<RunReport, "argumentPassing" | "mlpActivation">;
export interface HeadPlace {
  layer: number;
  head: number;
}

/** The best mover, or where no head is one (too few facts, no effect) the head with the largest effect; null where none was measured. */
export function topHead({ argumentPassing: { heads } }: Mlps): HeadPlace | null {
  const measured = heads.filter(({ effect }) => effect.value !== null);
  const movers = measured.filter(({ mover }) => mover);
  const among = movers.length ? movers : measured;
  return among.length ? among.reduce((best, head) => (head.rank < best.rank ? head : best)) : null;
}

/** The MLPs that are looked at closely: the headline layer, and the first MLP that reads what the top mover wrote. */
export function focusLayers(
  report: Mlps,
  model: Pick<ModelFacts, "layers" | "block">,
): { layer: number; chosen: ("HEADLINE" | "AFTER_TOP_MOVER")[] }[] {
  const { headlineLayer } = report.mlpActivation;
  const top = topHead(report);
  const first = top ? firstMlpAfter(top.layer, model) : model.layers;
  const after = first < model.layers ? first : null;
  const layers = [...new Set([headlineLayer, after])].filter((layer) => layer !== null);
  return layers
    .sort((a, b) => a - b)
    .map((layer) => ({
      layer,
      chosen: [
        ...(layer === headlineLayer ? (["HEADLINE"] as const) : []),
        ...(layer === after ? (["AFTER_TOP_MOVER"] as const) : []),
      ],
    }));
}

/** Layers whose MLP can follow a mover: from the earliest one on, and the headline layer; in order. */
export function viewLayers(
  report: Mlps,
  model: Pick<ModelFacts, "layers" | "block">,
): { layers: number[]; layersFrom: "EARLIEST_MOVER" | "TOP_HEAD" | "ALL" } {
  const movers = report.argumentPassing.heads.filter(({ mover }) => mover);
  const top = topHead(report);
  const from = firstMlpAfter(
    movers.length ? Math.min(...movers.map(({ layer }) => layer)) : (top?.layer ?? 0),
    model,
  );
  const headline = report.mlpActivation.headlineLayer;
  return {
    layers: Array.from({ length: model.layers }, (_, layer) => layer).filter(
      (layer) => layer >= from || layer === headline,
    ),
    layersFrom: movers.length ? "EARLIEST_MOVER" : top ? "TOP_HEAD" : "ALL",
  };
}
