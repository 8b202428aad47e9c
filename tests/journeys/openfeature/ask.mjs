// A published JavaScript client, unmodified, at the command of a test, `node` or `web`: a question as JSON on a line of standard input,
// what the application then sees and what went over the wire as JSON on a line of standard output.
import { createInterface } from "node:readline";

import { OFREPProvider } from "@openfeature/ofrep-provider";
import { OFREPWebProvider } from "@openfeature/ofrep-web-provider";
import { OpenFeature as Server } from "@openfeature/server-sdk";
import { OpenFeature as Web } from "@openfeature/web-sdk";

let wire = [];

/** The `fetch` that both providers let an application pass in, which notes what it did. */
async function notingFetch(request, options) {
  const asked = request.headers.get("if-none-match");
  const response = await fetch(request, options);
  wire.push({ status: response.status, ifNoneMatch: asked, etag: response.headers.get("etag"), body: await response.clone().text() });
  return response;
}

const METHODS = { string: "getStringDetails", boolean: "getBooleanDetails", number: "getNumberDetails", object: "getObjectDetails" };

async function askServer({ url, headers, context, flag, type, byDefault }) {
  const provider = new OFREPProvider({ baseUrl: url, headers: Object.entries(headers), fetchImplementation: notingFetch });
  await Server.setProviderAndWait(provider);
  return Server.getClient()[METHODS[type]](flag, byDefault, context ?? undefined);
}

/** With `again` the page goes on: the provider stays, and hears of the context as it is now. */
async function askWeb({ url, headers, context, flag, type, byDefault, again }) {
  let failure = null;
  const client = Web.getClient();
  const note = (event) => (failure = event.message);
  if (again) {
    client.addHandler("PROVIDER_ERROR", note);
    await Web.setContext(context);
    client.removeHandler("PROVIDER_ERROR", note);
  } else {
    await Web.clearProviders();
    await Web.setContext(context ?? {});
    const provider = new OFREPWebProvider({
      baseUrl: url, headers: Object.entries(headers), fetchImplementation: notingFetch, cacheMode: "disabled",
    });
    await Web.setProviderAndWait(provider).catch((error) => (failure = error.message));
  }
  return { ...client[METHODS[type]](flag, byDefault), failure, status: client.providerStatus };
}

for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line);
  wire = [];
  const details = await (process.argv[2] === "web" ? askWeb(question) : askServer(question));
  console.log(JSON.stringify({ ...details, wire }));
}
