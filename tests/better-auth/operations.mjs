// The operations of the task API, as a frontend calls them.

import assert from "node:assert/strict";

/** The tasks of a user, and the token that gives access to them. Each operation returns a Response. */
export function tasksOf(api, userId, token) {
  const collection = `${api}/api/v1/${encodeURIComponent(userId)}/tasks`;
  const call = (method, path, body) =>
    fetch(collection + path, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body && { "content-type": "application/json" }) },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(60_000),
    });
  return {
    create: (task) => call("POST", "", task),
    list: () => call("GET", ""),
    get: (id) => call("GET", `/${id}`),
    update: (id, changes) => call("PUT", `/${id}`, changes),
    complete: (id, completion) => call("PATCH", `/${id}/complete`, completion),
    delete: (id) => call("DELETE", `/${id}`),
  };
}

/** The body of an answer, which must have this status. An error must be a problem (RFC 9457). */
export async function expect(status, answer) {
  const response = await answer;
  const text = await response.text();
  assert.equal(response.status, status, `${response.url}: ${response.status} ${text}`);
  if (status >= 400) {
    assert.equal(response.headers.get("content-type"), "application/problem+json");
  }
  return text ? JSON.parse(text) : undefined;
}

/** Takes one task through its whole life. The user must have no other tasks. */
export async function useEveryOperation(tasks) {
  const created = await tasks.create({ title: "Buy milk", description: "Oat" });
  const task = await expect(201, created);
  const location = created.headers.get("location");
  assert.equal(new URL(location, created.url).href, `${created.url}/${task.id}`);
  assert.equal(task.completed, false);
  step(`created ${location}`);

  assert.deepEqual(await expect(200, tasks.list()), [task]);
  assert.deepEqual(await expect(200, tasks.get(task.id)), task);
  step("listed and read it");

  const updated = await expect(200, tasks.update(task.id, { title: "Buy oat milk" }));
  assert.deepEqual([updated.title, updated.description], ["Buy oat milk", "Oat"]);
  step("updated its title");

  assert.equal((await expect(200, tasks.complete(task.id, { completed: true }))).completed, true);
  assert.equal((await expect(200, tasks.complete(task.id))).completed, false);
  step("completed it, and toggled it back without a body");

  assert.equal(await expect(204, tasks.delete(task.id)), undefined);
  assert.equal((await expect(404, tasks.get(task.id))).status, 404);
  step("deleted it, and it is gone");
}

/** Reports what was done. */
export function step(what) {
  console.log(`ok: ${what}`);
}
