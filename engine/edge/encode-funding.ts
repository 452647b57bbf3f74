import { Deposit, Review, SetAccountState, SetKyc, SetMark, Transfer, Withdraw } from "../wire/flyweights.js";
import { AccountState, Kyc } from "../wire/generated/enums.js";
import { type Catalog, UNKNOWN_ID } from "./catalog.js";
import { fitting, unitsOrNull } from "./field-values.js";
import type {
  AccountStateCommand,
  DepositCommand,
  KycCommand,
  MarkCommand,
  ReviewCommand,
  TransferCommand,
  WithdrawCommand,
} from "./types.js";

const REF_LENGTH_MAX = 64;

/**
 * Writes a checked `deposit` or `withdraw`; see `encode`. An amount that is no whole number of atoms, or of a currency that is not there,
 * becomes a mark that the core rejects in its own order.
 */
export function encodeMovement(
  command: DepositCommand | WithdrawCommand,
  catalog: Catalog,
  words: Int32Array,
  at: number,
  seq: number,
  time: number,
): number {
  const record = command.cmd === "deposit" ? Deposit : Withdraw;
  const currency = catalog.currency(command.currency);
  record.init(words, at, seq, time);
  record.setClientSeq(words, at, 0);
  record.setSession(words, at, 0);
  record.setAccount(words, at, catalog.accountId(command.account) ?? UNKNOWN_ID);
  record.setCurrency(words, at, currency?.id ?? UNKNOWN_ID);
  record.setAmount(words, at, unitsOrNull(command.amount, currency?.atom, "amount"));
  record.setRef(words, at, fitting(command.ref, REF_LENGTH_MAX));
  return record.RECORD_BYTES;
}

export function encodeTransfer(
  command: TransferCommand,
  catalog: Catalog,
  words: Int32Array,
  at: number,
  seq: number,
  time: number,
): number {
  const currency = catalog.currency(command.currency);
  Transfer.init(words, at, seq, time);
  Transfer.setClientSeq(words, at, 0);
  Transfer.setSession(words, at, 0);
  Transfer.setAccount(words, at, catalog.accountId(command.account) ?? UNKNOWN_ID);
  Transfer.setTo(words, at, catalog.accountId(command.to) ?? UNKNOWN_ID);
  Transfer.setCurrency(words, at, currency?.id ?? UNKNOWN_ID);
  Transfer.setAmount(words, at, unitsOrNull(command.amount, currency?.atom, "amount"));
  Transfer.setRef(words, at, fitting(command.ref, REF_LENGTH_MAX));
  return Transfer.RECORD_BYTES;
}

export function encodeReview(command: ReviewCommand, words: Int32Array, at: number, seq: number, time: number): number {
  Review.init(words, at, seq, time);
  Review.setClientSeq(words, at, 0);
  Review.setSession(words, at, 0);
  Review.setRelease(words, at, command.release ? 1 : 0);
  Review.setRef(words, at, fitting(command.ref, REF_LENGTH_MAX));
  return Review.RECORD_BYTES;
}

export function encodeKyc(command: KycCommand, catalog: Catalog, words: Int32Array, at: number, seq: number, time: number): number {
  SetKyc.init(words, at, seq, time);
  SetKyc.setClientSeq(words, at, 0);
  SetKyc.setSession(words, at, 0);
  SetKyc.setAccount(words, at, catalog.accountId(command.account) ?? UNKNOWN_ID);
  SetKyc.setKyc(words, at, Kyc[command.kyc]);
  return SetKyc.RECORD_BYTES;
}

export function encodeAccountState(
  command: AccountStateCommand,
  catalog: Catalog,
  words: Int32Array,
  at: number,
  seq: number,
  time: number,
): number {
  SetAccountState.init(words, at, seq, time);
  SetAccountState.setClientSeq(words, at, 0);
  SetAccountState.setSession(words, at, 0);
  SetAccountState.setAccount(words, at, catalog.accountId(command.account) ?? UNKNOWN_ID);
  SetAccountState.setState(words, at, AccountState[command.state]);
  return SetAccountState.RECORD_BYTES;
}

export function encodeMark(command: MarkCommand, catalog: Catalog, words: Int32Array, at: number, seq: number, time: number): number {
  const info = catalog.instrument(command.symbol);
  SetMark.init(words, at, seq, time);
  SetMark.setClientSeq(words, at, 0);
  SetMark.setSession(words, at, 0);
  SetMark.setInstrument(words, at, info?.id ?? UNKNOWN_ID);
  SetMark.setPrice(words, at, unitsOrNull(command.price, info?.tick, "price"));
  return SetMark.RECORD_BYTES;
}
