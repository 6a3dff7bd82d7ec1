# Heliograph: everything that is built, tried and checked starts here.
# Needs Go and make; Go fetches the modules by itself. `make` alone prints the targets.

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unreleased)
LDFLAGS := -s -w -X main.version=$(VERSION)
# Without inlining of our own code and of what draws, reads and asks, the binary is 7 % smaller, within its budget; what takes time here is
# disks and modems, and bbolt and the standard library are inlined.
BUILD   := CGO_ENABLED=0 go build -trimpath -gcflags='heliograph/...=-l' -gcflags='github.com/...=-l' -gcflags='charm.land/...=-l' -ldflags '$(LDFLAGS)'
FUZZTIME ?= 60s
KILLS   ?= 200
OUTAGES ?= 10
SEED    ?= 0
ARCH    ?= arm64
ACCEL   ?= tcg
PLUGS   ?= 20
NIGHTS  ?= 5
EPOCH   := $(shell git log -1 --format=%ct 2>/dev/null || echo 0)

.PHONY: help run test race kills outages bench build image boot-test board-test ppp-test plug-test package package-test check fuzz clean

help: ## print this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## play with a night on this machine: a small ISP, an emulated modem, phones; without a terminal it runs by itself
	@$(BUILD) -o build/heliograph ./firmware
	@build/heliograph rehearse

test: ## run all tests; what needs a part that is not here is skipped and named
	@scripts/test

race: ## run all tests with the race detector: slower, and it needs a C compiler
	@scripts/test -race

kills: ## kill -9 the appliance 200 times while it sends 300 texts (KILLS=200, SEED=0 draws one), about five minutes
	go test ./firmware -run TestKilledAtFiftyInstants -count 1 -timeout 30m -v -kills $(KILLS) -kill-seed $(SEED)

outages: ## live through ten outages of both uplinks in a row and weigh what the appliance holds afterwards (OUTAGES=10), about two minutes; needs network namespaces
	go test ./firmware -run 'TestOutagesInARow$$' -count 1 -timeout 30m -v -args -outages $(OUTAGES)

bench: build ## measure this build, beside smstools and gammu-smsd where they are installed, about nine minutes
	@go run ./scripts/bench $(BENCH)

build: ## build static binaries for linux on amd64, arm64 and armv7, into build/
	GOOS=linux GOARCH=amd64 $(BUILD) -o build/heliograph-linux-amd64 ./firmware
	GOOS=linux GOARCH=arm64 $(BUILD) -o build/heliograph-linux-arm64 ./firmware
	GOOS=linux GOARCH=arm GOARM=7 $(BUILD) -o build/heliograph-linux-armv7 ./firmware
	@scripts/weigh build/heliograph-linux-amd64 build/heliograph-linux-arm64 build/heliograph-linux-armv7

image: ## build the disk image of a board from Debian's packages, into build/image (ARCH=amd64; PI=folder of Raspberry Pi firmware; UPDATE_KEY=minisign's private key, to sign it as an update)
	@GOOS=linux GOARCH=$(ARCH) $(BUILD) -o build/heliograph-linux-$(ARCH) ./firmware
	@CGO_ENABLED=0 GOOS=linux GOARCH=$(ARCH) go build -trimpath -ldflags '-s -w' -o build/init-linux-$(ARCH) ./board/init
	@go run ./scripts/image -arch $(ARCH) -binary build/heliograph-linux-$(ARCH) -init build/init-linux-$(ARCH) -out build/image -epoch $(EPOCH) -version $(VERSION) $(if $(PI),-pi $(PI)) $(if $(UPDATE_KEY),-key $(UPDATE_KEY))

boot-test: image ## boot the image in QEMU and play a short night with it, about a minute (ARCH=amd64; ACCEL=kvm where it works)
	@go test ./board/qemu -run 'TestBoot$$' -count 1 -timeout 15m -v -args -arch $(ARCH) -accel $(ACCEL)

board-test: image ## try the box in QEMU: an engine that stands still, updates good and bad, a stick, DHCP, ssh; about twelve minutes
	@go test ./board/qemu -run 'TestAStuck|TestUpdates|TestAStick|TestSSH' -count 1 -timeout 60m -v -args -arch $(ARCH) -accel $(ACCEL) -board

ppp-test: image ## nights of a box in QEMU whose backhaul goes over PPP: both ends are Debian's pppd; NIGHTS (5) of them, about two minutes each
	@CGO_ENABLED=0 GOOS=linux GOARCH=$(ARCH) go test -c -trimpath -ldflags '-s -w' -o build/image/$(ARCH)/ppp.test ./board/qemu/ppp
	@go test ./board/qemu -run 'TestNightsOverPPP$$' -count 1 -timeout 60m -v -args -arch $(ARCH) -accel $(ACCEL) -nights $(NIGHTS)

plug-test: image ## pull the plug of a box in QEMU, PLUGS times (20) in an incident of 200 texts, and a quarter as often in updates; about half a minute each
	@go test ./board/qemu -run 'TestUnflushed|TestPulled|TestThePlug' -count 1 -timeout 120m -v -args -arch $(ARCH) -accel $(ACCEL) -plugs $(PLUGS) -plug-seed $(SEED)

package: build ## pack Debian packages for amd64, arm64 and armhf, into build/
	@scripts/package

package-test: build ## install, upgrade, remove and purge the package in a clean Debian, with systemd; needs root, mmdebstrap, systemd-container
	@scripts/package-test

check: ## gofmt, vet, staticcheck, the law of imports, tidy modules, the configuration that is installed
	@scripts/lint

fuzz: ## try every fuzz target for FUZZTIME (60s) each
	@scripts/fuzz $(FUZZTIME)

clean: ## remove what was built
	rm -rf build
