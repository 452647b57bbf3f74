import type { LatencyHistogram } from "./latency-histogram.js";

export interface PlotLine {
  readonly name: string;
  readonly histogram: LatencyHistogram;
}

const WIDTH = 760;
const HEIGHT = 400;
/** What is written below the axis: shares of everything that are at most so long. */
const TICKS = [0, 90, 99, 99.9, 99.99, 99.999, 99.9999];

/** Percentile curves as an SVG: both axes are logarithmic, so that the rare and slow can be read as well as the common. */
export async function percentilePlot(title: string, lines: readonly PlotLine[]): Promise<string> {
  const { parse, View } = await import("vega");
  const values = lines.flatMap(({ name, histogram }) =>
    histogram.points().map(({ percentile, ms }) => ({ name, rarity: rarityOf(percentile), ms })),
  );
  const view = new View(parse(specOf(title, lines, values)), { renderer: "none" });
  const svg = await view.toSVG();
  view.finalize();
  return svg;
}

interface PlotValue {
  readonly name: string;
  /** One of so many is slower. */
  readonly rarity: number;
  readonly ms: number;
}

function rarityOf(percentile: number): number {
  return 100 / (100 - percentile);
}

function specOf(title: string, lines: readonly PlotLine[], values: readonly PlotValue[]) {
  const rarest = Math.max(10, ...values.map(({ rarity }) => rarity));
  const ticks = TICKS.map(rarityOf).filter((rarity) => rarity <= rarest * 1.01);
  return {
    $schema: "https://vega.github.io/schema/vega/v6.json",
    width: WIDTH,
    height: HEIGHT,
    padding: 10,
    background: "white",
    title: { text: title, anchor: "start" as const },
    data: [{ name: "points", values: [...values] }],
    scales: [
      { name: "rarity", type: "log" as const, domain: [1, rarest], range: "width" as const },
      { name: "ms", type: "log" as const, domain: { data: "points", field: "ms" }, range: "height" as const, nice: true },
      { name: "color", type: "ordinal" as const, domain: lines.map(({ name }) => name), range: "category" as const },
    ],
    axes: [
      {
        scale: "rarity",
        orient: "bottom" as const,
        title: "percentile",
        values: ticks,
        encode: { labels: { update: { text: { signal: "format(100 - 100 / datum.value, '.6~f') + '%'" } } } },
      },
      { scale: "ms", orient: "left" as const, title: "milliseconds", grid: true, tickCount: 8, format: ".4~g" },
    ],
    legends: [{ stroke: "color", orient: "top-left" as const }],
    marks: [
      {
        type: "group" as const,
        from: { facet: { name: "series", data: "points", groupby: "name" } },
        marks: [
          {
            type: "line" as const,
            from: { data: "series" },
            encode: {
              enter: {
                x: { scale: "rarity", field: "rarity" },
                y: { scale: "ms", field: "ms" },
                stroke: { scale: "color", field: "name" },
                strokeWidth: { value: 2 },
              },
            },
          },
        ],
      },
    ],
  };
}
