import {
  type NewWebhookBody,
  type Webhook,
  type WebhookDelivery,
  type WebhookPatch,
  type WebhookWithSecret,
  webhookEventSchema,
} from '@trainyard/contracts';
import { type Command, Option } from 'commander';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { type Column, formatTable } from '../format/table.js';

interface Settings {
  event?: NonNullable<NewWebhookBody['events']>;
  filter?: string;
}

const eventOption = () =>
  new Option('--event <type...>', 'types of events; default: succeeded, failed and cancelled').choices(
    webhookEventSchema.options,
  );
const filterHelp = "only of jobs of this filter, e.g. 'tag : night AND test.accuracy > 0.7'";

const showSecret = (context: Context, webhook: WebhookWithSecret): void =>
  context.show(webhook, () => [
    ...formatTable(columns, [webhook], context.terminal.columns),
    '',
    webhook.secret,
    '',
    'The receiver needs this secret; it is not shown again.',
  ]);

export function addWebhooks(program: Command, context: Context): void {
  const webhooks = program.command('webhooks').description('have the events of jobs sent to a URL, signed');
  const show = (list: Webhook[]) => formatTable(columns, list, context.terminal.columns);
  const edit = async (id: string, patch: WebhookPatch) => {
    const webhook = await (await context.client()).editWebhook(id, patch);
    context.show(webhook, () => show([webhook]));
  };
  webhooks
    .command('create')
    .description('make a webhook; its secret is shown once')
    .argument('<url>', 'that receives the events by POST')
    .addOption(eventOption())
    .option('--filter <filter>', filterHelp)
    .action(async (url: string, { event, filter }: Settings) => {
      showSecret(context, await (await context.client()).createWebhook({ url, ...defined({ events: event, filter }) }));
    });
  webhooks
    .command('list')
    .alias('ls')
    .description('list the webhooks of the project')
    .action(async () => {
      const data = await (await context.client()).webhooks();
      context.show({ data }, () => show(data));
    });
  webhooks
    .command('edit')
    .description('change a webhook')
    .argument('<webhook>', 'its id')
    .option('--target <url>', 'another URL')
    .addOption(eventOption())
    .option('--filter <filter>', `${filterHelp}; an empty one: of all`)
    .action((id: string, { target, event, filter }: Settings & { target?: string }) =>
      edit(id, defined({ url: target, events: event, filter: filter === '' ? null : filter })),
    );
  for (const [name, enabled, description] of [
    ['enable', true, 'send again, also after the service has disabled it'],
    ['disable', false, 'send nothing until it is enabled again'],
  ] as const) {
    webhooks
      .command(name)
      .description(description)
      .argument('<webhook>', 'its id')
      .action((id: string) => edit(id, { enabled }));
  }
  addSending(webhooks, context);
}

/** The commands of a webhook's secret and of what it sends. */
function addSending(webhooks: Command, context: Context): void {
  const showDeliveries = (list: WebhookDelivery[]) => formatTable(deliveryColumns, list, context.terminal.columns);
  webhooks
    .command('rotate')
    .description('make a new secret; for a day the one before signs too')
    .argument('<webhook>', 'its id')
    .action(async (id: string) => showSecret(context, await (await context.client()).rotateWebhook(id)));
  webhooks
    .command('test')
    .description('send a test event')
    .argument('<webhook>', 'its id')
    .action(async (id: string) => {
      const delivery = await (await context.client()).testWebhook(id);
      context.show(delivery, () => showDeliveries([delivery]));
    });
  webhooks
    .command('deliveries')
    .description('list what was sent and what waits, the newest 50')
    .argument('<webhook>', 'its id')
    .action(async (id: string) => {
      const page = await (await context.client()).webhookDeliveries(id);
      context.show(page, () => showDeliveries(page.data));
    });
  webhooks
    .command('redeliver')
    .description('send an event again')
    .argument('<webhook>', 'its id')
    .argument('<delivery>', 'its id, msg_…')
    .action(async (id: string, delivery: string) => {
      const again = await (await context.client()).redeliverWebhook(id, delivery);
      context.show(again, () => showDeliveries([again]));
    });
  webhooks
    .command('delete')
    .description('delete a webhook, with what waits and its log')
    .argument('<webhook>', 'its id')
    .action(async (id: string) => {
      await (await context.client()).deleteWebhook(id);
      context.show({ id }, () => [`${id}  deleted`]);
    });
}

const stateOf = ({ enabled, disabledReason, failingSince }: Webhook): string => {
  if (!enabled) return disabledReason === null ? 'disabled' : `disabled: ${disabledReason}`;
  return failingSince === null ? 'enabled' : `failing since ${failingSince}`;
};

const columns: Column<Webhook>[] = [
  { title: 'webhook', cell: ({ id }) => id },
  { title: 'url', cell: ({ url }) => url, elastic: 'end' },
  { title: 'events', cell: ({ events }) => events.join(', ') },
  { title: 'filter', cell: ({ filter }) => filter ?? '' },
  { title: 'state', cell: stateOf },
];

const deliveryColumns: Column<WebhookDelivery>[] = [
  { title: 'delivery', cell: ({ id }) => id },
  { title: 'type', cell: ({ type }) => type },
  { title: 'state', cell: ({ state }) => state },
  {
    title: 'last',
    cell: ({ attempts }) => attempts.at(-1)?.error ?? String(attempts.at(-1)?.status ?? ''),
    elastic: 'end',
  },
];
