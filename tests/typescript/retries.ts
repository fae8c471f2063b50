// What to do when no answer comes, or one that says to try again.

type Fetch = (request: Request) => Promise<Response>;

const TRIES = 4;

/** A fetch that repeats what may be repeated: after a lost connection, and when the API cannot serve for a moment. */
export function retrying(fetch: Fetch): Fetch {
  return async (request) => {
    for (let tried = 1; tried < TRIES && isRepeatable(request) && !request.signal.aborted; tried++) {
      const response = await fetch(request.clone()).catch(() => undefined);
      if (response !== undefined && !isTemporary(response.status)) return response;
      await sleep(delay(tried, response));
    }
    return fetch(request);
  };
}

/** Whether a second request does no more than the first: not so when it creates without a key, or toggles. */
function isRepeatable(request: Request): boolean {
  if (request.method === "POST") return request.headers.has("Idempotency-Key");
  return request.method !== "PATCH" || request.headers.has("Content-Type");
}

/** A 500 is a defect: the same request would meet it again. */
function isTemporary(status: number): boolean {
  return status === 429 || status === 503;
}

/** In milliseconds: what the API asks for; else twice as long each time, and not the same for all clients. */
function delay(tried: number, response: Response | undefined): number {
  const seconds = Number(response?.headers.get("Retry-After") ?? 0);
  return seconds > 0 ? seconds * 1000 : 2 ** tried * 100 * (0.5 + Math.random());
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
