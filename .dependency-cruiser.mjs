/** Holds the arrows of docs/architecture.md: apps import packages, packages import only what is listed here. */
const allowed = {
  contracts: [],
  config: [],
  process: ['contracts'],
  query: ['contracts'],
  architectures: ['contracts'],
  spec: ['contracts', 'architectures'],
  program: ['contracts', 'architectures'],
  sweeps: ['contracts', 'spec', 'program'],
  'executor-native': ['contracts', 'program'],
  'executor-tfjs': ['contracts', 'program'],
  formats: ['contracts', 'architectures'],
  inference: ['contracts', 'formats'],
  artifacts: ['contracts', 'architectures', 'formats', 'process'],
  datasets: ['contracts', 'process'],
  training: ['contracts', 'architectures', 'spec', 'program', 'datasets', 'artifacts', 'formats'],
  db: ['contracts', 'process', 'query'],
  queue: ['contracts', 'process'],
  client: ['contracts'],
  embedded: ['contracts', 'process'],
  'test-kit': ['contracts', 'client', 'datasets', 'embedded'],
};

const internal = Object.entries(allowed).map(([name, targets]) => ({
  name: `${name}-imports`,
  severity: 'error',
  comment: `packages/${name} may import ${targets.length ? targets.join(', ') : 'no other package'}`,
  from: { path: `^packages/${name}/src` },
  to: { path: '^(packages|apps)/', pathNot: `^packages/(${[name, ...targets].join('|')})/` },
}));

/** A library with one importer: everybody else goes through that package. */
const onlyIn = (library, path) => ({
  name: `only-${library.replaceAll(/\W/g, '-')}`,
  severity: 'error',
  from: { path: '^(apps|packages)/[^/]+/src', pathNot: path },
  to: { path: `node_modules/${library}(/|$)` },
});

export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-test-kit-in-production',
      severity: 'error',
      from: { path: '^(apps|packages)/[^/]+/src', pathNot: '^packages/test-kit/' },
      to: { path: '^packages/test-kit/' },
    },
    {
      name: 'config-is-for-apps',
      severity: 'error',
      from: { path: '^packages/', pathNot: '^packages/config/' },
      to: { path: '^packages/config/' },
    },
    {
      name: 'bench-is-imported-by-nothing',
      severity: 'error',
      from: { path: '^(apps|packages)/' },
      to: { path: '^bench/' },
    },
    {
      name: 'api-http-is-protocol',
      severity: 'error',
      comment: 'apps/api/src/http knows HTTP alone: no route, no plugin, no service',
      from: { path: '^apps/api/src/http/' },
      to: { path: '^apps/api/src/(?!http/)' },
    },
    {
      name: 'api-services-know-no-http',
      severity: 'error',
      from: { path: '^apps/api/src/services/' },
      to: { path: '^apps/api/src/(?!services/)' },
    },
    ...internal,
    onlyIn('@prisma', '^packages/db/src/postgres/'),
    onlyIn('pg', '^packages/(db/src/postgres|test-kit)/'),
    onlyIn('bullmq', '^packages/queue/'),
    onlyIn('ioredis', '^packages/queue/'),
    onlyIn('onnxruntime-node', '^packages/inference/'),
    onlyIn('fastify', '^apps/api/'),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|generated)/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['@trainyard/source', 'import', 'default'] },
  },
};
