/** Most commands touch few, and sorting a view costs more than that. */
const SORTED_BY_HAND = 16;

/**
 * Ids that the running command has touched, each once, in order of id when they are asked for. Shard thread only. Nothing is
 * allocated after construction but a view when there are many.
 */
export class Touched {
  private readonly marks: Uint8Array;
  private readonly list: Int32Array;
  private used = 0;

  constructor(capacity: number) {
    this.marks = new Uint8Array(capacity);
    this.list = new Int32Array(capacity);
  }

  get count(): number {
    return this.used;
  }

  add(id: number): void {
    if (this.marks[id] !== 0) return;
    this.marks[id] = 1;
    this.list[this.used++] = id;
  }

  has(id: number): boolean {
    return this.marks[id] !== 0;
  }

  /** The least id above `after`, or −1. What is added meanwhile is found too. */
  nextAfter(after: number): number {
    let least = -1;
    for (let index = 0; index < this.used; index++) {
      const id = this.list[index];
      if (id > after && (least < 0 || id < least)) least = id;
    }
    return least;
  }

  /** Sorts by id; returns the list, of which the first `count` are meant. */
  sorted(): Int32Array {
    if (this.used > SORTED_BY_HAND) this.list.subarray(0, this.used).sort();
    else if (this.used > 1) this.sortByHand();
    return this.list;
  }

  private sortByHand(): void {
    const { list, used } = this;
    for (let index = 1; index < used; index++) {
      const id = list[index];
      let to = index;
      for (; to > 0 && list[to - 1] > id; to--) list[to] = list[to - 1];
      list[to] = id;
    }
  }

  /** Takes out the ids that `isDone` says so of. */
  sweep(isDone: (id: number) => boolean): void {
    let kept = 0;
    for (let index = 0; index < this.used; index++) {
      const id = this.list[index];
      if (isDone(id)) this.marks[id] = 0;
      else this.list[kept++] = id;
    }
    this.used = kept;
  }

  clear(): void {
    for (let index = 0; index < this.used; index++) this.marks[this.list[index]] = 0;
    this.used = 0;
  }
}
