/** A variable of the environment has an invalid value. The message names the variable and the valid values. */
export class ConfigError extends Error {
  constructor(
    readonly variable: string,
    message: string,
  ) {
    super(`${variable} ${message}`);
    this.name = new.target.name;
  }
}
