/**
 * Which keys a reader of a Table wants: those of one group (the levels of a book, the values of a device), or those in a
 * list that the reader keeps (what a player can see). One thread.
 */
export class Interest {
  private constructor(
    /** The group, or -1: the list counts. */
    readonly group: number,
    /** The first `count` of these slots are wanted. Whoever takes a key out of the table takes its slot off the list, too. */
    readonly slots: Int32Array,
    public count: number,
  ) {}

  /** All keys of a group, 0 to groups - 1. */
  static ofGroup(group: number): Interest {
    return new Interest(group, NO_SLOTS, 0);
  }

  /** A list of up to `slotsMax` slots, empty at first: fill `slots` and set `count`. */
  static ofSlots(slotsMax: number): Interest {
    return new Interest(LISTED, new Int32Array(slotsMax), 0);
  }
}

const LISTED = -1;
const NO_SLOTS = new Int32Array(0);
