# Everything here needs Go, make and git, and nothing else. `make help` lists
# the targets.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

BUILD   := $(CURDIR)/build
PACK    := $(BUILD)/pack
PLANE   := $(BUILD)/controlplane
REGISTRY := $(BUILD)/registry
CLUSTER := $(BUILD)/cluster
HELM4_VERSION := v4.3.1
HELM3_VERSION := v3.22.0
COSIGN_VERSION := v3.1.3
HELM ?= $(BUILD)/helm4
CHARTS ?=
PARITYFLAGS ?=
BENCHFLAGS ?=
FUZZTIME ?= 10s
TESTFLAGS ?=
LDFLAGS := -s -w

# A linker writes a program here and there, and Linux keeps it as single pages; one that
# was written in pieces of 64 KiB, which is how much a page fault maps, starts a fifth
# faster. Larger pieces save more, and count as memory. Helm is treated alike.
in_pieces = dd if=$(1) of=$(2).new bs=65536 2>/dev/null && chmod 755 $(2).new && mv -f $(2).new $(2) && rm -f $(1)

GO_SOURCES := $(shell git ls-files cmd pkg internal go.mod go.sum 2>/dev/null)
PLANE_SOURCES := $(shell git ls-files 'test/controlplane/*' 2>/dev/null)
REGISTRY_SOURCES := $(filter-out %_test.go,$(shell git ls-files 'test/registry/*' 2>/dev/null))

.PHONY: help build test unit race e2e demo ci golden fuzz bench bench-helm bench-ops bench-repos parity compat-record lint docs interop fault-test cluster-up cluster-down clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: $(PACK) ## build pack into build/pack

$(PACK): $(GO_SOURCES)
	@echo "building pack"
	@CGO_ENABLED=0 go build -trimpath -ldflags='$(LDFLAGS)' -o $@.linked ./cmd/pack
	@$(call in_pieces,$@.linked,$@)

$(PLANE): $(PLANE_SOURCES)
	@echo "building the control plane: etcd, kube-apiserver, kube-controller-manager, kube-scheduler and kwok, from their Go modules"
	@echo "(about four minutes the first time, on two cores)"
	@cd test/controlplane && CGO_ENABLED=0 go build -trimpath -ldflags='$(LDFLAGS)' -o $@ .

$(REGISTRY): $(REGISTRY_SOURCES)
	@echo "building the registry: distribution, from its Go module"
	@cd test/registry && CGO_ENABLED=0 go build -trimpath -ldflags='$(LDFLAGS)' -o $@ .

test: $(PLANE) $(REGISTRY) $(PACK) ## build everything and run all tests: unit, scripts, end to end
	@echo "testing pack: unit tests, scripts, and end to end on the control plane and the registry"
	@PACK_CONTROLPLANE=$(PLANE) PACK_REGISTRY=$(REGISTRY) go test -timeout 25m $(TESTFLAGS) ./...
	@echo "testing pack and the registry in one process"
	@cd test/registry && go test $(TESTFLAGS) ./...
	@echo "testing the control plane itself"
	@cd test/controlplane && PACK_CONTROLPLANE=$(PLANE) CGO_ENABLED=0 go test -trimpath -vet=off $(TESTFLAGS) ./...

unit: ## run only the tests that need no control plane and no registry
	@go test $(TESTFLAGS) ./...

race: ## run the unit tests with the race detector, which needs a C compiler
	@go test -race $(TESTFLAGS) -skip 'TestHostileArchives/extended_headers' ./pkg/... ./internal/... ./cmd/... # that one counts memory
	@cd test/registry && go test -race $(TESTFLAGS) ./...

e2e: $(PLANE) $(REGISTRY) $(PACK) ## run the end-to-end tests on the control plane and the registry
	@PACK_CONTROLPLANE=$(PLANE) PACK_REGISTRY=$(REGISTRY) go test -timeout 25m -count=1 $(TESTFLAGS) ./test/e2e/... ./pkg/kube/... ./pkg/repo/oci/...
	@PACK_REGISTRY=$(REGISTRY) go test -count=1 $(TESTFLAGS) -run Registry ./cmd/pack/...

demo: $(PACK) ## run the main job on a real control plane, showing each command
	@if [[ "$${DEMO_CLUSTER:-}" != current ]]; then $(MAKE) $(PLANE); fi
	@PACK=$(PACK) PLANE=$(PLANE) hack/demo.sh

cluster-up: $(PLANE) ## start a control plane and keep it
	@$(PLANE) up --dir $(CLUSTER)

cluster-down: ## stop the control plane of cluster-up
	@if [[ -x $(PLANE) ]]; then $(PLANE) down --dir $(CLUSTER); fi

lint: ## vet, gofmt and golangci-lint (its version is pinned in tools/go.mod)
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "not gofmt'ed:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	@go vet ./...
	@GOOS=windows go vet ./cmd/... ./pkg/... ./internal/...
	@cd test/registry && go vet ./...
	@echo "running golangci-lint (built from its module the first time)"
	@go tool -modfile=tools/go.mod golangci-lint run --allow-parallel-runners ./...
	@cd test/registry && go tool -modfile=../../tools/go.mod golangci-lint run --allow-parallel-runners ./...

fuzz: ## fuzz every Fuzz function for FUZZTIME each
	@hack/fuzz.sh $(FUZZTIME)

golden: ## rewrite the expected outputs of the scripts
	@PACK_UPDATE=1 go test -count=1 ./cmd/pack/...

bench: ## run the benchmarks
	@go test -run '^$$' -bench . -benchmem ./pkg/... ./bench/...

bench-helm: $(PACK) $(filter $(BUILD)/helm4,$(HELM)) ## measure pack beside Helm (HELM=path, public charts from CHARTS=folder)
	@mkdir -p $(BUILD)
	@go build -o $(BUILD)/sidebyside ./bench/sidebyside
	@$(BUILD)/sidebyside -pack $(PACK) -helm $(HELM) -charts '$(CHARTS)' -out bench/RESULTS.md

bench-ops: $(PACK) $(PLANE) $(filter $(BUILD)/helm4,$(HELM)) ## measure operations on the control plane beside Helm (HELM=path)
	@go build -o $(BUILD)/operations ./bench/operations
	@$(BUILD)/operations -pack $(PACK) -helm $(HELM) -controlplane $(PLANE) -out bench/RESULTS.md $(BENCHFLAGS)

bench-repos: $(PACK) $(filter $(BUILD)/helm4,$(HELM)) ## measure indexes of repositories beside Helm (HELM=path)
	@go build -o $(BUILD)/repositories ./bench/repositories
	@$(BUILD)/repositories -pack $(PACK) -helm $(HELM) -out bench/RESULTS.md $(BENCHFLAGS)

parity: $(PACK) $(filter $(BUILD)/helm4,$(HELM)) ## render the charts below CHARTS=folder with pack and Helm (HELM=path) and tell the differences
	@go run ./test/parity -charts '$(CHARTS)' -pack $(PACK) -helm $(HELM) $(PARITYFLAGS)

compat-record: $(filter $(BUILD)/helm4,$(HELM)) ## record what Helm does with the cases of testdata/compat (HELM=path)
	@PACK_COMPAT_HELM=$(abspath $(HELM)) go test -count=1 -run TestCompat ./cmd/pack/internal/cli

docs: $(PACK) ## write the command reference into docs/reference
	@rm -rf docs/reference && mkdir -p docs/reference
	@$(PACK) docs --dir docs/reference --type markdown

fault-test: $(PLANE) $(PACK) ## kill, interrupt and disturb pack at every request, not only at some: takes an hour
	@PACK_CONTROLPLANE=$(PLANE) PACK_FAULTS=all go test -count=1 -timeout 3h $(TESTFLAGS) \
		-run 'Killed|Interrupted|FaultAt|TwoAtOnce|SecretsAre' ./test/e2e/...

interop: $(PLANE) $(REGISTRY) $(PACK) $(BUILD)/helm4 $(BUILD)/helm3 $(BUILD)/cosign ## hand releases, charts and signatures to and fro between pack, Helm 4, Helm 3 and Cosign
	@PACK_CONTROLPLANE=$(PLANE) PACK_REGISTRY=$(REGISTRY) HELM4=$(BUILD)/helm4 HELM3=$(BUILD)/helm3 COSIGN=$(BUILD)/cosign \
		go test -timeout 30m -count=1 -v -run Interop $(TESTFLAGS) ./test/e2e/...

$(BUILD)/helm4:
	@echo "building Helm $(HELM4_VERSION), to compare with"
	@GOBIN=$(BUILD)/.helm4 go install helm.sh/helm/v4/cmd/helm@$(HELM4_VERSION) && $(call in_pieces,$(BUILD)/.helm4/helm,$@)

$(BUILD)/helm3:
	@echo "building Helm $(HELM3_VERSION), to compare with"
	@GOBIN=$(BUILD)/.helm3 go install helm.sh/helm/v3/cmd/helm@$(HELM3_VERSION) && $(call in_pieces,$(BUILD)/.helm3/helm,$@)

$(BUILD)/cosign:
	@echo "building Cosign $(COSIGN_VERSION), to compare with"
	@GOBIN=$(BUILD)/.cosign go install github.com/sigstore/cosign/v3/cmd/cosign@$(COSIGN_VERSION) && mv $(BUILD)/.cosign/cosign $@

ci: ## what CI runs: lint, the README's test command, a short fuzz
	@$(MAKE) lint
	@$(MAKE) test
	@$(MAKE) fuzz FUZZTIME=1000x

clean: cluster-down ## remove what was built
	@rm -rf $(BUILD)
