import { hasRole, type Role, type Session } from '@trainyard/contracts';
import { createContext, use } from 'react';

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = use(SessionContext);
  if (!session) throw new Error('no one is signed in');
  return session;
}

/** Whether the key of the session may do what needs this role: a button that it may not press is not shown. */
export const useMay = (role: Role): boolean => hasRole(useSession().role, role);
