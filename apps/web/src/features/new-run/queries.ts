import { RunRow } from "@/graphql/fragments.ts";
import { graphql, type ResultOf } from "@/graphql/graphql.ts";

export const PromptPreviewQuery = graphql(`
  query PromptPreview($input: PromptPreviewInput!) {
    promptPreview(input: $input) {
      promptCount factsAdmitted passes command warnings memory
      time { seconds fastest slowest runs }
      dropped { subject answer reason }
      prompts { text tokens subjectStart subjectEnd subject answer answerToken }
    }
  }
`);
export type PromptPreview = ResultOf<typeof PromptPreviewQuery>["promptPreview"];

export const FurtherAnalysesQuery = graphql(`
  query FurtherAnalyses {
    furtherAnalyses { id title mechanism summary standard corruption }
    corruptions { id title summary everyRun }
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

export const CreateStudy = graphql(`
  mutation CreateStudy($input: CreateStudyInput!) {
    createStudy(input: $input) { created queued found study { id name } }
  }
`);

/** Where runs would be computed. */
export const DevicesQuery = graphql(`
  query Devices { workers { name device memory } }
`);
