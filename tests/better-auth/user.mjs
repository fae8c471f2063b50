// A user of a Better Auth frontend, with their own browser.

import { randomUUID } from "node:crypto";

import { createAuthClient } from "better-auth/client";
import { jwtClient } from "better-auth/client/plugins";

/** Signs a new user up and in. `token` gets a new JWT for the task API. */
export async function newUser(issuer, name) {
  const email = `${name.toLowerCase()}-${randomUUID()}@example.com`;
  const password = randomUUID();
  const auth = createAuthClient({
    baseURL: issuer,
    plugins: [jwtClient()],
    fetchOptions: { customFetchImpl: browserFetch(issuer), throw: true },
  });
  await auth.signUp.email({ name, email, password });
  await auth.signOut();
  const { user } = await auth.signIn.email({ email, password });
  return { id: user.id, token: async () => (await auth.token()).token };
}

/** Adds to Node's fetch what a browser adds: the page's origin, which Better Auth checks, and cookies. */
function browserFetch(origin) {
  const cookies = new Map();
  return async (url, init) => {
    const headers = new Headers(init.headers);
    headers.set("origin", origin);
    if (cookies.size) headers.set("cookie", [...cookies].map((pair) => pair.join("=")).join("; "));
    const response = await fetch(url, { ...init, headers });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie);
      if (value) cookies.set(name, value);
      else cookies.delete(name);
    }
    return response;
  };
}
