// What to do when no answer arrives, or one that says to try again.

type Fetch = (request: Request) => Promise<Response>;

const TRIES = 4;

/** A fetch that repeats safe requests after a lost connection or while the API is temporarily unavailable. */
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

/** Whether repeating the request has no further effect. Creating without a key and toggling do. */
function isRepeatable(request: Request): boolean {
  if (request.method === "POST") return request.headers.has("Idempotency-Key");
  return request.method !== "PATCH" || request.headers.has("Content-Type");
}

/** A 500 is a defect, which the same request would meet again. */
function isTemporary(status: number): boolean {
  return status === 429 || status === 503;
}

/** In milliseconds: what the API asks for; otherwise twice as long each time, and different for each client. */
function delay(tried: number, response: Response | undefined): number {
  const seconds = Number(response?.headers.get("Retry-After") ?? 0);
  return seconds > 0 ? seconds * 1000 : 2 ** tried * 100 * (0.5 + Math.random());
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
