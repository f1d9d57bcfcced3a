from __future__ import annotations

from hypothesis import HealthCheck, settings

# On a busy machine an example may take long for no fault of its own.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")
