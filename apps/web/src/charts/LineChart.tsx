import { useEffect, useRef, useSyncExternalStore } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

export interface Line {
  label: string;
  /** Name of a variable of style.css. */
  color: string;
  values: readonly number[];
}

interface Props {
  title: string;
  x: readonly number[];
  lines: readonly Line[];
  /** On the x axis, of the epoch that is marked; null: none. */
  mark: number | null;
  format: (value: number) => string;
}

const height = 240;
const dark = matchMedia('(prefers-color-scheme: dark)');
const onTheme = (changed: () => void) => {
  dark.addEventListener('change', changed);
  return () => dark.removeEventListener('change', changed);
};
const colorOf = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name);

/** Draws the mark through the plot's height, with its name at the top. */
function drawMark(plot: uPlot, mark: number): void {
  const { ctx, bbox } = plot;
  const left = Math.round(plot.valToPos(mark, 'x', true));
  ctx.save();
  ctx.strokeStyle = colorOf('--mark');
  ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(left, bbox.top);
  ctx.lineTo(left, bbox.top + bbox.height);
  ctx.stroke();
  ctx.restore();
}

/** Lines over epochs on a canvas; the numbers under the pointer are in the legend. */
export function LineChart({ title, x, lines, mark, format }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const marked = useRef(mark);
  marked.current = mark;
  const isDark = useSyncExternalStore(onTheme, () => dark.matches);
  const data = [[...x], ...lines.map(({ values }) => [...values])] as uPlot.AlignedData;
  const newest = useRef(data);
  newest.current = data;
  const names = lines.map(({ label }) => label).join('|');

  // biome-ignore lint/correctness/useExhaustiveDependencies: only another theme or another set of lines is another plot.
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const axis = { stroke: colorOf('--text'), grid: { stroke: colorOf('--line'), width: 1 }, ticks: { show: false } };
    const series = lines.map(({ label, color }) => ({
      label,
      stroke: colorOf(color),
      width: 2,
      value: (_plot: uPlot, value: number | null) => (value === null ? '' : format(value)),
    }));
    const created = new uPlot(
      {
        width: element.clientWidth,
        height,
        scales: { x: { time: false } },
        axes: [axis, { ...axis, size: 56, values: (_plot, values) => values.map(format) }],
        series: [{ label: 'epoch' }, ...series],
        hooks: { draw: [(each) => marked.current !== null && drawMark(each, marked.current)] },
      },
      newest.current,
      element,
    );
    plot.current = created;
    const observer = new ResizeObserver(() => created.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      created.destroy();
    };
  }, [isDark, names]);

  useEffect(() => plot.current?.setData(newest.current));

  const best = mark === null ? '' : `; the best is epoch ${mark}`;
  return (
    <figure data-epochs={x.length}>
      <figcaption>{title}</figcaption>
      <div ref={place} role="img" aria-label={`${title} of ${x.length} epochs${best}`} className="plot" />
    </figure>
  );
}
