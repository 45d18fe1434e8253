/** A variable of the environment that cannot be used; the message names it and says what it may be. */
export class ConfigError extends Error {
  constructor(
    readonly variable: string,
    message: string,
  ) {
    super(`${variable} ${message}`);
    this.name = new.target.name;
  }
}
