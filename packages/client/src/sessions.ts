import type { Session, SignInCode } from '@trainyard/contracts';
import { RecordCalls } from './records.js';

/** The calls of sessions, which let a browser go on without the key. */
export class SessionCalls extends RecordCalls {
  /** Opens a session with the client's key; the answer sets the browser's cookie. */
  createSession(): Promise<Session> {
    return this.http.json('v1/session', { method: 'POST' });
  }

  /** Opens the session of a code, which works once. @throws ProblemError `unauthorized` */
  signIn(code: string): Promise<Session> {
    return this.http.json('v1/session/sign-in', { method: 'POST', body: { code } });
  }

  /** Whose rights the client has. @throws ProblemError `unauthorized` without a key and a session */
  session(): Promise<Session> {
    return this.http.json('v1/session');
  }

  /** Signs the browser out. */
  async endSession(): Promise<void> {
    await this.http.send('v1/session', { method: 'DELETE' });
  }

  /** A code for a link that signs in once: `<service>/sign-in#code=<code>`. */
  createSignInCode(): Promise<SignInCode> {
    return this.http.json('v1/session/codes', { method: 'POST' });
  }
}
