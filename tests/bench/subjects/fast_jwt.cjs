// fast-jwt with its cache behind Node's own HTTP server: node fast_jwt.cjs PORT KEY_FILE ISSUER AUDIENCE
const fs = require('fs');
const http = require('http');
const { createVerifier } = require('fast-jwt');

const [port, key, issuer, audience] = process.argv.slice(2);
const verify = createVerifier({
  key: fs.readFileSync(key), algorithms: ['RS256'], allowedIss: issuer, allowedAud: audience, cache: true,
});

function status(request) {
  const authorization = request.headers.authorization || '';
  if (!authorization.startsWith('Bearer ')) return 401;
  try {
    verify(authorization.slice(7));
    return 200;
  } catch {
    return 401;
  }
}

http.createServer({ keepAliveTimeout: 75000 }, (request, response) => {
  response.writeHead(status(request), { 'Content-Length': 0 });
  response.end();
}).listen(Number(port), '127.0.0.1');
