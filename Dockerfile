# The service on CPUs: the image runs as the API or as a worker, by its command.
#   docker build -t trainyard .
FROM node:20-bookworm-slim AS manifests
WORKDIR /app
COPY . .
# Only what `npm ci` reads: a change of a source then installs no package again.
RUN find . -type f ! -name package.json ! -name package-lock.json ! -name .npmrc -delete

FROM node:20-bookworm-slim AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends g++ make libdnnl-dev \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=manifests /app ./
RUN npm ci
COPY . .
RUN npm run build
# Keep what runs. `--legacy-peer-deps` also removes optional peers of libraries (the Prisma CLI, the TypeScript
# compiler: 250 MB); `npm run test:image` trains a job with what is left. Prisma's client has a query compiler for
# every database, ONNX Runtime binaries for every platform (245 MB).
RUN npm pkg delete devDependencies --workspaces --include-workspace-root \
 && npm prune --omit=dev --legacy-peer-deps \
 && find node_modules/@prisma/client/runtime -name 'query_compiler*' ! -name '*postgresql*' -delete \
 && find node_modules/onnxruntime-node/bin -mindepth 3 -maxdepth 3 \
      ! -path "*/$(node -p 'process.platform')/$(node -p 'process.arch')" -exec rm -r {} + \
 && find packages/executor-native/native/build -type f ! -name '*.node' -delete \
 && rm -rf packages/*/src packages/*/test apps/*/src apps/*/test packages/test-kit bench \
 && find apps packages prisma -name '*.tsbuildinfo' -delete

FROM node:20-bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends libdnnl2 libgomp1 tini \
 && rm -rf /var/lib/apt/lists/* \
 && mkdir /data && chown node:node /data \
 && ln -s /app/node_modules/.bin/trainyard /usr/local/bin/trainyard
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/prisma prisma
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/packages packages
COPY --from=build /app/apps apps
ENV NODE_ENV=production TRAINYARD_HOME=/data TRAINYARD_HOST=0.0.0.0
USER node
VOLUME /data
EXPOSE 4600
# An init process forwards SIGTERM, so that a worker hands its job back before it ends.
ENTRYPOINT ["tini", "--"]
CMD ["node", "apps/api/dist/server.js"]
