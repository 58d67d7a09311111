# Every target works in a fresh clone with Node, npm, make and git. IDS=1,52 and ARGS="…" are passed on.
SHELL := /bin/sh
export NX_TUI = false
IDS ?= all
ARGS ?=
STEP := node tools/bin/step.mjs
TA := node apps/cli/bin/ta.js

.DEFAULT_GOAL := help
.PHONY: help help-refresh install build demo test bars emas daily-refresh daily-refresh-validate dry-run validate clean-logs hooks ui packages api-docs notebooks soak page-load node-versions strikes first-hour workers-campaign conversion-campaign fuzz chaos year supply-chain sbom

help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-22s %s\n", $$1, $$2 }' Makefile

node_modules/.package-lock.json: package-lock.json
	@$(STEP) install npm ci --no-audit --no-fund
	@touch $@

install: node_modules/.package-lock.json ## Install the locked dependencies

build: install ## Build the ta command
	@$(STEP) types node node_modules/typescript-7/bin/tsc --build
	@$(STEP) bundle node tools/bin/bundle-app.mjs cli validator

demo: ## Try it: synthetic prices into bars and EMAs, in .demo
	node tools/bin/demo.mjs $(ARGS)

test: install ## Lint, types, build, and every test on PGlite and PostgreSQL
	node tools/bin/check.mjs

bars: build ## Build all bars
	$(TA) bars --ids $(IDS) --verbose $(ARGS)

emas: build ## Refresh all EMAs
	$(TA) emas --ids $(IDS) --verbose $(ARGS)

daily-refresh: build ## Bars, then EMAs: the daily job
	$(TA) refresh --all --ids $(IDS) --verbose $(ARGS)

daily-refresh-validate: build ## The daily job, then a check of what is stored
	$(TA) refresh --all --ids $(IDS) --verbose --validate $(ARGS)

validate: build ## Check every stored bar and EMA; reads only
	node apps/validator/bin/validator.js check --ids $(IDS) $(ARGS)

dry-run: build ## Show what the daily job would do, change nothing
	$(TA) refresh --all --ids $(IDS) --dry-run $(ARGS)

clean-logs: build ## Delete log files older than 30 days
	$(TA) logs clean --days 30 $(ARGS)

help-refresh: help ## The same as help

soak: build ## The long forms of the equivalence and resilience tests; HISTORIES="--histories 500 --large 2 --plans 300" KILLS="--kills 200" SHAPES=2000
	node tools/bin/with-postgres.mjs node --import tsx --conditions=@ta/source libs/pipeline/test/soak/main.ts $(HISTORIES)
	node --import tsx --conditions=@ta/source apps/cli/test/resilience/soak.ts $(KILLS)
	TA_SHAPES=$(or $(SHAPES),2000) node tools/bin/with-postgres.mjs npx vitest run apps/cli/test/data-shapes/generated.spec.ts apps/cli/test/data-shapes/absurd-instants.spec.ts
	TA_CHANGES=all npx vitest run planted-defects random-changes libs/validation/test/zones
	TA_ZONE_DAYS=all npx vitest run every-zone
	TA_TIMEFRAMES=all npx vitest run same-bars
	TA_RUNS=500 npx vitest run market-close build-daily build-snapshots
	TA_HISTORIES=20 node tools/bin/with-postgres.mjs npx vitest run both-engines distribution
	TA_MARKET_HISTORIES=300 node tools/bin/with-postgres.mjs npx vitest run apps/cli/test/data-shapes/markets.spec.ts
	TA_ZONE_DAYS=all node tools/bin/on-node-versions.mjs 22 24 26 -- node_modules/vitest/vitest.mjs run libs/bars-core/src/every-zone libs/bars-core/src/zone-

page-load: build ## The chart page of an embedded database under 500 connections for 10 minutes, and writers beside it; LOAD="--connections 500 --minutes 10 --prices 1027:FILE.csv"
	@$(STEP) page npx nx build dashboard
	node --import tsx --conditions=@ta/source apps/cli/test/resilience/page-load.ts $(LOAD)

node-versions: install ## The cores, the embedded database and its locks on Node 22, 24 and 26
	node tools/bin/on-node-versions.mjs 22 24 26 -- node_modules/vitest/vitest.mjs run --maxWorkers=1 libs/bars-core/src libs/ema-core/src libs/state-store/src connect-pglite pglite-folder file-lock

first-hour: install ## The blocks of the README by a shell, one after the other, in a fresh clone with two files of real prices
	node --import tsx --conditions=@ta/source apps/cli/test/first-hour.ts

fuzz: install ## Made-up input with something odd in it, for everything people type or edit; CASES=100000 SEED=1
	node tools/bin/with-postgres.mjs node --import tsx --conditions=@ta/source apps/cli/test/fuzz/main.ts --cases $(or $(CASES),100000) --seed $(or $(SEED),1)

chaos: build ## Failovers to a promoted standby in mid-run; FAILOVERS=20 SEED=1
	node --import tsx --conditions=@ta/source apps/cli/test/resilience/chaos.ts --failovers $(or $(FAILOVERS),20) --seed $(or $(SEED),1)

strikes: build ## Refreshes struck by SIGTERM and SIGINT after their summary, beside busy processes; TIMES=200 BUSY=8
	node tools/bin/with-postgres.mjs node --import tsx --conditions=@ta/source apps/cli/test/resilience/strikes.ts --times $(or $(TIMES),200) --busy $(or $(BUSY),8)

year: build ## A year of daily refreshes of 50 assets with kills and server stops; DAYS=365 ASSETS=50 SEED=1
	node --import tsx --conditions=@ta/source apps/cli/test/resilience/year.ts --days $(or $(DAYS),365) --assets $(or $(ASSETS),50) --seed $(or $(SEED),1)

workers-campaign: build ## Builds by workers on two network namespaces (superuser, iproute2) that are killed and cut off; CAMPAIGN="--kills 50 --cuts 20 --speed"
	node --import tsx --conditions=@ta/source apps/cli/test/resilience/workers-campaign.ts $(CAMPAIGN)

conversion-campaign: build ## Converts a database that an earlier version made, killed at random moments; CAMPAIGN="--earlier ../old --as-of 2021-07-06 1027=ethereum.csv"
	node --import tsx --conditions=@ta/source apps/cli/test/resilience/conversion-campaign.ts $(CAMPAIGN)

ui: build ## The chart page on http://127.0.0.1:4180/; reads only
	@$(STEP) page npx nx build dashboard
	$(TA) ui $(ARGS)

packages: install ## Pack @ta/ema-core, @ta/bars-core and @ta/notebook; try them in Node 20, 22, 24, Deno and Chromium
	node tools/bin/try-packages.mjs
	node tools/bin/pack-packages.mjs dist/packages --notebook

api-docs: install ## The API reference of the two packages, in dist/api
	npx typedoc

notebooks: install ## Run the notebooks from start to end, and keep their outputs
	node tools/bin/run-notebooks.mjs

supply-chain: install ## Exact versions, hashes, licences, known vulnerabilities, secrets in files
	node --import tsx tools/src/supply-chain/main.ts

sbom: install ## Write the bill of materials of what is shipped (CycloneDX) to dist/sbom.cdx.json
	node --import tsx tools/src/supply-chain/main.ts sbom dist/sbom.cdx.json

hooks: ## Let git put line endings right before each commit
	git config core.hooksPath .githooks
