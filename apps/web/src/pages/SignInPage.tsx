import { type FormEvent, useState } from 'react';
import { signInWith } from '../server/signIn.js';

/** For a key; a link with a code signs in before this page is shown. */
export function SignInPage() {
  const [fault, setFault] = useState<string | null>(null);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const key = String(new FormData(event.currentTarget).get('key')).trim();
    signInWith(key).catch((error: Error) => setFault(error.message));
  };
  return (
    <main className="sign-in">
      <h1>Trainyard</h1>
      <form onSubmit={submit}>
        <label htmlFor="key">API key</label>
        <input id="key" name="key" type="password" autoComplete="off" required aria-describedby="fault" />
        <button type="submit">Sign in</button>
        <p id="fault" role="alert">
          {fault}
        </p>
      </form>
      <p>
        The links that <code>npm start</code> and <code>trainyard up</code> print sign in without the key, once. On the
        machine of the service, the key is in <code>credentials.json</code> of its home.
      </p>
    </main>
  );
}
