// How a frontend calls the API: openapi-fetch with the types from openapi.yaml, a token, and retries.

import createClient from "openapi-fetch";
import type { Client } from "openapi-fetch";

import type { components, paths } from "./api.js";
import type { Failure } from "./problems.js";
import { retrying } from "./retries.js";

export type Api = Client<paths>;
export type Task = components["schemas"]["Task"];
export type Changes = components["schemas"]["TaskChanges"];

/** The caller: the user's ID never has to appear in an address. */
export const me = { user_id: "me" } as const;

/** Calls `token` before each request, so that it can renew a token that is about to expire. */
export function connect(baseUrl: string, token: () => Promise<string>, fetch = globalThis.fetch): Api {
  const api = createClient<paths>({ baseUrl, fetch: retrying(fetch) });
  api.use({
    async onRequest({ request }) {
      request.headers.set("Authorization", `Bearer ${await token()}`);
      return request;
    },
  });
  return api;
}

/** An answer that is an error. `failure` says which one; see problems.ts. */
export class ApiError extends Error {
  readonly status: number;
  readonly failure: Failure;

  constructor(status: number, failure: Failure) {
    super("detail" in failure ? failure.detail : failure.message);
    this.status = status;
    this.failure = failure;
  }
}

type Answer<Data> = { data?: Data; error?: Failure; response: Response };

/** The body of an answer. Throws if the answer is an error. */
export async function body<Data>(answer: Promise<Answer<Data>>): Promise<Data> {
  return (await withTag(answer)).data;
}

/** The body with its entity tag, which a later change sends as `If-Match`. */
export async function withTag<Data>(answer: Promise<Answer<Data>>): Promise<{ data: Data; etag: string }> {
  const { data, error, response } = await answer;
  if (error !== undefined) {
    throw new ApiError(response.status, error);
  }
  return { data: data as Data, etag: response.headers.get("ETag") ?? "" };
}
