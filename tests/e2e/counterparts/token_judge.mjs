// Judges tokens by two libraries that share nothing with bearerd. Standard input: {"cases": [{"token", "alg", "jwks" | "secret"}]};
// standard output: a list of {"jose": claims or error, "fast-jwt": claims or error}.
import { createRequire } from "node:module";
import { createPublicKey } from "node:crypto";
import { pathToFileURL } from "node:url";

const require = createRequire(pathToFileURL(process.argv[2] + "/"));
const jose = await import(pathToFileURL(require.resolve("jose")));
const { createVerifier } = require("fast-jwt");

async function byJose({ token, alg, jwks, secret }) {
  const key = secret ? Buffer.from(secret, "base64") : jose.createLocalJWKSet(jwks);
  return (await jose.jwtVerify(token, key, { algorithms: [alg] })).payload;
}

function byFastJwt({ token, alg, jwks, secret }) {
  const key = secret ? Buffer.from(secret, "base64")
    : createPublicKey({ key: jwks.keys[0], format: "jwk" }).export({ type: "spki", format: "pem" });
  return createVerifier({ key, algorithms: [alg] })(token);
}

async function verdict(judge, question) {
  try {
    return { claims: await judge(question) };
  } catch (error) {
    return { error: String(error) };
  }
}

let text = "";
for await (const chunk of process.stdin) text += chunk;
const verdicts = [];
for (const question of JSON.parse(text).cases) {
  verdicts.push({ jose: await verdict(byJose, question), "fast-jwt": await verdict(byFastJwt, question) });
}
console.log(JSON.stringify(verdicts));
