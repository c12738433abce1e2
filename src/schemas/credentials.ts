// What to present to whatever the gateway calls, as the REST API takes it. Stored sealed, never shown again.
import * as z from "zod";

const headerList = z.array(z.strictObject({ key: z.string().min(1), value: z.string() })).max(20);

/** Fields of each kind of credential; `authType` may be left out where the fields tell it. */
export const credentials = {
  authType: z.enum(["none", "basic", "bearer", "authheaders", "query_param", "api_key"]).nullish(),
  authUsername: z.string().nullish(),
  authPassword: z.string().nullish(),
  authToken: z.string().nullish(),
  authHeaderKey: z.string().nullish(),
  authHeaderValue: z.string().nullish(),
  authHeaders: headerList.nullish(),
  authQueryParamKey: z.string().nullish(),
  authQueryParamValue: z.string().nullish(),
};
