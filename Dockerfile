# The service on CPUs: the image runs as the API or as a worker, by its command.
#   docker build -t trainyard .
FROM node:20-bookworm-slim AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends g++ make libdnnl-dev \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
# Manifests first: a change of a source does not install the packages again.
COPY package.json package-lock.json .npmrc ./
COPY packages/architectures/package.json packages/architectures/
COPY packages/artifacts/package.json packages/artifacts/
COPY packages/client/package.json packages/client/
COPY packages/config/package.json packages/config/
COPY packages/contracts/package.json packages/contracts/
COPY packages/datasets/package.json packages/datasets/
COPY packages/db/package.json packages/db/
COPY packages/embedded/package.json packages/embedded/
COPY packages/executor-native/package.json packages/executor-native/
COPY packages/executor-tfjs/package.json packages/executor-tfjs/
COPY packages/formats/package.json packages/formats/
COPY packages/process/package.json packages/process/
COPY packages/program/package.json packages/program/
COPY packages/queue/package.json packages/queue/
COPY packages/spec/package.json packages/spec/
COPY packages/test-kit/package.json packages/test-kit/
COPY packages/training/package.json packages/training/
COPY apps/api/package.json apps/api/
COPY apps/cli/package.json apps/cli/
COPY apps/worker/package.json apps/worker/
COPY bench/package.json bench/
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev

FROM node:20-bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends libdnnl2 libgomp1 tini \
 && rm -rf /var/lib/apt/lists/* \
 && mkdir /data && chown node:node /data
WORKDIR /app
COPY --from=build /app /app
ENV NODE_ENV=production TRAINYARD_HOME=/data TRAINYARD_HOST=0.0.0.0
USER node
VOLUME /data
EXPOSE 4600
# An init process forwards SIGTERM, so that a worker hands its job back before it ends.
ENTRYPOINT ["tini", "--"]
CMD ["node", "apps/api/dist/server.js"]
