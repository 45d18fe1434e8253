/** Why a trainer cannot start; `code` is the failure's code of contracts/job.ts. */
export class TrainerFailure extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = new.target.name;
  }
}
