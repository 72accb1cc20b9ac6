// The assertion of SMART Backend Services (private_key_jwt), checked as a token server does; a jti counts once.
const crypto = require('node:crypto');

const jtis = new Set();

// The error code of RFC 6749 section 5.2, or nothing when the client is who it says.
module.exports = function refused(form, publicKey) {
  const [head, claims, signature] = (form.get('client_assertion') || '').split('.');
  if (form.get('grant_type') !== 'client_credentials' || !signature) return 'invalid_request';
  const header = JSON.parse(Buffer.from(head, 'base64url'));
  const claim = JSON.parse(Buffer.from(claims, 'base64url'));
  if (!['ES384', 'RS384'].includes(header.alg)) return 'invalid_client';
  const options = { key: publicKey, dsaEncoding: 'ieee-p1363' };
  const good = crypto.verify('sha384', Buffer.from(`${head}.${claims}`), options, Buffer.from(signature, 'base64url'));
  const now = claim.iat;
  if (!good || claim.iss !== claim.sub || claim.exp - now > 300 || claim.exp <= now) return 'invalid_client';
  if (jtis.has(claim.jti)) return 'invalid_grant';
  jtis.add(claim.jti);
  return undefined;
};
