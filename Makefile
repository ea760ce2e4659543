# SPDX-License-Identifier: GPL-3.0-or-later
# Short ways to what Meson, npm and the tools do.  `./dev TARGET` first installs what a bare machine lacks.
#
#   build/        optimised, with debug information: what `make run` serves
#   build-dev/    ASan + UBSan: unit and API tests
#   build-tsan/   ThreadSanitizer
#   build-clang/  what clang-tidy reads: never compiled, its warnings come from clang-tidy

PYTHON := /usr/bin/python3
NPM_STAMP := node_modules/.package-lock.json
NODE = PATH="$$(tools/node-path):$$PATH"
WEB_FILES := $(shell find web lang package.json -type f -not -path 'web/dist/*' 2>/dev/null)
C_FILES = $(shell git ls-files --cached --others --exclude-standard 'src/*.[ch]' 'tests/*.[ch]')
# Warnings of the optimised build are errors where it is tested, not where somebody's newer compiler builds it.
WERROR ?= false
# More for the compiler: with -g1 (only the lines of a trace) the builds that are tested take two thirds of the time.
C_ARGS ?=
# Only one of the two databases: make api DB=sqlite.  Only some tests: make api T='-k filter'.
DB ?= sqlite,postgres
T ?=

.PHONY: all build web dev-build run demo-real deps test test-long check-fast checks unit api e2e bench \
        bench-web fmt fmt-check lint lint-openapi tsan cover fuzz release clean

all: build

deps:
	@tools/install-packages test
	@$(MAKE) --no-print-directory $(NPM_STAMP)

$(NPM_STAMP): package.json package-lock.json
	@$(NODE) npm ci --no-audit --no-fund --loglevel=error
	@touch $@

web: web/dist/index.html
web/dist/index.html: $(WEB_FILES) $(NPM_STAMP)
	@$(NODE) npm run --silent build
	@touch $@

# Quiet when all is well, whole when not.
quietly = @out=$$($(1) 2>&1) || { printf '%s\n' "$$out" >&2; exit 1; }

build/build.ninja:
	$(call quietly,meson setup build -Dbuildtype=debugoptimized -Doptimization=2 -Db_sanitize=none -Dwerror=$(WERROR) $(if $(C_ARGS),-Dc_args=$(C_ARGS)))
build-dev/build.ninja:
	$(call quietly,meson setup build-dev -Dwerror=true $(if $(C_ARGS),-Dc_args=$(C_ARGS)))
build-clang/build.ninja:
	$(call quietly,CC=clang meson setup build-clang -Db_sanitize=none)

build-tsan/build.ninja:
	$(call quietly,meson setup build-tsan -Db_sanitize=thread $(if $(C_ARGS),-Dc_args=$(C_ARGS)))

build: build/build.ninja web
	@ninja -C build --quiet kith
dev-build: build-dev/build.ninja
	@ninja -C build-dev --quiet

ARGS ?=
run: build
	@exec build/kith serve $(ARGS)

# The real CSV files of a shop: make demo-real DATA=folder
DATA ?= ../shared/data/crm-sales
demo-real: build
	@tools/demo-real "$(DATA)"

test: build dev-build
	@$(NODE) $(PYTHON) tools/run-tests
test-long: build dev-build
	@$(NODE) $(PYTHON) tools/run-tests --long

# Under 20 seconds once built: checks of the sources, and the unit tests.
check-fast: dev-build
	@$(PYTHON) tools/run-tests --only checks,unit
checks:
	@$(PYTHON) tools/run-tests --only checks
unit: dev-build
	@$(PYTHON) tools/run-tests --only unit
api: build-dev/build.ninja
	@ninja -C build-dev --quiet kith
	@cd tests && KITH_TEST_DB=$(DB) $(PYTHON) -m pytest -q api $(T)
e2e: build
	@$(NODE) $(PYTHON) tools/run-tests --only e2e

bench: build
	@tests/perf/run $(ARGS)
# The same for the browser's side.
bench-web: build $(NPM_STAMP)
	@$(NODE) node tests/perf/web.mjs

fmt:
	@clang-format -i $(C_FILES)
fmt-check:
	@clang-format --dry-run -Werror $(C_FILES)

lint: build-clang/build.ninja $(NPM_STAMP)
	@tools/lint
	@$(NODE) npm run --silent check

# The OpenAPI document of a fresh installation, by two linters that have a folder of packages of their own.
OPENAPI_STAMP := tools/openapi/node_modules/.package-lock.json
$(OPENAPI_STAMP): tools/openapi/package.json tools/openapi/package-lock.json
	@$(NODE) npm ci --prefix tools/openapi --no-audit --no-fund --loglevel=error
	@touch $@
# BUILT=1: as it is, because others run it at the same time and a program that is being linked cannot be run.
BUILT ?=
lint-openapi: build-dev/build.ninja $(OPENAPI_STAMP)
	@[ -n "$(BUILT)" ] || ninja -C build-dev --quiet kith
	@$(NODE) tools/lint-openapi

# Data races, by ThreadSanitizer: the unit tests of the layers with threads, then the server itself at work.
TSAN_API := test_sign test_lists test_feed test_batch test_crowd
tsan: export TSAN_OPTIONS := suppressions=$(CURDIR)/tools/tsan.txt
tsan: build-tsan/build.ninja
	@ninja -C build-tsan --quiet kith
	@meson test -C build-tsan --quiet --print-errorlogs --suite db --suite core --suite http
	@cd tests && KITH_BIN=$(CURDIR)/build-tsan/kith KITH_TEST_DB=sqlite $(PYTHON) -m pytest -q -p no:cacheprovider $(TSAN_API:%=api/%.py)

cover:
	@[ -d build-cover ] || meson setup build-cover -Db_coverage=true -Db_sanitize=none -Doptimization=0 >/dev/null
	@ninja -C build-cover --quiet
	@find build-cover -name '*.gcda' -delete
	@meson test -C build-cover --quiet
	@$(PYTHON) tools/cover build-cover

# Each target for TIME seconds; the corpus grows under build-fuzz/.
TIME ?= 30
fuzz:
	@[ -d build-fuzz ] || CC=clang meson setup build-fuzz -Dfuzz=true >/dev/null
	@ninja -C build-fuzz --quiet
	@tools/fuzz build-fuzz $(TIME)

release: web
	@[ -d build-release ] || meson setup build-release -Dbuildtype=release -Db_sanitize=none \
	  -Db_lto=true -Dtest_hooks=false -Dstrip=true >/dev/null
	@ninja -C build-release --quiet kith
	@tools/release build-release

clean:
	@rm -rf build build-dev build-clang build-tsan build-cover build-fuzz build-release web/dist
