import { readFile } from "node:fs/promises";
import path from "node:path";
import {
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  parse,
  validate,
} from "graphql";
import { expect, it } from "vitest";
import { ROOT } from "../src/env.ts";
import { printedSchema, schema } from "../src/schema/index.ts";

it("is what the committed schema.graphql says (else: npm run schema -w @recallscope/api)", async () => {
  expect(printedSchema()).toBe(await readFile(path.join(import.meta.dirname, "../schema.graphql"), "utf8"));
});

it("answers the queries of docs/library.md", async () => {
  const page = await readFile(path.join(ROOT, "docs/library.md"), "utf8");
  const examples = [...page.matchAll(/```graphql\n(.*?)```/gs)].map(([, text]) => text!);
  expect(examples.length).toBeGreaterThan(5);
  for (const text of examples) expect(validate(schema, parse(text)), text).toEqual([]);
});

it("describes every type, field, argument and value", () => {
  const bare: string[] = [];
  const look = (place: string, thing: { description?: string | null }) => {
    if (!thing.description?.trim()) bare.push(place);
  };
  for (const type of Object.values(schema.getTypeMap()).filter(
    ({ name }) => !/^__/.test(name) && !BUILT_IN.has(name),
  )) {
    look(type.name, type);
    for (const member of membersOf(type)) {
      look(`${type.name}.${member.name}`, member);
      for (const argument of "args" in member ? member.args : [])
        look(`${type.name}.${member.name}(${argument.name})`, argument);
    }
  }
  expect(bare).toEqual([]);
});

const BUILT_IN = new Set(["String", "Int", "Float", "Boolean", "ID"]);
const membersOf = (type: GraphQLNamedType) =>
  isObjectType(type) || isInterfaceType(type) || isInputObjectType(type)
    ? Object.values(type.getFields())
    : isEnumType(type)
      ? type.getValues()
      : [];
