// What a frontend does with tasks in more than one request.

import type { operations } from "./api.js";
import { type Api, ApiError, body, type Changes, me, type Task, withTag } from "./client.js";

type Filters = NonNullable<operations["list-tasks"]["parameters"]["query"]>;

/** All pages of a list, one after another. `Link` has the address of the next page. */
export async function* pages(api: Api, filters: Filters): AsyncGenerator<Task[]> {
  let query: Filters | undefined = filters;
  while (query !== undefined) {
    const answer = await api.GET("/api/v1/{user_id}/tasks", { params: { path: me, query } });
    yield await body(Promise.resolve(answer));
    const cursor = next(answer.response);
    query = cursor === undefined ? undefined : { ...filters, cursor };
  }
}

/** The cursor of the next page (RFC 8288). The rest of its address repeats the filters of this page. */
function next(response: Response): string | undefined {
  const address = /<([^>]*)>; rel="next"/.exec(response.headers.get("Link") ?? "")?.[1];
  if (address === undefined) return undefined;
  return new URL(address, response.url).searchParams.get("cursor") ?? undefined;
}

/** A task as this client last saw it. */
export type Known = { data: Task; etag: string };

export async function read(api: Api, task_id: string): Promise<Known> {
  return withTag(api.GET("/api/v1/{user_id}/tasks/{task_id}", { params: { path: { ...me, task_id } } }));
}

/**
 * Changes a task that somebody else may change at the same time, without losing the other change. The API answers 412
 * to a change that is based on an old version; `edit` then gets the new version and says what to change in it.
 */
export async function change(api: Api, known: Known, edit: (task: Task) => Changes): Promise<Known> {
  const path = { ...me, task_id: known.data.id };
  for (;;) {
    try {
      return await withTag(
        api.PATCH("/api/v1/{user_id}/tasks/{task_id}", {
          params: { path, header: { "If-Match": known.etag } },
          headers: { "Content-Type": "application/merge-patch+json" },
          body: edit(known.data),
        }),
      );
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 412)) throw error;
      known = await read(api, path.task_id);
    }
  }
}
