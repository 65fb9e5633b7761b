// A real OpenID provider (oidc-provider) over HTTPS on loopback, with the few switches that the tests turn.
//   ISSUER=https://localhost:PORT PORT=… TLS_CERTIFICATE=… TLS_KEY=… node openid_provider.mjs
//   POST /test/rotate?alg=ES256&keep=1   a new signing key; keep=0 drops the old ones
//   POST /test/set?delay=MS&down=1       slow, or failing, for everything but /test
//   POST /test/set?format=opaque         access tokens that are no JWT; format=jwt: back again
//   GET  /test/state                     how often the key set was fetched, and the introspection endpoint asked
import fs from 'node:fs';
import https from 'node:https';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

// Modules are installed outside of the source tree, where a bare import would not look.
const { resolve } = createRequire(process.env.NODE_MODULES + '/');
const load = (name) => import(pathToFileURL(resolve(name)).href);
const { default: Provider } = await load('oidc-provider');
const { exportJWK, generateKeyPair } = await load('jose');

const issuer = process.env.ISSUER;
const algorithms = ['RS256', 'ES256', 'PS256', 'EdDSA'];
let made = 0;

async function newKey(alg) {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return { ...(await exportJWK(privateKey)), kid: `${process.pid}-${++made}-${alg}`, alg, use: 'sig' };
}

let keys = await Promise.all(algorithms.map(newKey));
let signing = 'RS256';
let delay = 0;
let isDown = false;
let keySetFetches = 0;
let introspections = 0;
let format = 'jwt';
let answer = build();

function build() {
  const provider = new Provider(issuer, {
    jwks: { keys },
    clients: [{ client_id: 'rs', client_secret: 'rs-secret', grant_types: [], redirect_uris: [], response_types: [] },
      { client_id: 'machine', client_secret: 'machine-secret', grant_types: ['client_credentials'], redirect_uris: [], response_types: [], scope: 'read' }],
    scopes: ['openid', 'offline_access', 'read'],
    cookies: { keys: ['only-for-tests'] },
    enabledJWA: { idTokenSigningAlgValues: algorithms },
    extraTokenClaims: () => ({ roles: ['reader'] }),
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => undefined,
        useGrantedResource: () => true,
        getResourceServerInfo: (_context, resource) => ({
          scope: 'read', audience: resource, accessTokenTTL: 300, accessTokenFormat: format, jwt: { sign: { alg: signing } },
        }),
      },
    },
  });
  return provider.callback();
}

async function control(url, response) {
  const query = url.searchParams;
  if (url.pathname === '/test/rotate') {
    signing = query.get('alg') ?? signing;
    const fresh = await newKey(signing);
    // The provider insists on an RS256 key.
    const others = query.get('keep') === '0' ? (signing === 'RS256' ? [] : [await newKey('RS256')]) : keys;
    keys = [fresh, ...others];
    answer = build();
    return response.end(fresh.kid);
  }
  if (url.pathname === '/test/set') {
    delay = Number(query.get('delay') ?? delay);
    isDown = (query.get('down') ?? String(Number(isDown))) === '1';
    signing = query.get('alg') ?? signing;
    format = query.get('format') ?? format;
    return response.end('ok');
  }
  return response.end(JSON.stringify({ keySetFetches, introspections, kids: keys.map((key) => key.kid) }));
}

async function handle(request, response) {
  const url = new URL(request.url, issuer);
  if (url.pathname.startsWith('/test/')) return control(url, response);
  if (url.pathname === '/jwks') keySetFetches++;
  if (url.pathname === '/token/introspection') introspections++;
  if (isDown) return response.writeHead(503).end();
  if (delay) await new Promise((resume) => setTimeout(resume, delay));
  return answer(request, response);
}

https.createServer({ key: fs.readFileSync(process.env.TLS_KEY), cert: fs.readFileSync(process.env.TLS_CERTIFICATE) }, handle)
  .listen(Number(process.env.PORT), '127.0.0.1', () => console.log('ready'));
