import { useQueryClient } from '@tanstack/react-query';
import { UnreachableError } from '@trainyard/client';
import { useSyncExternalStore } from 'react';
import { Link } from 'react-router';
import { serviceUrl } from '../server/client.js';
import { signOut } from '../server/signIn.js';
import { useSession } from '../session.js';

/** Whether the last answer of a query is missing because the server is away. */
function useIsLost(): boolean {
  const cache = useQueryClient().getQueryCache();
  const isLost = () => cache.getAll().some(({ state }) => state.fetchFailureReason instanceof UnreachableError);
  return useSyncExternalStore((changed) => cache.subscribe(changed), isLost);
}

export function Header() {
  const { name, project, role } = useSession();
  return (
    <header>
      <Link to="/runs" className="brand">
        Trainyard
      </Link>
      {useIsLost() && (
        <span role="status" className="lost">
          No answer from the server; trying again
        </span>
      )}
      <a className="who" href={new URL('docs/', serviceUrl).href}>
        API
      </a>
      <span title={`key ${name} (${role}) of the project ${project}`}>{name}</span>
      <button type="button" onClick={() => void signOut()}>
        Sign out
      </button>
    </header>
  );
}
