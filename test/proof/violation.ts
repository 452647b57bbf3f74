/** A proof has failed: the message says what was promised and what was found. */
export class Violation extends Error {
  constructor(message: string) {
    super(message);
    this.name = "Violation";
  }
}
