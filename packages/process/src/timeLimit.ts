/**
 * A signal that is aborted after a time. Unlike the one of AbortSignal.timeout it may be given to AbortSignal.any:
 * Node 20 forgets the timer of that one when it collects memory, as only weak references lead to the signal.
 */
export function timeLimit(milliseconds: number): AbortSignal {
  const over = new AbortController();
  setTimeout(() => over.abort(new DOMException('the time is over', 'TimeoutError')), milliseconds).unref();
  return over.signal;
}
