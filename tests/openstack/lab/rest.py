"""A very small OpenStack client: enough to fill a catalogue without waiting for openstacksdk to be imported."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

from .layout import Cloud
from .process import LabError

# The proxies of the environment are for PyPI, not for loopback.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Rest:
    """A session of the administrator."""

    def __init__(self, cloud: Cloud):
        self.cloud = cloud
        user = {"name": "admin", "domain": {"id": "default"}, "password": cloud.lab.passwords["admin"]}
        scope = {"project": {"name": "admin", "domain": {"id": "default"}}}
        body = {"auth": {"identity": {"methods": ["password"], "password": {"user": user}}, "scope": scope}}
        request = self._request("POST", cloud.url("keystone", "/v3/auth/tokens"), body)
        with _OPENER.open(request, timeout=60) as answer:
            self.token = answer.headers["X-Subject-Token"]
            self.project = json.load(answer)["token"]["project"]["id"]

    def _request(self, method: str, url: str, body: object = None) -> urllib.request.Request:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", "X-Auth-Token": getattr(self, "token", "")}
        return urllib.request.Request(url, data, headers, method=method)

    def call(self, method: str, service: str, path: str, body: object = None) -> dict:
        """Makes a call and returns the body of the answer."""
        request = self._request(method, self.cloud.url(service, path), body)
        try:
            with _OPENER.open(request, timeout=60) as answer:
                return json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError as error:
            text = error.read().decode(errors="replace")
            raise LabError(f"{self.cloud.name}: {method} {path}: {error.code} {text[:300]}") from error

    def ensure(self, kind: str, body: dict) -> str:
        """Returns the id of the identity object with the body's name, making it if need be."""
        many = f"/v3/{kind}s"
        for thing in self.call("GET", "keystone", f"{many}?name={body['name']}")[f"{kind}s"]:
            return thing["id"]
        return self.call("POST", "keystone", many, {kind: body})[kind]["id"]
