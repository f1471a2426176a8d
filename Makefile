# PGMonkey. `make demo` and `make check` are the two commands; `make help` lists the rest.

VERSION  := 0.1.0
BUILD    ?= build
CC       ?= cc
CFLAGS   ?= -O2 -g
cc_has = $(shell $(CC) -Werror $(1) -E -x c /dev/null >/dev/null 2>&1 && echo $(1))

# A message that is cut to its buffer is meant to be: struct err has a fixed size.
WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
            -Wvla -Wformat=2 -Wno-format-nonliteral -Werror $(call cc_has,-Wno-format-truncation)
PKGS     := libpq libssh2 libcjson libcurl
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE $(WARNINGS) $(CFLAGS) $(SAN_FLAGS) -Iinclude \
             -DPGMONKEY_VERSION='"$(VERSION)"' $(shell pkg-config --cflags $(PKGS))
ALL_LIBS   = $(SAN_FLAGS) $(LDFLAGS) $(shell pkg-config --libs $(PKGS)) -lm

ifeq ($(SAN),1)
BUILD     := build-san
SAN_FLAGS := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
endif

LIB_SRC  := $(filter-out src/cli/main.c,$(wildcard src/*/*.c))
LIB_OBJ  := $(LIB_SRC:%.c=$(BUILD)/%.o)
UNIT_SRC := $(wildcard tests/unit/test_*.c)
UNIT_BIN := $(UNIT_SRC:%.c=$(BUILD)/%)
TRUTH_BIN := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/truth/*.c))

.PHONY: all
all: $(BUILD)/pgmonkey

$(BUILD)/pgmonkey: $(BUILD)/src/cli/main.o $(BUILD)/libpgmonkey.a
	@echo "  LINK  $@"
	@$(CC) -o $@ $^ $(ALL_LIBS)

$(BUILD)/libpgmonkey.a: $(LIB_OBJ)
	@echo "  AR    $@"
	@rm -f $@ && ar qcs $@ $^

$(BUILD)/%.o: %.c Makefile
	@mkdir -p $(@D)
	@echo "  CC    $<"
	@$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/tests/unit/%: tests/unit/%.c $(BUILD)/libpgmonkey.a
	@mkdir -p $(@D)
	@$(CC) $(ALL_CFLAGS) -Itests -MMD -MP -o $@ $< $(BUILD)/libpgmonkey.a $(ALL_LIBS)

# Tests against the liar: real servers, and a proxy before them that lies (tests/truth/liar).
LIAR_DIR   := tests/truth/liar
LIAR_STAGE := $(addprefix $(LIAR_DIR)/,stage_servers.c stage_trial.c)
LIAR_TESTS := $(patsubst %.c,$(BUILD)/%,$(wildcard $(LIAR_DIR)/test_*.c))

$(BUILD)/$(LIAR_DIR)/liar: $(addprefix $(LIAR_DIR)/,liar.c pair.c lie.c liar.h) $(BUILD)/libpgmonkey.a
	@mkdir -p $(@D)
	@$(CC) $(ALL_CFLAGS) -o $@ $(filter %.c %.a,$^) $(ALL_LIBS)

$(BUILD)/$(LIAR_DIR)/test_sqlstates: $(addprefix $(LIAR_DIR)/,provoke.c provoke_pgbouncer.c provoke.h)

$(LIAR_TESTS): $(BUILD)/%: %.c $(LIAR_STAGE) $(LIAR_DIR)/stage.h $(BUILD)/libpgmonkey.a $(BUILD)/$(LIAR_DIR)/liar
	@$(CC) $(ALL_CFLAGS) -Itests -I$(LIAR_DIR) -o $@ $(filter %.c,$^) $(BUILD)/libpgmonkey.a $(ALL_LIBS)

$(BUILD)/tests/truth/%: tests/truth/%.c $(BUILD)/libpgmonkey.a
	@mkdir -p $(@D)
	@$(CC) $(ALL_CFLAGS) -Itests -Itests/unit -MMD -MP -o $@ $< $(BUILD)/libpgmonkey.a $(ALL_LIBS)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

# ---- the two commands -----------------------------------------------------------------

# The main job from a bare machine: packages, build, image, lab, a game day, its report.
.PHONY: demo
demo:
	@tests/install-packages build lab
	@$(MAKE) --no-print-directory all
	@tests/demo.sh

# Everything, from a bare machine.
.PHONY: check
check:
	@tests/install-packages build lint lab test
	@tests/check.sh

# ---- the daily loop ---------------------------------------------------------------------

# No network, no root, seconds.
.PHONY: unit
unit: $(UNIT_BIN) $(TRUTH_BIN) all
	@prove --failures --merge -j 2 $(if $(V),-v) $(UNIT_BIN) $(TRUTH_BIN) $(wildcard tests/cli/*.t.sh)

# Random histories against a model: make truth-histories N=100000 SEED=1
.PHONY: truth-histories
truth-histories: $(BUILD)/tests/truth/histories
	@$< $(or $(N),100000) $(or $(SEED),1)

# The judge made wrong on purpose: each must be noticed. T="bar audit" for some,
# DRAW=12 for a dozen drawn ones.
.PHONY: truth-mutate
truth-mutate: $(BUILD)/libpgmonkey.a
	@CC='$(CC)' FLAGS="$(filter-out -DPGMONKEY_VERSION%,$(ALL_CFLAGS))" LIBS="$(ALL_LIBS)" \
	        BUILD='$(BUILD)' DRAW='$(DRAW)' tests/truth/mutate.sh $(T)

# All live tests, or one: make live T=switchover. The lab stays up: tests/lab/lab -n live1 down
.PHONY: live
live: all
	@LIVE_LABS="$(or $(LABS),live1)" prove --failures -v $(if $(T),tests/live/$(T).t,tests/live/*.t)

# The cases from the field, all of them: half an hour on two labs.
.PHONY: cases
cases: all
	@LIVE_LABS="$(or $(LABS),live1 live2)" prove --failures --timer -j 2 tests/cases/*.t

# Real servers, a proxy before them that lies, and its log as the truth; N outages.
.PHONY: truth-liar
truth-liar: $(LIAR_TESTS)
	@prove --failures --verbose $(filter-out %/test_outages,$(LIAR_TESTS))
	@$(BUILD)/$(LIAR_DIR)/test_outages $(or $(N),240)

# What does not depend on how busy the machine is: every lie, every row of the outcome table.
.PHONY: truth-liar-short
truth-liar-short: $(LIAR_TESTS)
	@prove --failures --merge --timer -j 2 $(filter-out %/test_outages,$(LIAR_TESTS))

.PHONY: lint
lint: all $(BUILD)/tests/unit/test_scenario_docs
	@BUILD=$(BUILD) tests/lint/run.sh

.PHONY: format
format:
	@clang-format -i $(wildcard src/*/*.[ch] include/*/*.h tests/*.h tests/*/*.[ch])

.PHONY: bench
bench: all
	@tests/bench/run.sh $(BUILD)/pgmonkey >build/bench.txt || { cat build/bench.txt; exit 1; }
	@{ echo '# Figures'; echo; echo 'What `make bench` printed, and wrote here.'; echo; \
	   echo '```'; cat build/bench.txt; echo '```'; } >docs/bench.md
	@cat build/bench.txt

# 15 s each by default: make fuzz SECONDS=600
FUZZ_SRC := $(wildcard tests/fuzz/fuzz_*.c)
.PHONY: fuzz
fuzz:
	@$(MAKE) --no-print-directory CC=clang BUILD=build-fuzz fuzzers \
	        SAN_FLAGS='-fsanitize=fuzzer-no-link,address,undefined -fno-omit-frame-pointer'
	@tests/fuzz/run.sh build-fuzz $(or $(SECONDS),15)

.PHONY: fuzzers
fuzzers: $(FUZZ_SRC:tests/fuzz/%.c=$(BUILD)/fuzz/%)
$(BUILD)/fuzz/%: tests/fuzz/%.c $(BUILD)/libpgmonkey.a
	@mkdir -p $(@D)
	@$(CC) $(ALL_CFLAGS) -fsanitize=fuzzer -o $@ $< $(BUILD)/libpgmonkey.a $(ALL_LIBS)

# ---- installing ---------------------------------------------------------------------------

PREFIX ?= /usr/local
.PHONY: install
install: all
	install -D -m 755 $(BUILD)/pgmonkey $(DESTDIR)$(PREFIX)/bin/pgmonkey
	install -d $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/bash-completion/completions
	$(BUILD)/pgmonkey help --man > $(DESTDIR)$(PREFIX)/share/man/man1/pgmonkey.1
	$(BUILD)/pgmonkey completion bash > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/pgmonkey
	install -d $(DESTDIR)$(PREFIX)/share/pgmonkey/scenarios
	install -m 644 scenarios/*.json $(DESTDIR)$(PREFIX)/share/pgmonkey/scenarios/

.PHONY: clean
clean:
	rm -rf build build-san build-clang build-fuzz

.PHONY: help
help:
	@echo 'make demo     a game day on a real cluster on this machine, from nothing (root)'
	@echo 'make check    all tests, from nothing (root)'
	@echo 'make          build/pgmonkey'
	@echo 'make unit     unit and command line tests; SAN=1 with sanitizers'
	@echo 'make truth-histories  the judge against a model; N=100000 SEED=1'
	@echo 'make truth-mutate     the judge made wrong on purpose: a test must notice'
	@echo 'make live     tests on real hosts (root); T=switchover for one'
	@echo 'make cases    the cases from the field on real hosts (root)'
	@echo 'make truth-liar  verdicts against what a lying proxy really did; N=240 outages'
	@echo 'make lint     formats, static checks, layers, docs against tables'
	@echo 'make bench    the figures of the README, measured'
	@echo 'make fuzz     fuzzers; SECONDS=600 for long'
	@echo 'make install  to PREFIX (/usr/local)'

# ---- documents that the program writes ------------------------------------------------------

.PHONY: docs
docs: all $(BUILD)/tests/unit/test_scenario_docs
	@tests/lint/write-docs.sh $(BUILD)
