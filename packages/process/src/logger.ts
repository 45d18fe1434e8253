/** The part of a logger (pino's) that this package needs. */
export interface Logger {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
}
