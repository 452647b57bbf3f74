/** Time to stop: Ctrl-C, SIGTERM, or a time that has passed. A second Ctrl-C ends the process at once. */
export class StopSignal implements Disposable {
  private readonly controller = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    process.on("SIGINT", this.stop);
    process.on("SIGTERM", this.stop);
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Resolves when it is time to stop. */
  get stopped(): Promise<void> {
    const { signal } = this.controller;
    return new Promise((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener("abort", () => resolve(), { once: true });
    });
  }

  /** Sets a limit of time from now on. */
  stopAfter(seconds: number): void {
    this.timer = setTimeout(this.stop, seconds * 1000);
  }

  /** As Ctrl-C does. */
  stopNow(): void {
    this.stop();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.timer);
    process.off("SIGINT", this.stop);
    process.off("SIGTERM", this.stop);
  }

  private readonly stop = (): void => {
    // Handlers that are gone leave the next Ctrl-C to the system, which does not wait for anything.
    this[Symbol.dispose]();
    this.controller.abort();
  };
}
