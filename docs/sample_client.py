"""A program of a platform: gets a token, asks the gate, files a complaint, reads its status, and verifies a webhook.

PORTAL=https://portal.example CLIENT_ID=... CLIENT_SECRET=... PLATFORM=sandbox python sample_client.py
"""

import base64
import hmac
import json
import os
import time
import urllib.parse
import urllib.request

PORTAL, PLATFORM = os.environ["PORTAL"], os.environ["PLATFORM"]


def call(method, path, data=None, **headers):
    """One request; returns status, headers and the JSON of the answer. Raises HTTPError for 4xx and 5xx."""
    request = urllib.request.Request(PORTAL + path, data=data, headers=headers, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.status, answer.headers, json.load(answer)


def get_token():
    """A token for the scopes of the client; it is good for `expires_in` seconds."""
    basic = base64.b64encode(f"{os.environ['CLIENT_ID']}:{os.environ['CLIENT_SECRET']}".encode()).decode()
    form = urllib.parse.urlencode({"grant_type": "client_credentials"}).encode()
    return call("POST", "/identity/o/api/token", form, Authorization=f"Basic {basic}")[2]["access_token"]


def may_publish(token, account, area):
    """Whether an account of the platform may publish in an area now, and why."""
    asked = urllib.parse.urlencode({"platform": PLATFORM, "platform_account": account, "area": area})
    found = call("GET", f"/api/v1/gate/?{asked}", Authorization=f"Bearer {token}")[2]
    return found["open"], found["code"]


def file_complaint(token, key, notice):
    """File a complaint once, whatever happens to the answer: the same key gives the same complaint. Returns its number."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Idempotency-Key": key}
    while True:
        status, told, found = call("POST", "/api/v1/complaints/", json.dumps(notice).encode(), **headers)
        if status == 201:
            return found["number"]
        time.sleep(int(told["Retry-After"]))  # 202: the platform is being asked about the videos


def complaint_status(token, number):
    """The complaint as it is now."""
    return call("GET", f"/api/v1/complaints/{number}/", Authorization=f"Bearer {token}")[2]


def verify_webhook(secret, headers, body):
    """The message of a webhook, from its headers (names in lower case) and the bytes of its body; ValueError if it is not ours."""
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    wanted = base64.b64encode(hmac.digest(base64.b64decode(secret.removeprefix("whsec_")), signed, "sha256")).decode()
    fits = any(hmac.compare_digest(part, f"v1,{wanted}") for part in headers["webhook-signature"].split())
    if not fits or abs(time.time() - int(headers["webhook-timestamp"])) > 300:
        raise ValueError("not signed with this secret, or too old")
    return json.loads(body)
