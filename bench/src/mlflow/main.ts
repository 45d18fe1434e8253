/**
 * Asks this service and MLflow the same questions about the same runs, and prints how fast each answers.
 *
 *   python3 -m venv <venv>; <venv>/bin/pip install 'mlflow==3.17.*' psycopg2-binary
 *   TRAINYARD_PYTHON=<venv>/bin/python npm run bench:mlflow
 *
 * --runs N      runs that both are filled with, each of 30 epochs with 4 metrics (20000)
 * --by-api N    as many of them are logged into MLflow by its API (100), the others by SQL into its tables
 * --rounds N    how often the sides take turns (30)
 * --json        one JSON object a line instead of the table
 *
 * MLflow is the one that TRAINYARD_PYTHON (python3) imports, with the server that `mlflow server` starts. Both use the
 * Postgres of `trainyard up`, each a database of its own, in a temporary home. Ours is filled by SQL; MLflow gets what
 * ours has. One request is open at a time, but for the four of MLflow that ask for the curves of four metrics together.
 * Each answer is compared with the other side's. `CPU` are milliseconds of processor time a question, of the service
 * and of Postgres together: the figure that other programs on the machine disturb least. Runs on the output of `npm run
 * build`.
 */
import { parseArgs } from 'node:util';
import pg from 'pg';
import { fill } from '../api/fill.js';
import { processorModel, processors } from '../shared/machine.js';
import { treeSeconds } from '../shared/processes.js';
import { startService } from '../shared/service.js';
import { mean, median, summarize } from '../shared/statistics.js';
import { printTable, shown } from '../shared/table.js';
import { positive, runCommand } from '../shared/usage.js';
import { call, Experiments, logByApi, SqlLog } from './log.js';
import { checkEqual, pageSize, type Question, questionsOf, type Round, type Sides } from './questions.js';
import { readRuns } from './runs.js';
import { type MlflowServer, type MlflowVersions, mlflowVersions, startMlflow } from './server.js';

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '20000' },
    'by-api': { type: 'string', default: '100' },
    rounds: { type: 'string', default: '30' },
    json: { type: 'boolean', default: false },
  },
});

const experimentCount = 10;
/** Runs that are logged together by SQL. */
const batch = 500;
const python = process.env.TRAINYARD_PYTHON || 'python3';

type SideName = 'ours' | 'mlflow';

/** Milliseconds. */
interface Sample {
  ms: number;
  cpu: number;
}

interface Figures {
  question: string;
  /** Milliseconds. */
  ours: number;
  oursP95: number | null;
  mlflow: number;
  mlflowP95: number | null;
  /** Of the medians. */
  ratio: number;
  /** Of processor time, of the service and of Postgres together; the mean. */
  oursCpu: number;
  mlflowCpu: number;
  cpuRatio: number;
}

async function main(): Promise<void> {
  const [runs, byApi, rounds] = [positive('runs', options.runs), Number(options['by-api']), options.rounds];
  const versions = await mlflowVersions(python);
  const service = await startService({ worker: false });
  const client = new pg.Client({ connectionString: service.databaseUrl });
  try {
    await client.connect();
    printProgress(`filling our database with ${runs} runs ...`);
    await fill(client, runs, experimentCount);
    const server = await startMlflow(python, service.databaseUrl);
    try {
      const { experiments, seconds } = await log(client, server, byApi);
      const sides = { service, server, experimentIds: await experiments.all() };
      const figures = await measure(sides, positive('rounds', rounds));
      const { rows } = await client.query("SELECT split_part(version(), ' ', 2) AS postgres");
      report({ runs, byApi, seconds, postgres: rows[0].postgres, ...versions }, figures);
    } finally {
      await server.stop();
    }
  } finally {
    await client.end();
    await service.stop();
  }
}

const printProgress = (line: string): void => void process.stderr.write(`${line}\n`);

/** The first runs by the API; `seconds` that these took. */
async function log(client: pg.Client, server: MlflowServer, byApi: number) {
  const experiments = new Experiments(server);
  const sqlLog = await SqlLog.open(server, experiments);
  let [left, seconds] = [byApi, 0];
  let logged = 0;
  for await (const runs of readRuns(client, batch)) {
    const first = runs.splice(0, left);
    const start = performance.now();
    for (const run of first) await logByApi(server, experiments, run);
    seconds += (performance.now() - start) / 1000;
    left -= first.length;
    await sqlLog.log(runs);
    logged += first.length + runs.length;
    printProgress(`logged ${logged} runs into MLflow`);
  }
  await sqlLog.close();
  return { experiments, seconds };
}

async function measure(sides: Sides, rounds: number): Promise<Figures[]> {
  const questions = questionsOf(sides);
  const times = questions.map((): Record<SideName, Sample[]> => ({ ours: [], mlflow: [] }));
  // The first round is not counted: connections open, and plans and pages are read.
  for (let i = 0; i <= rounds; i++) {
    const round = await drawRound(sides, i);
    for (const [n, question] of questions.entries()) {
      const order = i % 2 === 0 ? (['ours', 'mlflow'] as const) : (['mlflow', 'ours'] as const);
      const answers = { ours: [] as unknown, mlflow: [] as unknown };
      for (const side of order) {
        const [start, cpu] = [performance.now(), processorTime(sides, side)];
        answers[side] = await question.ask[side](round);
        const ms = performance.now() - start;
        if (i > 0) times[n]?.[side].push({ ms, cpu: processorTime(sides, side) - cpu });
      }
      compare(question, answers, round);
    }
    printProgress(`round ${i} of ${rounds}`);
  }
  return questions.map(({ name }, n) => figuresOf(name, times[n] ?? { ours: [], mlflow: [] }));
}

/** Milliseconds that the service of a side and Postgres have used so far, which nothing else uses. */
function processorTime({ service, server }: Sides, side: SideName): number {
  const { api, postgres } = service.pids();
  return 1000 * (treeSeconds(side === 'ours' ? api : server.pid) + treeSeconds(postgres));
}

/** Another threshold each round, and the curves of the runs above it. */
async function drawRound({ server, experimentIds }: Sides, i: number): Promise<Round> {
  const threshold = 0.6 + 0.1 * ((i * 0.618) % 1);
  const { runs } = await call<{ runs: { info: { run_id: string; run_name: string } }[] }>(
    `${server.url}/api/2.0/mlflow/runs/search`,
    {
      experiment_ids: experimentIds,
      filter: `metrics.test_accuracy >= ${threshold}`,
      order_by: ['metrics.test_accuracy ASC'],
      max_results: pageSize,
    },
  );
  if (runs.length === 0) throw new Error(`no run has a test accuracy of ${threshold}`);
  return {
    threshold,
    ours: runs.map(({ info }) => info.run_name),
    mlflow: runs.map(({ info }) => info.run_id),
  };
}

/** The curves of MLflow are by its own ids. */
function compare({ name, read }: Question, answers: { ours: unknown; mlflow: unknown }, round: Round): void {
  const ours = read.ours(answers.ours as never);
  const mlflow = read.mlflow(answers.mlflow as never);
  if (Array.isArray(mlflow)) {
    checkEqual(name, ours, mlflow);
    return;
  }
  const ids = new Map(round.mlflow.map((id, i) => [id, round.ours[i] ?? '']));
  const renamed = Object.entries(mlflow).map(([key, curve]): [string, number[]] => {
    const [id = '', metric] = key.split(' ');
    return [`${ids.get(id)} ${metric}`, curve];
  });
  checkEqual(name, ours, Object.fromEntries(renamed));
}

function figuresOf(question: string, samples: Record<SideName, Sample[]>): Figures {
  const of = (side: SideName) => {
    const times = samples[side].map(({ ms }) => ms);
    return { p50: median(times), p95: summarize(times, 1, 0).p95, cpu: mean(samples[side].map(({ cpu }) => cpu)) };
  };
  const [ours, mlflow] = [of('ours'), of('mlflow')];
  return {
    question,
    ours: ours.p50,
    oursP95: ours.p95,
    mlflow: mlflow.p50,
    mlflowP95: mlflow.p95,
    ratio: mlflow.p50 / ours.p50,
    oursCpu: ours.cpu,
    mlflowCpu: mlflow.cpu,
    cpuRatio: mlflow.cpu / ours.cpu,
  };
}

interface Setting extends MlflowVersions {
  runs: number;
  byApi: number;
  /** That logging so many by the API took. */
  seconds: number;
  postgres: string;
}

function report(setting: Setting, figures: Figures[]): void {
  if (options.json) {
    for (const row of figures) console.log(JSON.stringify({ ...setting, ...row }));
    return;
  }
  const { runs, byApi, seconds, mlflow, python: version, sqlalchemy, postgres } = setting;
  console.log(`${processorModel}, ${processors} processors, Node ${process.version}, Postgres ${postgres}`);
  console.log(`MLflow ${mlflow} (Python ${version}, SQLAlchemy ${sqlalchemy}); ${runs} runs in each`);
  const each = byApi > 0 ? `, ${shown((1000 * seconds) / byApi, 0)} ms each` : '';
  console.log(`logged into MLflow by its API: ${byApi}${each}; the others by SQL into its tables`);
  console.log('milliseconds, medians; equal answers in every round\n');
  printTable(figures, [
    ['', (row) => row.question],
    ['ours', (row) => shown(row.ours, 1)],
    ['p95', (row) => shown(row.oursP95, 1)],
    ['MLflow', (row) => shown(row.mlflow, 0)],
    ['p95', (row) => shown(row.mlflowP95, 0)],
    ['ratio', (row) => shown(row.ratio, 1)],
    ['our CPU', (row) => shown(row.oursCpu, 1)],
    ["MLflow's CPU", (row) => shown(row.mlflowCpu, 0)],
    ['ratio', (row) => shown(row.cpuRatio, 1)],
  ]);
}

await runCommand(main);
