// What a client that works offline needs of the task API. Copy it together with one of the adapters.

/** The fields that a client sets. The service sets all others. */
export const FIELDS = ["title", "description", "completed", "priority", "due", "time_zone", "tags"];

/** Those fields of an object that are among `names`. */
export const pick = (object, names = FIELDS) =>
  Object.fromEntries(names.filter((name) => name in object).map((name) => [name, object[name]]));

/** Whether two tasks are the same to a client. */
export const same = (one, other) => JSON.stringify(pick(one)) === JSON.stringify(pick(other));

/**
 * The tasks of one user.
 *
 * A method that throws got no answer that lasts: the request may have been carried out or not. Send it
 * again later, with the same key. A method that returns has the server's last word.
 */
export class TaskApi {
  /** @param {{ url: string, userId: string, token: () => string | Promise<string>, fetch?: typeof fetch, pageSize?: number }} options */
  constructor({ url, userId, token, fetch = globalThis.fetch, pageSize = 1000 }) {
    // The path names the user rather than `me`. If somebody else has signed in, the token is theirs and
    // the answer is 403, so one user's changes never end up with another.
    this.base = `${url}/api/v1/${encodeURIComponent(userId)}`;
    this.token = token;
    // A browser's `fetch` refuses to be called as a method of another object.
    this.fetch = (...request) => fetch(...request);
    this.pageSize = pageSize;
  }

  /** @returns {Promise<{ status: number, etag: string | null, replayed: boolean, body: any }>} */
  async request(method, path, { body, key, ifMatch, ifNoneMatch } = {}) {
    const headers = { Authorization: `Bearer ${await this.token()}` };
    if (body) headers["Content-Type"] = "application/json";
    if (key) headers["Idempotency-Key"] = key;
    if (ifMatch) headers["If-Match"] = ifMatch;
    if (ifNoneMatch) headers["If-None-Match"] = ifNoneMatch;
    const signal = AbortSignal.timeout(30_000);
    const response = await this.fetch(this.base + path, {
      method,
      headers,
      signal,
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    const { status } = response;
    const answer = { status, body: text ? JSON.parse(text) : null };
    // A 404 of a proxy or of API Gateway says nothing about a task, so only the API's own problems count.
    const lasting = status < 300 || answer.body?.type?.startsWith("/docs/problems#");
    if (!lasting || [401, 403, 429].includes(status) || status >= 500) {
      throw Object.assign(new Error(`${method} ${path}: ${status} ${text.slice(0, 200)}`), answer);
    }
    answer.etag = response.headers.get("ETag");
    answer.replayed = response.headers.get("Idempotency-Replayed") === "true";
    return answer;
  }

  /** The task as it is now, with its `etag`, or null. */
  async get(id) {
    const { status, body, etag } = await this.request("GET", `/tasks/${id}`);
    return status === 200 ? { ...body, etag } : null;
  }

  /**
   * What has changed since a cursor: a map from the ID to the task with its `etag`, or to null if it is
   * deleted. If `full`, the map has everything that lives, and what it does not list is gone. `onExpired` is
   * called before everything is read because the cursor is not good any more.
   */
  async changes(since, onExpired) {
    // A map, because a task that changes between two pages is listed on both.
    const changes = new Map();
    let cursor = since;
    let page;
    do {
      const query = new URLSearchParams({ limit: this.pageSize, ...(cursor && { since: cursor }) });
      const { status, body } = await this.request("GET", `/changes?${query}`);
      if (status === 410 && cursor) {
        // The cursor is too old, or the user was erased. Start again, and read everything.
        await onExpired?.();
        changes.clear();
        cursor = undefined;
        page = { has_more: true };
        continue;
      }
      if (status !== 200) throw new Error(`changes: ${status} ${body?.detail}`);
      page = body;
      cursor = page.cursor;
      for (const { type, id, task, etag, deleted } of page.changes) {
        if (type === "task") changes.set(id, deleted ? null : { ...task, etag });
      }
    } while (page.has_more);
    return { changes, cursor, full: page.full };
  }

  /** Sends up to 100 operations, each of which succeeds or fails on its own. Returns a result for each. */
  async batch(operations, key) {
    if (operations.length === 0) return [];
    const { status, body, replayed } = await this.request("POST", "/tasks/batch", {
      key,
      body: { atomic: false, operations },
    });
    if (status === 200) return body.results.map((result) => ({ ...result, replayed }));
    if (status === 413 && operations.length > 1) {
      const middle = operations.length >> 1;
      const first = await this.batch(operations.slice(0, middle), `${key}.0`);
      return [...first, ...(await this.batch(operations.slice(middle), `${key}.1`))];
    }
    const refused = { status, problem: body };
    return operations.map(() => refused);
  }
}
