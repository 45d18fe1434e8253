import { useQuery } from '@tanstack/react-query';
import type { Session } from '@trainyard/contracts';
import { createBrowserRouter, Navigate, Outlet, RouterProvider } from 'react-router';
import { Header } from './components/Header.js';
import { Notice } from './components/Notice.js';
import { RunPage } from './pages/RunPage.js';
import { RunsPage } from './pages/RunsPage.js';
import { SignInPage } from './pages/SignInPage.js';
import { serviceUrl } from './server/client.js';
import { readSession } from './server/signIn.js';
import { SessionContext } from './session.js';

const router = createBrowserRouter(
  [
    {
      element: (
        <>
          <Header />
          <main>
            <Outlet />
          </main>
        </>
      ),
      children: [
        { path: '/runs', element: <RunsPage /> },
        { path: '/runs/:id', element: <RunPage /> },
        { path: '*', element: <Navigate to="/runs" replace /> },
      ],
    },
  ],
  { basename: new URL(serviceUrl).pathname.replace(/\/$/, '') || '/' },
);

/** The page to sign in until someone has; then the page of the address. */
export function App() {
  const session = useQuery<Session | null>({ queryKey: ['session'], queryFn: readSession, staleTime: Infinity });
  if (session.data) {
    return (
      <SessionContext value={session.data}>
        <RouterProvider router={router} />
      </SessionContext>
    );
  }
  if (session.data === null) return <SignInPage />;
  return session.error ? <Notice error={session.error} /> : null;
}
