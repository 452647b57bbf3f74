/** What the process says when it ends; docs/CLI lists them too. */
export const EXIT_OK = 0;
/** The work was done, but something in it was wrong: a bad line, a failed check, an unreadable input. */
export const EXIT_FAILED = 1;
/** The command line itself makes no sense. */
export const EXIT_USAGE = 2;
/** The configuration file or the environment is wrong, or the file cannot be read (EX_CONFIG of sysexits). */
export const EXIT_CONFIG = 78;
