/** Sorts the first `count` slots by their versions, the least first. In place: a heap sort, n log n at the worst. */
export function sortByVersion(slots: Int32Array, count: number, versions: Float64Array): void {
  for (let root = (count >> 1) - 1; root >= 0; root--) sink(slots, root, count, versions);
  for (let end = count - 1; end > 0; end--) {
    const top = slots[0];
    slots[0] = slots[end];
    slots[end] = top;
    sink(slots, 0, end, versions);
  }
}

/** Moves the slot at `root` down to where no later one is below it. */
function sink(slots: Int32Array, root: number, count: number, versions: Float64Array): void {
  const slot = slots[root];
  const version = versions[slot];
  let hole = root;
  for (;;) {
    let child = 2 * hole + 1;
    if (child >= count) break;
    if (child + 1 < count && versions[slots[child + 1]] > versions[slots[child]]) child++;
    if (versions[slots[child]] <= version) break;
    slots[hole] = slots[child];
    hole = child;
  }
  slots[hole] = slot;
}
