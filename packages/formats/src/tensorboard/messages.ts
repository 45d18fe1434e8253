import { bytes, double, type Field, float, integer, message, text } from '../protobuf.js';

/*
 * The messages of TensorBoard's event files with their field numbers, from tensorboard/compat/proto (event.proto,
 * summary.proto, tensor.proto) and tensorboard/plugins/hparams (api.proto, plugin_data.proto).
 */

const dataTypeFloat = 1;

/** @param wallTime seconds since 1970 */
export const versionEvent = (wallTime: number): Field[] => [double(1, wallTime), text(3, 'brain.Event:2')];

export const summaryEvent = (wallTime: number, step: number, values: readonly Field[][]): Field[] => [
  double(1, wallTime),
  integer(2, step),
  message(
    5,
    values.map((value) => message(1, value)),
  ),
];

export const scalar = (tag: string, value: number): Field[] => [text(1, tag), float(2, value)];

/** @param png of this size, in colours */
export const image = (tag: string, png: Uint8Array, { width, height }: { width: number; height: number }): Field[] => [
  text(1, tag),
  message(4, [integer(1, height), integer(2, width), integer(3, 3), bytes(4, png)]),
];

export type Setting = string | number | boolean;

/** The beginning of a run as the page "HParams" shows it. */
export const sessionStart = (group: string, settings: Record<string, Setting>, startTime: number): Field[] =>
  hparamsValue('_hparams_/session_start_info', [
    message(3, [
      ...Object.entries(settings).map(([name, value]) => message(1, [text(1, name), message(2, [settingOf(value)])])),
      text(4, group),
      double(5, startTime),
    ]),
  ]);

const sessionStatus = { unknown: 0, success: 1, failure: 2, running: 3 };

export const sessionEnd = (status: keyof typeof sessionStatus, endTime: number): Field[] =>
  hparamsValue('_hparams_/session_end_info', [message(4, [integer(1, sessionStatus[status]), double(2, endTime)])]);

/** A `google.protobuf.Value`. */
function settingOf(value: Setting): Field {
  if (typeof value === 'number') return double(2, value);
  return typeof value === 'string' ? text(3, value) : integer(4, value ? 1 : 0);
}

/** The plugin reads its data from the metadata; the tensor is empty, as in files that TensorFlow writes. */
const hparamsValue = (tag: string, data: Field[]): Field[] => [
  text(1, tag),
  message(8, [integer(1, dataTypeFloat), message(2, [message(2, [integer(1, 0)])])]),
  message(9, [message(1, [text(1, 'hparams'), message(2, data)])]),
];
