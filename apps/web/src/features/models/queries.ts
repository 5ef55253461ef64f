import { ModelSummaryFields, RunRow } from "@/graphql/fragments.ts";
import { graphql, type ResultOf } from "@/graphql/graphql.ts";

export const ModelsQuery = graphql(
  `
  query Models($after: String) {
    models(first: 100, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      edges {
        cursor
        node { id name source summary { ...ModelSummaryFields } error { code message } runs(first: 1) { totalCount } }
      }
    }
  }
`,
  [ModelSummaryFields],
);

export const ModelQuery = graphql(
  `
  query Model($name: String!, $after: String) {
    model(name: $name) {
      id name source
      summary { ...ModelSummaryFields hookPoints { name dims editable reads absent } }
      error { code message }
      runs(first: 50, after: $after) {
        totalCount
        pageInfo { hasNextPage endCursor }
        edges { cursor node { ...RunRow } }
      }
    }
  }
`,
  [ModelSummaryFields, RunRow],
);

export type ModelData = NonNullable<ResultOf<typeof ModelQuery>["model"]>;
export type HookPoint = NonNullable<ModelData["summary"]>["hookPoints"][number];

export const AddModel = graphql(`
  mutation AddModel($name: String!) {
    addModel(input: { name: $name }) {
      model { id name source summary { layers heads } error { code message } }
    }
  }
`);

export const ModelOpening = graphql(`
  subscription ModelOpening($name: String!) { modelOpening(name: $name) { name message done total } }
`);

export const DeleteModel = graphql(`
  mutation DeleteModel($name: String!) { deleteModel(input: { name: $name }) { deletedId } }
`);

export const RecurringHeadsQuery = graphql(`
  query RecurringHeads($model: String!) {
    recurringHeads(model: $model) { runs tasks heads(first: 12) { label runs tasks } }
  }
`);
