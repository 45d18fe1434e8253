/** Why something is not shown. */
export function Notice({ error }: { error: Error }) {
  return (
    <p role="alert" className="notice">
      {error.message}
    </p>
  );
}
