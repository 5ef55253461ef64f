import { graphql, type ResultOf, type VariablesOf } from "@/graphql/graphql.ts";

export const LiveAttentionQuery = graphql(`
  query LiveAttention($input: LivePromptInput!, $layer: Int!, $head: Int!) {
    livePrompt(input: $input) {
      index subjectStart subjectEnd
      attention(layer: $layer, head: $head) {
        label layer head
        tokens { id text }
        pattern valueNorms valueWeighted attentionToSubject valueWeightedShare
      }
    }
  }
`);
export type LiveAttention = ResultOf<typeof LiveAttentionQuery>["livePrompt"];

/** Effects of every head at the last position: which ones to look at. */
export const LiveHeadsQuery = graphql(`
  query LiveHeads($input: LivePromptInput!) {
    livePrompt(input: $input) {
      patching(over: HEADS) { source clean corrupted reason rows { label layer head effect } }
    }
  }
`);

export const LivePatchingQuery = graphql(`
  query LivePatching($input: LivePromptInput!, $over: LivePatchingPlaces!, $heads: [HeadInput!]) {
    livePrompt(input: $input) {
      patching(over: $over, heads: $heads) {
        source clean corrupted reason positions
        pair { clean { text } corrupted { text } answer { text } wrong { text } }
        rows { label point layer head noising denoising effect noisingLogits denoisingLogits }
      }
    }
  }
`);
export type LivePatching = ResultOf<typeof LivePatchingQuery>["livePrompt"]["patching"];

export const LiveFlowQuery = graphql(`
  query LiveFlow($input: LivePromptInput!, $heads: [HeadInput!]) {
    livePrompt(input: $input) {
      flow(heads: $heads) {
        clean corrupted reason
        heads { label layer head }
        edges { from to kind layer effect share }
        pair { clean { text } corrupted { text } answer { text } wrong { text } }
      }
    }
  }
`);
export type LiveFlow = ResultOf<typeof LiveFlowQuery>["livePrompt"]["flow"];

export const InterventionQuery = graphql(`
  query LiveIntervention($input: LivePromptInput!, $change: InterventionInput!) {
    livePrompt(input: $input) {
      intervention(input: $change) {
        answerToken
        before { answer { text probability logit rank } }
        after { answer { text probability logit rank } }
        compared { token text before { probability rank logit } after { probability rank logit } }
        intercept { norm prompts }
      }
    }
  }
`);
export type Intervention = ResultOf<typeof InterventionQuery>["livePrompt"]["intervention"];
export type InterventionVariables = VariablesOf<typeof InterventionQuery>;
