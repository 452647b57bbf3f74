import { linkSync, mkdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } from "node:fs";
import { JournalError } from "../journal/journal-error.js";

const NAME = "LOCK";
const ATTEMPTS = 3;

/**
 * Keeps two processes from writing the same journal. It is a file that names its holder, so one that a killed process has left is recognised by
 * its holder being gone, also when the number of that process is in use again.
 */
export class JournalLock {
  private isHeld = true;

  private constructor(private readonly path: string) {}

  /** Makes the folder. Throws JournalError JOURNAL_LOCKED, or JOURNAL_IO when the folder cannot be used. */
  static acquire(dir: string): JournalLock {
    const path = `${dir}/${NAME}`;
    try {
      mkdirSync(dir, { recursive: true });
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        if (create(path)) return new JournalLock(path);
        const holder = readFileSync(path, "utf8");
        if (isAlive(holder) || !removeOf(path, holder)) throw locked(dir, path, holder);
      }
    } catch (error) {
      if (error instanceof JournalError) throw error;
      throw new JournalError("JOURNAL_IO", `${dir}: ${(error as Error).message}. Give a folder that can be written`, { cause: error });
    }
    throw locked(dir, path, "another process that starts at the same time");
  }

  /** Safe to call twice. */
  release(): void {
    if (!this.isHeld) return;
    this.isHeld = false;
    try {
      unlinkSync(this.path);
    } catch {
      // Somebody has removed it, or the folder: nothing is left to release.
    }
  }
}

/**
 * Removes the lock of a holder that is gone. False: somebody else was quicker, and what is there now is theirs. It is moved aside first, because only one process
 * can do that.
 */
function removeOf(path: string, holder: string): boolean {
  const aside = `${path}.${process.pid}`;
  renameSync(path, aside);
  const isHis = readFileSync(aside, "utf8") === holder;
  if (!isHis) linkSync(aside, path);
  unlinkSync(aside);
  return isHis;
}

/** The lock appears with its holder in it, or not at all. */
function create(path: string): boolean {
  const unfinished = `${path}.${process.pid}.new`;
  writeFileSync(unfinished, identityOf(process.pid));
  try {
    linkSync(unfinished, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    unlinkSync(unfinished);
  }
}

/** The process's number; and where the system tells, when it was started and since which start of the machine. */
function identityOf(pid: number): string {
  return [pid, startOf(pid), bootOf()].filter((part) => part !== undefined).join(" ");
}

function isAlive(holder: string): boolean {
  const pid = Number(holder.split(" ")[0]);
  if (!Number.isInteger(pid) || pid <= 0) return false;
  if (startOf(process.pid) !== undefined) return holder === identityOf(pid);
  return pid !== process.pid && canBeSignalled(pid);
}

function bootOf(): string | undefined {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return undefined;
  }
}

/** Field 22 of /proc/PID/stat: ticks from the machine's start to the process's. Undefined where there is none. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

function canBeSignalled(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function locked(dir: string, path: string, holder: string): JournalError {
  return new JournalError(
    "JOURNAL_LOCKED",
    `${dir}: another process writes this journal: ${holder.trim()}. Stop that one, or give another folder. If there is no such process, remove ${path}`,
  );
}
