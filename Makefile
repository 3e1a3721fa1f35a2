# Every verb needs the .NET 10 SDK and nothing else; each says so where it is missing.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

CONFIGURATION ?= Release
ARTIFACTS := artifacts
VERSION := $(shell sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' Directory.Build.props)
RID := linux-$(if $(filter aarch64 arm64,$(shell uname -m)),arm64,x64)
export DOTNET_CLI_TELEMETRY_OPTOUT := 1
export DOTNET_NOLOGO := 1

.PHONY: help
help: ## Lists the verbs
	@echo "Stevedore: verified model weights aboard vLLM pods"
	@echo
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 24

.PHONY: sdk
sdk:
	@command -v dotnet >/dev/null && dotnet --list-sdks | grep -q '^10\.' || { \
	  echo "The .NET 10 SDK is missing. Get it from https://dot.net/download (Debian and Ubuntu: apt-get install dotnet-sdk-10.0;" \
	    "any Linux: https://dot.net/v1/dotnet-install.sh --channel 10.0), then call make again." >&2; exit 69; }

.PHONY: build
build: sdk ## Builds everything; warnings are errors
	@dotnet build Webhook.sln -c $(CONFIGURATION) -v quiet

.PHONY: fetcher
fetcher: sdk ## Publishes the NativeAOT fetcher to artifacts/stevedore-fetcher
	@tests/publish-fetcher $(RID) $(ARTIFACTS)

.PHONY: webhook
webhook: sdk ## Publishes the webhook to artifacts/webhook/
	@dotnet publish webhook/*.csproj -c Release -o $(ARTIFACTS)/webhook -v quiet

.PHONY: certs
certs: sdk ## Issues a CA and a serving certificate into artifacts/certs/
	@dotnet run --project certs -c Release -v quiet -- issue --out $(ARTIFACTS)/certs

.PHONY: demo
demo: sdk fetcher webhook ## Shows the whole product on one recorded pod, without a cluster
	@dotnet run --project tests/Demo -c $(CONFIGURATION) -v quiet

.PHONY: test
test: build fetcher ## Runs every test; ends with N passed, N failed, N skipped
	@tests/run $(CONFIGURATION)

.PHONY: test-cluster
test-cluster: build ## Runs what needs kubectl, or a real API server: KUBEBUILDER_ASSETS is a folder with kube-apiserver and etcd
	@dotnet run --project tests/Cluster.Tests -c $(CONFIGURATION) --no-build

.PHONY: fuzz
fuzz: build ## Sends changed reviews through the webhook for five minutes (SECONDS_OF_FUZZ=N, SEED=N)
	@STEVEDORE_FUZZ_SECONDS=$(or $(SECONDS_OF_FUZZ),300) STEVEDORE_FUZZ_SEED=$(or $(SEED),$$RANDOM$$RANDOM) \
	  dotnet run --project tests/Webhook.Tests -c $(CONFIGURATION) --no-build -- -class '*AdmissionFuzzTests' -showliveoutput

.PHONY: test-s3
test-s3: sdk fetcher ## Tests the fetcher against a real S3 server, which it installs from npm where Node is
	@tests/install-s3rver $(ARTIFACTS)
	@dotnet run --project tests/Smoke.Tests -c $(CONFIGURATION) -v quiet -- -class '*S3ServerTests' -class '*S3CredentialTests'

.PHONY: lint
lint: sdk ## Checks formatting and analyzers
	@dotnet format Webhook.sln --verify-no-changes
	@echo "lint: clean"

.PHONY: bench
bench: build fetcher webhook ## Measures memory, resumption, warm start and admission rates (PART=fetch|kill|warm|webhook|policies|saturation|first|rotation|rollout, SEED=N)
	@dotnet run --project tests/Bench -c $(CONFIGURATION) --no-build -- $(PART) $(if $(SEED),--seed $(SEED))

.PHONY: bench-webhook
bench-webhook: build fetcher webhook ## Measures the webhook alone: saturation (needs wrk), a constant rate, memory, its first review
	@dotnet run --project tests/Bench -c $(CONFIGURATION) --no-build -- saturation webhook first

.PHONY: bench-fetch
bench-fetch: sdk fetcher ## Races the fetcher against curl, aria2c, rclone, s5cmd and aws (SET=, SOURCE=, PROGRAM=, ROUNDS=N, SCALE=X, TARGET=DIR; KEEP=1 keeps the result)
	@dotnet run --project tests/Bench -c $(CONFIGURATION) -v quiet -- peers $(if $(SET)$(SOURCE)$(PROGRAM)$(SCALE),,kill warm) \
	  $(if $(SET),--set $(SET)) $(if $(SOURCE),--source $(SOURCE)) $(if $(PROGRAM),--program $(PROGRAM)) $(if $(ROUNDS),--rounds $(ROUNDS)) \
	  $(if $(SCALE),--scale $(SCALE)) $(if $(TARGET),--target $(TARGET)) $(if $(KEEP),--keep) $(if $(SEED),--seed $(SEED))

.PHONY: bench-tls
bench-tls: sdk fetcher ## Measures what SslStream costs beside OpenSSL straight on the socket, from nginx on loopback (ROUNDS=N)
	@dotnet run --project tests/Bench -c $(CONFIGURATION) -v quiet -- tls $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(SEED),--seed $(SEED))

.PHONY: chaos
chaos: build fetcher ## Kills, pauses, starves and deceives fetchers (PART=rounds|locks|..., ROUNDS=200, SEED=N)
	@dotnet run --project tests/Chaos -c $(CONFIGURATION) --no-build -- $(PART) $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(SEED),--seed $(SEED))

.PHONY: images
images: ## Builds both images with docker, podman or buildah (REGISTRY=, TAG=, PLATFORMS=linux/amd64,linux/arm64, PUSH=1)
	@REGISTRY="$(REGISTRY)" TAG="$(or $(TAG),$(VERSION))" PLATFORMS="$(PLATFORMS)" PUSH="$(PUSH)" tests/build-images

.PHONY: sbom
sbom: sdk ## Lists what ships and under which licenses: artifacts/sbom/*.cdx.json (CycloneDX) and licenses.txt
	@dotnet tool restore >/dev/null
	@for part in Webhook Fetcher; do \
	  dotnet tool run dotnet-CycloneDX $$(ls $${part,,}/*.csproj) --include-project-references --output $(ARTIFACTS)/sbom --filename $${part,,}.cdx.json \
	    --output-format Json --base-intermediate-output-path $(ARTIFACTS)/obj --set-name stevedore-$${part,,} --set-version $(VERSION) >$(ARTIFACTS)/sbom.log || { cat $(ARTIFACTS)/sbom.log >&2; exit 1; }; \
	done
	@dotnet run tests/licenses.cs $(ARTIFACTS)/sbom/webhook.cdx.json $(ARTIFACTS)/sbom/fetcher.cdx.json | tee $(ARTIFACTS)/sbom/licenses.txt

.PHONY: clean
clean: ## Removes what was built
	@rm -rf $(ARTIFACTS)
