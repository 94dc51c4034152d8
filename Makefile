# One build serves `make run` and `make test`: optimised, and open to the tests' @testable imports.
BUILD = -c release -Xswiftc -enable-testing
ARGUMENTS ?= quick
# Tests at a time: each has engines of its own, and with all at once time limits say more about the machine than about the code.
WIDTH ?= 3
# The graph's engines, the default one first. `make test` runs everything on one of them, and on the others what depends on the engine;
# ENGINE=kuzu runs everything on that one alone.
ENGINES = ladybug kuzu
MAIN_ENGINE = $(or $(ENGINE),$(TRIVET_GRAPH_ENGINE),$(firstword $(ENGINES)))
OTHER_ENGINES = $(if $(ENGINE)$(FILTER),,$(filter-out $(MAIN_ENGINE),$(ENGINES)))
# Targets and suites whose outcome depends on the engine, and of these what doesn't.
ENGINE_TESTS = ^(GraphClient|Transactions)Tests\.|^StoresTests\.(GraphPool|PoolManagerTests|SpanTests)|^LoadTestingTests\.(HistoryRun|ExistingStores)Tests|^CommandTests\.(CrashCampaignTests/campaign|CommandLineTests/json|VerifyTests)
ENGINE_FREE_TESTS = ^TransactionsTests\.(Cache|LockTable|Redis|SnapshotTable|Simulat|Synchronizer|TimerQueue)|^GraphClientTests\.(AccessGate|CypherScanner|OtherEngine|EngineLoading)
TEST = SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=$(WIDTH) swift test $(BUILD) --skip-build

.PHONY: help run test build bootstrap format lint bench clean

help:
	@echo 'make run     install what is missing, build, run the quick profile (ARGUMENTS="user-journey --users 8" for others)'
	@echo 'make test    the same for the tests, on both engines of the graph (FILTER=GraphClient for some of them, ENGINE=kuzu for one engine)'
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
	TRIVET_GRAPH_ENGINE=$(MAIN_ENGINE) $(TEST) $(if $(FILTER),--filter '$(FILTER)')
	set -e; for engine in $(OTHER_ENGINES); do \
		TRIVET_GRAPH_ENGINE=$$engine $(TEST) --filter '$(ENGINE_TESTS)' --skip '$(ENGINE_FREE_TESTS)'; \
	done

bench: build
	"$$(swift build $(BUILD) --show-bin-path)/trivet" bench $(if $(filter-out quick,$(ARGUMENTS)),$(ARGUMENTS))

format:
	swift format --in-place --recursive --parallel Package.swift Snippets Sources Tests

lint:
	swift format lint --strict --recursive --parallel Package.swift Snippets Sources Tests

clean:
	rm -rf .build
