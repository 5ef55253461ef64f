# syntax=docker/dockerfile:1
# The server and the worker of a team, one image for both: compose.yaml says which is which.

FROM node:22.21.1-bookworm-slim AS build
WORKDIR /app
ENV CI=true NEXT_TELEMETRY_DISABLED=1 TURBO_TELEMETRY_DISABLED=1
# What is installed depends on these files only, so that a change of the code does not install it again.
COPY package.json package-lock.json .npmrc ./
COPY apps/api/package.json apps/api/
COPY apps/cli/package.json apps/cli/
COPY apps/web/package.json apps/web/
COPY packages/engine/package.json packages/engine/
RUN --mount=type=cache,target=/root/.npm npm ci
COPY . .
# Build tools go away again, with the runtimes for other systems that onnxruntime-node brings, and the build's own caches.
RUN npm run build \
  && npm prune --omit=dev \
  && rm -rf node_modules/onnxruntime-node/bin/napi-v6/darwin node_modules/onnxruntime-node/bin/napi-v6/win32 \
    apps/web/.next/cache .turbo node_modules/.cache

FROM node:22.21.1-bookworm-slim
WORKDIR /app
# The program belongs to root and is not written to; the user that runs it owns the volumes alone.
COPY --from=build /app /app
RUN mkdir -p /data /cache /models && chown node:node /data /cache
ENV NODE_ENV=production \
  NEXT_TELEMETRY_DISABLED=1 \
  HOST=0.0.0.0 \
  PORT=3000 \
  RECALLSCOPE_DATA=/data \
  RECALLSCOPE_CACHE=/cache/recallscope \
  RECALLSCOPE_MODEL_FOLDERS=/models \
  HF_HOME=/cache/huggingface
USER node
VOLUME ["/data", "/cache"]
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/readyz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Not by npm: the process itself gets the signals.
CMD ["node", "--import", "tsx", "apps/api/src/main.ts"]
