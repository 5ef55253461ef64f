import path from "node:path";

const MAX_LINES = 400;

/** Packages that exactly one source file may import, so that they can be replaced in one place. */
const ONE_IMPORT_SITE = {
  "onnxruntime-node": "packages/engine",
  "@observablehq/plot": "apps/web",
  "pg-boss": "apps/api",
};

/** What each part must not import. */
const FORBIDDEN = {
  "packages/engine": [
    /^@recallscope\//,
    /^graphql/,
    /^@prisma\//,
    /^@apollo\//,
    /^express$/,
    /^(?:node:)?https?$/,
  ],
  "apps/api": [/^@recallscope\/(?:web|cli)$/],
  "apps/web": [/^@recallscope\//, /^@prisma\//],
};

/** Files of each part that may read the environment; parts that are left out are free. */
const ENVIRONMENT_SITES = {
  "packages/engine": [],
  "apps/api": ["apps/api/src/env.ts"],
  "apps/cli": ["apps/cli/src/environment.ts"],
};

const IMPORT =
  /(?:\bfrom\s*|\bimport\s*\(\s*|\brequire(?:\.resolve)?\s*\(\s*|^\s*import\s+)["']([^"'\n]+)["']/gm;

export const importsOf = (text) => [...text.matchAll(IMPORT)].map((match) => match[1]);

const packageOf = (specifier) =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
const partOf = (file) => file.split("/").slice(0, 2).join("/");
const isProduct = (file) => /^(?:apps|packages)\/[^/]+\//.test(file) && !/\/(?:test|scripts)\//.test(file);

/**
 * Where the code leaves the structure that ARCHITECTURE.md describes.
 * @param {{ path: string, text: string }[]} files paths relative to the root, with forward slashes
 * @returns {string[]} one sentence per violation
 */
export function violations(files) {
  const product = files.filter((file) => isProduct(file.path));
  return [
    ...tooLong(files),
    ...forbiddenImports(product),
    ...importSites(product),
    ...environmentReads(product),
    ...analysisImports(product),
  ];
}

const tooLong = (files) =>
  files
    .map((file) => ({ path: file.path, lines: file.text.trimEnd().split("\n").length }))
    .filter((file) => file.lines > MAX_LINES)
    .map((file) => `${file.path}: ${file.lines} lines, at most ${MAX_LINES}`);

function forbiddenImports(files) {
  return files.flatMap((file) => {
    const part = partOf(file.path);
    return importsOf(file.text).flatMap((specifier) => {
      if (FORBIDDEN[part]?.some((pattern) => pattern.test(specifier)))
        return [`${file.path}: ${part} must not import ${specifier}`];
      const target = specifier.startsWith(".")
        ? path.posix.join(path.posix.dirname(file.path), specifier)
        : null;
      return target !== null &&
        !target.startsWith(`${part}/`) &&
        target !== part &&
        /^(?:apps|packages)\//.test(target)
        ? [`${file.path}: reaches into another package by path: ${specifier}`]
        : [];
    });
  });
}

function importSites(files) {
  return Object.entries(ONE_IMPORT_SITE).flatMap(([name, part]) => {
    const sites = files
      .filter((file) => importsOf(file.text).some((specifier) => packageOf(specifier) === name))
      .map((file) => file.path);
    const allowed = sites.length <= 1 && sites.every((site) => partOf(site) === part);
    return allowed ? [] : [`${name}: imported by ${sites.join(", ")}; one file of ${part} may`];
  });
}

const environmentReads = (files) =>
  files
    .filter((file) => /\bprocess\.env\b/.test(withoutComments(file.text)))
    .filter((file) => ENVIRONMENT_SITES[partOf(file.path)]?.includes(file.path) === false)
    .map(
      (file) =>
        `${file.path}: reads process.env; only ${ENVIRONMENT_SITES[partOf(file.path)].join(", ") || "the applications"} may`,
    );

const ANALYSES = "packages/engine/src/analyses";

/** An analysis is built on the contract and on mathematics, never on another analysis: the registry alone knows them all. */
function analysisImports(files) {
  const registered = registeredAnalyses(files);
  return files
    .filter((file) => registered.has(file.path))
    .flatMap((file) =>
      importsOf(file.text)
        .filter((specifier) => specifier.startsWith("."))
        .map((specifier) => path.posix.join(path.posix.dirname(file.path), specifier))
        .filter((target) => registered.has(target))
        .map((target) => `${file.path}: an analysis must not import another one: ${target}`),
    );
}

function registeredAnalyses(files) {
  const registry = files.find((file) => file.path === `${ANALYSES}/index.ts`);
  const targets = importsOf(registry?.text ?? "").map((specifier) => path.posix.join(ANALYSES, specifier));
  return new Set(
    targets.filter(
      (target) => target.startsWith(`${ANALYSES}/`) && !/\/(?:analysis|further)\.ts$/.test(target),
    ),
  );
}

const withoutComments = (text) => text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "$1");
