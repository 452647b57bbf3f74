/** The gateway has not done what it must. */
export class CheckFailure extends Error {
  constructor(message: string) {
    super(message);
    this.name = "CheckFailure";
  }
}

/** Nothing is skipped without saying why. */
export class SkipCheck extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = "SkipCheck";
  }
}

/** Throws CheckFailure unless both are the same; objects are compared as JSON. */
export function mustBe(what: string, found: unknown, wanted: unknown): void {
  const [foundText, wantedText] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (foundText !== wantedText) throw new CheckFailure(`${what} must be ${wantedText}, was ${foundText}`);
}

export function must(condition: boolean, message: string): void {
  if (!condition) throw new CheckFailure(message);
}
