// Turns the committed API schema into the types gql.tada infers every document from (its own CLI needs TypeScript 5).
import { readFileSync, writeFileSync } from "node:fs";
import { minifyIntrospection, outputIntrospectionFile } from "@gql.tada/internal";
import { buildSchema, introspectionFromSchema } from "graphql";

const schema = buildSchema(readFileSync(new URL("../../api/schema.graphql", import.meta.url), "utf8"));
const introspection = minifyIntrospection(introspectionFromSchema(schema, { descriptions: false }));
const types = outputIntrospectionFile(introspection, { fileType: ".d.ts", shouldPreprocess: true });
writeFileSync(new URL("../src/graphql/graphql-env.d.ts", import.meta.url), types);
