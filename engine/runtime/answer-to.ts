import {
  Cancel,
  CommandDone,
  CommandRejected,
  DefineAccount,
  DefineCurrency,
  DefineInstrument,
  Deposit,
  Header,
  InstrumentState,
  MassCancel,
  MassCancelReport,
  NewOrder,
  NewOrderFull,
  OrderAccepted,
  OrderAcceptedFull,
  OrderCanceled,
  OrderReduced,
  OrderRejected,
  OrderReplaced,
  Reduce,
  Replace,
  Review,
  SetAccountState,
  SetKill,
  SetKyc,
  SetLimits,
  SetMark,
  SetState,
  SetTime,
  Transfer,
  Withdraw,
} from "../wire/flyweights.js";

interface Addressed extends Answering {
  setSession(words: Int32Array, at: number, value: number): void;
  setClientSeq(words: Int32Array, at: number, value: number): void;
}

interface Answering {
  session(words: Int32Array, at: number): number;
  clientSeq(words: Int32Array, at: number): number;
}

const COMMANDS = byTemplate<Addressed>([
  NewOrder,
  NewOrderFull,
  Cancel,
  Reduce,
  Replace,
  MassCancel,
  DefineCurrency,
  DefineInstrument,
  DefineAccount,
  SetTime,
  SetState,
  SetKill,
  Deposit,
  Withdraw,
  Transfer,
  Review,
  SetKyc,
  SetAccountState,
  SetMark,
  SetLimits,
]);
/** Events that can be the first of a command, which says whom it answers. */
const ANSWERS = byTemplate<Answering>([
  OrderAccepted,
  OrderAcceptedFull,
  OrderRejected,
  OrderCanceled,
  OrderReplaced,
  OrderReduced,
  MassCancelReport,
  InstrumentState,
  CommandDone,
  CommandRejected,
]);

function byTemplate<T>(flyweights: readonly (T & { readonly TEMPLATE_ID: number })[]): ReadonlyMap<number, T> {
  return new Map(flyweights.map((fly) => [fly.TEMPLATE_ID, fly]));
}

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

/** How a command of a template says who has sent it; undefined when the template is no command. */
export function senderOf(templateId: number): Answering | undefined {
  return COMMANDS.get(templateId);
}
