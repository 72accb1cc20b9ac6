// A token server for FHIR servers that have none: SMART Backend Services in, access tokens out (JWT, RS256) with the scopes that /control
// allows, and /jwks to check them by. Loopback only. Prints its port, then serves until its standard input ends.
const http = require('node:http');
const crypto = require('node:crypto');
const refused = require('./assertion.js');

const { privateKey, publicKey } = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'tokens', use: 'sig', alg: 'RS256' };
const state = { publicKey: null, scope: '', issuer: '', audience: '', age: 0 };

const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

function access(scope) {
  // The server that is asked goes by the real time.
  const now = Math.floor(Date.now() / 1000) - state.age;
  const claims = { iss: state.issuer, aud: state.audience, sub: 'bcma', client_id: 'bcma', jti: crypto.randomUUID(), iat: now, exp: now + 300, scope };
  const signed = `${part({ alg: 'RS256', kid: jwk.kid, typ: 'JWT' })}.${part(claims)}`;
  return `${signed}.${crypto.sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
}

function answer(req, body) {
  if (req.url === '/control') return [200, Object.assign(state, JSON.parse(body)) && {}];
  if (req.url === '/jwks') return [200, { keys: [jwk] }];
  const form = new URLSearchParams(body);
  const error = refused(form, state.publicKey);
  if (error) return [400, { error }];
  const scope = state.scope || form.get('scope');
  return [200, { access_token: access(scope), token_type: 'Bearer', expires_in: 300, scope }];
}

const server = http.createServer((req, res) => {
  let body = '';
  req.setEncoding('utf8');
  req.on('data', (more) => { body += more; });
  req.on('end', () => {
    const [status, said] = answer(req, body);
    res.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
    res.end(JSON.stringify(said));
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
