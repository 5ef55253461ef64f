import { ProgressFields, SettingsFields } from "@/graphql/fragments.ts";
import { graphql, type ResultOf } from "@/graphql/graphql.ts";

/** The grid of models and tasks; states of runs only, no results. */
export const RunMatrixQuery = graphql(
  `
  query RunMatrix($settings: RunSettingsInput) {
    runMatrix(settings: $settings) {
      settings { ...SettingsFields }
      settingsInUse { runs settings { ...SettingsFields } }
      models { id name error { code message } }
      tasks { id slug title domain }
      runs {
        id key status
        model { id }
        task { id slug }
        progress { ...ProgressFields }
        error { code message }
      }
    }
  }
`,
  [ProgressFields, SettingsFields],
);
export type RunMatrix = ResultOf<typeof RunMatrixQuery>["runMatrix"];
export type MatrixModel = RunMatrix["models"][number];
export type MatrixTask = RunMatrix["tasks"][number];
export type MatrixRun = RunMatrix["runs"][number];
