import {
  Cancel,
  CommandDone,
  CommandRejected,
  DefineAccount,
  DefineCurrency,
  DefineInstrument,
  Header,
  MassCancel,
  MassCancelReport,
  NewOrder,
  OrderAccepted,
  OrderCanceled,
  OrderReduced,
  OrderRejected,
  OrderReplaced,
  Reduce,
  Replace,
  SetTime,
} from "../wire/flyweights.js";

interface Addressed {
  setSession(words: Int32Array, at: number, value: number): void;
  setClientSeq(words: Int32Array, at: number, value: number): void;
}

interface Answering {
  session(words: Int32Array, at: number): number;
  clientSeq(words: Int32Array, at: number): number;
}

const COMMANDS = new Map<number, Addressed>(
  [NewOrder, Cancel, Reduce, Replace, MassCancel, DefineCurrency, DefineInstrument, DefineAccount, SetTime].map((fly) => [
    fly.TEMPLATE_ID,
    fly,
  ]),
);
const ANSWERS = new Map<number, Answering>(
  [OrderAccepted, OrderRejected, OrderCanceled, OrderReplaced, OrderReduced, MassCancelReport, CommandDone, CommandRejected].map((fly) => [
    fly.TEMPLATE_ID,
    fly,
  ]),
);

/** Writes into a command who is to be answered. */
export function addressCommand(words: Int32Array, at: number, session: number, clientSeq: number): void {
  const command = COMMANDS.get(Header.templateId(words, at));
  if (command === undefined) throw new Error(`template ${Header.templateId(words, at)} is no command`);
  command.setSession(words, at, session);
  command.setClientSeq(words, at, clientSeq);
}

/** The client seq of the command that an event answers when it was sent by `session`, else 0. */
export function answeredSeq(words: Int32Array, at: number, session: number): number {
  const event = ANSWERS.get(Header.templateId(words, at));
  return event !== undefined && event.session(words, at) === session ? event.clientSeq(words, at) : 0;
}
