# One build serves `make run` and `make test`: optimised, and open to the tests' @testable imports.
BUILD = -c release -Xswiftc -enable-testing
ARGUMENTS ?= quick
# Tests at a time: each has engines of its own, and with all at once time limits say more about the machine than about the code.
WIDTH ?= 3

.PHONY: help run test build bootstrap format lint bench clean

help:
	@echo 'make run     install what is missing, build, run the quick profile (ARGUMENTS="user-journey --users 8" for others)'
	@echo 'make test    the same for the tests (FILTER=GraphClient for some of them)'
	@echo 'make bench   what Trivet costs, side by side with doing without it (ARGUMENTS="redis patterns" for some of it)'
	@echo 'make format  format the sources; make lint checks them'
	@echo 'make clean   remove what was built'

bootstrap:
	@scripts/bootstrap

build: bootstrap
	swift build $(BUILD) --product trivet

run: build
	"$$(swift build $(BUILD) --show-bin-path)/trivet" run $(ARGUMENTS)

test:
	@scripts/bootstrap --tests
	swift build $(BUILD) --build-tests
	SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=$(WIDTH) swift test $(BUILD) --skip-build $(if $(FILTER),--filter $(FILTER))

bench: build
	"$$(swift build $(BUILD) --show-bin-path)/trivet" bench $(if $(filter-out quick,$(ARGUMENTS)),$(ARGUMENTS))

format:
	swift format --in-place --recursive --parallel Package.swift Sources Tests

lint:
	swift format lint --strict --recursive --parallel Package.swift Sources Tests

clean:
	rm -rf .build
