import { setFlagsFromString } from "node:v8";

/**
 * Lets V8's optimizing compiler inline more into one function than it does by default (920 and 460 bytes of bytecode):
 * an order runs through a chain of small functions, and with the default budget the last of them stay calls, with
 * their doubles boxed. Measured on Node 20: 5 to 12 % more commands a second, nothing lost elsewhere.
 *
 * Any thread, before the hot code is compiled. It holds for the whole process, so it is the process's owner who calls it:
 * `ringbook start` and the benches do, the library never does. V8 may drop or rename flags; an unknown one is reported by
 * Node on stderr and changes nothing.
 */
export function raiseInliningBudget(): void {
  setFlagsFromString("--max-inlined-bytecode-size-cumulative=4000");
  setFlagsFromString("--max-inlined-bytecode-size=1000");
}
