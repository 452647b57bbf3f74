/** What every bench returns. The runner prints it next to the conditions of the machine. */
export interface BenchReport {
  name: string;
  rows: { metric: string; value: number; unit: string; low?: number; high?: number; target?: string }[];
  /** What the bench verified of its own answer, one sentence each. */
  checked: string[];
}
