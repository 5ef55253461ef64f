import { RunRow } from "@/graphql/fragments.ts";
import { graphql, type ResultOf } from "@/graphql/graphql.ts";

export const PromptPreviewQuery = graphql(`
  query PromptPreview($input: PromptPreviewInput!) {
    promptPreview(input: $input) {
      promptCount factsAdmitted passes command warnings
      dropped { subject answer reason }
      prompts { text tokens subjectStart subjectEnd subject answer answerToken }
    }
  }
`);
export type PromptPreview = ResultOf<typeof PromptPreviewQuery>["promptPreview"];

export const FurtherAnalysesQuery = graphql(`
  query FurtherAnalyses {
    furtherAnalyses { id title mechanism summary standard }
  }
`);

export const CreateRun = graphql(
  `
  mutation CreateRun($input: CreateRunInput!) {
    createRun(input: $input) { created run { ...RunRow } }
  }
`,
  [RunRow],
);

export const AddModel = graphql(`
  mutation AddModel($name: String!) {
    addModel(input: { name: $name }) {
      model { id name source summary { layers heads } error { code message } }
    }
  }
`);
