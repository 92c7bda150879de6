# SPDX-License-Identifier: Apache-2.0
# Everything that a person types. The build itself is Meson's (meson.build).
#
#   sudo make quickstart   install what is missing, build, run the first comparison, show it
#   sudo make check        install what the tests need, build, run all tests
#   sudo make bench        lanebench beside public tools, on the same processors
#   sudo make soak         hundreds of kill -9 at random moments, the machine compared after each
#   make build | install | fuzz | clean

BUILD ?= build
SANITIZED ?= build-sanitized
FUZZ_SECONDS ?= 60
DESTDIR ?=

.PHONY: quickstart check bench soak build install fuzz clean help

help:
	@sed -n 's/^#   //p' Makefile

quickstart:
	@scripts/install-packages run
	@$(MAKE) --no-print-directory build
	@scripts/quickstart $(BUILD)/src/lanebench/lanebench

$(BUILD)/build.ninja:
	@meson setup $(BUILD) --buildtype=debugoptimized >$(BUILD).log 2>&1 || { cat $(BUILD).log; exit 1; }
	@mv $(BUILD).log $(BUILD)/setup.log

build: $(BUILD)/build.ninja
	@ninja -C $(BUILD) --quiet
	@scripts/give-back $(BUILD)

check:
	@scripts/install-packages check
	@BUILD=$(BUILD) SANITIZED=$(SANITIZED) scripts/check

bench:
	@scripts/install-packages bench
	@$(MAKE) --no-print-directory build
	@bench/run $(BUILD)/src/lanebench/lanebench

soak:
	@scripts/install-packages check
	@$(MAKE) --no-print-directory build
	@ROUNDS=$${ROUNDS:-200} LANEBENCH=$(abspath $(BUILD))/src/lanebench/lanebench bats -f ROUNDS tests/integration/host.bats

fuzz:
	@scripts/fuzz $(FUZZ_SECONDS)
	@scripts/give-back build-fuzz

install: build
	@meson install -C $(BUILD) --no-rebuild $(if $(DESTDIR),--destdir $(DESTDIR))
	@scripts/give-back $(BUILD)

clean:
	@rm -rf $(BUILD) $(SANITIZED) build-fuzz
