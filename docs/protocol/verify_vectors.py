"""A second verifier of IF.bus, written from docs/protocol alone. Needs the package `cryptography`.

Prints "all N vectors agree", or what differs and exit code 1. Its JSON number writer knows what the vectors need:
whole numbers and doubles whose shortest form Python and ECMAScript share.
"""

import base64, hashlib, json, pathlib, re, sys
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

TYPE = "application/vnd.infrafabric.%s"
PERFORMATIVES = set("request agree refuse inform failure cancel not-understood propose accept-proposal "
                    "reject-proposal query-ref confirm disconfirm subscribe escalate".split())
AUTHORITY = {"request", "cancel", "accept-proposal", "reject-proposal"}
MEMBERS = set("citation content conversation_id epoch expires_at in_reply_to key_id message_id performative "
              "receiver sender seq session_id signature timestamp v".split())
GRANT = set("agent epoch issued_at issuer issuer_key_id key_id performatives public_key receivers role session_id "
            "signature v".split())
CHECKPOINT = set("at epoch head key_id session_id signature size v".split())
SESSION, AGENT = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", r"[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?"
KEY_ID, HASH = r"ed25519:[0-9a-f]{32}", r"[0-9a-f]{64}"
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
SMALL = {0, 1, P - 1} | {int.from_bytes(bytes.fromhex(h), "little") for h in (
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")}


class Reject(Exception):
    pass


def need(condition, code):
    if not condition:
        raise Reject(code)


def number(value):
    if isinstance(value, int) and abs(value) < 10**21:
        need(float(value) == value, "not-canonical")
        return str(value)
    value = float(value)
    need(value - value == 0, "not-canonical")  # finite
    if value == int(value) and abs(value) < 1e21:
        return str(int(value))
    digits, _, exponent = repr(value).partition("e")
    if not exponent:
        return digits
    exponent = int(exponent)
    if -7 < exponent < 0:  # ECMAScript writes 0.000001 where Python writes 1e-06
        sign, digits = ("-", digits[1:]) if digits[0] == "-" else ("", digits)
        return sign + "0." + "0" * (-exponent - 1) + digits.replace(".", "")
    return "%se%+d" % (digits.removesuffix(".0"), exponent)


def string(text):
    need(not re.search("[\ud800-\udfff]", text), "not-canonical")
    return json.dumps(text, ensure_ascii=False)


def canonical(value, depth=32):
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, str):
        return string(value)
    if isinstance(value, (int, float)):
        return number(value)
    need(depth > 0, "not-canonical")
    if isinstance(value, list):
        return "[" + ",".join(canonical(item, depth - 1) for item in value) + "]"
    members = sorted(value, key=lambda member: member.encode("utf-16-be", "surrogatepass"))
    return "{" + ",".join(string(m) + ":" + canonical(value[m], depth - 1) for m in members) + "}"


def parse(text, limit):
    need(len(text.encode("utf-8", "surrogatepass")) <= limit, "too-large")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise Reject("not-canonical")
    need(canonical(value) == text, "not-canonical")
    need(isinstance(value, dict), "malformed")
    return value


def pae(kind, body):
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(body), body)


def sha(data):
    return hashlib.sha256(data).digest()


def b64(text, length):
    need(isinstance(text, str), "malformed")
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise Reject("malformed")
    need(len(data) == length and base64.b64encode(data).decode() == text, "malformed")
    return data


def whole(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value == int(value) and 0 <= value < 2**53


def like(pattern, text):
    return isinstance(text, str) and re.fullmatch(pattern, text) is not None


def key_id(key):
    return "ed25519:" + hashlib.sha256(key).hexdigest()[:32]


def weak(key):
    y = int.from_bytes(key, "little") % 2**255
    return y >= P or y in SMALL


def root_of(leaf, index, size, hashes):
    last, root = size - 1, leaf
    for other in hashes:
        need(last > 0, "bad-proof")
        if index & 1 or index == last:
            root = sha(b"\1" + other + root)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            root = sha(b"\1" + root + other)
        index, last = index >> 1, last >> 1
    need(last == 0, "bad-proof")
    return root


def read_signature(value):
    need(isinstance(value, dict), "malformed")
    need(value.get("algorithm") in ("ed25519", "ed25519-batch"), "unknown-algorithm")
    batch = value["algorithm"] == "ed25519-batch"
    need(set(value) == {"algorithm", "public_key", "signature_bytes"} | ({"proof"} if batch else set()), "malformed")
    key, signature = b64(value["public_key"], 32), b64(value["signature_bytes"], 64)
    if not batch:
        return key, signature, None
    proof = value["proof"]
    need(isinstance(proof, dict) and set(proof) == {"hashes", "leaf_index", "tree_size"}, "malformed")
    index, size, hashes = proof["leaf_index"], proof["tree_size"], proof["hashes"]
    need(whole(size) and 2 <= size <= 2**20 and whole(index) and index < size, "malformed")
    need(isinstance(hashes, list) and len(hashes) <= 20, "malformed")
    return key, signature, (index, size, [b64(one, 32) for one in hashes])


def check_signature(kind, value, read):
    key, signature, proof = read
    body = canonical({member: value[member] for member in value if member != "signature"}).encode()
    signed = pae(kind, body)
    if proof:
        index, size, hashes = proof
        root = root_of(sha(b"\0" + signed), index, size, hashes)
        signed = pae(TYPE % "batch.v1", size.to_bytes(8, "big") + root)
    need(int.from_bytes(signature[32:], "little") < L and not weak(signature[:32]), "bad-signature")
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, signed)
    except (InvalidSignature, ValueError):
        raise Reject("bad-signature")


class Session:
    def __init__(self, session, operator_key):
        self.id, self.operator_key, self.operator = session, operator_key, f"if://agent/{session}/operator"
        self.entries, self.keys, self.revoked = {}, {}, set()
        self.owners = {key_id(operator_key): self.operator}

    def admit(self, wire):
        g = parse(wire, 512 * 1024)
        agent = lambda name: like(f"if://agent/{re.escape(g['session_id'])}/{AGENT}", name)
        different = lambda items: isinstance(items, list) and all(isinstance(i, str) for i in items) and len(set(items)) == len(items)
        need(set(g) == GRANT and canonical(g["v"]) == "1" and like(SESSION, g["session_id"]), "malformed")
        need(agent(g["agent"]) and agent(g["issuer"]) and whole(g["epoch"]) and whole(g["issued_at"]), "malformed")
        need(g["role"] in ("operator", "coordinator", "planner", "worker", "synthesizer"), "malformed")
        need(different(g["performatives"]) and set(g["performatives"]) <= PERFORMATIVES, "malformed")
        need(different(g["receivers"]) and 1 <= len(g["receivers"]) <= 1000, "malformed")
        need(g["receivers"] == ["*"] or all(agent(one) for one in g["receivers"]), "malformed")
        key = b64(g["public_key"], 32)
        need(like(KEY_ID, g["issuer_key_id"]) and g["key_id"] == key_id(key), "malformed")
        read = read_signature(g["signature"])
        need(g["session_id"] == self.id, "wrong-scope")
        need(not weak(key), "weak-key")
        need(g["key_id"] not in self.revoked and g["issuer_key_id"] not in self.revoked, "revoked-key")
        self.judge_issuer(g, read[0])
        check_signature(TYPE % "grant.v1+json", g, read)
        place, holder = (g["epoch"], g["key_id"]), (g["epoch"], g["agent"])
        known = self.entries.get(place)
        said = lambda one: (one["agent"], one["role"], one["issuer"], one["issuer_key_id"], set(one["performatives"]), set(one["receivers"]))
        if known and said(known) == said(g):
            return
        need(known is None and holder not in self.keys, "conflict")
        need(self.owners.get(g["key_id"], g["agent"]) == g["agent"], "conflict")
        self.entries[place] = g
        self.keys[holder] = self.owners[g["key_id"]] = g["agent"]

    def judge_issuer(self, g, signing_key):
        order = g["role"] in ("operator", "coordinator")
        need(order or not AUTHORITY & set(g["performatives"]), "too-wide")
        if order:
            by_operator = g["issuer"] == self.operator and signing_key == self.operator_key
            need(by_operator and g["issuer_key_id"] == key_id(self.operator_key), "unknown-issuer")
            own = g["agent"] == self.operator and g["key_id"] == key_id(self.operator_key)
            need(own if g["role"] == "operator" else g["agent"] != self.operator, "too-wide")
            return
        need(g["agent"] != self.operator, "too-wide")
        issuer = self.entries.get((g["epoch"], g["issuer_key_id"]))
        need(issuer and issuer["role"] == "coordinator" and issuer["agent"] == g["issuer"], "unknown-issuer")
        need(b64(issuer["public_key"], 32) == signing_key, "unknown-issuer")
        need(set(g["performatives"]) <= set(issuer["performatives"]), "too-wide")
        need(issuer["receivers"] == ["*"] or set(g["receivers"]) <= {g["issuer"], *issuer["receivers"]}, "too-wide")

    def verify(self, wire):
        m = parse(wire, 72 * 1024)
        need(not re.search("[\ufffe\uffff]", wire), "malformed")
        need(set(m) == MEMBERS or set(m) == MEMBERS - {"signature"}, "malformed")
        need(canonical(m["v"]) == "1" and m["performative"] in PERFORMATIVES, "malformed")
        need(all(isinstance(m[one], str) for one in ("sender", "receiver", "conversation_id", "message_id")), "malformed")
        need(like(SESSION, m["session_id"]) and like(KEY_ID, m["key_id"]), "malformed")
        need(all(whole(m[one]) for one in ("timestamp", "epoch", "seq")), "malformed")
        need(m["in_reply_to"] is None or isinstance(m["in_reply_to"], str), "malformed")
        need(m["expires_at"] is None or whole(m["expires_at"]), "malformed")
        c = m["citation"]
        need(c is None or isinstance(c, dict) and set(c) == {"source_url", "evidence_hash"} and like(HASH, c["evidence_hash"])
             and isinstance(c["source_url"], str) and 1 <= len(c["source_url"].encode("utf-16-le")) // 2 <= 2048, "malformed")
        need(len(canonical(m["content"]).encode()) <= 65536, "too-large")
        need(m["session_id"] == self.id, "wrong-scope")
        prefix = f"if://agent/{self.id}/"
        need(like(re.escape(prefix) + AGENT, m["sender"]) and like(re.escape(prefix) + AGENT, m["receiver"]), "wrong-scope")
        need(like(rf"if://conversation/{self.id}/(?!\.\.?$)[A-Za-z0-9._~:-]{{1,128}}", m["conversation_id"]), "wrong-scope")
        sender = m["sender"][len(prefix):]
        need(m["message_id"] == f"if://message/{self.id}/{sender}/{m['epoch']}.{m['seq']}", "wrong-scope")
        place = r"(0|[1-9]\d{0,15})"
        need(m["in_reply_to"] is None or like(rf"if://message/{self.id}/{AGENT}/{place}\.{place}", m["in_reply_to"]), "wrong-scope")
        read = read_signature(m.get("signature"))
        grant = self.entries.get((m["epoch"], m["key_id"]))
        need(grant and grant["agent"] == m["sender"] and b64(grant["public_key"], 32) == read[0], "unknown-key")
        need(not weak(read[0]), "weak-key")
        need(m["key_id"] not in self.revoked, "revoked-key")
        need(m["performative"] in grant["performatives"], "not-granted")
        need(grant["receivers"] == ["*"] or m["receiver"] in grant["receivers"], "not-granted")
        check_signature(TYPE % "bus.v1+json", m, read)

    def attest(self, wire):
        c = parse(wire, 4096)
        need(set(c) == CHECKPOINT and canonical(c["v"]) == "1" and like(SESSION, c["session_id"]), "malformed")
        need(all(whole(c[one]) for one in ("at", "epoch", "size")) and like(HASH, c["head"]) and like(KEY_ID, c["key_id"]), "malformed")
        need(c["session_id"] == self.id, "wrong-scope")
        read = read_signature(c["signature"])
        grant = self.entries.get((c["epoch"], c["key_id"]))
        need(grant and grant["role"] == "coordinator" and b64(grant["public_key"], 32) == read[0], "unknown-key")
        need(c["key_id"] not in self.revoked, "revoked-key")
        check_signature(TYPE % "checkpoint.v1+json", c, read)


def outcome(judge, *arguments):
    try:
        judge(*arguments)
        return "ok"
    except Reject as rejected:
        return str(rejected)


def main():
    load = lambda name: json.loads((pathlib.Path(__file__).parent / "vectors" / name).read_text("utf-8"))
    results = []
    agree = lambda name, expected, found: results.append((name, expected, found))
    text_of = lambda text: need(canonical(json.loads(text)) == text, "not-canonical")
    texts = load("canonical.json")
    for text in texts["canonical"]:
        agree(text[:40], "ok", outcome(text_of, text))
    for one in texts["not_canonical"]:
        def judge():
            try:
                text_of(one["text"])
            except ValueError:
                raise Reject("not-canonical")
        agree(one["name"], "not-canonical", outcome(judge))
    for one in load("encoding.json"):
        agree(one["type"], one["encoded"], base64.b64encode(pae(one["type"], one["body"].encode())).decode())
    for tree in load("tree.json"):
        for at, proof in enumerate(tree["proofs"]):
            root = root_of(sha(b"\0" + pae_free(at)), at, tree["size"], [base64.b64decode(one) for one in proof])
            agree(f"leaf {at} of {tree['size']}", tree["root"], base64.b64encode(root).decode())
    journal = load("journal.json")
    start = canonical({"session_id": journal["session"], "v": 1}).encode()
    head = sha(pae(TYPE % "journal-start.v1+json", start))
    agree("journal start", journal["start"], head.hex())
    for entry in journal["entries"]:
        head = sha(pae(TYPE % "journal-entry.v1+json", head + entry["body"].encode()))
        agree(entry["body"], entry["hash"], head.hex())
    story = load("session.json")
    session = Session(story["session"], base64.b64decode(story["operator_key"]))
    judges = {"admit-grant": session.admit, "verify-message": session.verify, "verify-checkpoint": session.attest}
    for step in story["steps"]:
        if step["do"] == "revoke-key":
            session.revoked.add(step["key_id"])
        else:
            agree(step["name"], step["expect"], outcome(judges[step["do"]], step["wire"]))
    wrong = [result for result in results if result[1] != result[2]]
    for name, expected, found in wrong:
        print(f"{name}: expected {expected}, found {found}")
    print(f"{len(wrong)} of {len(results)} differ" if wrong else f"all {len(results)} vectors agree")
    return 1 if wrong else 0


def pae_free(at):
    """Leaves of the tree vectors are plain texts."""
    return b"leaf %d" % at


if __name__ == "__main__":
    sys.exit(main())
