"""The manifests for Kubernetes say what the table of processes says."""

from typing import Any

import pytest
import yaml
from kubernetes_validate.utils import ValidationError, latest_version, validate

from local import kubernetes
from local.embedded.processes import Process, in_containers
from settings import PROJECT_ROOT, Settings

SHIPPED = PROJECT_ROOT / "examples" / "kubernetes" / "iort.yaml"
PROCESSES = [process for process in in_containers() if process.name != "reader"]


@pytest.fixture(scope="module")
def objects() -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(SHIPPED.read_text(encoding="utf-8")))


def pods(objects: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {
        one["metadata"]["name"]: one["spec"]["template"]["spec"]
        for one in objects
        if one["kind"] in ("Deployment", "Job")
    }


def test_what_is_shipped_is_what_the_table_makes(objects: list[dict[str, Any]]) -> None:
    assert SHIPPED.read_text(encoding="utf-8") == kubernetes.text(), (
        "write it anew: python -m local.kubernetes > examples/kubernetes/iort.yaml"
    )
    assert objects == list(kubernetes.manifests()), "as a reader of YAML understands it"


@pytest.mark.parametrize("version", ["1.33", latest_version()])
def test_each_object_is_what_its_schema_allows(objects: list[dict[str, Any]], version: str) -> None:
    for one in objects:
        validate(one, version, strict=True)
    first = next(one for one in objects if one["kind"] == "Deployment")
    with pytest.raises(ValidationError):
        validate({**first, "spec": {**first["spec"], "replica": 2}}, version, strict=True)


def test_every_process_runs_somewhere_and_no_other(objects: list[dict[str, Any]]) -> None:
    assert set(pods(objects)) == {process.name for process in PROCESSES}
    readers = [name for name, pod in pods(objects).items() if len(pod["containers"]) > 1]
    assert sorted(readers) == sorted(kubernetes.READS_FILES)


@pytest.mark.parametrize("process", PROCESSES, ids=lambda process: process.name)
def test_a_pod_is_as_tight_as_a_container_of_compose(
    objects: list[dict[str, Any]], process: Process
) -> None:
    pod = pods(objects)[process.name]
    assert pod["securityContext"]["runAsUser"] == 10001
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    first, *others = pod["containers"]
    assert first["args"] == ["python", *process.command]
    secrets = next(one["secret"] for one in pod["volumes"] if one["name"] == "secrets")
    assert sorted(one["path"] for one in secrets["items"]) == sorted(process.secrets)
    for container in (first, *others):
        own = container["securityContext"]
        assert own["readOnlyRootFilesystem"] is True and own["capabilities"] == {"drop": ["ALL"]}
        assert own["allowPrivilegeEscalation"] is False
        assert container["resources"]["requests"] and container["resources"]["limits"]["memory"]
        assert process.name == "migrate" or container["livenessProbe"]
    for container in others:  # the reader: no setting, no secret
        assert not {"env", "envFrom"} & set(container)
        assert "secrets" not in {one["name"] for one in container["volumeMounts"]}


def test_settings_are_settings_and_none_of_them_is_secret(objects: list[dict[str, Any]]) -> None:
    (data,) = [one["data"] for one in objects if one["kind"] == "ConfigMap"]
    names = {name.removeprefix("IORT_").lower() for name in data}
    secrets = {secret for process in PROCESSES for secret in process.secrets}
    assert names - set(Settings.model_fields) == {"secrets_folder", "ready_file"}
    assert secrets <= set(Settings.model_fields) and not names & secrets


def test_nobody_comes_in_but_by_the_proxy(objects: list[dict[str, Any]]) -> None:
    rules = {
        one["metadata"]["name"]: one["spec"] for one in objects if one["kind"] == "NetworkPolicy"
    }
    assert "ingress" not in rules.pop("closed")
    assert set(rules) == {"web-from-proxy", "flower-from-proxy"}
    for rule in rules.values():
        assert all(one["from"] for one in rule["ingress"])
