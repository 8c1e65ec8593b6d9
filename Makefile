# Outpost. `make help` lists the targets.
#
# One library of all rooms, two programs, and a test program per x_test.c.
# BUILD names the folder of a variant, so that sanitizer and release builds
# live side by side:  make BUILD=build-san SAN=address,undefined unit

PREFIX     ?= /usr
SYSCONFDIR ?= /etc
DESTDIR    ?=
BUILD      ?= build
CC         ?= cc
SAN        ?=
WERROR     ?=
TEST_O     ?= -O1

ROOMS    := base ledger mta web follow limits reputation fbl notify domains config queue daemon cli
PKGS     := libevent libevent_pthreads hiredis libcurl libcares libconfig lmdb jansson libcrypto zlib libsystemd libmaxminddb gmime-3.0 libpcre2-8 libzip expat

VERSION  := 0.1.0
CPPFLAGS += -D_GNU_SOURCE -DOUTPOST_VERSION='"$(VERSION)"' -I.
CFLAGS   ?= -O3 -g
CFLAGS   += -std=c17 -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes \
            -Wmissing-prototypes -Wpointer-arith -Wcast-qual -Wwrite-strings \
            -Wvla -Wformat=2 -Wno-format-nonliteral -Wundef -fno-common -fno-plt -pthread
# Each program gets those of the libraries that it uses.
LDLIBS   := -Wl,--as-needed $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lcdb -lm -pthread
# (Asked once: what stands in CPPFLAGS itself is expanded for every object.)
PKG_CPP  := $(patsubst -I%,-isystem %,$(shell pkg-config --cflags $(PKGS) 2>/dev/null))
CPPFLAGS += $(PKG_CPP)
ifneq ($(WERROR),)
CFLAGS   += -Werror
endif
ifneq ($(SAN),)
CFLAGS   += -fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer
LDFLAGS  += -fsanitize=$(SAN)
else
CFLAGS   += -fstack-protector-strong -fPIE -D_FORTIFY_SOURCE=2
LDFLAGS  += -pie -Wl,-z,relro,-z,now
endif

# The two large programs are optimised as a whole: replay takes a tenth less time.
# The objects hold plain code as well, and all else is linked of that, quickly.
LTO       ?= $(if $(SAN)$(findstring clang,$(CC)),,yes)
ifneq ($(LTO),)
CFLAGS    += -flto=auto -ffat-lto-objects
$(BUILD)/outpostd $(BUILD)/outpost: LDFLAGS := $(LDFLAGS) $(filter-out -W%,$(CFLAGS))
LDFLAGS   += -fno-lto
endif
# A test's own code runs once, and is in no program that is optimised as a whole.
$(BUILD)/tests/%.o $(BUILD)/%_test.o: CFLAGS += -fno-lto
$(BUILD)/%_test.o: CFLAGS += $(TEST_O)

SRC       := $(filter-out %_test.c %_main.c %_fuzz.c,$(wildcard $(ROOMS:=/*.c)))
OBJ       := $(SRC:%.c=$(BUILD)/%.o) $(BUILD)/templates.o $(BUILD)/shipped.o $(BUILD)/shipped_dnsbl.o
LIB       := $(BUILD)/liboutpost.a
UNIT      := $(patsubst %.c,$(BUILD)/%,$(wildcard $(ROOMS:=/*_test.c)))
PROGRAMS  := $(BUILD)/outpostd $(BUILD)/outpost $(BUILD)/outpost-queue
PAGES     := outpost.1 outpostd.8 outpost.conf.5 outpost.conf
MANUALS   := $(PAGES:%=$(BUILD)/man/%)
HELPERS   := $(patsubst tests/bench/%_main.c,$(BUILD)/bench/%,$(wildcard tests/bench/*_main.c)) \
             $(patsubst tests/tool/%_main.c,$(BUILD)/tool/%,$(wildcard tests/tool/*_main.c)) \
             $(patsubst tests/sim/%_main.c,$(BUILD)/sim/%,$(wildcard tests/sim/*_main.c))
FUZZERS   := $(patsubst tests/fuzz/%_fuzz.c,%,$(wildcard tests/fuzz/*_fuzz.c))

# make V=1 shows the commands.
Q         := $(if $(V),,@)
JOBS      ?= $(shell nproc)

all: packages ## build everything (installs missing packages when root)
	@echo "building ..."
	@$(MAKE) --no-print-directory -j$(JOBS) programs
programs: $(PROGRAMS) ## only build, install nothing
tools: $(HELPERS)

packages: ## install what is missing from Debian (tests/packages)
	@sh tests/packages.sh

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/templates.c: etc/templates.sh $(wildcard etc/templates/*/*)
	@mkdir -p $(@D)
	@sh etc/templates.sh >$@.new && mv $@.new $@
$(BUILD)/templates.o: $(BUILD)/templates.c
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/shipped.c: etc/embed.sh etc/providers.conf
	@mkdir -p $(@D)
	@sh etc/embed.sh providers_shipped config/providers_file.h \
	    etc/providers.conf >$@.new && mv $@.new $@
$(BUILD)/shipped_dnsbl.c: etc/embed.sh etc/dnsbl.conf
	@mkdir -p $(@D)
	@sh etc/embed.sh dnsbl_shipped config/dnsbl_file.h \
	    etc/dnsbl.conf >$@.new && mv $@.new $@
$(BUILD)/shipped.o $(BUILD)/shipped_dnsbl.o: $(BUILD)/%.o: $(BUILD)/%.c
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(LIB): $(OBJ)
	@rm -f $@
	@ar rcs $@ $(OBJ)

$(BUILD)/outpostd: $(BUILD)/daemon/outpostd_main.o $(LIB)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)
$(BUILD)/outpost: $(BUILD)/cli/outpost_main.o $(LIB)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)
$(BUILD)/outpost-queue: $(BUILD)/queue/outpost_queue_main.o $(LIB)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)
$(BUILD)/manual: $(BUILD)/cli/manual_main.o $(LIB)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)
$(MANUALS): $(BUILD)/man/%: $(BUILD)/manual
	@mkdir -p $(@D)
	@$(BUILD)/manual $* >$@.new && mv $@.new $@
$(BUILD)/bench/%: $(BUILD)/tests/bench/%_main.o $(LIB)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) $(LIB) $(LDLIBS)
$(BUILD)/tool/%: $(BUILD)/tests/tool/%_main.o $(LIB)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)
$(BUILD)/bench/accounts: $(BUILD)/tests/bench/accounts_shares.o $(BUILD)/tests/bench/accounts_books.o
$(BUILD)/bench/gen_log: $(BUILD)/tests/bench/gen_steps.o $(BUILD)/tests/bench/gen_text.o
$(BUILD)/sim/%: $(BUILD)/tests/sim/%_main.o $(LIB)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)
$(BUILD)/sim/week: $(patsubst %,$(BUILD)/tests/sim/%.o,rng places world people people_bulk attacks fate fate_text lines line_text) $(BUILD)/tests/bench/gen_text.o
$(BUILD)/sim/score: $(BUILD)/tests/sim/truth.o
$(BUILD)/replay/%: $(BUILD)/tests/fuzz/%_fuzz.o $(BUILD)/tests/fuzz/standalone.o $(LIB)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)
$(BUILD)/fuzz/%: $(BUILD)/tests/fuzz/%_fuzz.o $(LIB)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(LDLIBS)
$(BUILD)/%_test: $(BUILD)/%_test.o $(BUILD)/base/test.o $(LIB)
	$(Q)$(CC) $(LDFLAGS) -o $@ $(BUILD)/$*_test.o $(LIB) $(LDLIBS)

unit-programs: $(UNIT)
unit-objects: $(UNIT:=.o)
unit: $(UNIT) ## run the unit tests
	@sh tests/run.sh unit $(BUILD)

replay-programs: $(FUZZERS:%=$(BUILD)/replay/%)
fuzz-programs: $(FUZZERS:%=$(BUILD)/fuzz/%)

manuals: $(MANUALS) ## the manuals and the sample configuration, from the source
install: programs manuals ## programs, manuals, units, configuration (DESTDIR PREFIX SYSCONFDIR)
	@BUILD=$(BUILD) DESTDIR="$(DESTDIR)" PREFIX="$(PREFIX)" \
	    SYSCONFDIR="$(SYSCONFDIR)" sh etc/install.sh install
uninstall: ## what install put there; never configuration, secret or state
	@DESTDIR="$(DESTDIR)" PREFIX="$(PREFIX)" \
	    SYSCONFDIR="$(SYSCONFDIR)" sh etc/install.sh uninstall

demo: packages ## the main job, shown on a private Postfix in two minutes
	@echo "building ..."
	@$(MAKE) --no-print-directory -j$(JOBS) programs tools
	@BUILD=$(BUILD) sh tests/demo.sh
check: packages ## build in every way and run every test (WERROR=1: as CI does)
	@BUILD=$(BUILD) WERROR=$(WERROR) MAKE="$(MAKE)" sh tests/check.sh
bench: packages ## the figures, each beside its yardstick (OUTPOST_BENCH_MESSAGES)
	@echo "building ..."
	@$(MAKE) --no-print-directory -j$(JOBS) programs tools
	@BUILD=$(BUILD) sh tests/bench.sh
judge: packages ## labelled weeks: who is stopped, what leaks, who suffers (JUDGE_SEEDS)
	@$(MAKE) --no-print-directory -j$(JOBS) programs tools
	@BUILD=$(BUILD) sh tests/judge.sh
fuzz: packages ## fuzz each target for FUZZ_SECONDS (60), by clang
	@$(MAKE) --no-print-directory BUILD=$(BUILD)-fuzz CC=clang \
	    SAN=fuzzer-no-link,address,undefined fuzz-programs
	@BUILD=$(BUILD)-fuzz sh tests/fuzz.sh
soak: packages ## kill it thousands of times, one node and three (SOAK_SECONDS)
	@$(MAKE) --no-print-directory -j$(JOBS) programs tools
	@for nodes in 1 3; do OUTPOST_SOAK_NODES=$$nodes BUILD=$(BUILD) \
	    OUTPOST_SOAK_SECONDS=$${SOAK_SECONDS:-900} sh tests/soak.sh || \
	    exit 1; done
lint: ## clang-format and clang-tidy, where they are installed
	@CFLAGS="$(CPPFLAGS) $(CFLAGS)" sh tests/lint.sh

.PHONY: check bench judge soak fuzz lint replay-programs fuzz-programs
.PHONY: demo install uninstall manuals
.PHONY: all programs tools packages unit unit-programs unit-objects help
.SECONDARY:
help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 16

-include $(OBJ:.o=.d) $(wildcard $(BUILD)/*/*.d $(BUILD)/tests/*/*.d)
