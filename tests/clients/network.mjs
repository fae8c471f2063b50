// The network between a replica and the server, and what goes wrong on it.

export class Network {
  online = true;
  /** Requests that were answered: `method path`, and the statuses that a replica saw. */
  log = [];
  #losses = [];
  #before = [];
  #afterwards = [];
  #expired = 0;

  /** The next answer to such a request is lost, and the connection with it. */
  loseAnswerTo(method, path) {
    this.#losses.push({ method, path });
  }

  /** Whether everything that was to be lost was lost. */
  get allLost() {
    return this.#losses.length === 0 && this.#expired === 0;
  }

  /** Runs something before the next such request reaches the server. */
  beforeNext(method, path, action) {
    this.#before.push({ method, path, action });
  }

  /** Runs something after the next answer to such a request, before the replica gets it. */
  afterNext(method, path, action) {
    this.#afterwards.push({ method, path, action });
  }

  /** Nothing more goes wrong. */
  forget() {
    this.#losses = [];
    this.#before = [];
    this.#afterwards = [];
    this.#expired = 0;
  }

  /** The replica's cursor is too old, as if tombstones had been purged. */
  expireCursor() {
    this.#expired += 1;
  }

  fetch = async (url, init = {}) => {
    const { pathname, searchParams } = new URL(url);
    const request = { method: init.method ?? "GET", path: pathname.replace(/^\/api\/v1\/[^/]+/, "") };
    if (!this.online) throw new TypeError("offline");
    if (this.#expired > 0 && request.path === "/changes" && searchParams.has("since")) {
      this.#expired -= 1;
      return this.#gone();
    }
    await take(this.#before, request)?.action();
    const response = await fetch(url, init);
    await take(this.#afterwards, request)?.action();
    if (take(this.#losses, request)) {
      this.online = false;
      throw new TypeError("the connection broke before the answer arrived");
    }
    await this.#record(request, response.clone());
    return response;
  };

  async #record({ method, path }, response) {
    const results = path === "/tasks/batch" && response.status === 200 ? (await response.json()).results : [];
    const statuses = results.length > 0 ? results.map(({ status }) => status) : [response.status];
    this.log.push({ method, path, statuses });
  }

  #gone() {
    const problem = { type: "/docs/problems#sync-expired", title: "The cursor has expired", status: 410 };
    const headers = { "Content-Type": "application/problem+json" };
    return new Response(JSON.stringify(problem), { status: 410, headers });
  }
}

/** Removes and returns the first entry for this request. */
function take(entries, { method, path }) {
  const matches = (entry) => entry.method === method && entry.path.test(path);
  const index = entries.findIndex(matches);
  return index < 0 ? undefined : entries.splice(index, 1)[0];
}
