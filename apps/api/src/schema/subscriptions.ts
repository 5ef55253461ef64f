import { noSuchRun, whereIdOrKey } from "../runs/find-run.ts";
import { watchRun, watchRuns } from "../runs/watch-runs.ts";
import { findStudyId } from "../studies/find-study.ts";
import { watchLibrary } from "../studies/watch-library.ts";
import { watchStudy } from "../studies/watch-study.ts";
import { builder } from "./builder.ts";
import { plainIdOf, runIdOf } from "./ids.ts";

builder.subscriptionFields((t) => ({
  runProgress: t.prismaField({
    type: "Run",
    description:
      "One run: as it is, then at each change of status or progress; ends when the run ends. Errors: NOT_FOUND.",
    args: { id: t.arg.id({ required: true, description: "Id or key." }) },
    subscribe: async (_parent, { id }, services) => {
      const where = whereIdOrKey(runIdOf(id));
      const run =
        where &&
        (await services.prisma.run.findFirst({ where, orderBy: { id: "desc" }, select: { id: true } }));
      if (!run) throw noSuchRun(id);
      return watchRun(services, run.id) as AsyncIterable<string>;
    },
    resolve: (query, runId, _args, { prisma }) =>
      prisma.run.findUniqueOrThrow({ ...query, where: { id: runId as string } }),
  }),
  studyProgress: t.prismaField({
    type: "Study",
    description:
      "One study: as it is, then after changes of it and of its runs, at most twice a second; ends when it is deleted. Errors: NOT_FOUND.",
    args: { id: t.arg.id({ required: true, description: "Id or name." }) },
    subscribe: async (_parent, { id }, services) =>
      watchStudy(
        services,
        await findStudyId(services.prisma, plainIdOf("Study", id)),
      ) as AsyncIterable<string>,
    resolve: (query, studyId, _args, { prisma }) =>
      prisma.study.findUniqueOrThrow({ ...query, where: { id: studyId as string } }),
  }),
  runChanged: t.prismaField({
    type: "Run",
    description: "Any run whose status, tags or note change, for lists.",
    subscribe: (_parent, _args, services) => watchRuns(services) as AsyncIterable<string>,
    resolve: (query, runId, _args, { prisma }) =>
      prisma.run.findUniqueOrThrow({ ...query, where: { id: runId as string } }),
  }),
  studyChanged: t.prismaField({
    type: "Study",
    description:
      "Any study that is made, renamed, noted or extended, for lists. `studyProgress` follows one.",
    subscribe: (_parent, _args, services) => watchLibrary(services, "study") as AsyncIterable<string>,
    resolve: (query, id, _args, { prisma }) =>
      prisma.study.findUniqueOrThrow({ ...query, where: { id: id as string } }),
  }),
  comparisonChanged: t.prismaField({
    type: "Comparison",
    description: "Any saved comparison that is saved, renamed, noted or otherwise changed, for lists.",
    subscribe: (_parent, _args, services) => watchLibrary(services, "comparison") as AsyncIterable<string>,
    resolve: (query, id, _args, { prisma }) =>
      prisma.comparison.findUniqueOrThrow({ ...query, where: { id: id as string } }),
  }),
}));
