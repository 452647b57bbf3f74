/**
 * Heapsort in place over a list of numbers: nothing is allocated, and no order of the list makes it slow (R. W. Floyd, Algorithm 245,
 * CACM 1964, with the descent to a leaf first). What is sorted by is the subclass's.
 */
export abstract class SlotHeap {
  constructor(readonly list: Int32Array) {}

  protected abstract isBefore(one: number, other: number): boolean;

  /** Sorts the first `count` entries. */
  sort(count: number): void {
    const list = this.list;
    for (let parent = (count >>> 1) - 1; parent >= 0; parent--) this.sift(list[parent], parent, count);
    for (let end = count - 1; end > 0; end--) {
      const last = list[end];
      list[end] = list[0];
      this.sift(last, 0, end);
    }
  }

  /** Puts `entry` into the heap of `end` entries whose place `from` is vacant: down to a leaf, then up to where it belongs. */
  private sift(entry: number, from: number, end: number): void {
    const list = this.list;
    let vacant = from;
    for (let child = 2 * vacant + 1; child < end; child = 2 * vacant + 1) {
      if (child + 1 < end && this.isBefore(list[child], list[child + 1])) child++;
      list[vacant] = list[child];
      vacant = child;
    }
    while (vacant > from) {
      const parent = (vacant - 1) >>> 1;
      if (!this.isBefore(list[parent], entry)) break;
      list[vacant] = list[parent];
      vacant = parent;
    }
    list[vacant] = entry;
  }
}
