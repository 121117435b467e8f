"""Writes the manifests for Kubernetes from the table of processes: `python -m local.kubernetes`.

What is printed stands in `examples/kubernetes/iort.yaml`, and a test compares both. Hosts in it are
examples; secrets are keys of one Secret, and each process is mounted those that it reads.
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from local.embedded.processes import Process, in_containers

IMAGE = "registry.example/iort-coordinator:REPLACE"
USER = 10001
READS_FILES = ("worker-extraction", "web")
"""Who hands strangers' files to a reader beside it, in the same pod."""
SEVERAL = {"web": 2, "worker-extraction": 2, "worker-suitability": 2}
SCALED = {"worker-extraction": 8, "worker-suitability": 4}
"""So many at most where rows wait: to read a page and to weigh a case take long."""
SETTINGS = {
    "IORT_FLOWER_PUBLIC_URL": "https://flower.example.org",
    "IORT_IMAP_HOST": "imap.example.org",
    "IORT_IMAP_USER": "cases@example.org",
    "IORT_MAIL_FROM": "cases@example.org",
    "IORT_READER_SOCKET": "/reader/socket",
    "IORT_READY_FILE": "/tmp/ready",  # noqa: S108 - a folder of the pod's own
    "IORT_REQUIRE_SECOND_FACTOR": (
        '["coordinator", "clinician", "lead", "analyst", "administrator"]'
    ),
    "IORT_S3_BUCKET": "iort-case-files",
    "IORT_S3_ENDPOINT_URL": "https://s3.example.org",
    "IORT_SECRETS_FOLDER": "/run/secrets/iort",
    "IORT_SMTP_HOST": "smtp.example.org",
    "IORT_SMTP_PORT": "587",
    "IORT_SMTP_USER": "cases@example.org",
    "IORT_TRUSTED_PROXIES": "10.0.0.0/16",
    "IORT_WEB_PUBLIC_URL": "https://cases.example.org",
}
_EGRESS = (53, 443, 465, 587, 993, 5432, 6379, 6432, 26379)
"""DNS, object store and webhooks, mail, PostgreSQL, Valkey, PgBouncer, sentinels."""
_PLAIN = re.compile(r"[A-Za-z/][\w./:-]*(?<!:)")
_WORDS = {"yes", "no", "on", "off", "true", "false", "null", "y", "n"}


def manifests() -> Iterator[dict[str, Any]]:
    """Yield every object, in the order in which they are applied."""
    yield _object("v1", "Namespace", "iort", spec=None)
    settings = _object("v1", "ConfigMap", "iort-settings", spec=None)
    yield {**settings, "data": SETTINGS}
    yield from _network()
    for process in in_containers(folder="/data"):
        if process.name == "reader":
            continue  # beside those that hand it files
        yield _job(process) if process.name == "migrate" else _deployment(process)
        if process.http_port is not None:
            yield _service(process)
        if process.name in SEVERAL:
            yield _budget(process)
        if process.name in SCALED:
            yield _scaler(process)


def _object(version: str, kind: str, name: str, *, spec: Any, **more: Any) -> dict[str, Any]:
    named = {"name": name} if kind == "Namespace" else {"name": name, "namespace": "iort"}
    found = {"apiVersion": version, "kind": kind, "metadata": {**named, "labels": {"app": name}}}
    return {**found, **more} if spec is None else {**found, "spec": spec, **more}


def _deployment(process: Process) -> dict[str, Any]:
    chosen = {"matchLabels": {"app": process.name}}
    once = process.name in ("relay", "flower")
    spec = {
        "replicas": SEVERAL.get(process.name, 1),
        "selector": chosen,
        "strategy": {"type": "Recreate"} if once else {"type": "RollingUpdate"},
        "template": _template(process, "Always"),
    }
    return _object("apps/v1", "Deployment", process.name, spec=spec)


def _job(process: Process) -> dict[str, Any]:
    spec = {"backoffLimit": 2, "template": _template(process, "Never")}
    return _object("batch/v1", "Job", process.name, spec=spec)


def _template(process: Process, restart: str) -> dict[str, Any]:
    containers = [_container(process)]
    volumes: list[dict[str, Any]] = [
        {"name": "tmp", "emptyDir": {"medium": "Memory", "sizeLimit": "128Mi"}},
        {
            "name": "secrets",
            "secret": {
                "secretName": "iort-secrets",
                "defaultMode": 0o440,
                "items": [{"key": one, "path": one} for one in process.secrets],
            },
        },
    ]
    if process.name in READS_FILES:
        reader = next(one for one in in_containers() if one.name == "reader")
        containers.append(_reader(reader))
        volumes += [
            {"name": "reader", "emptyDir": {"medium": "Memory", "sizeLimit": "64Mi"}},
            {"name": "reader-tmp", "emptyDir": {"medium": "Memory", "sizeLimit": "512Mi"}},
        ]
    if process.name == "flower":
        volumes.append({"name": "data", "emptyDir": {"sizeLimit": "256Mi"}})
    spec = {
        "restartPolicy": restart,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": 60 if process.name.startswith("worker") else 30,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER,
            "runAsGroup": USER,
            "fsGroup": USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": containers,
        "volumes": volumes,
    }
    return {"metadata": {"labels": {"app": process.name, "part-of": "iort"}}, "spec": spec}


def _hardened(name: str, process: Process, cpu: str, memory: str, most: str) -> dict[str, Any]:
    return {
        "name": name,
        "image": IMAGE,
        "args": ["python", *process.command],
        "securityContext": {
            "readOnlyRootFilesystem": True,
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
        },
        "resources": {"requests": {"cpu": cpu, "memory": memory}, "limits": {"memory": most}},
    }


def _container(process: Process) -> dict[str, Any]:
    mounts = [
        {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108 - the pod's own
        {"name": "secrets", "mountPath": SETTINGS["IORT_SECRETS_FOLDER"], "readOnly": True},
    ]
    if process.name in READS_FILES:
        mounts.append({"name": "reader", "mountPath": "/reader"})
    if process.name == "flower":
        mounts.append({"name": "data", "mountPath": "/data"})
    found = _hardened(process.name, process, "100m", "256Mi", "1Gi")
    found |= {"envFrom": [{"configMapRef": {"name": "iort-settings"}}], "volumeMounts": mounts}
    if process.name == "migrate":
        return found
    if process.http_port is not None:
        alive = {"httpGet": {"path": process.health_path, "port": process.http_port}}
        ready = {**alive, "httpGet": {**alive["httpGet"]}}
        if process.name == "web":
            ready["httpGet"]["path"] = "/readyz"
        found["ports"] = [{"containerPort": process.http_port}]
        return found | _probes(alive, ready)
    seconds = 60 if process.name == "relay" else 300
    fresh = {"exec": {"command": ["python", "-m", "tasks.readiness", str(seconds)]}}
    return found | _probes(fresh, fresh)


def _probes(alive: Mapping[str, Any], ready: Mapping[str, Any]) -> dict[str, Any]:
    pace = {"periodSeconds": 30, "timeoutSeconds": 10}
    return {
        "startupProbe": {**alive, "periodSeconds": 5, "timeoutSeconds": 10, "failureThreshold": 24},
        "livenessProbe": {**alive, **pace, "failureThreshold": 3},
        "readinessProbe": {**ready, **pace},
    }


def _reader(process: Process) -> dict[str, Any]:
    """Return the container that reads files: it is given no setting and no secret."""
    found = _hardened("reader", process, "500m", "512Mi", "6Gi")
    asked = f"import socket; socket.socket(socket.AF_UNIX).connect('{process.command[-1]}')"
    found["volumeMounts"] = [
        {"name": "reader", "mountPath": "/reader"},
        {"name": "reader-tmp", "mountPath": "/tmp"},  # noqa: S108 - the container's own
    ]
    probe = {"exec": {"command": ["python", "-c", asked]}}
    return found | {"livenessProbe": {**probe, "periodSeconds": 30, "timeoutSeconds": 10}}


def _service(process: Process) -> dict[str, Any]:
    ports = [{"port": process.http_port, "targetPort": process.http_port}]
    return _object(
        "v1", "Service", process.name, spec={"selector": {"app": process.name}, "ports": ports}
    )


def _budget(process: Process) -> dict[str, Any]:
    spec = {"minAvailable": 1, "selector": {"matchLabels": {"app": process.name}}}
    return _object("policy/v1", "PodDisruptionBudget", process.name, spec=spec)


def _scaler(process: Process) -> dict[str, Any]:
    """Return what starts more workers while rows of their queue wait.

    It needs an adapter that hands metrics of Prometheus on; without one it does nothing.
    """
    from workflows.steps import STEPS

    names = sorted(name for name, step in STEPS.items() if step.queue in process.queues)
    of_queue = {"key": "step", "operator": "In", "values": names}
    metric = {"name": "iort_steps_due", "selector": {"matchExpressions": [of_queue]}}
    spec = {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": process.name},
        "minReplicas": SEVERAL[process.name],
        "maxReplicas": SCALED[process.name],
        "metrics": [
            {
                "type": "External",
                "external": {
                    "metric": metric, "target": {"type": "AverageValue", "averageValue": "20"}
                },
            }
        ],
        "behavior": {"scaleDown": {"stabilizationWindowSeconds": 600}},
    }  # fmt: skip
    return _object("autoscaling/v2", "HorizontalPodAutoscaler", process.name, spec=spec)


def _network() -> Iterator[dict[str, Any]]:
    """Yield who may speak to whom: nobody comes in but the proxy, and few ports lead out."""
    ours = {"matchLabels": {"part-of": "iort"}}
    ports: list[dict[str, Any]] = [{"port": port, "protocol": "TCP"} for port in _EGRESS]
    ports.append({"port": 53, "protocol": "UDP"})
    closed = {
        "podSelector": ours,
        "policyTypes": ["Ingress", "Egress"],
        "egress": [{"ports": ports}],
    }
    yield _object("networking.k8s.io/v1", "NetworkPolicy", "closed", spec=closed)
    proxy = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ingress"}}}
    for process in in_containers():
        if process.http_port is not None:
            opened = {
                "podSelector": {"matchLabels": {"app": process.name}},
                "policyTypes": ["Ingress"],
                "ingress": [{"from": [proxy], "ports": [{"port": process.http_port}]}],
            }
            name = f"{process.name}-from-proxy"
            yield _object("networking.k8s.io/v1", "NetworkPolicy", name, spec=opened)


def text() -> str:
    """Return all manifests as one file."""
    head = "# Made by `python -m local.kubernetes`; docs/scaling.md says how it is used.\n"
    return head + "".join(f"---\n{_block(each, 0)}" for each in manifests())


def _block(value: Mapping[str, Any], depth: int) -> str:
    return "".join(_line(" " * depth + key + ":", inner, depth) for key, inner in value.items())


def _line(begun: str, value: Any, depth: int) -> str:
    if isinstance(value, dict) and value:
        return f"{begun}\n{_block(value, depth + 2)}"
    if isinstance(value, list) and any(isinstance(one, dict) for one in value):
        items = [_block(one, depth + 4) for one in value]
        return f"{begun}\n" + "".join(f"{' ' * (depth + 2)}- {one[depth + 4 :]}" for one in items)
    return f"{begun} {_scalar(value)}\n"


def _scalar(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(json.dumps(one) for one in value)}]"
    plain = isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS
    return value if plain else json.dumps(value)


if __name__ == "__main__":
    sys.stdout.write(text())
