// A backend in Node asks what to show a visit: npm install @openfeature/server-sdk @openfeature/ofrep-provider
import { OFREPProvider } from "@openfeature/ofrep-provider";
import { OpenFeature } from "@openfeature/server-sdk";

const baseUrl = process.argv[2] ?? "http://127.0.0.1:8080";
await OpenFeature.setProviderAndWait(new OFREPProvider({ baseUrl }));
const client = OpenFeature.getClient();

// An opaque random id that your site gave the device, and what its request shows. Never who the visitor is.
const targetingKey = "7d9f0c9e-5a34-4e0b-9b0e-6f0c9a3f8f11";
const visit = { targetingKey, country: "CH", acceptLanguage: "fr-CH,fr;q=0.9" };

for (const [flag, byDefault] of Object.entries({ language: "en", front: "app", hero: "a" })) {
  const told = await client.getStringDetails(flag, byDefault, visit);
  console.log(flag, told.value, told.reason, told.flagMetadata.reason);
}
