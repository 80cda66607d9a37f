# Run by ./check with pytest; here so that a distribution carries them.
EXTRA_DIST += \
	tests/system/conftest.py tests/system/test_alias.py tests/system/test_api.py tests/system/test_bindings.py \
	tests/system/test_brake.py tests/system/test_checks.py tests/system/test_delegation.py tests/system/test_dns.py \
	tests/system/test_dot.py tests/system/test_edns.py tests/system/test_figures.py tests/system/test_geo.py \
	tests/system/test_guides.py tests/system/test_main_job.py tests/system/test_monitors.py tests/system/test_probers.py \
	tests/system/test_steering.py tests/system/test_store.py tests/system/test_tools.py tests/system/test_transfer.py
