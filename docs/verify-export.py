"""python3 verify-export.py EXPORT: RFC 6962 tree, C2SP checkpoint, Ed25519 (RFC 8032). Exit 1: does not hold, 2: file missing."""
import hashlib, pathlib, sys; from base64 import b64decode as b64
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493; D = -121665 * pow(121666, -1, P) % P
def sha(data): return hashlib.sha256(data).digest()
def add(a, b):  # two points of the curve, in extended coordinates
    (x, y, z, t), (X, Y, Z, T) = a, b
    e, h, c, d = (y - x) * (Y - X), (y + x) * (Y + X), 2 * D * t * T, 2 * z * Z
    e, f, g, h = h - e, d - c, d + c, h + e
    return e * f % P, g * h % P, f * g % P, e * h % P
def mul(n, p): return (0, 1, 1, 0) if n == 0 else add(mul(n - 1, p), p) if n & 1 else mul(n >> 1, add(p, p))
def point(data):
    y = int.from_bytes(data, "little") & 2**255 - 1; xx = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(xx, (P + 3) // 8, P); x = x if x * x % P == xx else x * pow(2, (P - 1) // 4, P) % P
    x = x if x & 1 == data[31] >> 7 else P - x; assert y < P and x * x % P == xx, "not a point of the curve"
    return x, y, 1, x * y % P
def signed(key, text, sig):
    s, h = int.from_bytes(sig[32:], "little"), hashlib.sha512(sig[:32] + key + text).digest()
    x, y, z, _ = mul(s, point(b"\x58" + b"\x66" * 31))
    X, Y, Z, _ = add(point(sig[:32]), mul(int.from_bytes(h, "little") % L, point(key)))
    return s < L and (x * Z - X * z) % P == 0 and (y * Z - Y * z) % P == 0
def missing(path): print(path, "is missing", file=sys.stderr); sys.exit(2)
def read(name): return path.read_bytes() if (path := pathlib.Path(sys.argv[1], name)).is_file() else missing(path)
leaves, level = 0, []  # level: roots of the complete subtrees, the largest first
text, _, signatures = read("checkpoint").decode().partition("\n\n"); origin, size, root = text.split("\n")
for n in range((int(size) + 255) // 256):
    name = "tile/entries/" + "".join(f"x{n // 1000**i % 1000:03}/" for i in (3, 2, 1) if n >= 1000**i) + f"{n % 1000:03}"
    data = read(name if n < int(size) // 256 else f"{name}.p/{int(size) % 256}")
    while data:  # each entry with its length in two bytes
        end, leaves = 2 + int.from_bytes(data[:2], "big"), leaves + 1
        node, data = sha(b"\0" + data[2:end]), data[end:]
        for _ in range((leaves & -leaves).bit_length() - 1): node = sha(b"\1" + level.pop() + node)
        level.append(node)
while len(level) > 1: level[-2:] = [sha(b"\1" + level[-2] + level[-1])]
keys = [b64(line.split("+", 2)[2])[1:] for line in read("log.vkey").decode().split()]
names = {sha(origin.encode() + b"\n\1" + key)[:4]: key for key in keys}
lines = [b64(line.split()[2]) for line in signatures.splitlines() if line.split()[1] == origin]
good = any(len(s) == 68 and s[:4] in names and signed(names[s[:4]], (text + "\n").encode(), s[4:]) for s in lines)
whole = leaves == int(size) and level == [b64(root)]
print(origin, leaves, "entries: tree", "holds," if whole else "DOES NOT HOLD,", "signature", "holds" if good else "DOES NOT HOLD")
sys.exit(not (whole and good))
