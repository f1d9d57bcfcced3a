"""Certificates: made once, closed to others, and refused in one line where they cannot work."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from commands import Ran, tree

pytest.importorskip("distributed")
x509 = pytest.importorskip("cryptography.x509")

from automl.cluster.address import Address  # noqa: E402
from automl.cluster.certificates import make_certificates  # noqa: E402
from automl.cluster.folder import ROLES, ClusterFolder  # noqa: E402
from automl.cluster.security import security, security_for  # noqa: E402
from automl.errors import ConfigError  # noqa: E402

Cli = Callable[..., Ran]


@pytest.fixture
def folder(tmp_path: Path) -> ClusterFolder:
    made = ClusterFolder(tmp_path / "cluster")
    make_certificates(made, ["pc1", "192.0.2.7"])
    return made


def test_init_says_what_it_wrote_until_when_and_what_to_type_next(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "made"
    ran = cli("cluster", "init", "pc1", "pc2", "--folder", str(path), "--days", "30")
    assert (ran.code, ran.err) == (0, "")
    expires = datetime.now(UTC) + timedelta(days=30)
    assert f"valid until {expires:%Y-%m-%d}" in ran.out
    assert "automl cluster worker pc1" in ran.out
    search = "automl search --executor dask --cluster tls://pc1:8786 --dataset digits"
    assert f"automl cluster scheduler --folder {path}\n" in ran.out
    assert f"AUTOML_CLUSTER_FOLDER={path} {search}" in ran.out
    assert f"scp -p {path}/ca.pem {path}/worker.pem {path}/worker-key.pem pc2:cluster/" in ran.out
    files = {f"{role}{end}" for role in ROLES for end in (".pem", "-key.pem")}
    assert {p.name for p in path.iterdir()} == {"ca.pem", ".gitignore", *files}
    if sys.platform != "win32":
        assert path.stat().st_mode & 0o777 == 0o700
        assert {p.stat().st_mode & 0o777 for p in path.glob("*-key.pem")} == {0o600}
    before = tree(path)
    again = cli("cluster", "init", "--folder", str(path))
    assert (again.code, again.out) == (2, "")
    assert "must be new or empty" in again.err
    assert tree(path) == before


@pytest.mark.parametrize("role", ROLES)
def test_each_role_has_a_security_of_its_own_files(folder: ClusterFolder, role: str) -> None:
    found = security(role, folder.path)  # type: ignore[arg-type]
    assert found.require_encryption
    for other in ROLES:
        key = getattr(found, f"tls_{other}_key")
        assert key == (str(folder.key(other)) if other == role else None)


def test_the_certificate_of_a_search_cannot_pass_for_a_scheduler(folder: ClusterFolder) -> None:
    uses = x509.oid.ExtendedKeyUsageOID
    found = {}
    for role in ROLES:
        certificate = x509.load_pem_x509_certificate(folder.certificate(role).read_bytes())
        found[role] = list(
            certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        )
    assert found["client"] == [uses.CLIENT_AUTH]
    assert uses.SERVER_AUTH in found["scheduler"]


def _refused(folder: ClusterFolder) -> str:
    with pytest.raises(ConfigError) as refused:
        security("worker", folder.path)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_a_missing_file_is_named_with_what_makes_it(folder: ClusterFolder) -> None:
    folder.key("worker").unlink()
    assert "worker-key.pem: must be there for TLS" in _refused(folder)
    assert "automl cluster init" in _refused(folder)


@pytest.mark.skipif(sys.platform == "win32", reason="no such permissions")
def test_a_key_that_others_can_read_is_refused(folder: ClusterFolder) -> None:
    folder.key("worker").chmod(0o644)
    assert "chmod 600" in _refused(folder)


def test_files_of_two_clusters_are_refused(folder: ClusterFolder, tmp_path: Path) -> None:
    other = ClusterFolder(tmp_path / "other")
    make_certificates(other)
    shutil.copy(other.key("worker"), folder.key("worker"))
    assert "must be the key of worker.pem" in _refused(folder)
    shutil.copy(other.certificate("worker"), folder.certificate("worker"))
    assert "must be signed by ca.pem" in _refused(folder)
    folder.certificate("worker").write_text("certificate")
    assert "must be a certificate in PEM form" in _refused(folder)


def test_what_has_expired_is_refused(tmp_path: Path) -> None:
    folder = ClusterFolder(tmp_path / "old")
    expires = make_certificates(folder, days=0)
    assert f"expired on {expires:%Y-%m-%d}" in _refused(folder)


def test_the_variable_names_the_folder(
    folder: ClusterFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOML_CLUSTER_FOLDER", str(folder.path))
    assert security("client").tls_ca_file == str(folder.authority)


def test_only_an_address_of_this_machine_does_without(tmp_path: Path) -> None:
    local = Address.parse("tcp://127.0.0.1:9000", "--cluster")
    assert security_for(local, "client", tmp_path) is None
    with pytest.raises(ConfigError, match="must be there for TLS"):
        security_for(Address.parse("127.0.0.1", "--cluster"), "client", tmp_path)
